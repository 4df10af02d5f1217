//! `/admin/upstreams` and `/user/upstream-links`: who may, what is refused, and that no secret ever comes back.

mod bind;
mod doctor;
mod link;

use crate::harness::World;
use bailiwick_store::audit::{Query, search};
use serde_json::{Value, json};

const ALL: &str = "/admin/upstreams";
const SECRET: &str = "s3cret-never-shown";

fn forge() -> Value {
    json!({"name": "forge", "kind": "gitea", "address": "https://git.example.com/"})
}

async fn with_forge() -> (World, String) {
    let world = World::new();
    let alice = world.session("alice");
    world.call("POST", ALL, &alice, forge()).await.expect(201);
    (world, alice)
}

/// Every event as text.
fn log(world: &World) -> String {
    let rows = world
        .store
        .read(|tx| search(tx, &Query::new(Vec::new(), 200)))
        .unwrap();
    format!("{rows:?}")
}

#[tokio::test]
async fn an_upstream_is_set_up_changed_and_removed() {
    let (world, alice) = with_forge().await;
    let got = world.get("/admin/upstreams/forge", &alice).await.expect(200);
    assert_eq!(got.json["address"], "https://git.example.com");
    assert_eq!(got.json["mode"], "enforce");
    assert_eq!(got.json["credential"]["secrets"], json!([]));
    let change = json!({"settings": {"inspect": true, "pins": ["00".repeat(32)]}});
    let changed = world
        .call("PATCH", "/admin/upstreams/forge", &alice, change)
        .await
        .expect(200);
    assert_eq!(changed.json["settings"]["inspect"], true);
    // A later change leaves what it does not name, and removes what is null.
    let change = json!({"settings": {"pins": null, "user_header": "X-WEBAUTH-USER"}, "name": "forge2"});
    let changed = world
        .call("PATCH", "/admin/upstreams/forge", &alice, change)
        .await
        .expect(200);
    assert_eq!(
        changed.json["settings"],
        json!({"inspect": true, "user_header": "X-WEBAUTH-USER"})
    );
    assert_eq!(world.get(ALL, &alice).await.json[0]["name"], "forge2");
    world.get("/admin/upstreams/forge", &alice).await.expect(404);
    world
        .call("DELETE", "/admin/upstreams/forge2", &alice, Value::Null)
        .await
        .expect(204);
    assert_eq!(world.get(ALL, &alice).await.json, json!([]));
}

#[tokio::test]
async fn only_administrators_get_here() {
    let (world, alice) = with_forge().await;
    for login in ["bob", "mallory"] {
        let session = world.session(login);
        for (method, path, body) in [
            ("GET", ALL, Value::Null),
            ("POST", ALL, forge()),
            ("PUT", "/admin/upstreams/forge/credential", json!({"secrets": {}})),
            (
                "PUT",
                "/admin/upstreams/forge/links/mallory",
                json!({"login": "alice"}),
            ),
            ("PUT", "/admin/upstreams/forge/repositories/acme/site", json!({})),
        ] {
            let answer = world.call(method, path, &session, body).await;
            assert!(
                [403, 404].contains(&answer.status),
                "{login} {method} {path}: {answer:?}"
            );
        }
    }
    let token = world.mint_classic("alice", "all", &["repo", "admin:org"]).await;
    let answer = world.call("POST", ALL, &token, forge()).await;
    assert!([403, 404].contains(&answer.status), "{answer:?}");
    world.get("/admin/upstreams/forge", &alice).await.expect(200);
}

#[tokio::test]
async fn what_is_wrong_is_told_by_its_field() {
    let (world, alice) = with_forge().await;
    let bad = |fields: Value| {
        let mut body = json!({"name": "other", "kind": "git", "address": "https://git.example.com"});
        for (name, value) in fields.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    };
    for (fields, field) in [
        (json!({"name": "Forge"}), "name"),
        (json!({"name": ""}), "name"),
        (json!({"name": "a/b"}), "name"),
        (json!({"name": "x".repeat(40)}), "name"),
        (json!({"name": "-x"}), "name"),
        (json!({"name": "forge"}), "name"),
        (json!({"kind": "gitlab"}), "kind"),
        (json!({"mode": "off"}), "mode"),
        (json!({"address": "git.example.com"}), "address"),
        (json!({"address": "ssh://git.example.com"}), "address"),
        (json!({"address": "https://user:pass@git.example.com"}), "address"),
        (json!({"address": "https://git.example.com/?a=b"}), "address"),
        (json!({"address": "file:relative"}), "address"),
        (json!({"address": "file:/no/such/directory"}), "address"),
        (json!({"kind": "gitea", "address": "file:/tmp"}), "address"),
        (json!({"settings": {"inspekt": true}}), "inspekt"),
        (json!({"settings": {"inspect": "yes"}}), "inspect"),
        (
            json!({"settings": {"upload_bytes_max": 4096}}),
            "upload_bytes_max",
        ),
        (
            json!({"kind": "oci", "settings": {"upload_bytes_max": "1GB"}}),
            "upload_bytes_max",
        ),
        (json!({"settings": {"pins": ["abc"]}}), "pins"),
        (json!({"settings": {"authorities": "no PEM"}}), "settings"),
        (json!({"settings": {"follow": ["nowhere"]}}), "follow"),
        (
            json!({"settings": {"connect_seconds_max": 0}}),
            "connect_seconds_max",
        ),
        (
            json!({"settings": {"answer_seconds_max": 100_000}}),
            "answer_seconds_max",
        ),
        (json!({"settings": {"user_header": "X-User"}}), "user_header"),
        (json!({"settings": {"app_id": 4}}), "app_id"),
        (
            json!({"kind": "gitea", "settings": {"user_header": "Authorization"}}),
            "user_header",
        ),
        (
            json!({"kind": "gitea", "settings": {"user_header": "Host"}}),
            "user_header",
        ),
        (
            json!({"kind": "gitea", "settings": {"user_header": "X User"}}),
            "user_header",
        ),
        (
            json!({"kind": "gitea", "settings": {"user_header": "Connection"}}),
            "user_header",
        ),
        (
            json!({"kind": "generic", "settings": {"headers": ["nothing"]}}),
            "headers",
        ),
        (
            json!({"kind": "generic", "settings": {"headers": ["Transfer-Encoding: x"]}}),
            "headers",
        ),
        (json!({"mode": "observe"}), "observe_until"),
        (
            json!({"mode": "observe", "observe_until": "2026-03-10T11:00:00Z"}),
            "observe_until",
        ),
        (
            json!({"mode": "observe", "observe_until": "2027-03-12T12:00:00Z"}),
            "observe_until",
        ),
        (
            json!({"mode": "observe", "observe_until": "soon"}),
            "observe_until",
        ),
        (json!({"observe_until": "2026-04-10T11:00:00Z"}), "observe_until"),
    ] {
        let before = world.get(ALL, &alice).await.json;
        let answer = world.call("POST", ALL, &alice, bad(fields.clone())).await;
        assert_eq!(answer.status, 422, "{fields}: {answer:?}");
        assert_eq!(
            answer.json["errors"][0]["field"], field,
            "{fields}: {}",
            answer.json
        );
        assert_eq!(world.get(ALL, &alice).await.json, before, "{fields}");
    }
    let observed = bad(json!({"mode": "observe", "observe_until": "2026-06-01T00:00:00Z"}));
    let made = world.call("POST", ALL, &alice, observed).await.expect(201);
    assert_eq!(made.json["observing"], true);
    world.advance_days(90);
    let alice = world.session("alice");
    let later = world.get("/admin/upstreams/other", &alice).await.expect(200);
    assert_eq!(
        later.json["observing"], false,
        "a mode whose end has passed enforces"
    );
}

#[tokio::test]
async fn a_credential_is_replaced_and_never_shown() {
    let (world, alice) = with_forge().await;
    let path = "/admin/upstreams/forge/credential";
    let set = json!({"secrets": {"token": SECRET, "webhook_secret": SECRET}});
    let answer = world.call("PUT", path, &alice, set).await.expect(200);
    assert_eq!(
        answer.json["credential"]["secrets"],
        json!(["token", "webhook_secret"])
    );
    assert!(answer.json["credential"]["changed_at"].is_string());
    let upstream = world.authority.upstreams().unwrap();
    let upstream = upstream.named("forge").unwrap();
    assert_eq!(upstream.reveal("token"), Some(SECRET));
    // All of them are replaced; the next request uses the new ones.
    let other = json!({"secrets": {"token": "another"}});
    world.call("PUT", path, &alice, other).await.expect(200);
    let upstream = world.authority.upstreams().unwrap();
    let upstream = upstream.named("forge").unwrap();
    assert_eq!(upstream.reveal("token"), Some("another"));
    assert_eq!(upstream.reveal("webhook_secret"), None);
    for bad in [
        json!({"secrets": {"password": SECRET}}),
        json!({"secrets": {"token": ""}}),
        json!({"secrets": {"token": format!("{SECRET}\r\nX: y")}}),
        json!({"secrets": {"token": format!(" {SECRET}")}}),
        json!({"secrets": {"token": [SECRET]}}),
        json!({"secrets": SECRET}),
        json!({}),
    ] {
        let answer = world.call("PUT", path, &alice, bad.clone()).await.expect(422);
        assert!(!answer.text().contains(SECRET), "{bad}: {answer:?}");
    }
    for text in [
        log(&world),
        world
            .get("/admin/upstreams/forge", &alice)
            .await
            .text()
            .to_owned(),
        format!("{:?}", world.authority.upstreams().unwrap().all()),
        world.rows_besides(&[]).join("\n"),
    ] {
        assert!(!text.contains(SECRET) && !text.contains("another"), "{text}");
    }
}

#[tokio::test]
async fn a_credential_is_for_the_server_that_it_was_set_for() {
    let (world, alice) = with_forge().await;
    let set = json!({"secrets": {"token": SECRET}});
    world
        .call("PUT", "/admin/upstreams/forge/credential", &alice, set)
        .await
        .expect(200);
    let patch = |body: Value| world.call("PATCH", "/admin/upstreams/forge", &alice, body);
    let kept = patch(json!({"address": "https://git.example.com:443/", "settings": {"inspect": true}}))
        .await
        .expect(200);
    assert_eq!(kept.json["credential"]["secrets"], json!(["token"]));
    // Another server can live below another path.
    let moved = patch(json!({"address": "https://git.example.com/sub"}))
        .await
        .expect(200);
    assert_eq!(moved.json["credential"]["secrets"], json!([]));
    assert_eq!(
        world
            .authority
            .upstreams()
            .unwrap()
            .named("forge")
            .unwrap()
            .reveal("token"),
        None
    );
}

#[tokio::test]
async fn kinds_take_their_own_secrets() {
    let (world, alice) = with_forge().await;
    for (name, kind) in [("plain", "git"), ("hub", "github"), ("any", "generic")] {
        let mut body = json!({"name": name, "kind": kind, "address": "https://x.example.com"});
        if kind == "generic" {
            body["settings"] = json!({"catalogue": "owner acme\n\nx/get GET /x\n  needs organization_projects:read\n  role organization:member\n"});
        }
        world.call("POST", ALL, &alice, body).await.expect(201);
    }
    let directory = world.directory.path().display().to_string();
    let body = json!({"name": "disk", "kind": "git", "address": format!("file:{directory}")});
    world.call("POST", ALL, &alice, body).await.expect(201);
    let pem = "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n";
    for (name, secrets, status) in [
        ("plain", json!({"username": "u", "password": "p"}), 200),
        ("plain", json!({"token": "t"}), 200),
        ("plain", json!({"username": "u"}), 422),
        (
            "plain",
            json!({"username": "u", "password": "p", "token": "t"}),
            422,
        ),
        ("plain", json!({"username": "u:v", "password": "p"}), 422),
        ("hub", json!({"private_key": pem, "webhook_secret": "w"}), 200),
        ("hub", json!({"private_key": "abc"}), 422),
        ("any", json!({"secret": "s"}), 200),
        ("any", json!({"token": "s"}), 422),
        ("disk", json!({"token": "t"}), 422),
        ("disk", json!({}), 200),
    ] {
        let path = format!("/admin/upstreams/{name}/credential");
        let answer = world
            .call("PUT", &path, &alice, json!({"secrets": secrets.clone()}))
            .await;
        assert_eq!(answer.status, status, "{name} {secrets}: {answer:?}");
    }
}

#[tokio::test]
async fn who_lacks_the_installations_role_is_sent_to_its_administrators() {
    let (world, _) = with_forge().await;
    let bob = world.session("bob");
    let refused = world.get(ALL, &bob).await.expect(403);
    let help = refused.json["help"].as_str().unwrap();
    assert!(
        help.contains("an administrator of this installation"),
        "{}",
        refused.json
    );
}
