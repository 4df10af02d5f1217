//! `/repos/{owner}/{repo}/zipball`, `/tarball`.

use super::{SITE, commit, events, seed, set, tokens};
use crate::harness::World;
use bailiwick_git::Mode;
use bailiwick_model::Outcome;
use http_body_util::BodyExt;
use serde_json::{Value, json};

#[tokio::test]
async fn archives_stream_and_are_on_record() {
    let world = World::new();
    let seeded = seed(&world, "site");
    let tokens = tokens(&world).await;
    let short: String = seeded.second.to_string().chars().take(7).collect();
    for (path, start, ending) in [
        ("/zipball", &b"PK"[..], "zip"),
        ("/zipball/next", b"PK", "zip"),
        ("/tarball/refs/heads/feature/one", b"\x1f\x8b", "tar.gz"),
        ("/tarball/v2", b"\x1f\x8b", "tar.gz"),
    ] {
        let answer = world
            .get(&format!("{SITE}{path}"), &tokens.read)
            .await
            .expect(200);
        assert!(answer.bytes.starts_with(start), "{path}");
        assert!(answer.header("content-disposition").ends_with(ending), "{path}");
    }
    let named = world
        .get(&format!("{SITE}/tarball/main"), &tokens.read)
        .await
        .expect(200);
    assert_eq!(
        named.header("content-disposition"),
        format!("attachment; filename=acme-site-{short}.tar.gz")
    );
    world
        .get(&format!("{SITE}/tarball/absent"), &tokens.read)
        .await
        .expect(404);
    world
        .get(&format!("{SITE}/tarball/--output=x"), &tokens.read)
        .await
        .expect(404);
    world
        .get(&format!("{SITE}/zipball"), &tokens.issues)
        .await
        .expect(403);
    // Bulk reads are durable before the answer completes: they can be found at once.
    let allowed = events(&world, "repo.download_zip")
        .into_iter()
        .filter(|event| event.outcome == Outcome::Allowed);
    assert_eq!(allowed.count(), 5);
}

#[tokio::test]
async fn an_archive_breaks_off_when_its_token_is_revoked() {
    let world = World::new();
    let seeded = seed(&world, "site");
    let base = seeded.repository.commit(seeded.second).unwrap().tree;
    // More than pipes and buffers hold, and of a kind that does not shrink.
    let mut state = 1_u64;
    let noise: Vec<u8> = (0..8_000_000)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8
        })
        .collect();
    let large = commit(
        &seeded.repository,
        Some(base),
        &[seeded.second],
        "large\n",
        &[("large", Mode::File, &noise)],
    );
    set(&seeded.repository, "refs/heads/large", None, large);
    let (id, token) = world
        .mint_approved("bob", "archive", &["site"], json!({"contents": "read"}))
        .await;
    let request = http::Request::builder()
        .uri("/api/v3/repos/acme/site/zipball/large")
        .header("authorization", format!("Bearer {token}"))
        .body(bailiwick_gate::whole(""))
        .unwrap();
    let answer = world.gate.answer(None, request).await;
    assert_eq!(answer.status, 200);
    let mut body = answer.body;
    let first = body.frame().await.unwrap().unwrap();
    assert!(first.into_data().unwrap().starts_with(b"PK"));
    let owner = world.session("bob");
    let path = format!("/user/personal-access-tokens/{id}");
    world.call("DELETE", &path, &owner, Value::Null).await.expect(204);
    body.collect().await.unwrap_err();
}
