//! Push through the gateway: the commands are read and judged before a byte is passed on, the change is on record
//! before the upstream hears of it, and what the upstream reports is recorded before the client reads its end.

use super::report::{Heard, Report};
use super::{good, path, question, reply};
use crate::exchange::ask;
use crate::{blocking, credential};
use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::{Authority, Fault, FaultKind, Permit, Refused, Witness};
use bailiwick_gate::{Answer, StreamCall, streamed, whole};
use bailiwick_git::{RefUpdate, Service};
use bailiwick_host::body::BodyReader;
use bailiwick_host::{message, push};
use bailiwick_upstream::OutgoingBody;
use bailiwick_wire::push::PushRequest;
use http::{Method, header};
use http_body_util::BodyExt;
use std::sync::Arc;
use tokio::io::AsyncReadExt;

const RESULT: &str = "application/x-git-receive-pack-result";

/// Tells before anything is sent that a push could not succeed: this is the one place where git shows our words.
pub async fn check_possible(
    authority: Arc<Authority>,
    permit: Result<Permit, Box<Refused>>,
    upstream: Arc<Upstream>,
) -> Result<(), Fault> {
    let permit = permit.map_err(Fault::refused)?;
    if permit.is_provisional() && !upstream.settings.inspect {
        blocking(move || authority.clear(permit, &upstream, true)).await?;
    }
    Ok(())
}

/// Passes a push on.
pub async fn serve(call: StreamCall, upstream: &Arc<Upstream>) -> Answer {
    let StreamCall {
        authority,
        permit,
        mut request,
        body,
    } = call;
    message::check_content_type(&request.headers, Service::ReceivePack)?;
    let mut body = BodyReader::new(body, &request.headers, push::BODY_BYTES_MAX)?;
    // Read decompressed, so it is sent so: what was judged is what is sent.
    request.headers.remove(header::CONTENT_ENCODING);
    let (head, asked) = push::commands(&mut body).await?;
    let target = format!("{}/git-receive-pack", path(&permit, upstream)?);
    let credential = credential::of(&authority, &permit, upstream).await?;
    if asked.commands.is_empty() {
        // The probe that clients send before a large body: nothing is asked for, and nobody else need hear of it.
        return Ok(reply(RESULT, whole("")).recorded_as("git.push_probe"));
    }
    if let Some(reason) = forbidden(&asked) {
        return turn_away(&authority, &permit, upstream, &asked, &reason).await;
    }
    let updates: Vec<RefUpdate> = asked.commands.iter().cloned().map(RefUpdate::from).collect();
    let lease = authority.transfer_begin(&permit)?;
    body.beats(lease.pulse());
    let (clearing, at) = (authority.clone(), upstream.clone());
    let cleared = blocking(move || clearing.clear(permit, &at, true)).await?;
    let witness = authority.witness(cleared.permit());
    let receipt = authority.forward_push_begin(&cleared, upstream, &updates);
    receipt.durable().await.map_err(|_| unrecorded())?;
    let input = lease.guard(std::io::Cursor::new(head).chain(body));
    let question = question(upstream, &request, &credential, Method::POST, target)?;
    let sent = ask(&question, OutgoingBody::Stream(streamed(input), None)).await;
    let answer = sent.and_then(|answer| good(upstream, answer, RESULT))?;
    let report = Report::new(asked.has("side-band-64k"));
    let wants_report = asked.has("report-status") || asked.has("report-status-v2");
    let (recording, at) = (authority.clone(), upstream.clone());
    let heard = Heard::new(answer.body.boxed_unsync(), report, move |report| {
        let missed = match report.refused() {
            Some([]) => return None,
            Some(refused) => refused.to_vec(),
            None if !wants_report => return None,
            None => updates.iter().map(|update| update.name.clone()).collect(),
        };
        Some(record_missed(&recording, &witness, &at, &missed))
    });
    Ok(reply(RESULT, heard.boxed_unsync()))
}

fn record_missed(
    authority: &Authority,
    witness: &Witness,
    upstream: &Upstream,
    missed: &[String],
) -> std::pin::Pin<Box<dyn Future<Output = bool> + Send>> {
    let receipt = authority.forward_push_missed(witness, upstream, missed);
    Box::pin(async move { receipt.durable().await.is_ok() })
}

/// Why a push is refused whole: one ref that nobody may push through the gateway.
// SECURITY: what other refs do is the upstream's invention: `refs/for/…` opens a pull request at some, `refs/pull/…`
// changes one. Only branches, tags and notes are contents, which is what was decided on.
fn forbidden(asked: &PushRequest) -> Option<String> {
    let other = asked.commands.iter().find(|command| {
        !["refs/heads/", "refs/tags/", "refs/notes/"]
            .iter()
            .any(|prefix| command.name.starts_with(prefix))
    })?;
    Some(format!(
        "the whole push is refused: {} is no branch, tag or note",
        other.name
    ))
}

/// Refuses a push in the words of its protocol, so that git shows them beside each ref.
async fn turn_away(
    authority: &Authority,
    permit: &Permit,
    upstream: &Upstream,
    asked: &PushRequest,
    reason: &str,
) -> Answer {
    let witness = authority.witness(permit);
    let receipt = authority.forward_refused(&witness, upstream, "push.ref_forbidden");
    receipt.durable().await.map_err(|_| unrecorded())?;
    Ok(reply(RESULT, whole(asked.refusal(reason))).recorded_as("git.push"))
}

fn unrecorded() -> Fault {
    Fault::new(
        FaultKind::Unavailable,
        "audit.unavailable",
        "the audit log cannot be written at the moment",
    )
}
