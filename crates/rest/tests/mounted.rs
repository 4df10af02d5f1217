//! Mounted upstreams through the whole gate: decided, refused and recorded like everything else. Nothing forwards here,
//! so that what is allowed is answered with 501, and nothing else is.

use crate::harness::{Answered, World};
use bailiwick_catalogue::{Extension, upstream_of};
use bailiwick_gate::classify::{Intent, classify};
use bailiwick_gate::{Mounts, whole};
use serde_json::{Value, json};
use std::sync::Arc;

const TRACKER: &str = include_str!("../../../examples/generic/tracker.txt");
const ARTIFACTS: &str = include_str!("../../../examples/generic/artifacts.txt");

fn extension(name: &str, text: &str) -> Arc<Extension> {
    Arc::new(Extension::read(name, name, text).unwrap())
}

fn world() -> World {
    let world = World::new();
    let both = vec![extension("tracker", TRACKER), extension("artifacts", ARTIFACTS)];
    world.gate.mounts().replace(both).unwrap();
    world
}

async fn ask(world: &World, method: &str, path: &str, credential: &str) -> Answered {
    let mut request = http::Request::builder().method(method).uri(path);
    if !credential.is_empty() {
        request = request.header("authorization", format!("Bearer {credential}"));
    }
    world.send(request.body(whole(Vec::new())).unwrap()).await
}

/// Allowed, and nothing here serves it.
#[track_caller]
fn allowed(answer: &Answered) {
    assert_eq!(answer.status, 501, "{}", answer.text());
    assert_eq!(answer.json["reason"], "operation.not_served");
}

/// A token of bob for everything of acme, approved.
async fn token(world: &World, permissions: Value) -> String {
    let session = world.session("bob");
    let body = json!({"name": permissions.to_string(), "grants": [
        {"owner": "acme", "repositories": ["site"], "permissions": permissions}
    ]});
    let made = world
        .call("POST", "/user/personal-access-tokens", &session, body)
        .await
        .expect(201);
    let owner = world.session("alice");
    let path = format!(
        "/orgs/acme/personal-access-token-requests?token_id[]={}",
        made.json["id"]
    );
    let pending = world.get(&path, &owner).await.expect(200);
    for request in pending.json.as_array().unwrap() {
        let path = format!("/orgs/acme/personal-access-token-requests/{}", request["id"]);
        world
            .call("POST", &path, &owner, json!({"action": "approve"}))
            .await
            .expect(204);
    }
    made.json["token"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fixed_owner_decides() {
    let world = world();
    let reads = token(&world, json!({"organization_projects": "read"})).await;
    let other = token(&world, json!({"members": "read"})).await;
    let get = "/-/tracker/rest/api/2/issue/ABC-1";
    allowed(&ask(&world, "GET", get, &reads).await);
    // HEAD is GET without its body.
    ask(&world, "HEAD", get, &reads).await.expect(501);
    // A POST that reads takes what reading takes.
    allowed(&ask(&world, "POST", "/-/tracker/rest/api/2/search", &reads).await);
    let refused = ask(&world, "POST", "/-/tracker/rest/api/2/issue", &reads)
        .await
        .expect(403);
    assert_eq!(refused.json["missing"], "organization_projects: write at acme");
    assert_eq!(
        refused.header("x-accepted-github-permissions"),
        "organization_projects=write"
    );
    let refused = ask(&world, "GET", get, &other).await.expect(403);
    assert_eq!(refused.json["missing"], "organization_projects: read at acme");
    // The token is bob's to use, but deleting is not for tokens.
    ask(&world, "DELETE", get, &reads).await.expect(403);
    allowed(&ask(&world, "DELETE", get, &world.session("alice")).await);
    ask(&world, "DELETE", get, &world.session("bob"))
        .await
        .expect(403);
    // That an organization exists is no secret; a stranger may do nothing there. Classic tokens have no word for it.
    ask(&world, "GET", get, &world.session("mallory"))
        .await
        .expect(403);
    let nobody = ask(&world, "GET", get, "").await;
    assert!(matches!(nobody.status, 401 | 404), "{}", nobody.status);
    let classic = world.mint_classic("bob", "all", &["repo", "admin:org"]).await;
    let classic = ask(&world, "GET", get, &classic).await;
    assert!(matches!(classic.status, 403 | 404), "{}", classic.status);
    allowed(&ask(&world, "GET", "/-/tracker/status", "").await);
    ask(&world, "GET", get, "bwk_pat_nonsense").await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn repositories_in_paths_decide() {
    let world = world();
    let (_, token) = world
        .mint_approved("bob", "artifacts", &["site"], json!({"packages": "read"}))
        .await;
    let get = |name: &str| format!("/-/artifacts/api/acme/{name}/artifacts/build/1.tar.gz");
    allowed(&ask(&world, "GET", &get("site"), &token).await);
    let refused = ask(&world, "DELETE", &get("site"), &token).await.expect(403);
    assert_eq!(refused.json["missing"], "packages: admin at acme/site");
    // Not in the grant, and not there at all, look the same.
    let hidden = ask(&world, "GET", &get("secret"), &token).await.expect(404);
    let missing = ask(&world, "GET", &get("nothing"), &token).await.expect(404);
    assert_eq!(hidden.text(), missing.text());
    // Visitors read what belongs to a public repository, and nothing else.
    allowed(&ask(&world, "GET", &get("www"), "").await);
    let site = ask(&world, "GET", &get("site"), "").await;
    assert!(matches!(site.status, 401 | 404));
    let upload = ask(&world, "PUT", &get("www"), "").await;
    assert!(matches!(upload.status, 401 | 404));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fixed_repository_decides() {
    let world = World::new();
    let text = "repository acme/secret\na/read GET /x\n  needs packages:read\n  role repository:read\n\
                a/write PUT /x\n  needs packages:write\n  role repository:write\n\
                a/live GET /live\n  needs live\n  why the repository itself is told nothing of\n";
    world.gate.mounts().replace(vec![extension("one", text)]).unwrap();
    let (_, inside) = world
        .mint_approved("bob", "inside", &["secret"], json!({"packages": "read"}))
        .await;
    let (_, outside) = world
        .mint_approved("bob", "outside", &["site"], json!({"packages": "read"}))
        .await;
    allowed(&ask(&world, "GET", "/-/one/x", &inside).await);
    let refused = ask(&world, "PUT", "/-/one/x", &inside).await.expect(403);
    assert_eq!(refused.json["missing"], "packages: write at acme/secret");
    // Who may not know of the repository finds nothing behind the mount either, not even what any credential may do.
    for path in ["/-/one/x", "/-/one/live"] {
        let hidden = ask(&world, "GET", path, &outside).await.expect(404);
        let stranger = ask(&world, "GET", path, &world.session("mallory"))
            .await
            .expect(404);
        let missing = ask(&world, "GET", "/-/one/y", &outside).await.expect(404);
        assert_eq!(hidden.text(), missing.text());
        assert_eq!(stranger.text(), missing.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_decision_is_recorded_with_operation_owner_and_repository() {
    let world = world();
    let (id, token) = world
        .mint_approved("bob", "artifacts", &["site"], json!({"packages": "read"}))
        .await;
    let path = "/-/artifacts/api/acme/site/artifacts/x";
    ask(&world, "PUT", path, &token).await.expect(403);
    ask(&world, "DELETE", "/-/artifacts/nowhere", &token)
        .await
        .expect(404);
    ask(&world, "GET", "/-/artifacts/api/acme/a%2Fb/artifacts/x", &token)
        .await
        .expect(400);
    let own = format!("/user/audit-log?phrase=token_id:{id}&per_page=3");
    let log = world.get(&own, &world.session("bob")).await.expect(200);
    let events = log.json.as_array().unwrap();
    let of = |code: &str| {
        let found = events.iter().find(|event| event["reason"] == code);
        found.unwrap_or_else(|| panic!("{code}: {}", log.json))
    };
    let refused = of("level.too_low");
    assert_eq!(refused["operation"], "artifacts/artifacts/upload", "{refused}");
    assert_eq!(refused["org"], "acme", "{refused}");
    assert_eq!(refused["repo"], "acme/site", "{refused}");
    of("operation.unmapped");
    of("path.ambiguous");
    assert!(!log.json.to_string().contains(&token));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_mapped_or_doubtful_is_refused() {
    let world = world();
    let alice = world.session("alice");
    for (method, path, status) in [
        ("GET", "/-", 404),
        ("GET", "/-/", 404),
        ("GET", "/-/tracker", 404),
        ("GET", "/-/tracker/", 404),
        ("GET", "/-/nobody/status", 404),
        ("GET", "/-/Tracker/status", 404),
        ("GET", "/-/tracker/rest/api/2/users", 404),
        ("GET", "/-/tracker/status/", 404),
        ("POST", "/-/tracker/status", 404),
        ("OPTIONS", "/-/tracker/status", 404),
        ("PATCH", "/-/tracker/rest/api/2/issue/A-1", 404),
        // Nothing below a mount is read as Git, LFS, the API or a page.
        ("GET", "/-/tracker/info/refs?service=git-upload-pack", 404),
        ("POST", "/-/tracker/git-receive-pack", 404),
        ("POST", "/-/tracker.git/info/lfs/objects/batch", 404),
        ("GET", "/-/tracker/api/v3/user", 404),
        ("GET", "/-/tracker/issues/1", 404),
        // Nor is a mount reached from anywhere else.
        ("GET", "/api/v3/-/tracker/status", 404),
        ("GET", "/-/%74racker/status", 400),
        ("GET", "/-/tracker;x/status", 400),
        ("GET", "/-/tracker%2Fstatus", 400),
        ("GET", "/-/tracker/..", 400),
        ("GET", "/-/tracker/../artifacts/api", 400),
        ("GET", "/-/tracker/%2e%2e/artifacts", 400),
        ("GET", "/-/tracker//status", 400),
        ("GET", "/-/tracker/rest/api/2/issue/a%2Fb", 400),
        ("GET", "/-/tracker/rest/api/2/issue/a%252Fb", 400),
        ("GET", "/-/tracker/rest/api/2/issue/a;b", 400),
        ("GET", "/-/tracker/rest/api/2/issue/%2e%2e", 400),
        ("GET", "/-/tracker/rest/api/2/export/a/%2e%2e/b", 400),
    ] {
        let answer = ask(&world, method, path, &alice).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_header_carries_a_credential() {
    let world = world();
    let session = world.session("bob");
    let path = "/-/tracker/rest/api/2/issue/A-1";
    for name in ["bailiwick_session", "__Host-bailiwick_session", "session"] {
        let request = http::Request::builder()
            .uri(path)
            .header("cookie", format!("{name}={session}"));
        let answer = world.send(request.body(whole(Vec::new())).unwrap()).await;
        assert!(matches!(answer.status, 401 | 404), "{name}: {}", answer.status);
        assert!(answer.headers.get("set-cookie").is_none());
    }
    let twice = http::Request::builder()
        .uri(path)
        .header("authorization", format!("Bearer {session}"))
        .header("authorization", format!("Bearer {session}"));
    world
        .send(twice.body(whole(Vec::new())).unwrap())
        .await
        .expect(401);
    let query = format!("{path}?access_token={session}");
    ask(&world, "GET", &query, "").await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn mounts_are_swapped_whole() {
    let world = world();
    let alice = world.session("alice");
    allowed(&ask(&world, "GET", "/-/tracker/status", &alice).await);
    let changed = TRACKER.replace("/status", "/health");
    let mounts = world.gate.mounts();
    mounts.replace(vec![extension("tracker", &changed)]).unwrap();
    ask(&world, "GET", "/-/tracker/status", &alice).await.expect(404);
    allowed(&ask(&world, "GET", "/-/tracker/health", &alice).await);
    ask(&world, "GET", "/-/artifacts/api/owners/acme/quota", &alice)
        .await
        .expect(404);
    // Two of one name are refused, and what was there stays.
    let twice = vec![extension("tracker", TRACKER), extension("tracker", &changed)];
    assert_eq!(mounts.replace(twice).unwrap_err().0, "tracker");
    allowed(&ask(&world, "GET", "/-/tracker/health", &alice).await);
    mounts.replace(Vec::new()).unwrap();
    ask(&world, "GET", "/-/tracker/health", &alice).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_to_an_upstream_is_explained() {
    let world = world();
    let (id, _) = world
        .mint_approved("bob", "artifacts", &["site"], json!({"packages": "read"}))
        .await;
    let bob = world.session("bob");
    let body = json!({"request": "PUT /-/artifacts/api/acme/site/artifacts/x", "token_id": id});
    let explained = world
        .call("POST", "/authorization/explain", &bob, body)
        .await
        .expect(200);
    assert_eq!(
        explained.json["operation"], "artifacts/artifacts/upload",
        "{}",
        explained.json
    );
}

#[test]
fn classified_with_parameters_and_upstream() {
    let mounts = Mounts::default();
    mounts.replace(vec![extension("tracker", TRACKER)]).unwrap();
    let Intent::Operation(found, parameters) =
        classify("GET", "/-/tracker/rest/api/2/issue/A%2D1", None, &mounts)
    else {
        panic!("it is mapped")
    };
    assert_eq!(parameters, [("key", "A-1".into())]);
    assert_eq!(upstream_of(found), Some("tracker"));
    assert!(matches!(
        classify("GET", "/-/tracker/status", None, &Mounts::default()),
        Intent::Unknown(_)
    ));
}
