//! Clone and fetch: the advertisement of refs, and `git-upload-pack`.

use crate::body::{BodyFault, BodyReader};
use crate::message::{check_content_type, git_fault, malformed, protocol, reply};
use bailiwick_authority::Fault;
use bailiwick_gate::{Answer, AnswerFuture, StreamCall, streamed, whole};
use bailiwick_git::Service;
use bailiwick_model::limit::FETCH_REQUEST_BYTES_MAX;
use bailiwick_wire::pktline::{self, Packet};
use tokio::io::AsyncReadExt;

/// How much of a request is looked at to tell a clone from a fetch.
pub const PEEK_BYTES: usize = 64 << 10;

/// `GET info/refs?service=git-upload-pack`.
pub fn advertise(call: StreamCall) -> AnswerFuture {
    Box::pin(async move {
        let repository = call.authority.repository_of(&call.permit)?;
        let version = protocol(&call.request.headers);
        let refs = repository
            .advertise(Service::UploadPack, version)
            .await
            .map_err(git_fault)?;
        Ok(reply(Service::UploadPack, true, whole(refs)))
    })
}

/// `POST git-upload-pack`.
pub fn upload_pack(call: StreamCall) -> AnswerFuture {
    Box::pin(serve(call))
}

async fn serve(call: StreamCall) -> Answer {
    let StreamCall {
        authority,
        permit,
        request,
        body,
    } = call;
    check_content_type(&request.headers, Service::UploadPack)?;
    let version = protocol(&request.headers);
    let mut body = BodyReader::new(body, &request.headers, FETCH_REQUEST_BYTES_MAX)?;
    let head = peek(&mut body).await?;
    let action = action_of(&head)?;
    let repository = authority.repository_of(&permit)?;
    let lease = authority.transfer_begin(&permit)?;
    body.beats(lease.pulse());
    let stopped = body.stopped();
    let input = std::io::Cursor::new(head).chain(body);
    let transfer = repository.upload_pack(version, input).map_err(git_fault)?;
    lease.holds(transfer.handle());
    let mut guarded = lease.guard(transfer);
    // The first bytes tell whether git made sense of the request: only then is it a success.
    let mut first = vec![0; 32 << 10];
    let Ok(read) = guarded.read(&mut first).await else {
        return Err(guarded.lease().fault());
    };
    first.truncate(read);
    if first.is_empty() {
        let outcome = guarded.into_inner().finish().await.map_err(git_fault)?;
        return match (outcome.success(), outcome.killed) {
            (true, _) => Ok(reply(Service::UploadPack, false, whole("")).recorded_as(action)),
            // The input broke, and git was ended for it.
            (false, true) => Err(stopped.get().copied().unwrap_or(BodyFault::Broken).fault()),
            (false, false) => Err(malformed("git did not understand it")),
        };
    }
    let output = streamed(std::io::Cursor::new(first).chain(guarded));
    Ok(reply(Service::UploadPack, false, output).recorded_as(action))
}

/// The start of the request, or all of it. Errors of the body come out here, while they can still be answered.
async fn peek(body: &mut BodyReader) -> Result<Vec<u8>, Fault> {
    let mut head = Vec::with_capacity(4 << 10);
    match body.take(PEEK_BYTES as u64).read_to_end(&mut head).await {
        Ok(_) => Ok(head),
        Err(error) => Err(BodyFault::of(&error).fault()),
    }
}

/// What the request is for the record: listing refs, fetching on top of commits that the client has, or cloning.
pub fn action_of(head: &[u8]) -> Result<&'static str, Fault> {
    let mut rest = head;
    let mut action = "git.clone";
    while !rest.is_empty() {
        let Some((packet, length)) = pktline::decode(rest).map_err(malformed)? else {
            break;
        };
        match packet {
            Packet::Data(line) if line.starts_with(b"command=ls-refs") => return Ok("git.advertise"),
            Packet::Data(line) if line.starts_with(b"have ") => action = "git.fetch",
            Packet::Data(_) | Packet::Flush | Packet::Delimiter => {}
            Packet::ResponseEnd => return Err(malformed("a response-end packet has no place in it")),
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    if !rest.is_empty() && head.len() < PEEK_BYTES {
        return Err(malformed("it ends inside a packet"));
    }
    Ok(action)
}

#[cfg(test)]
mod tests;
