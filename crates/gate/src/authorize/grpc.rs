//! Envoy's check over gRPC: one message in, one message out. Whatever is wrong is answered as a refusal, not as a failure
//! of the call, which Envoy can be told to let pass.

use super::original::{Original, client, made, upstream_of};
use super::{Dialect, X_BAILIWICK_REASON, X_BAILIWICK_REQUEST_ID, checked, concluded};
use crate::body::{Incoming, read};
use crate::message::{Head, Received, Response};
use crate::pipeline::Gate;
use crate::reply::Body;
use bailiwick_authority::{Caller, Fault, FaultKind};
use bailiwick_model::limit;
use bailiwick_upstream::{Fields, HeaderValue};
use bailiwick_wire::ext_authz::{Check, allowed, denied};
use bytes::{BufMut as _, Bytes, BytesMut};
use http::{HeaderMap, HeaderName, Method, Version, header};
use http_body_util::BodyExt;
use std::net::IpAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The largest message of a check, in bytes: the head of a request twice, and what Envoy says besides.
const MESSAGE_BYTES_MAX: usize = 4 * limit::HEADER_BYTES_MAX;
/// Bytes before a message: whether it is compressed, and its length.
const PREFIX_BYTES: usize = 5;

/// What the proxied server gets to know of an answer that gives leave.
const TOLD: [HeaderName; 5] = [
    HeaderName::from_static("x-bailiwick-login"),
    HeaderName::from_static("x-bailiwick-upstream-login"),
    HeaderName::from_static("x-bailiwick-token-id"),
    X_BAILIWICK_REQUEST_ID,
    HeaderName::from_static("x-accepted-github-permissions"),
];

/// What the client gets to know of a refusal.
const REFUSED: [HeaderName; 8] = [
    header::CONTENT_TYPE,
    header::WWW_AUTHENTICATE,
    header::RETRY_AFTER,
    HeaderName::from_static("x-accepted-github-permissions"),
    HeaderName::from_static("x-ratelimit-remaining"),
    HeaderName::from_static("x-ratelimit-reset"),
    X_BAILIWICK_REQUEST_ID,
    X_BAILIWICK_REASON,
];

fn bad(message: impl Into<String>) -> Fault {
    Fault::new(FaultKind::BadRequest, "authorize.message", message)
}

impl Gate {
    /// Answers a check of a trusted peer.
    pub(super) async fn check(&self, peer: IpAddr, caller: Caller, request: Received) -> Response {
        let request_id = caller.request_id.clone();
        let Received { head, body } = request;
        let original = async {
            let original = self.original(&self.message(&head, body).await?)?;
            self.stands_before(peer, original.upstream.as_deref()).await?;
            Ok::<_, Fault>(original)
        };
        let response = match original.await {
            Ok(original) => self.decided(peer, Dialect::EnvoyGrpc, original, caller).await,
            Err(fault) => self.turned_away(caller, head, &fault).await,
        };
        answer(concluded(response, Some(Dialect::EnvoyGrpc), &request_id).await).await
    }

    /// The bytes of the message.
    async fn message(&self, head: &Head, body: Body) -> Result<Bytes, Fault> {
        let kind = head.headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
        let is_grpc = matches!(kind, Some(b"application/grpc" | b"application/grpc+proto"));
        if head.method != Method::POST || head.version != Version::HTTP_2 || !is_grpc {
            return Err(bad("a check is a gRPC call: POST application/grpc over HTTP/2"));
        }
        let mut framed = read(Incoming::Streaming(body), MESSAGE_BYTES_MAX + PREFIX_BYTES).await?;
        if framed.len() < PREFIX_BYTES {
            return Err(bad("there is no message"));
        }
        let prefix = framed.split_to(PREFIX_BYTES);
        let [packed, length @ ..] = prefix.as_ref() else {
            return Err(bad("there is no message"));
        };
        let length = length
            .iter()
            .fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
        if *packed != 0 {
            return Err(bad("the message is compressed, which it need not be"));
        }
        if length != framed.len() {
            return Err(bad("there is not one whole message"));
        }
        Ok(framed)
    }

    /// The request that a check asks about.
    fn original(&self, message: &[u8]) -> Result<Original, Fault> {
        let check = Check::read(message).map_err(|error| bad(error.words()))?;
        let upstream = match check.upstream {
            None => None,
            Some(name) => {
                upstream_of(name).ok_or_else(|| bad("`upstream` of the route is no name of an upstream"))?
            }
        };
        if check.headers.len() > limit::HEADERS_MAX {
            return Err(bad("there are more headers than a request may have"));
        }
        let mut headers = Fields::with_capacity(check.headers.len());
        for (name, value) in &check.headers {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad("a header has no name"))?;
            let value = HeaderValue::from_bytes(value)
                .map_err(|_| bad("a header's value is none that one can have"))?;
            headers.append(name, value);
        }
        let from: IpAddr = check.client.parse().map_err(|_| {
            Fault::new(
                FaultKind::BadRequest,
                "authorize.client",
                "the address that the request is from is none",
            )
        })?;
        let sent: Vec<&[u8]> = headers
            .get_all("x-forwarded-for")
            .map(HeaderValue::as_bytes)
            .collect();
        let client = client(self, from, &sent);
        let asked = (check.method, check.path);
        made(self, upstream, asked, (&headers, Dialect::EnvoyGrpc, client))
    }
}

/// An answer as Envoy reads it.
pub(super) async fn answer(response: Response) -> Response {
    let response = checked(response);
    let message = if response.status.is_success() {
        allowed(pairs(&response.headers, &TOLD))
    } else {
        // Written here, whole: it cannot break off.
        let body = response
            .body
            .collect()
            .await
            .map(|body| body.to_bytes())
            .unwrap_or_default();
        denied(
            response.status.as_u16(),
            pairs(&response.headers, &REFUSED),
            &body,
        )
    };
    let mut framed = BytesMut::with_capacity(PREFIX_BYTES + message.len());
    framed.put_u8(0);
    framed.put_u32(u32::try_from(message.len()).unwrap_or(u32::MAX));
    framed.put_slice(&message);
    let mut response = Response::new(Body::new(Framed {
        message: Some(framed.freeze()),
        ended: false,
    }));
    response
        .headers
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    response
}

fn pairs<'a>(headers: &'a Fields, names: &'a [HeaderName]) -> impl Iterator<Item = (&'a str, &'a [u8])> {
    names
        .iter()
        .filter_map(|name| Some((name.as_str(), headers.get(name)?.as_bytes())))
}

/// One message, and the trailer that says that the call itself went well.
struct Framed {
    message: Option<Bytes>,
    ended: bool,
}

impl http_body::Body for Framed {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, std::io::Error>>> {
        if let Some(message) = self.message.take() {
            return Poll::Ready(Some(Ok(http_body::Frame::data(message))));
        }
        if self.ended {
            return Poll::Ready(None);
        }
        self.ended = true;
        let mut trailers = HeaderMap::new();
        trailers.insert("grpc-status", http::HeaderValue::from_static("0"));
        Poll::Ready(Some(Ok(http_body::Frame::trailers(trailers))))
    }

    fn is_end_stream(&self) -> bool {
        self.ended
    }
}
