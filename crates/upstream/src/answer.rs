//! The answer of an upstream: its head whole, its body as it comes.

use crate::body::Reading;
use crate::fields::Fields;
use bytes::Bytes;
use http::StatusCode;
use http_body::{Body, Frame, SizeHint};
use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

/// An answer.
pub struct Answer {
    /// The status; never an informational one.
    pub status: StatusCode,
    /// The headers as they came.
    pub headers: Fields,
    /// The body.
    pub body: AnswerBody,
}

impl fmt::Debug for Answer {
    // SECURITY: headers hold cookies and addresses with secrets in them.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Answer({}, {} headers)", self.status, self.headers.len())
    }
}

/// The body of an answer: complete, or an error. Cut off is never taken for ended.
#[derive(Debug)]
pub struct AnswerBody(pub(crate) Reading);

impl AnswerBody {
    /// The body, if all of it came with the head.
    pub fn at_hand(&mut self) -> Option<Bytes> {
        self.0.at_hand()
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.0.poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.0.has_ended()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}
