//! How far an upload is: what its registry says of it, and what is kept here where a registry does not tell when it is asked.

use super::errors;
use crate::registry::passing::Passing;
use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::{Fault, FaultKind};
use bailiwick_gate::Reply;
use bailiwick_upstream::{Answer as Answered, Fields, OutgoingBody};
use http::{Method, StatusCode, header};
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Uploads that are counted at a time; the address of one is good for a day.
const COUNTED_MAX: usize = 1 << 16;
const COUNTED_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// Of what length uploads are by now, and since when, by the address of their registry and their place there.
type Counted = HashMap<(String, String), (u64, Instant)>;
static COUNTED: LazyLock<Mutex<Counted>> = LazyLock::new(Mutex::default);

/// How long an upload is, and who says so.
pub enum Extent {
    /// Its registry, when it is asked.
    Told(u64),
    /// Its registry, in its answers to the pieces before.
    Counted(u64),
}

impl Extent {
    /// In bytes.
    pub const fn bytes(&self) -> u64 {
        match self {
            Extent::Told(bytes) | Extent::Counted(bytes) => *bytes,
        }
    }
}

/// Asks how far an upload is. Of one that the registry does not have, its refusal.
// SECURITY: an address that was handed out earlier would say less, so that none says anything of it.
pub async fn of(passing: &Passing, session: &str) -> Result<Result<Extent, Reply>, Fault> {
    // Nothing that the caller says of the piece is said of this.
    let (headers, nothing) = (Fields::default(), OutgoingBody::Nothing);
    let answer = passing
        .ask_with(Method::GET, session.to_owned(), &headers, nothing)
        .await?;
    let upstream = &passing.upstream;
    match answer.status {
        status if status.is_success() => {
            if let Some(bytes) = length(&answer) {
                return Ok(Ok(Extent::Told(bytes)));
            }
        }
        StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => {
            let reply = passing.reply(answer).await?;
            let status = reply.status;
            // Who says this of an upload knows uploads.
            if let Some(code @ ("BLOB_UPLOAD_UNKNOWN" | "BLOB_UPLOAD_INVALID" | "RANGE_INVALID")) =
                errors::code(reply.body).await
            {
                return Ok(Err(errors::refusal(status, code)));
            }
        }
        _ => return super::upload::refused(passing, answer).await.map(Err),
    }
    let counted = counted().get(&place(upstream, session)?).copied();
    counted
        .filter(|(_, since)| since.elapsed() < COUNTED_FOR)
        .map(|(bytes, _)| Extent::Counted(bytes))
        .ok_or_else(|| untold(upstream))
        .map(Ok)
}

/// Notes how far an upload is, or that nothing is known of it any more.
pub fn note(upstream: &Upstream, session: &str, bytes: Option<u64>) -> Result<(), Fault> {
    let at = place(upstream, session)?;
    let mut counted = counted();
    let Some(bytes) = bytes else {
        counted.remove(&at);
        return Ok(());
    };
    if counted.len() >= COUNTED_MAX {
        counted.retain(|_, (_, since)| since.elapsed() < COUNTED_FOR);
    }
    // Whoever begins very many takes nothing from those that are under way.
    if counted.len() < COUNTED_MAX || counted.contains_key(&at) {
        counted.insert(at, (bytes, Instant::now()));
    }
    Ok(())
}

fn counted() -> MutexGuard<'static, Counted> {
    COUNTED.lock().unwrap_or_else(PoisonError::into_inner)
}

fn place(upstream: &Upstream, session: &str) -> Result<(String, String), Fault> {
    Ok((upstream.web()?.address().to_string(), path(session).to_owned()))
}

/// What of an upload's address is the same for all of its pieces.
pub fn path(session: &str) -> &str {
    session.split('?').next().unwrap_or_default()
}

/// It cannot be told how far an upload is, so that it cannot be bounded.
pub fn untold(upstream: &Upstream) -> Fault {
    Fault::new(
        FaultKind::NotImplemented,
        "registry.no_upload_status",
        format!(
            "the registry {} does not tell how far an upload is, so that upload_bytes_max cannot be kept: begin \
             again and send the blob in one request, or have an administrator take upload_bytes_max out of the \
             registry's settings",
            upstream.name
        ),
    )
}

/// First and last byte of what the registry says it has of an upload; `Err` is that it has nothing.
fn bounds(answer: &Answered) -> Option<Result<(&str, &str), ()>> {
    let text = answer.headers.get(header::RANGE)?.to_str().ok()?;
    let text = text.strip_prefix("bytes=").unwrap_or(text);
    if text == "0--1" {
        return Some(Err(()));
    }
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (from, to) = text.split_once('-')?;
    (number(from) && number(to)).then_some(Ok((from, to)))
}

/// The same as clients are told: `0-99`, of nothing `0-0`.
pub fn range(answer: &Answered) -> Option<String> {
    Some(match bounds(answer)? {
        Ok((from, to)) => format!("{from}-{to}"),
        Err(()) => String::from("0-0"),
    })
}

/// How long an upload is by now. Of one byte registries say what they say of none, so it counts as none.
pub fn length(answer: &Answered) -> Option<u64> {
    match bounds(answer)? {
        Ok((_, to)) => match to.parse::<u64>().ok()? {
            0 => Some(0),
            last => Some(last.saturating_add(1)),
        },
        Err(()) => Some(0),
    }
}
