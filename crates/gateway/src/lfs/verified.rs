//! A body whose length and check sum must be those of its object. Its last piece is kept back until they are known:
//! whoever receives it never has the whole of a wrong object.

use bailiwick_gate::Body;
use bailiwick_wire::lfs::LfsOid;
use bytes::Bytes;
use http_body::Frame;
use ring::digest::{Context, SHA256};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

/// A checked body.
pub struct Verified {
    body: Body,
    hash: Option<Context>,
    left: u64,
    kept: Option<Bytes>,
    oid: LfsOid,
    wrong: Arc<AtomicBool>,
}

impl Verified {
    /// Checks a body of this length.
    pub fn new(body: Body, oid: LfsOid, length: u64) -> Verified {
        Verified {
            body,
            hash: Some(Context::new(&SHA256)),
            left: length,
            kept: None,
            oid,
            wrong: Arc::default(),
        }
    }

    /// What tells afterwards whether it was another object.
    pub fn wrong(&self) -> Arc<AtomicBool> {
        self.wrong.clone()
    }

    fn is_wrong(&mut self) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.hash = None;
        self.kept = None;
        self.wrong.store(true, Ordering::SeqCst);
        Poll::Ready(Some(Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "the bytes are not those of the object",
        ))))
    }
}

impl http_body::Body for Verified {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        loop {
            if self.hash.is_none() {
                return Poll::Ready(None);
            }
            let frame = std::task::ready!(Pin::new(&mut self.body).poll_frame(cx));
            let data = match frame {
                Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
                Some(Err(error)) => {
                    self.hash = None;
                    return Poll::Ready(Some(Err(error)));
                }
                None => {
                    let digest = self.hash.take().map(Context::finish);
                    let same = digest.is_some_and(|digest| self.oid.is_digest(digest.as_ref()));
                    if !same || self.left > 0 {
                        return self.is_wrong();
                    }
                    return Poll::Ready(self.kept.take().map(|last| Ok(Frame::data(last))));
                }
            };
            if data.is_empty() {
                continue;
            }
            let Some(left) = self.left.checked_sub(data.len() as u64) else {
                return self.is_wrong();
            };
            self.left = left;
            if let Some(hash) = &mut self.hash {
                hash.update(&data);
            }
            if let Some(before) = self.kept.replace(data) {
                return Poll::Ready(Some(Ok(Frame::data(before))));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Verified;
    use bailiwick_gate::{streamed, whole};
    use bailiwick_wire::lfs::LfsOid;
    use http_body_util::BodyExt;

    /// The object `hello`.
    const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

    async fn through(bytes: &'static [u8], length: u64) -> (Vec<u8>, bool) {
        let oid = LfsOid::parse(HELLO).unwrap();
        let mut body = Verified::new(streamed(bytes), oid, length);
        let mut came = Vec::new();
        while let Some(frame) = body.frame().await {
            match frame {
                Ok(frame) => came.extend_from_slice(&frame.into_data().unwrap()),
                Err(_) => return (came, false),
            }
        }
        (came, true)
    }

    #[tokio::test]
    async fn only_the_object_itself_goes_through_whole() {
        assert_eq!(through(b"hello", 5).await, (b"hello".to_vec(), true));
        for (bytes, length) in [
            (b"hellO".as_slice(), 5),
            (b"hello", 4),
            (b"hello", 6),
            (b"hello!", 5),
            (b"", 5),
        ] {
            let (came, good) = through(bytes, length).await;
            assert!(!good && came.is_empty(), "{bytes:?} {length}: {came:?}");
        }
        let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let mut body = Verified::new(whole(""), LfsOid::parse(nothing).unwrap(), 0);
        assert!(body.frame().await.is_none());
    }
}
