//! Pushes that are inspected before a byte of them reaches the upstream: kept beside the mirror, received into its
//! quarantine, decided again on the objects, and only then passed on as they came.

use super::passing::Passing;
use super::push::RESULT;
use super::{mirror, reply};
use crate::blocking;
use bailiwick_authority::upstream::forward::Cleared;
use bailiwick_authority::{Fault, FaultKind, Permit};
use bailiwick_gate::{Answer, streamed, whole};
use bailiwick_git::{ProtocolVersion, RefUpdate, Repository, Transfer, Verdict};
use bailiwick_host::body::{BodyFault, BodyReader};
use bailiwick_model::Outcome;
use bailiwick_upstream::OutgoingBody;
use http_body_util::BodyExt;
use std::io::SeekFrom;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};

/// Bytes of git's report that are read at the most.
const REPORT_BYTES_MAX: u64 = 32 << 20;
/// What the hook is told when a push is accepted: here it is only looked at.
const LOOKED_AT: &str = "looked at";

/// Inspects a push, and passes it on if nothing speaks against it.
pub async fn serve(
    passing: Passing,
    permit: Permit,
    updates: Vec<RefUpdate>,
    head: Vec<u8>,
    body: BodyReader,
) -> Answer {
    let (mut spool, length) = keep(&passing, head, body).await?;
    let authority = passing.authority.clone();
    let (permit, mirror) = blocking(move || {
        let mirror = authority.mirror_of(&permit)?;
        Ok((permit, mirror))
    })
    .await?;
    mirror::follow(&passing, &permit, &mirror).await?;
    if passing.lease.is_revoked() {
        return Err(passing.lease.fault());
    }
    let cleared = match look(&passing, permit, &updates, &mirror, rewound(&spool).await?).await? {
        Looked::Accepted(cleared) => cleared,
        Looked::Refused(report) => return Ok(reply(RESULT, whole(report))),
    };
    let receipt = passing
        .authority
        .forward_push_begin(&cleared, &passing.upstream, &updates);
    receipt.durable().await?;
    if passing.lease.is_revoked() {
        // On record as sent, and never sent: the next event says so.
        return Err(passing.lease.fault());
    }
    spool.seek(SeekFrom::Start(0)).await.map_err(spool_fault)?;
    let body = OutgoingBody::Stream(streamed(spool.take(length)).boxed_unsync(), Some(length));
    passing.start(body).await
}

/// Takes the whole body into a file that has no name, and tells its length.
async fn keep(passing: &Passing, head: Vec<u8>, mut body: BodyReader) -> Result<(File, u64), Fault> {
    let directory = passing.authority.mirrors_root().to_owned();
    let file = blocking(move || tempfile::tempfile_in(directory).map_err(spool_fault)).await?;
    let mut file = File::from_std(file);
    file.write_all(&head).await.map_err(spool_fault)?;
    let mut length = head.len() as u64;
    let mut buffer = vec![0; 256 << 10];
    let revoked = passing.lease.revoked();
    tokio::pin!(revoked);
    loop {
        let read = tokio::select! {
            read = body.read(&mut buffer) => read.map_err(|error| BodyFault::of(&error).fault())?,
            () = &mut revoked => return Err(passing.lease.fault()),
        };
        if read == 0 {
            break;
        }
        let bytes = buffer.get(..read).unwrap_or_default();
        file.write_all(bytes).await.map_err(spool_fault)?;
        length += read as u64;
    }
    file.flush().await.map_err(spool_fault)?;
    Ok((file, length))
}

/// The same file for another reader, from its start: the two share their place in it, so one comes after the other.
async fn rewound(file: &File) -> Result<File, Fault> {
    let mut again = file.try_clone().await.map_err(spool_fault)?;
    again.seek(SeekFrom::Start(0)).await.map_err(spool_fault)?;
    Ok(again)
}

fn spool_fault(error: std::io::Error) -> Fault {
    Fault::internal("push.spool", error)
}

enum Looked {
    Accepted(Box<Cleared>),
    /// With the report that git shows.
    Refused(Vec<u8>),
}

/// Has git receive the push beside the mirror, and decides on what it received. No ref of the mirror moves.
async fn look(
    passing: &Passing,
    permit: Permit,
    updates: &[RefUpdate],
    mirror: &Repository,
    input: File,
) -> Result<Looked, Fault> {
    let (session, mut pending) = passing.authority.push_register(mirror)?;
    let mut transfer = mirror
        .receive_pack(ProtocolVersion::V0, input, &session)
        .map_err(|error| Fault::internal("push.inspect", error))?;
    passing.lease.holds(transfer.handle());
    let mut report = Vec::new();
    let proposal = loop {
        tokio::select! {
            biased;
            proposal = pending.wait() => break proposal.ok(),
            read = transfer.read_buf(&mut report) => match read {
                Ok(0) | Err(_) => break None,
                Ok(_) => {}
            },
        }
    };
    let Some(proposal) = proposal else {
        return undecided(passing, updates, transfer, report).await;
    };
    let (authority, upstream) = (passing.authority.clone(), passing.upstream.clone());
    let (at, asked) = (mirror.clone(), updates.to_vec());
    let decided =
        blocking(move || Ok(authority.push_inspect(permit, &upstream, &at, &asked, &proposal))).await?;
    let looked = match decided {
        Ok(_) if passing.lease.is_revoked() => return Err(passing.lease.fault()),
        Ok(cleared) => {
            let _heard = pending.answer(Verdict::Reject(String::from(LOOKED_AT)));
            Some(Box::new(cleared))
        }
        Err(refusal) => {
            let message = refusal.message.clone();
            // On record before the client can know of it.
            let receipt = passing.authority.push_inspect_refused(*refusal, updates);
            receipt.durable().await?;
            let _heard = pending.answer(Verdict::Reject(message));
            None
        }
    };
    let read = (&mut transfer)
        .take(REPORT_BYTES_MAX)
        .read_to_end(&mut report)
        .await;
    let _refused_as_told = transfer.finish().await;
    read.map_err(|error| Fault::internal("push.report", error))?;
    Ok(looked.map_or(Looked::Refused(report), Looked::Accepted))
}

/// Git ended before its hook asked: it refused by itself, could not read what it got, or was ended.
async fn undecided(
    passing: &Passing,
    updates: &[RefUpdate],
    mut transfer: Transfer,
    mut report: Vec<u8>,
) -> Result<Looked, Fault> {
    let read = (&mut transfer)
        .take(REPORT_BYTES_MAX)
        .read_to_end(&mut report)
        .await;
    let outcome = transfer.finish().await;
    if passing.lease.is_revoked() {
        return Err(passing.lease.fault());
    }
    let killed = !outcome.is_ok_and(|outcome| !outcome.killed);
    if read.is_err() || killed || report.is_empty() {
        return Err(Fault::new(
            FaultKind::BadRequest,
            "git.malformed",
            "malformed request: git did not understand it",
        ));
    }
    let names: Vec<String> = updates.iter().map(|update| update.name.clone()).collect();
    let how = (Outcome::Failed, "push.rejected_by_git");
    let authority = &passing.authority;
    let receipt = authority.forward_push_missed(&passing.witness, &passing.upstream, &names, how);
    receipt.durable().await?;
    Ok(Looked::Refused(report))
}
