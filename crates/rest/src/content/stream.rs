//! A body that is read from git while it is sent. It breaks off with an error when git fails, or when what was
//! permitted is permitted no longer: the client must never take half for the whole.

use bailiwick_authority::content::git::Transfer;
use bailiwick_authority::transfer::Leased;
use bailiwick_authority::{Authority, Fault, Permit};
use bailiwick_gate::Reply;
use bailiwick_gate::reply::streamed;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, ReadBuf};

/// The answer that streams a transfer, for as long as its permit holds.
pub(super) fn reply(
    authority: &Arc<Authority>,
    permit: &Permit,
    transfer: Transfer,
    content_type: &'static str,
) -> Result<Reply, Fault> {
    let lease = authority.transfer_begin(permit)?;
    lease.holds(transfer.handle());
    Ok(Reply::stream(
        content_type,
        streamed(ToTheEnd::Reading(lease.guard(transfer))),
    ))
}

/// A transfer that ends well only if git does.
enum ToTheEnd {
    Reading(Leased<Transfer>),
    Ending(Pin<Box<dyn Future<Output = io::Result<()>> + Send>>),
    Ended,
}

impl AsyncRead for ToTheEnd {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        loop {
            match &mut *self {
                ToTheEnd::Ended => return Poll::Ready(Ok(())),
                ToTheEnd::Ending(ending) => {
                    let outcome = ready!(ending.as_mut().poll(cx));
                    *self = ToTheEnd::Ended;
                    return Poll::Ready(outcome);
                }
                ToTheEnd::Reading(transfer) => {
                    ready!(Pin::new(transfer).poll_read(cx, into))?;
                    if into.filled().len() > before {
                        return Poll::Ready(Ok(()));
                    }
                    self.end();
                }
            }
        }
    }
}

impl ToTheEnd {
    /// The output has ended: whether git ended well is still to be learnt.
    fn end(&mut self) {
        if let ToTheEnd::Reading(transfer) = std::mem::replace(self, ToTheEnd::Ended) {
            *self = ToTheEnd::Ending(Box::pin(async move {
                let outcome = transfer.into_inner().finish().await.map_err(io::Error::other)?;
                if outcome.success() {
                    Ok(())
                } else {
                    Err(io::Error::other("the transfer was broken off"))
                }
            }));
        }
    }
}
