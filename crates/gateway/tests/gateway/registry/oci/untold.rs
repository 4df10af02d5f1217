//! Registries that tell how far an upload is in their own way, or not at all, where blobs are bounded.

use super::bed::digest;
use super::hostile::Fooled;
use super::world::request;
use crate::git::bed::{Arrived, Scripted, answer};
use bailiwick_testkit::http::Answer;
use std::sync::{Arc, Mutex};

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
