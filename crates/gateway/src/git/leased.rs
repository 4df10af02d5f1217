//! A body that breaks off once its transfer is no longer allowed.

use bailiwick_authority::transfer::Lease;
use bailiwick_gate::Body;
use bytes::Bytes;
use http_body::Frame;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// Who takes what a guarded body gives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Towards {
    /// The client, who has to take it in time.
    Client,
    /// The upstream.
    Upstream,
}

/// A guarded body.
pub struct Leased {
    body: Body,
    revoked: Pin<Box<dyn Future<Output = ()> + Send>>,
    lease: Arc<Lease>,
    towards: Towards,
}

impl Leased {
    /// Guards a body with the lease of its transfer.
    pub fn new(body: Body, lease: Arc<Lease>, towards: Towards) -> Leased {
        Leased {
            body,
            revoked: Box::pin(lease.revoked()),
            lease,
            towards,
        }
    }
}

impl http_body::Body for Leased {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let ended = || {
            io::Error::new(
                io::ErrorKind::PermissionDenied,
                "the transfer is no longer allowed",
            )
        };
        if self.revoked.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Some(Err(ended())));
        }
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        match (&polled, self.towards) {
            (Poll::Ready(Some(Ok(_))), Towards::Client) => self.lease.pulse().handed(),
            _ => self.lease.pulse().beat(),
        }
        // The end of the body may be the revocation's own doing.
        if polled.is_ready() && self.lease.is_revoked() {
            return Poll::Ready(Some(Err(ended())));
        }
        polled
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.body.size_hint()
    }
}
