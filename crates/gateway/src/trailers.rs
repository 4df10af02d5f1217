//! What comes behind the body of an answer.

use crate::headers::is_kept_back;
use bailiwick_gate::Body;
use bailiwick_upstream::is_hop_by_hop;
use bytes::Bytes;
use http::{HeaderName, header};
use http_body::{Frame, SizeHint};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A body of an answer whose trailers are headers like others: of those that lead somewhere none comes through.
// SECURITY: clients of HTTP/2 get them; what an upstream says there of its sessions and credentials is its own as well.
pub fn trimmed<B>(body: B) -> Body
where
    B: http_body::Body<Data = Bytes, Error = io::Error> + Send + Unpin + 'static,
{
    Body::new(Trimmed(body))
}

struct Trimmed<B>(B);

impl<B: http_body::Body<Data = Bytes, Error = io::Error> + Unpin> http_body::Body for Trimmed<B> {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let mut polled = Pin::new(&mut self.0).poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &mut polled
            && let Some(trailers) = frame.trailers_mut()
        {
            let leads = [header::LINK, header::LOCATION, header::CONTENT_LOCATION];
            let kept_back =
                |name: &&HeaderName| is_hop_by_hop(name) || is_kept_back(name) || leads.contains(name);
            let left: Vec<HeaderName> = trailers.keys().filter(kept_back).cloned().collect();
            for name in left {
                trailers.remove(name);
            }
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    // The bytes are what they were: without it an answer would lose its length.
    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::trimmed;
    use http::{HeaderMap, HeaderName, HeaderValue};
    use http_body_util::BodyExt as _;

    #[tokio::test]
    async fn trailers_are_headers_like_others() {
        let given = [
            ("set-cookie", "session=1"),
            ("location", "https://git.example.com/forge/x"),
            ("transfer-encoding", "chunked"),
            ("authorization", "Bearer upstream"),
            ("x-checksum", "1"),
        ];
        let given: HeaderMap = given
            .into_iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        let body = http_body_util::Full::new(bytes::Bytes::from("a"));
        let body = body.map_err(|never| match never {});
        let body = body.with_trailers(std::future::ready(Some(Ok(given))));
        let body = trimmed(body);
        // Known before and after: an answer keeps its length.
        assert_eq!(http_body::Body::size_hint(&body).exact(), Some(1));
        let collected = body.collect().await.unwrap();
        let trailers: Vec<_> = collected.trailers().unwrap().keys().cloned().collect();
        assert_eq!(trailers, ["x-checksum"]);
        assert_eq!(collected.to_bytes(), "a");
    }
}
