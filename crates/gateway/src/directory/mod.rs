//! Keeps directory facts synchronised with the upstreams: reads what each says, by a poll and when its hook asks, and
//! hands it to the use case that compares and carries out.

mod disk;
mod gitea;
mod github;
mod pages;
mod poll;

pub use poll::keep;

use crate::blocking;
use bailiwick_authority::upstream::synchronise::Work;
use bailiwick_authority::upstream::synchronise::snapshot::Snapshot;
use bailiwick_authority::upstream::synchronise::state::{Progress, Synchronisation};
use bailiwick_authority::upstream::{Place, Upstream};
use bailiwick_authority::{Authority, Fault, FaultKind};
use bailiwick_model::{Timestamp, UpstreamId, UpstreamKind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Longest time that one reading may take.
const READING_FOR_MAX: Duration = Duration::from_secs(900);
/// How often the progress is written, and the lease renewed.
const PROGRESS_EVERY: Duration = Duration::from_secs(10);

/// Why an upstream cannot be read.
#[derive(Debug)]
pub struct Unreadable {
    fault: Fault,
    not_before: Option<Timestamp>,
}

impl From<Fault> for Unreadable {
    fn from(fault: Fault) -> Unreadable {
        Unreadable {
            fault,
            not_before: None,
        }
    }
}

/// Synchronises an upstream once, or tells how it stands if the upstream does not want to be asked yet; `None` while
/// another node does.
pub async fn synchronise(
    authority: &Arc<Authority>,
    id: UpstreamId,
) -> Result<Option<Synchronisation>, Fault> {
    let beginning = authority.clone();
    let asking = authority.clone();
    if let Some(held) = blocking(move || asking.synchronise_held(id)).await? {
        return Ok(Some(held));
    }
    let Some(work) = blocking(move || beginning.synchronise_begin(id)).await? else {
        return Ok(None);
    };
    let work = Arc::new(work);
    let progress = Arc::new(Mutex::new(Progress::default()));
    let done = tokio::select! {
        done = read_and_finish(authority, &work, &progress) => done,
        fault = report(authority, &work, &progress) => Err(fault.into()),
        () = tokio::time::sleep(READING_FOR_MAX) => Err(too_long(&work.upstream).into()),
    };
    let ended = match done {
        Ok(state) => state,
        Err(Unreadable { fault, not_before }) => {
            tracing::warn!(upstream = work.upstream.name, %fault, "an upstream could not be synchronised");
            let failing = authority.clone();
            blocking(move || failing.synchronise_fail(&work, &fault, not_before)).await?
        }
    };
    Ok(Some(ended))
}

async fn read_and_finish(
    authority: &Arc<Authority>,
    work: &Arc<Work>,
    progress: &Arc<Mutex<Progress>>,
) -> Result<Synchronisation, Unreadable> {
    let first = Arc::new(read(authority, work, progress, false).await?);
    let (asking, same, seen) = (authority.clone(), work.clone(), first.clone());
    let removes = blocking(move || asking.synchronise_removes(&same, &seen)).await?;
    // What is gone is looked for once more before it is believed.
    let second = if removes {
        Some(read(authority, work, progress, true).await?)
    } else {
        None
    };
    let (finishing, same) = (authority.clone(), work.clone());
    let read = *progress.lock().unwrap_or_else(PoisonError::into_inner);
    let finished = blocking(move || finishing.synchronise_finish(&same, &first, second.as_ref(), read)).await;
    finished.map_err(Unreadable::from)
}

async fn read(
    authority: &Arc<Authority>,
    work: &Arc<Work>,
    progress: &Arc<Mutex<Progress>>,
    second_look: bool,
) -> Result<Snapshot, Unreadable> {
    {
        let mut progress = progress.lock().unwrap_or_else(PoisonError::into_inner);
        let requests = progress.requests;
        *progress = Progress {
            requests,
            seconds_apart: progress.seconds_apart,
            second_look,
            ..Progress::default()
        };
    }
    let upstream = &work.upstream;
    let snapshot = match (upstream.kind, &upstream.place) {
        (UpstreamKind::Gitea, Place::Server { .. }) => gitea::read(upstream, &work.scope, progress).await?,
        (UpstreamKind::GitHub, Place::Server { .. }) => {
            github::read(authority, upstream, &work.scope, progress).await?
        }
        (UpstreamKind::Git, Place::Directory(root)) => {
            let (root, same) = (root.clone(), work.clone());
            blocking(move || disk::read(&root, &same.scope)).await?
        }
        _ => return Err(not_synchronised(upstream).into()),
    };
    snapshot.whole().map_err(|contradiction| {
        Fault::new(
            FaultKind::BadGateway,
            "upstream.contradiction",
            format!(
                "the upstream {} says two things of one {}: it changed while it was read, or is not to be trusted",
                upstream.name, contradiction.0
            ),
        )
        .into()
    })
}

/// Writes the progress from time to time; resolves only when the lease is lost.
async fn report(authority: &Arc<Authority>, work: &Arc<Work>, progress: &Arc<Mutex<Progress>>) -> Fault {
    loop {
        tokio::time::sleep(PROGRESS_EVERY).await;
        let (writing, same) = (authority.clone(), work.clone());
        let read = *progress.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(fault) = blocking(move || writing.synchronise_progress(&same, read)).await {
            return fault;
        }
    }
}

fn too_long(upstream: &Upstream) -> Fault {
    Fault::new(
        FaultKind::GatewayTimeout,
        "upstream.timeout",
        format!(
            "reading the directory of the upstream {} took too long",
            upstream.name
        ),
    )
}

fn not_synchronised(upstream: &Upstream) -> Fault {
    Fault::new(
        FaultKind::NotImplemented,
        "upstream.not_synchronised",
        format!(
            "the directory of the upstream {} cannot be read: take facts_seconds_max away, and keep it here",
            upstream.name
        ),
    )
}
