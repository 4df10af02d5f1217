//! Push through the gateway: the commands are read and judged before a byte is passed on, the change is on record
//! before the upstream hears of it, and what the upstream reports is recorded before the client reads its end.

use super::leased::{Leased, Towards};
use super::passing::Passing;
use super::{headers, inspect, path, reply};
use crate::{blocking, credential};
use bailiwick_authority::transfer::Lease;
use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::{Authority, Fault, Permit, Refused};
use bailiwick_gate::{Answer, StreamCall, streamed, whole};
use bailiwick_git::{RefUpdate, Service};
use bailiwick_host::body::{BodyFault, BodyReader};
use bailiwick_host::{message, push};
use bailiwick_upstream::OutgoingBody;
use bailiwick_wire::push::PushRequest;
use http_body_util::BodyExt;
use std::sync::Arc;
use tokio::io::AsyncReadExt;

pub(super) const RESULT: &str = "application/x-git-receive-pack-result";
const REQUEST: &str = "application/x-git-receive-pack-request";

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
        request,
        body,
    } = call;
    message::check_content_type(&request.headers, Service::ReceivePack)?;
    // Read decompressed, so it is sent so: what was judged is what is sent.
    let mut body = BodyReader::new(body, &request.headers, push::BODY_BYTES_MAX)?;
    let (head, asked) = push::commands(&mut body).await?;
    if asked.commands.is_empty() {
        // The probe that clients send before a large body: nothing is asked for, and nobody else need hear of it.
        return Ok(reply(RESULT, whole("")).recorded_as("git.push_probe"));
    }
    let target = format!("{}/git-receive-pack", path(&permit, upstream)?);
    let credential = credential::of(&authority, &permit, upstream).await?;
    let lease = Arc::new(authority.transfer_begin(&permit)?);
    body.beats(lease.pulse());
    let stopped = body.stopped();
    let witness = authority.witness(&permit);
    if let Some((code, reason)) = forbidden(&asked) {
        drain(&mut body, &lease).await?;
        let receipt = authority.forward_refused(&witness, upstream, code);
        receipt.durable().await?;
        return Ok(reply(RESULT, whole(asked.refusal(&reason))));
    }
    let updates: Vec<RefUpdate> = asked.commands.iter().cloned().map(RefUpdate::from).collect();
    let passing = Passing {
        authority: authority.clone(),
        upstream: upstream.clone(),
        witness,
        lease: lease.clone(),
        stopped,
        credential,
        target,
        headers: headers(&request.headers, Some(REQUEST)),
        asked,
    };
    if permit.is_provisional() && upstream.settings.inspect {
        return inspect::serve(passing, permit, updates, head, body).await;
    }
    let (clearing, at) = (authority.clone(), upstream.clone());
    let cleared = blocking(move || clearing.clear(permit, &at, true)).await?;
    let receipt = authority.forward_push_begin(&cleared, upstream, &updates);
    receipt.durable().await?;
    let input = streamed(std::io::Cursor::new(head).chain(body));
    let input = Leased::new(input, lease, Towards::Upstream).boxed_unsync();
    passing.start(OutgoingBody::Stream(input, None)).await
}

/// Takes the rest of a body that plays no part any more: a client that is still sending reads no answer.
pub(super) async fn drain(body: &mut BodyReader, lease: &Lease) -> Result<(), Fault> {
    let mut buffer = vec![0; 64 << 10];
    let revoked = lease.revoked();
    tokio::pin!(revoked);
    loop {
        let read = tokio::select! {
            read = body.read(&mut buffer) => read,
            () = &mut revoked => return Err(lease.fault()),
        };
        match read {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            Err(error) => return Err(BodyFault::of(&error).fault()),
        }
    }
}

/// Why a push is refused whole: something in it that nobody may push through the gateway.
// SECURITY: what other refs do is the upstream's invention: `refs/for/…` opens a pull request at some, `refs/pull/…`
// changes one. Only branches, tags and notes are contents, which is what was decided on. Push options likewise: one
// makes a repository public.
fn forbidden(asked: &PushRequest) -> Option<(&'static str, String)> {
    if !asked.push_options.is_empty() {
        let reason = "the whole push is refused: push options are not passed on; push again without -o";
        return Some(("push.options", String::from(reason)));
    }
    let other = asked.commands.iter().find(|command| {
        !["refs/heads/", "refs/tags/", "refs/notes/"]
            .iter()
            .any(|prefix| command.name.starts_with(prefix))
    })?;
    let reason = format!(
        "the whole push is refused: {} is no branch, tag or note",
        other.name
    );
    Some(("push.ref_forbidden", reason))
}
