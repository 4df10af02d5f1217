//! Revocation against what is under way, and clients that go away.

use super::bed::{Bed, commit, noise};
use super::push::FLOWS;
use super::world::{Behind, World, good};
use crate::under_way::{breaks_off, push_body};
use bailiwick_gate::{Body, streamed, whole};
use tokio::io::AsyncWriteExt;

const FETCH: (&str, &str) = ("content-type", "application/x-git-upload-pack-request");
const PUSH: (&str, &str) = ("content-type", "application/x-git-receive-pack-request");
const RECEIVE: &str = "/acme/site.git/git-receive-pack";

#[tokio::test(flavor = "multi_thread")]
async fn while_a_clone_streams() {
    let bed = Bed::start().await;
    let seed = bed.seeded("team/website");
    let head = commit(&seed, "noise", noise(32 << 20));
    good(
        &seed,
        &[
            "push",
            "--quiet",
            bed.bare("team/website").to_str().unwrap(),
            "main",
        ],
    );
    let world = World::before(Behind::bed(&bed)).await;
    let (id, token) = world.token("bob", &["site"], FLOWS);
    let body = format!("0032want {head}\n00000009done\n");
    let answer = world
        .send(
            "POST",
            "/acme/site.git/git-upload-pack",
            &token,
            &[FETCH],
            whole(body),
        )
        .await;
    breaks_off(answer, || {
        assert_eq!(world.authority.transfers_of(&[id]), 1);
        world.revoke(id);
    })
    .await;
    world
        .until(|world| world.authority.transfers_count() == (0, 1))
        .await;
    world.records_revocation("git.clone").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_push_streams() {
    let bed = Bed::start().await;
    let seed = bed.seeded("team/website");
    let head = commit(&seed, "noise", noise(4 << 20));
    let world = World::before(Behind::bed(&bed)).await;
    let (id, token) = world.token("bob", &["site"], FLOWS);
    let body = push_body(&seed, &head, "refs/heads/late");
    let (mut client, server) = tokio::io::duplex(64 << 10);
    let half = body.len() / 2;
    let sending = async {
        client.write_all(&body[..half]).await.unwrap();
        world.revoke(id);
        client
    };
    let answering = world.send("POST", RECEIVE, &token, &[PUSH], streamed(server));
    let (_open, answer) = tokio::join!(sending, answering);
    assert_eq!(answer.status(), 403);
    assert!(bed.tip("team/website", "late").is_none());
    let pushes = world.events("git.push");
    assert_eq!(pushes.len(), 2, "{pushes:?}");
    assert_eq!(
        (pushes[0].0.as_str(), pushes[0].1.as_str()),
        ("allowed", "forwarded")
    );
    assert_eq!(
        (pushes[1].0.as_str(), pushes[1].1.as_str()),
        ("refused", "token.revoked")
    );
    assert_eq!(pushes[1].2["refs_not_moved"][0], "refs/heads/late");
    // Between the halves of a push: the second one finds nobody.
    let answer = world.send("POST", RECEIVE, &token, &[PUSH], whole(body)).await;
    assert_eq!(answer.status(), 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_goes_away_leaves_its_record() {
    let bed = Bed::start().await;
    let seed = bed.seeded("team/website");
    let head = commit(&seed, "README", "second\n");
    let world = World::before(Behind::bed(&bed)).await;
    let (_, token) = world.token("bob", &["site"], FLOWS);
    // Cut off inside: nothing moves, and the log says so.
    let body = push_body(&seed, &head, "refs/heads/cut");
    let half = body[..body.len() - 30].to_vec();
    let (mut client, server) = tokio::io::duplex(64 << 10);
    let broken = Body::new(http_body_util::StreamBody::new(Broken(Some(half))));
    let answer = world.send("POST", RECEIVE, &token, &[PUSH], broken).await;
    assert_eq!(answer.status(), 400);
    assert!(bed.tip("team/website", "cut").is_none());
    let pushes = world.events("git.push");
    assert_eq!(pushes.len(), 2, "{pushes:?}");
    assert_eq!(
        (pushes[1].0.as_str(), pushes[1].1.as_str()),
        ("failed", "body.broken")
    );
    // Gone when everything was sent: it moves, and what it came to is known.
    client
        .write_all(&push_body(&seed, &head, "refs/heads/main"))
        .await
        .unwrap();
    client.shutdown().await.unwrap();
    let answer = world
        .send("POST", RECEIVE, &token, &[PUSH], streamed(server))
        .await;
    drop(answer);
    // Created where it exists: the upstream refuses it, and nobody was there to read that.
    world.until(|world| world.events("git.push").len() == 4).await;
    let last = world.events("git.push").pop().unwrap();
    assert_eq!((last.0.as_str(), last.1.as_str()), ("failed", "upstream.refused"));
}

/// A body that breaks after these bytes.
struct Broken(Option<Vec<u8>>);

impl futures_core::Stream for Broken {
    type Item = Result<http_body::Frame<bytes::Bytes>, std::io::Error>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        std::task::Poll::Ready(Some(match self.0.take() {
            Some(bytes) => Ok(http_body::Frame::data(bytes.into())),
            None => Err(std::io::Error::other("gone")),
        }))
    }
}
