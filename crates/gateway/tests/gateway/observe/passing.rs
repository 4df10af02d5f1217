//! What passes, passes untouched, and nothing of ours goes along.

use super::standin::{BOBS, CAROLS, GATEWAYS, ROBOTS};
use super::world::{World, logged};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

fn basic(pair: &str) -> String {
    format!("Basic {}", STANDARD.encode(pair))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_of_its_own_passes_byte_for_byte_through_every_door() {
    let world = World::observing("github").await;
    let carriers = [
        format!("token {BOBS}"),
        format!("bEaReR   {BOBS}"),
        basic(&format!("anyone:{BOBS}")),
        basic(&format!("{BOBS}:x-oauth-basic")),
    ];
    for carrier in &carriers {
        for (method, path, there) in [
            (
                "GET",
                "/api/v3/repos/acme/site/issues?page=2",
                "/api/v3/repos/acme-inc/website/issues?page=2",
            ),
            (
                "POST",
                "/api/v3/repos/acme/site/issues",
                "/api/v3/repos/acme-inc/website/issues",
            ),
            (
                "GET",
                "/acme/site.git/info/refs?service=git-upload-pack",
                "/acme-inc/website.git/info/refs?service=git-upload-pack",
            ),
            (
                "POST",
                "/acme/site.git/git-receive-pack",
                "/acme-inc/website.git/git-receive-pack",
            ),
            (
                "POST",
                "/acme/site.git/info/lfs/objects/batch",
                "/acme-inc/website.git/info/lfs/objects/batch",
            ),
            ("GET", "/api/v3/user/repos", "/api/v3/user/repos"),
            (
                "GET",
                "/api/v3/repos/acme/unknown-here",
                "/api/v3/repos/acme-inc/unknown-here",
            ),
            ("GET", "/api/v3/no/such/operation", "/api/v3/no/such/operation"),
        ] {
            world.behind.take();
            let body = json!({"title": "x", "operation": "download"});
            let body = if method == "GET" { Value::Null } else { body };
            let answer = world.call(method, path, carrier, body.clone()).await;
            assert!(answer.status < 300, "{path}: {}", answer.status);
            let arrived = world.behind.passed();
            let [one] = arrived.as_slice() else {
                panic!("{path}: {arrived:?}")
            };
            assert_eq!((one.method.as_str(), one.target.as_str()), (method, there));
            assert_eq!(one.all("authorization"), [carrier.as_str()], "{path}");
            for name in ["cookie", "sudo", "proxy-authorization", "x-forwarded-for"] {
                assert!(one.all(name).is_empty(), "{path}: {name}");
            }
            assert!(!format!("{one:?}").contains(GATEWAYS));
            if !body.is_null() {
                assert_eq!(one.body, body.to_string().into_bytes());
            }
            // Its own answer about its own credential comes back; its sessions do not.
            assert_eq!(answer.header("x-oauth-scopes"), "repo");
            assert!(answer.header("set-cookie").is_empty() && answer.header("www-authenticate").is_empty());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn gitea_is_observed_at_its_own_door() {
    let world = World::observing("gitea").await;
    let carol = format!("token {CAROLS}");
    world
        .get("/api/v1/repos/acme/site/issues", &carol)
        .await
        .expect(200);
    world.get("/api/v1/no/such/thing/12345", &carol).await.expect(200);
    world.get("/api/v1/version", "").await.expect(200);
    let targets: Vec<String> = world.behind.passed().into_iter().map(|one| one.target).collect();
    assert_eq!(
        targets,
        [
            "/api/v1/repos/acme-inc/website/issues",
            "/api/v1/no/such/thing/12345",
            "/api/v1/version"
        ]
    );
    let report = world.report("carol-there").await;
    assert_eq!(report["credential"]["account"], Value::Null);
    assert_eq!(report["unmapped"][0]["operation"], "GET /api/v1/no/such/thing/…");
    assert_eq!(report["refused"][0]["verdict"], "upstream.not_linked");
    // What was refused for want of a link is measured all the same.
    assert_eq!(
        report["tokens"][0]["token"]["grants"][0]["permissions"],
        json!({"issues": "read", "pull_requests": "read"})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn git_is_asked_for_a_credential_as_its_upstream_would() {
    let world = World::observing("github").await;
    let path = "/acme/site.git/info/refs?service=git-upload-pack";
    let answer = world.get(path, "").await.expect(401);
    assert!(
        answer.header("www-authenticate").starts_with("Basic "),
        "never a scheme that binds connections"
    );
    let arrived = world.behind.take();
    assert_eq!(arrived.len(), 1);
    assert!(arrived[0].all("authorization").is_empty());
    let answer = world
        .get("/api/v3/repos/acme/site/elsewhere", &format!("token {BOBS}"))
        .await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (302, "https://cdn.example.com/x")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_on_record_and_no_secret_is_anywhere() {
    let world = World::observing("github").await;
    for (method, path) in [
        ("POST", "/api/v3/repos/acme/site/issues"),
        ("GET", "/api/v3/repos/acme/site"),
    ] {
        world
            .call(method, path, &format!("token {BOBS}"), json!({"title": "x"}))
            .await;
        world
            .call(
                method,
                path,
                &basic(&format!("x:{ROBOTS}")),
                json!({"title": "x"}),
            )
            .await;
        world
            .call(method, path, &format!("token {CAROLS}"), json!({"title": "x"}))
            .await;
        world
            .call(method, path, "token nobody-knows-this-one", json!({"title": "x"}))
            .await;
    }
    world
        .call(
            "POST",
            "/api/v3/repos/acme/site/forbidden",
            &format!("token {BOBS}"),
            json!({}),
        )
        .await;
    let list = world.list().await;
    let logins: Vec<&Value> = list.iter().map(|one| &one["login"]).collect();
    assert_eq!(list.len(), 3, "what the upstream refuses gets no row: {logins:?}");
    let bob = list.iter().find(|one| one["login"] == "bob-there").unwrap();
    assert_eq!(
        (&bob["account"], &bob["kind"]),
        (&json!("bob"), &json!("github_classic"))
    );
    assert_eq!(
        (&bob["reads"], &bob["writes"], &bob["unmapped_count"]),
        (&json!(1), &json!(2), &json!(1))
    );

    let events = world.events();
    let observed: Vec<_> = events.iter().filter(|one| one.reason == "observed").collect();
    let created: Vec<_> = observed
        .iter()
        .filter(|one| one.operation.as_deref() == Some("issues/create"))
        .collect();
    assert_eq!(created.len(), 3, "bob, the robot and carol");
    let data: Value = serde_json::from_str(&created[0].data).unwrap();
    assert_eq!(created[0].actor_login.as_deref(), Some("bob"));
    assert_eq!(data["upstream_login"], "bob-there");
    assert_eq!(data["upstream_credential"], bob["credential"]);
    assert_eq!(data["would_be"], "allowed");
    let failed = events
        .iter()
        .filter(|one| one.reason == "upstream.refused")
        .count();
    assert_eq!(failed, 1, "what the upstream did not do is told");
    drop(events);

    // The log, the database with its journal, and everything else on disk.
    let mut waiting = vec![world.directory.path().to_owned()];
    let mut bytes = Vec::new();
    while let Some(directory) = waiting.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                bytes.extend(std::fs::read(&path).unwrap());
            }
        }
    }
    assert!(bytes.len() > 100_000);
    bytes.extend(logged().into_bytes());
    for secret in [
        BOBS,
        CAROLS,
        ROBOTS,
        "nobody-knows-this-one",
        "not kept",
        "not@kept",
    ] {
        let pieces = [
            secret.to_owned(),
            STANDARD.encode(secret),
            STANDARD.encode(format!("x:{secret}")),
        ];
        for piece in pieces {
            let found = bytes
                .windows(piece.len())
                .any(|window| window == piece.as_bytes());
            assert!(!found, "{secret}");
        }
        let plain = bailiwick_model::Digest::of(secret.as_bytes());
        let hex: String = plain.bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        for piece in [&hex.as_bytes()[..16], plain.bytes()] {
            assert!(
                !bytes.windows(piece.len()).any(|window| window == piece),
                "a digest without a key"
            );
        }
    }
}
