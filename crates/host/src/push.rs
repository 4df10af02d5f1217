//! Push: `git-receive-pack` with the decision that falls just before the refs move. A task of its own brings each
//! push to its end and its record, whether or not the client is still there.

use crate::body::{BodyFault, BodyReader};
use crate::client::Client;
use crate::message::{check_content_type, git_fault, malformed, protocol, reply};
use bailiwick_authority::push::Push;
use bailiwick_authority::transfer::Lease;
use bailiwick_authority::{Authority, Fault, FaultKind, Permit};
use bailiwick_gate::{Answer, AnswerFuture, Reply, StreamCall, refusal, streamed, whole};
use bailiwick_git::{PendingPush, PushProposal, RefUpdate, Service, Transfer, Verdict};
use bailiwick_model::Outcome;
use bailiwick_model::limit::PACK_BYTES_MAX;
use bailiwick_wire::push::{COMMAND_LIST_BYTES_MAX, PushParser, PushRequest};
use std::sync::{Arc, OnceLock};
use tokio::io::AsyncReadExt;

/// What a body may have beyond the pack that git itself limits, so that git's words reach the client first.
pub const BODY_BYTES_MAX: u64 = PACK_BYTES_MAX + COMMAND_LIST_BYTES_MAX as u64 + (1 << 20);
/// Bytes of git's report that are kept back until the outcome is on record.
const REPORT_BYTES_MAX: u64 = 32 << 20;
/// The reason of a push whose hook was gone before it was answered.
const UNHEARD: &str = "push.unheard";

/// `GET info/refs?service=git-receive-pack`.
pub fn advertise(call: StreamCall) -> AnswerFuture {
    Box::pin(async move {
        let repository = call.authority.repository_of(&call.permit)?;
        let version = protocol(&call.request.headers);
        let refs = repository
            .advertise(Service::ReceivePack, version)
            .await
            .map_err(git_fault)?;
        Ok(reply(Service::ReceivePack, true, whole(refs)))
    })
}

/// `POST git-receive-pack`.
pub fn receive_pack(call: StreamCall) -> AnswerFuture {
    Box::pin(serve(call))
}

async fn serve(call: StreamCall) -> Answer {
    let StreamCall {
        authority,
        permit,
        request,
        body,
    } = call;
    check_content_type(&request.headers, Service::ReceivePack)?;
    let version = protocol(&request.headers);
    let mut body = BodyReader::new(body, &request.headers, BODY_BYTES_MAX)?;
    let (head, asked) = commands(&mut body).await?;
    if asked.commands.is_empty() {
        // The probe that clients send before a large body: nothing is asked for.
        return Ok(reply(Service::ReceivePack, false, whole("")).recorded_as("git.push_probe"));
    }
    let sideband = asked.has("side-band-64k");
    let updates: Vec<RefUpdate> = asked.commands.into_iter().map(RefUpdate::from).collect();
    let repository = authority.repository_of(&permit)?;
    let lease = authority.transfer_begin(&permit)?;
    body.beats(lease.pulse());
    let (session, pending) = authority.push_register(&repository)?;
    let deciding = authority.clone();
    let (permit, push) = blocking(move || {
        let push = deciding.push_begin(&permit, &updates)?;
        Ok((permit, push))
    })
    .await?;
    let stopped = body.stopped();
    let input = std::io::Cursor::new(head).chain(body);
    let started = repository
        .receive_pack(version, input, &session)
        .map_err(git_fault);
    let transfer = match started {
        Ok(transfer) => transfer,
        Err(fault) => {
            blocking(move || authority.push_abandon(&push, Outcome::Failed, "push.not_started")).await?;
            return answer_of(fault);
        }
    };
    lease.holds(transfer.handle());
    let (client, answering) = Client::new(sideband);
    let receiving = Receiving {
        authority,
        push: Arc::new(push),
        client,
        stopped,
    };
    tokio::spawn(receiving.run(permit, lease, transfer, pending));
    match answering.begun().await {
        Ok(answer) => Ok(reply(Service::ReceivePack, false, streamed(answer))),
        Err(fault) => answer_of(fault),
    }
}

/// The answer for a push that ended badly and has its record already: as a fault it would be recorded twice.
fn answer_of(fault: Fault) -> Answer {
    if fault.kind == FaultKind::Internal {
        return Err(fault);
    }
    let reply = Reply::bytes("text/plain; charset=utf-8", format!("{}\n", fault.message));
    Ok(Reply {
        status: refusal::status(fault.kind),
        ..reply
    })
}

/// The command list that opens the body, with the bytes it was read from and what came after it.
pub async fn commands(body: &mut BodyReader) -> Result<(Vec<u8>, PushRequest), Fault> {
    let mut parser = PushParser::new();
    let mut head = Vec::new();
    let mut buffer = vec![0; 16 << 10];
    loop {
        let read = body
            .read(&mut buffer)
            .await
            .map_err(|error| BodyFault::of(&error).fault())?;
        let bytes = buffer.get(..read).unwrap_or_default();
        head.extend_from_slice(bytes);
        if read == 0 || parser.feed(bytes).map_err(malformed)?.complete {
            return Ok((head, parser.finish().map_err(malformed)?));
        }
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    bailiwick_gate::blocking("push.blocking", work).await
}

/// A push on its way.
struct Receiving {
    authority: Arc<Authority>,
    push: Arc<Push>,
    client: Client,
    stopped: Arc<OnceLock<BodyFault>>,
}

/// How the decision ended.
enum Decided {
    /// The refs may move; the permit is leave to record it.
    Accepted(Box<Permit>),
    /// They may not; it is on record.
    Refused,
    /// Nobody was there to hear it, or the push was ended meanwhile; why.
    Unheard(Fault),
}

impl Receiving {
    async fn run(mut self, permit: Permit, lease: Lease, transfer: Transfer, pending: PendingPush) {
        if let Err(fault) = self.bring_to_end(permit, lease, transfer, pending).await {
            let source = fault.source().map(ToString::to_string).unwrap_or_default();
            tracing::error!(code = fault.code, source, "push failed");
            self.client.fail(fault).await;
        }
    }

    async fn bring_to_end(
        &mut self,
        permit: Permit,
        lease: Lease,
        mut transfer: Transfer,
        mut pending: PendingPush,
    ) -> Result<(), Fault> {
        let Some(proposal) = self.receive(&lease, &mut transfer, &mut pending).await else {
            return self.end_undecided(&lease, transfer).await;
        };
        let decided = self.decide(permit, lease, pending, proposal).await?;
        let mut report = Vec::new();
        let read = (&mut transfer)
            .take(REPORT_BYTES_MAX)
            .read_to_end(&mut report)
            .await;
        let ended = transfer.finish().await;
        // INVARIANT: the outcome is on record before the report reaches the client, whatever became of git.
        let (authority, push) = (self.authority.clone(), self.push.clone());
        match decided {
            Decided::Accepted(permit) => drop(blocking(move || authority.push_end(*permit, &push)).await?),
            Decided::Refused => {}
            Decided::Unheard(fault) => {
                let code = fault.code;
                let outcome = if code == UNHEARD {
                    Outcome::Failed
                } else {
                    Outcome::Refused
                };
                blocking(move || authority.push_abandon(&push, outcome, code)).await?;
                self.client.fail(fault).await;
                return Ok(());
            }
        }
        read.map_err(|error| Fault::internal("push.report", error))?;
        ended.map_err(git_fault)?;
        self.client.give(&report).await;
        Ok(())
    }

    /// Streams git's output to the client until the hook asks. Nothing if git ends without asking.
    async fn receive(
        &mut self,
        lease: &Lease,
        transfer: &mut Transfer,
        pending: &mut PendingPush,
    ) -> Option<PushProposal> {
        let mut buffer = vec![0; 16 << 10];
        let mut asking = true;
        loop {
            tokio::select! {
                proposal = pending.wait(), if asking => match proposal {
                    Ok(proposal) => return Some(proposal),
                    Err(_) => asking = false,
                },
                read = transfer.read(&mut buffer) => match read {
                    Ok(0) | Err(_) => return None,
                    Ok(read) => {
                        lease.pulse().beat();
                        self.client.give(buffer.get(..read).unwrap_or_default()).await;
                    }
                },
            }
        }
    }

    /// Decides again and tells the hook.
    async fn decide(
        &mut self,
        permit: Permit,
        lease: Lease,
        pending: PendingPush,
        proposal: PushProposal,
    ) -> Result<Decided, Fault> {
        let (authority, push) = (self.authority.clone(), self.push.clone());
        let decided = blocking(move || Ok(authority.push_decide(permit, &push, &proposal))).await?;
        match decided {
            Ok(_) if lease.is_revoked() => Ok(Decided::Unheard(lease.fault())),
            Ok(permit) => {
                // From here on refs move: a push that is ended half-way would leave some of them behind.
                drop(lease);
                match pending.answer(Verdict::Accept) {
                    Ok(()) => Ok(Decided::Accepted(Box::new(permit))),
                    Err(_) => Ok(Decided::Unheard(Fault::new(
                        FaultKind::Unavailable,
                        UNHEARD,
                        "the push was not decided in time",
                    ))),
                }
            }
            Err(refusal) => {
                let message = refusal.message.clone();
                let (authority, push) = (self.authority.clone(), self.push.clone());
                // On record before the client can know of it.
                blocking(move || authority.push_refused(&push, *refusal)).await?;
                let _unheard = pending.answer(Verdict::Reject(message));
                Ok(Decided::Refused)
            }
        }
    }

    /// Git ended before its hook asked: it refused by itself, its input broke, or the push was ended.
    async fn end_undecided(&mut self, lease: &Lease, transfer: Transfer) -> Result<(), Fault> {
        let outcome = transfer.finish().await.map_err(git_fault);
        let killed = outcome.as_ref().is_ok_and(|outcome| outcome.killed);
        let revoked = lease.why();
        let (kind, reason) = match (revoked, killed) {
            (Some(why), _) => (Outcome::Refused, why),
            (None, true) => (Outcome::Failed, "push.broken"),
            (None, false) => (Outcome::Failed, "push.rejected_by_git"),
        };
        let (authority, push) = (self.authority.clone(), self.push.clone());
        blocking(move || authority.push_abandon(&push, kind, reason)).await?;
        let outcome = outcome?;
        match (revoked.is_some(), killed) {
            (true, _) => self.client.fail(lease.fault()).await,
            (false, true) => {
                self.client
                    .fail(self.stopped.get().copied().unwrap_or(BodyFault::Broken).fault())
                    .await
            }
            // What git had to say has been streamed already; if it said nothing, it understood nothing.
            (false, false) if !self.client.has_begun() && !outcome.success() => {
                self.client.fail(malformed("git did not understand it")).await;
            }
            (false, false) => self.client.give(b"").await,
        }
        Ok(())
    }
}
