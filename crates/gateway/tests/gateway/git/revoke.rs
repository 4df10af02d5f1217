//! Revocation against what is under way, and clients that go away.

use super::bed::{Bed, commit, noise};
use super::push::FLOWS;
use super::world::{Behind, World, good};
use bailiwick_gate::{Body, streamed, whole};
use bailiwick_wire::pktline;
use http_body_util::BodyExt;
use std::process::{Command, Stdio};
use tokio::io::AsyncWriteExt;

const FETCH: (&str, &str) = ("content-type", "application/x-git-upload-pack-request");
const PUSH: (&str, &str) = ("content-type", "application/x-git-receive-pack-request");
const RECEIVE: &str = "/acme/site.git/git-receive-pack";

fn pack(copy: &std::path::Path, head: &str) -> Vec<u8> {
    let mut child = Command::new("git")
        .current_dir(copy)
        .args(["pack-objects", "--stdout", "--revs", "-q"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), format!("{head}\n").as_bytes()).unwrap();
    child.wait_with_output().unwrap().stdout
}

/// A push of a new branch as git sends it.
pub fn push_body(copy: &std::path::Path, head: &str, name: &str) -> Vec<u8> {
    let mut body = Vec::new();
    let line = format!("{} {head} {name}\0report-status side-band-64k", "0".repeat(40));
    pktline::encode(line.as_bytes(), &mut body).unwrap();
    body.extend_from_slice(pktline::FLUSH);
    body.extend_from_slice(&pack(copy, head));
    body
}

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
    assert_eq!(answer.status(), 200);
    let mut stream = answer.into_body();
    let mut came = 0;
    while came < 1 << 20 {
        came += stream.frame().await.unwrap().unwrap().into_data().unwrap().len();
    }
    assert_eq!(world.authority.transfers_of(&[id]), 1);
    world.revoke(id);
    let error = loop {
        match stream.frame().await {
            Some(Ok(frame)) => came += frame.into_data().unwrap().len(),
            Some(Err(error)) => break error,
            None => panic!("the stream ended as if it were whole, after {came} bytes"),
        }
    };
    assert_eq!(error.kind(), std::io::ErrorKind::PermissionDenied);
    drop(stream);
    world
        .until(|world| {
            world.authority.transfers_count() == (0, 1)
                && world
                    .events("git.clone")
                    .iter()
                    .any(|event| event.0 == "refused" && event.1 == "token.revoked")
        })
        .await;
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
