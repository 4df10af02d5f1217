//! Revocation against what is under way: between the halves of a push, while packs stream either way, and at the
//! very last moment, when the hook asks.

use crate::client::{bad, good};
use crate::under_way::{breaks_off, noise, push_body};
use crate::world::{World, read};
use bailiwick_authority::{Caller, Names, RepositoryKey};
use bailiwick_catalogue::{op, operation};
use bailiwick_gate::{streamed, whole};
use bailiwick_git::{PushProposal, RefUpdate};
use bailiwick_model::Outcome;
use bailiwick_wire::pktline;
use std::sync::Arc;
use tokio::io::AsyncWriteExt;

const FETCH: (&str, &str) = ("content-type", "application/x-git-upload-pack-request");
const PUSH: (&str, &str) = ("content-type", "application/x-git-receive-pack-request");
const WRITE: &[(&str, &str)] = &[("contents", "write")];

#[tokio::test(flavor = "multi_thread")]
async fn between_the_halves_of_a_push() {
    let world = World::new().await;
    let seed = world.seeded("site");
    let head = good(&seed, &["rev-parse", "HEAD"]).trim().to_owned();
    let (id, token) = world.token("bob", &["site"], WRITE);
    let listing = world
        .send(
            "GET",
            "/acme/site.git/info/refs?service=git-receive-pack",
            &token,
            &[],
            whole(""),
        )
        .await;
    assert_eq!(listing.status(), 200);
    world.revoke(id);
    let body = whole(push_body(&seed, &head, "refs/heads/late"));
    let answer = world
        .send("POST", "/acme/site.git/git-receive-pack", &token, &[PUSH], body)
        .await;
    assert_eq!(answer.status(), 401);
    let error = bad(&seed, &["push", &world.url(&token, "acme/site.git"), "main"]);
    assert!(error.contains("Authentication failed"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_clone_streams() {
    let world = World::new().await;
    let seed = world.seeded("site");
    std::fs::write(seed.join("noise"), noise(16 << 20)).unwrap();
    let head = world.commit(&seed, "README", "with noise\n");
    let bare = world.on_disk("site").directory().to_owned();
    good(&seed, &["push", "--quiet", bare.to_str().unwrap(), "main"]);
    let (id, token) = world.token("bob", &["site"], WRITE);
    let mut body = Vec::new();
    pktline::encode(
        format!("want {head} side-band-64k no-progress\n").as_bytes(),
        &mut body,
    )
    .unwrap();
    body.extend_from_slice(b"00000009done\n");
    let answer = world
        .send(
            "POST",
            "/acme/site.git/git-upload-pack",
            &token,
            &[FETCH],
            whole(body),
        )
        .await;
    let came = breaks_off(answer, || {
        assert_eq!(world.authority.transfers_of(&[id]), 1);
        world.revoke(id);
    })
    .await;
    assert!(came < 12 << 20, "{came}");
    world
        .until(|world| world.authority.transfers_count() == (0, 1))
        .await;
    world
        .until(|world| {
            world
                .events("git.clone")
                .iter()
                .any(|event| event.0 == "refused" && event.1 == "token.revoked")
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_takes_nothing_away_spares_a_transfer() {
    let world = World::new().await;
    let seed = world.seeded("site");
    let head = good(&seed, &["rev-parse", "HEAD"]).trim().to_owned();
    let (id, token) = world.token("bob", &["site"], WRITE);
    let (other, _) = world.token("carol", &["site"], WRITE);
    let body = push_body(&seed, &head, "refs/heads/late");
    let (mut client, server) = tokio::io::duplex(1 << 10);
    let half = body.len() / 2;
    let sending = tokio::spawn(async move {
        client.write_all(&body[..half]).await.unwrap();
        (client, body)
    });
    let gate = world.gate.clone();
    let request = http::Request::builder()
        .method("POST")
        .uri("/acme/site.git/git-receive-pack")
        .header("authorization", format!("Bearer {token}"))
        .header(PUSH.0, PUSH.1)
        .body(streamed(server))
        .unwrap();
    let answering = tokio::spawn(async move { http::Response::from(gate.answer(None, request).await) });
    let (mut client, body) = sending.await.unwrap();
    world
        .until(|world| world.authority.transfers_of(&[id]) == 1)
        .await;
    world.revoke(other);
    assert_eq!(world.authority.transfers_end(&[other]), 0);
    client.write_all(&body[half..]).await.unwrap();
    drop(client);
    let (status, said) = read(answering.await.unwrap()).await;
    assert_eq!(status, 200);
    assert!(
        String::from_utf8_lossy(&said).contains("ok refs/heads/late"),
        "{}",
        String::from_utf8_lossy(&said)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_push_streams_in() {
    let world = World::new().await;
    let seed = world.seeded("site");
    let head = good(&seed, &["rev-parse", "HEAD"]).trim().to_owned();
    for by_incident in [false, true] {
        let (id, token) = world.token("bob", &["site"], WRITE);
        let body = push_body(&seed, &head, "refs/heads/late");
        let (mut client, server) = tokio::io::duplex(1 << 16);
        client.write_all(&body[..body.len() - 10]).await.unwrap();
        let gate = world.gate.clone();
        let request = http::Request::builder()
            .method("POST")
            .uri("/acme/site.git/git-receive-pack")
            .header("authorization", format!("Bearer {token}"))
            .header(PUSH.0, PUSH.1)
            .body(streamed(server))
            .unwrap();
        let answering = tokio::spawn(async move { http::Response::from(gate.answer(None, request).await) });
        world
            .until(|world| world.authority.transfers_of(&[id]) == 1)
            .await;
        match by_incident {
            true => assert_eq!(world.authority.transfers_end(&[id]), 1),
            false => world.revoke(id),
        }
        let (status, said) = read(answering.await.unwrap()).await;
        assert_eq!(status, 403, "{}", String::from_utf8_lossy(&said));
        drop(client);
        assert_eq!(world.on_disk("site").resolve("late").unwrap(), None);
    }
    let pushes = world.events("git.push");
    let told: Vec<(&str, &str)> = pushes
        .iter()
        .map(|event| (event.0.as_str(), event.1.as_str()))
        .collect();
    assert_eq!(
        told,
        [("refused", "token.revoked"), ("refused", "transfer.ended")],
        "one for each: {pushes:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_moment_the_hook_asks() {
    let world = World::new().await;
    let seed = world.seeded("site");
    let head = good(&seed, &["rev-parse", "HEAD"]).trim().to_owned();
    let (id, token) = world.token("bob", &["site"], WRITE);
    let names = Arc::new(Names {
        repository: Some(RepositoryKey::Name("acme".into(), "site".into())),
        ..Names::default()
    });
    let asked = operation(op::GIT_RECEIVE_PACK);
    let presented = world.authority.present(&token);
    let permit = || {
        let gathered = world.authority.gather(&presented, asked, &names).unwrap();
        bailiwick_authority::decide(asked, gathered, Caller::default(), world.authority.now()).unwrap()
    };
    let updates = vec![RefUpdate {
        name: "refs/heads/late".into(),
        old: None,
        new: Some(head.parse().unwrap()),
    }];
    let proposal = PushProposal {
        updates: updates.clone(),
        quarantine: None,
    };

    // What is on record and what git would do must be the same.
    let permit_one = permit();
    assert!(permit_one.is_provisional());
    let push = world.authority.push_begin(&permit_one, &updates).unwrap();
    let mut other = proposal.clone();
    other.updates[0].name = "refs/heads/other".into();
    assert!(world.authority.push_decide(permit_one, &push, &other).is_err());
    world
        .authority
        .push_abandon(&push, Outcome::Failed, "push.broken")
        .unwrap();

    let permit_two = permit();
    let push = world.authority.push_begin(&permit_two, &updates).unwrap();
    world.revoke(id);
    let refusal = world
        .authority
        .push_decide(permit_two, &push, &proposal)
        .unwrap_err();
    assert!(refusal.message.contains("Bad credentials"), "{}", refusal.message);
    world.authority.push_refused(&push, *refusal).unwrap();
    let last = world.events("git.push").pop().unwrap();
    assert_eq!((last.0.as_str(), last.1.as_str()), ("refused", "token.revoked"));
}
