//! Why an upstream could not be asked, or did not answer in a way that can be passed on.

use std::fmt;

/// What went wrong with an exchange. None of it holds anything of its answer.
#[derive(Debug)]
pub enum UpstreamError {
    /// Its name leads to no address, or nothing listens there.
    Unreachable(std::io::Error),
    /// It was not reached in time.
    ConnectTimedOut,
    /// TLS failed: not trusted, not pinned, or not spoken there.
    Tls(std::io::Error),
    /// The connection ended before the answer's head was whole.
    Reset(std::io::Error),
    /// The answer's head did not come in time.
    AnswerTimedOut,
    /// The answer's head cannot be read, or two readers could cut it differently.
    Malformed(&'static str),
    /// The answer is larger than the limit.
    TooLarge,
    /// The caller's own body broke off.
    BodyBroken,
}

impl UpstreamError {
    /// A stable code.
    pub fn code(&self) -> &'static str {
        match self {
            UpstreamError::Unreachable(_) => "upstream.unreachable",
            UpstreamError::ConnectTimedOut => "upstream.connect_timeout",
            UpstreamError::Tls(_) => "upstream.tls",
            UpstreamError::Reset(_) => "upstream.reset",
            UpstreamError::AnswerTimedOut => "upstream.timeout",
            UpstreamError::Malformed(_) => "upstream.malformed",
            UpstreamError::TooLarge => "upstream.too_large",
            UpstreamError::BodyBroken => "body.broken",
        }
    }

    /// Whether it is a matter of time: 504 instead of 502.
    pub fn is_timeout(&self) -> bool {
        matches!(
            self,
            UpstreamError::ConnectTimedOut | UpstreamError::AnswerTimedOut
        )
    }
}

impl fmt::Display for UpstreamError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UpstreamError::Unreachable(error) => write!(out, "the upstream cannot be reached: {error}"),
            UpstreamError::ConnectTimedOut => out.write_str("the upstream was not reached in time"),
            UpstreamError::Tls(error) => write!(out, "TLS with the upstream failed: {error}"),
            UpstreamError::Reset(error) => write!(out, "the upstream ended the connection: {error}"),
            UpstreamError::AnswerTimedOut => out.write_str("the upstream did not answer in time"),
            UpstreamError::Malformed(what) => write!(out, "the upstream's answer cannot be read: {what}"),
            UpstreamError::TooLarge => out.write_str("the upstream's answer is larger than the limit"),
            UpstreamError::BodyBroken => out.write_str("the request's body ended early"),
        }
    }
}

impl std::error::Error for UpstreamError {}
