//! One small question to an upstream, for those who look after it: plain texts in, plain texts out.

use crate::client::Client;
use crate::error::UpstreamError;
use crate::fields::Fields;
use crate::head::Outgoing;
use crate::send::OutgoingBody;
use crate::value::HeaderValue;
use http::{HeaderName, Method, header};
use http_body_util::{BodyExt, Limited};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The longest answer that is read, in bytes.
const BYTES_MAX: usize = 1 << 20;

/// What an upstream answered.
pub struct Probed {
    /// The status.
    pub status: u16,
    /// The type of the body.
    pub content_type: String,
    /// The body; empty if it is longer than a MiB.
    pub body: Vec<u8>,
}

/// How a small question is put: always without a body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProbeMethod {
    /// To read.
    Get,
    /// To send something, of which there is nothing.
    Post,
    /// To store something, of which there is nothing.
    Put,
    /// To delete.
    Delete,
}

impl fmt::Debug for Probed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Probed({}, {} bytes)", self.status, self.body.len())
    }
}

impl Client {
    /// Gets a path below the address with these headers, the whole within a time.
    pub async fn probe(
        self: &Arc<Self>,
        path: &str,
        headers: &[(&str, &str)],
        for_max: Duration,
    ) -> Result<Probed, UpstreamError> {
        self.probe_by(ProbeMethod::Get, path, headers, for_max).await
    }

    /// Asks for a path below the address with these headers and no body, the whole within a time.
    pub async fn probe_by(
        self: &Arc<Self>,
        method: ProbeMethod,
        path: &str,
        headers: &[(&str, &str)],
        for_max: Duration,
    ) -> Result<Probed, UpstreamError> {
        let mut all = Fields::default();
        all.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
        all.insert(header::USER_AGENT, HeaderValue::from_static("bailiwick"));
        for (name, text) in headers {
            let value = HeaderValue::from_str(text)
                .map_err(|_| UpstreamError::Malformed("a header that cannot be sent"))?;
            let name = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| UpstreamError::Malformed("a header that cannot be sent"))?;
            all.insert(name, value);
        }
        let request = Outgoing::new(
            match method {
                ProbeMethod::Get => Method::GET,
                ProbeMethod::Post => Method::POST,
                ProbeMethod::Put => Method::PUT,
                ProbeMethod::Delete => Method::DELETE,
            },
            path,
            all,
        );
        let asking = async {
            let answer = self.send(&request, OutgoingBody::Nothing).await?;
            let status = answer.status.as_u16();
            let given = answer.headers.get(header::CONTENT_TYPE);
            let content_type = given.and_then(|value| value.to_str().ok()).unwrap_or_default();
            let content_type = content_type.to_owned();
            let body = Limited::new(answer.body, BYTES_MAX).collect().await;
            Ok(Probed {
                status,
                content_type,
                body: body.map(|whole| whole.to_bytes().to_vec()).unwrap_or_default(),
            })
        };
        tokio::time::timeout(for_max, asking)
            .await
            .unwrap_or(Err(UpstreamError::AnswerTimedOut))
    }
}
