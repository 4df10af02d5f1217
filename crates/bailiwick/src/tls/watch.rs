//! Looks at the certificate again while the server runs: every few seconds, and at once when it is told to by SIGHUP.
//! Connections that run are not touched; what cannot be used is logged, and what was shown before stays.

use super::{Protection, Source};
use bailiwick_authority::Authority;
use bailiwick_model::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// How often files that somebody else keeps are read, in seconds.
const FILES_SECONDS: u64 = 10;
/// How often our own certificate is checked for its end, in seconds.
const OWN_SECONDS: u64 = 3600;

/// Looks until it is dropped. From this call on, not from the first look, SIGHUP does not end the process.
pub fn watch(protection: Protection, authority: Arc<Authority>) -> impl Future<Output = ()> + Send {
    let (told, pause) = match &protection.source {
        Source::Files { .. } => (hangups(), FILES_SECONDS),
        // Nothing to be told: these files change by our own hand.
        Source::Own(_) => (None, OWN_SECONDS),
    };
    look_again(protection, authority, told, pause)
}

async fn look_again(
    mut protection: Protection,
    authority: Arc<Authority>,
    mut told: Option<Signal>,
    pause: u64,
) {
    let mut complaint = None;
    loop {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(pause)) => {}
            () = hangup(&mut told) => complaint = None,
        }
        let looked = tokio::task::block_in_place(|| protection.look(authority.now()));
        match looked {
            Ok(None) => complaint = None,
            Ok(Some(end)) => {
                authority.note_certificate_end(end);
                complaint = None;
                tracing::info!(until = end.rfc3339(), "a new TLS certificate is shown");
            }
            // The same complaint once, not every few seconds.
            Err(why) if complaint.as_ref() == Some(&why) => {}
            Err(why) => {
                tracing::error!(
                    why,
                    "the new TLS certificate cannot be used; the former one stays"
                );
                complaint = Some(why);
            }
        }
    }
}

impl Protection {
    /// Shows what the files hold now, if that is something else than before and can be used. Gives its end.
    pub(super) fn look(&mut self, now: Timestamp) -> Result<Option<Timestamp>, String> {
        let texts = self.source.texts(now)?;
        if texts == self.texts {
            return Ok(None);
        }
        let pair = self.source.pair(&texts)?;
        let end = pair.ends_at();
        if end <= now {
            return Err(format!("it has ended {}", end.rfc3339()));
        }
        self.tls.show(pair);
        self.texts = texts;
        Ok(Some(end))
    }
}

fn hangups() -> Option<Signal> {
    signal(SignalKind::hangup())
        .inspect_err(|error| tracing::warn!(%error, "SIGHUP cannot be handled"))
        .ok()
}

async fn hangup(told: &mut Option<Signal>) {
    match told {
        Some(told) => drop(told.recv().await),
        None => std::future::pending().await,
    }
}
