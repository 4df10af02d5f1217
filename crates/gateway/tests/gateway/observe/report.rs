//! The report: its narrowest token is enough for exactly what was observed, and one level less is not.

use super::standin::{BOBS, BOBS_HERE};
use super::world::World;
use serde_json::{Value, json};

const ASKED: [(&str, &str); 6] = [
    ("GET", "/api/v1/repos/acme/site/issues"),
    ("POST", "/api/v1/repos/acme/site/issues"),
    ("GET", "/api/v1/repos/acme/site/contents/README.md"),
    ("GET", "/api/v1/repos/acme/private/commits"),
    ("GET", "/api/v1/repos/acme/site/releases"),
    (
        "POST",
        "/api/v1/repos/acme/site/statuses/0123456789012345678901234567890123456789",
    ),
];

fn body(method: &str) -> Value {
    if method == "GET" {
        Value::Null
    } else {
        json!({"title": "x"})
    }
}

async fn observe(world: &World, token: &str, asked: &[(&str, &str)]) {
    for (method, path) in asked {
        let answer = world
            .call(method, path, &format!("token {token}"), body(method))
            .await;
        assert!(answer.status < 300, "{method} {path}");
    }
}

fn enforce(world: &World) {
    world.advance_days(7);
    world.behind.take();
}

/// The statuses that a credential gets for what was observed, and what of it arrived.
async fn replay(world: &World, credential: &str) -> Vec<(u16, usize)> {
    let mut all = Vec::new();
    for (method, path) in ASKED {
        world.behind.take();
        let answer = world.call(method, path, credential, body(method)).await;
        all.push((answer.status, world.behind.take().len()));
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn the_narrowest_token_is_exactly_enough() {
    let world = World::observing("gitea").await;
    observe(&world, BOBS_HERE, &ASKED).await;
    let report = world.report("bob-there").await;
    assert_eq!(report["refused"], json!([]), "{report:#}");
    let tokens = report["tokens"].as_array().unwrap();
    assert_eq!(tokens.len(), 1);
    let token = &tokens[0]["token"];
    let grant = &token["grants"][0];
    assert_eq!(grant["repositories"], json!(["acme/site", "acme/private"]));
    assert_eq!(
        grant["permissions"],
        json!({"contents": "read", "issues": "write", "pull_requests": "read", "statuses": "write"})
    );
    assert_eq!(tokens[0]["approval_required_by"], json!(["acme"]));

    // Exactly as the report says it.
    let minted = world.mint(token.clone()).await;
    let mut lesser = Vec::new();
    for (slug, level) in grant["permissions"].as_object().unwrap() {
        let mut less = token.clone();
        less["name"] = json!(format!("without {slug}"));
        let permissions = less["grants"][0]["permissions"].as_object_mut().unwrap();
        match level.as_str() {
            Some("write") => permissions.insert(slug.clone(), json!("read")),
            _ => permissions.remove(slug),
        };
        lesser.push((slug.clone(), world.mint(less).await));
    }
    for repository in ["acme/site", "acme/private"] {
        let mut less = token.clone();
        less["name"] = json!(format!("without {repository}"));
        less["grants"][0]["repositories"]
            .as_array_mut()
            .unwrap()
            .retain(|one| one != repository);
        lesser.push((repository.to_owned(), world.mint(less).await));
    }
    enforce(&world);
    let whole = replay(&world, &minted).await;
    assert!(
        whole.iter().all(|(status, count)| *status < 300 && *count == 1),
        "{whole:?}"
    );
    for (without, credential) in lesser {
        let less = replay(&world, &credential).await;
        let refused = less
            .iter()
            .filter(|(status, count)| *status >= 403 && *count == 0)
            .count();
        assert!(refused > 0, "less {without} is still enough: {less:?}");
        let passed = less.iter().filter(|(status, _)| *status < 300).count();
        assert_eq!(passed + refused, ASKED.len(), "{without}: {less:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_be_refused_is_told_and_not_asked_for() {
    let world = World::observing("github").await;
    observe(
        &world,
        BOBS,
        &[
            // Bob may only read there.
            ("POST", "/api/v3/repos/acme/private/git/refs"),
            // It makes what can itself authenticate.
            ("POST", "/api/v3/repos/acme/site/keys"),
            ("GET", "/api/v3/repos/acme/unknown-here/issues"),
            ("GET", "/api/v3/made/up"),
        ],
    )
    .await;
    let refused = world
        .get("/api/v3/repos/acme/site/forbidden", &format!("token {BOBS}"))
        .await;
    assert_eq!(refused.status, 403);
    let report = world.report("bob-there").await;
    let verdicts: Vec<(&str, &str)> = report["refused"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["target"].as_str().unwrap(), one["verdict"].as_str().unwrap()))
        .collect();
    for expected in [
        ("acme/private", "role.too_low"),
        ("acme/site", "policy.planting"),
        ("acme/unknown-here", "target.missing"),
    ] {
        assert!(verdicts.contains(&expected), "{expected:?}: {verdicts:?}");
    }
    assert!(
        report["refused"]
            .as_array()
            .unwrap()
            .iter()
            .all(|one| one["help"].is_string())
    );
    let unmapped: Vec<&str> = report["unmapped"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["operation"].as_str().unwrap())
        .collect();
    assert_eq!(
        unmapped,
        ["GET /api/v3/made/up", "GET /api/v3/repos/acme/site/forbidden"]
    );

    let alice = format!("Bearer {}", world.session("alice"));
    let csv = world
        .get("/api/v3/admin/upstreams/forge/observations?format=csv", &alice)
        .await
        .expect(200);
    let text = String::from_utf8(csv.bytes).unwrap();
    assert!(text.starts_with("id,upstream,credential,kind,login"), "{text}");
    assert_eq!(text.lines().count(), 2);
    let id = world.list().await[0]["id"].clone();
    let path = format!("/api/v3/admin/upstreams/forge/observations/{id}");
    let csv = world.get(&format!("{path}?format=csv"), &alice).await.expect(200);
    assert_eq!(String::from_utf8(csv.bytes).unwrap().lines().count(), 6);
    world.get(&format!("{path}?format=xml"), &alice).await.expect(422);
    world
        .get("/api/v3/admin/upstreams/forge/observations/999", &alice)
        .await
        .expect(404);
    world
        .get("/api/v3/admin/upstreams/none/observations", &alice)
        .await
        .expect(404);
    let bob = format!("Bearer {}", world.session("bob"));
    assert!(world.get(&path, &bob).await.status >= 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_with_too_many_uses_is_put_together_and_stays_enough() {
    let world = World::observing("github").await;
    for number in 0..520 {
        let path = format!("/api/v3/repos/acme/none-{number}/issues");
        world.get(&path, &format!("token {BOBS}")).await.expect(200);
    }
    observe(&world, BOBS, &[("POST", "/api/v3/repos/acme/site/issues")]).await;
    let report = world.report("bob-there").await;
    let uses = report["uses"].as_array().unwrap();
    assert!(uses.len() <= 502, "{}", uses.len());
    let requests: i64 = uses.iter().map(|one| one["requests"].as_i64().unwrap()).sum();
    assert_eq!(requests + report["credential"]["left_out"].as_i64().unwrap(), 521);
    assert_eq!(
        report["tokens"][0]["token"]["grants"][0]["permissions"],
        json!({"issues": "write"})
    );
}
