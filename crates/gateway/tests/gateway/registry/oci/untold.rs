//! Registries that tell how far an upload is in their own way, or not at all, where blobs are bounded.

use super::bed::digest;
use super::hostile::Fooled;
use super::world::request;
use crate::front::Answered;
use crate::git::bed::{Arrived, Scripted, answer};
use bailiwick_testkit::http::Answer;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const LIMIT: u64 = 100;
const PLACE: &str = "Location: /v2/acme/site/blobs/uploads/1\r\n";

/// What a registry answers to who asks how far an upload is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Asked {
    /// As zot does: `bytes=0--1` of an empty one.
    Bytes,
    /// An answer that says nothing, of this status.
    Untold(u16),
}

struct Bounded {
    fooled: Fooled,
    scripted: Scripted,
}

impl Bounded {
    /// Before a registry that answers so, and tells of each piece that it took, or does not.
    async fn before(asked: Asked, tells: bool) -> Bounded {
        let held = Arc::new(Mutex::new(0));
        let scripted = Scripted::start(move |request: &Arrived, _| {
            let mut held = held.lock().unwrap();
            let verb = request.line.split(' ').next().unwrap();
            *held += i64::try_from(request.body.len()).unwrap();
            let last = *held - 1;
            match (verb, asked) {
                ("POST", _) => {
                    *held = 0;
                    answer(202, PLACE, "")
                }
                ("GET", Asked::Bytes) => answer(204, &format!("{PLACE}Range: bytes=0-{last}\r\n"), ""),
                ("GET", Asked::Untold(status)) => answer(status, PLACE, ""),
                ("PATCH", _) if tells => answer(202, &format!("{PLACE}Range: bytes=0-{last}\r\n"), ""),
                ("PATCH", _) => answer(202, PLACE, ""),
                ("PUT", _) => answer(201, "Location: /v2/x\r\n", ""),
                _ => answer(204, "", ""),
            }
        })
        .await;
        let limited =
            |settings: &mut bailiwick_model::UpstreamSettings| settings.upload_bytes_max = Some(LIMIT);
        Bounded {
            fooled: Fooled::by(&scripted, |behind| behind.with(limited)).await,
            scripted,
        }
    }

    fn local(&self, answer: &Answer) -> String {
        let base = format!("http://{}", self.fooled.world.address);
        answer.header("location").strip_prefix(&base).unwrap().to_owned()
    }

    async fn begin(&self) -> String {
        let begun = self.fooled.ask("POST", "/v2/acme/site/blobs/uploads/").await;
        self.local(&begun.expect(202))
    }

    async fn patch(&self, at: &str, bytes: usize) -> Answer {
        let piece = request("PATCH", at, &self.fooled.token).body(vec![b'x'; bytes]);
        self.fooled.send(piece).await
    }

    async fn put(&self, at: &str, bytes: usize) -> Answer {
        let path = format!("{at}?digest={}", digest(b"whatever"));
        let last = request("PUT", &path, &self.fooled.token).body(vec![b'x'; bytes]);
        self.fooled.send(last).await
    }

    /// Sends a body whose length nobody tells before its end.
    async fn chunked(&self, verb: &str, path: &str, bytes: usize) -> u16 {
        let head = format!(
            "{verb} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {}\r\n\
             transfer-encoding: chunked\r\n\r\n{bytes:x}\r\n",
            self.fooled.token
        );
        let whole = [head.as_bytes(), &vec![b'x'; bytes], b"\r\n0\r\n\r\n"].concat();
        let mut stream = TcpStream::connect(self.fooled.world.address).await.unwrap();
        stream.write_all(&whole).await.unwrap();
        let mut back = Vec::new();
        stream.read_to_end(&mut back).await.unwrap();
        Answered::read(&back).status
    }

    fn is_given_up(&self) -> bool {
        let mut asked = self.scripted.requests().into_iter();
        asked.any(|request| request.line.starts_with("DELETE "))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blob_is_bounded_however_its_registry_tells() {
    for asked in [
        Asked::Bytes,
        Asked::Untold(204),
        Asked::Untold(400),
        Asked::Untold(404),
        Asked::Untold(405),
    ] {
        let bounded = Bounded::before(asked, true).await;
        let early = bounded.begin().await;
        let first = bounded.patch(&early, 60).await.expect(202);
        assert_eq!(first.header("range"), "0-59", "{asked:?}");
        let at = bounded.local(&first);
        bounded.put(&at, 40).await.expect(201);
        assert!(!bounded.is_given_up());
        // An earlier address says nothing of it.
        let early = bounded.begin().await;
        bounded.patch(&early, 60).await.expect(202);
        let over = bounded.patch(&early, 50).await.expect(413);
        assert!(over.text().contains("registry.too_large"), "{}", over.text());
        assert!(bounded.is_given_up());
        let at = bounded.begin().await;
        let piece = bounded.patch(&at, 60).await.expect(202);
        bounded.put(&bounded.local(&piece), 41).await.expect(413);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blob_that_nobody_can_bound_is_refused() {
    let bounded = Bounded::before(Asked::Untold(405), false).await;
    let at = bounded.begin().await;
    let refused = bounded.patch(&at, 10).await.expect(501);
    let said = refused.text();
    assert!(
        said.contains("registry.no_upload_status") && said.contains("upload_bytes_max"),
        "{said}"
    );
    assert!(bounded.is_given_up());
    // Of what was given up, nothing is known any more.
    bounded.put(&at, 10).await.expect(501);
    let told = bounded.fooled.world.all_events();
    assert!(
        told.iter()
            .any(|event| event.1 == "failed" && event.2 == "registry.no_upload_status"),
        "{told:?}"
    );
    // In one request it is bounded by itself.
    let path = format!("/v2/acme/site/blobs/uploads/?digest={}", digest(b"whatever"));
    let whole = |bytes: usize| request("POST", &path, &bounded.fooled.token).body(vec![b'x'; bytes]);
    bounded.fooled.send(whole(100)).await.expect(201);
    bounded.fooled.send(whole(101)).await.expect(413);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_without_a_length_is_bounded_as_it_passes() {
    for asked in [Asked::Bytes, Asked::Untold(405)] {
        let bounded = Bounded::before(asked, true).await;
        let digest = digest(b"whatever");
        let stored = || {
            let asked = bounded.scripted.requests().into_iter();
            asked.filter(|request| request.line.starts_with("PUT ")).count()
        };
        // The first piece, the last of several, and all in one.
        let at = bounded.begin().await;
        assert_eq!(bounded.chunked("PATCH", &at, 101).await, 413, "{asked:?}");
        let at = bounded.begin().await;
        let at = bounded.local(&bounded.patch(&at, 60).await.expect(202));
        let put = format!("{at}?digest={digest}");
        assert_eq!(bounded.chunked("PUT", &put, 41).await, 413, "{asked:?}");
        let whole = format!("/v2/acme/site/blobs/uploads/?digest={digest}");
        assert_eq!(bounded.chunked("POST", &whole, 101).await, 413, "{asked:?}");
        assert_eq!(stored(), 0, "{asked:?}");
        assert!(bounded.is_given_up());
        // What fits is stored.
        let at = bounded.begin().await;
        let at = bounded.local(&bounded.patch(&at, 60).await.expect(202));
        let put = format!("{at}?digest={digest}");
        assert_eq!(bounded.chunked("PUT", &put, 40).await, 201, "{asked:?}");
        assert_eq!(bounded.chunked("POST", &whole, 100).await, 201, "{asked:?}");
        assert_eq!(stored(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_says_of_a_piece_bounds_nothing() {
    for asked in [Asked::Bytes, Asked::Untold(405)] {
        let bounded = Bounded::before(asked, true).await;
        let at = bounded.begin().await;
        let at = bounded.local(&bounded.patch(&at, 60).await.expect(202));
        // Where the piece begins, what is known of it, and what of it is wanted.
        let lies = |verb: &str, path: &str, bytes: usize| {
            request(verb, path, &bounded.fooled.token)
                .header("content-range", "0-9")
                .header("range", "bytes=0-0")
                .header("if-none-match", "*")
                .body(vec![b'x'; bytes])
        };
        let put = format!("{at}?digest={}", digest(b"whatever"));
        bounded.fooled.send(lies("PUT", &put, 41)).await.expect(413);
        let at = bounded.begin().await;
        let at = bounded.local(&bounded.patch(&at, 60).await.expect(202));
        bounded.fooled.send(lies("PATCH", &at, 41)).await.expect(413);
        let arrived = bounded.scripted.requests().into_iter();
        let status: Vec<_> = arrived
            .filter(|request| request.line.starts_with("GET "))
            .collect();
        assert!(!status.is_empty());
        for request in status {
            for header in ["content-range", "range", "if-none-match", "content-type"] {
                assert_eq!(request.header(header), "", "{asked:?}: {request:?}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_is_too_long_there_is_given_up() {
    // Whoever else writes to it.
    let scripted = Scripted::start(|request: &Arrived, _| match request.line.split(' ').next() {
        Some("GET") => answer(204, &format!("{PLACE}Range: 0-9\r\n"), ""),
        Some("PATCH") => answer(202, &format!("{PLACE}Range: 0-100\r\n"), ""),
        Some("DELETE") => answer(204, "", ""),
        _ => answer(202, PLACE, ""),
    })
    .await;
    let limited = |settings: &mut bailiwick_model::UpstreamSettings| settings.upload_bytes_max = Some(LIMIT);
    let bounded = Bounded {
        fooled: Fooled::by(&scripted, |behind| behind.with(limited)).await,
        scripted,
    };
    let at = bounded.begin().await;
    let over = bounded.patch(&at, 10).await.expect(413);
    assert!(over.text().contains("registry.too_large"), "{}", over.text());
    assert!(bounded.is_given_up());
}
