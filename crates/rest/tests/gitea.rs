//! Gitea's door through the whole gate: decided and recorded like any other, and served by nothing here (501).

use crate::harness::{Answered, World};
use bailiwick_gate::whole;
use serde_json::{Value, json};

async fn ask(world: &World, method: &str, path: &str, token: &str, body: Value) -> Answered {
    with(world, method, path, token, &[], body).await
}

async fn with(
    world: &World,
    method: &str,
    path: &str,
    token: &str,
    headers: &[(&str, &str)],
    body: Value,
) -> Answered {
    let mut request = http::Request::builder()
        .method(method)
        .uri(format!("/api/v1{path}"));
    if !token.is_empty() {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let bytes = if body.is_null() {
        Vec::new()
    } else {
        request = request.header("content-type", "application/json");
        body.to_string().into_bytes()
    };
    world.send(request.body(whole(bytes)).unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_takes_both_permissions_and_nothing_is_served() {
    let world = World::new();
    let (_, issues) = world
        .mint_approved("bob", "issues", &["site"], json!({"issues": "write"}))
        .await;
    let both = json!({"issues": "write", "pull_requests": "write"});
    let (_, both) = world.mint_approved("bob", "both", &["site"], both).await;
    let issue = "/repos/acme/site/issues/1";
    let refused = ask(&world, "GET", issue, &issues, Value::Null).await.expect(403);
    assert_eq!(
        refused.json["missing"], "pull_requests: read at acme/site",
        "{}",
        refused.json
    );
    ask(&world, "GET", issue, &both, Value::Null).await.expect(501);
    ask(
        &world,
        "POST",
        "/repos/acme/site/issues",
        &issues,
        json!({"title": "x"}),
    )
    .await
    .expect(501);
    // Not selected, not granted, not there: the same.
    for path in [
        "/repos/acme/secret/issues/1",
        "/repos/acme/nothing/issues/1",
        "/nowhere",
    ] {
        ask(&world, "GET", path, &both, Value::Null).await.expect(404);
    }
    let closed = ask(&world, "GET", "/teams/1", &both, Value::Null)
        .await
        .expect(403);
    assert_eq!(closed.json["reason"], "operation.closed");
    ask(&world, "GET", "/version", "", Value::Null).await.expect(501);
    ask(&world, "GET", "/user", "", Value::Null).await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_leads_elsewhere_is_asked_about_there() {
    let world = World::new();
    let all = json!({"contents": "write", "pull_requests": "write", "administration": "write"});
    let (_, token) = world.mint_approved("bob", "all", &["site"], all).await;
    let compare = |head: &str| format!("/repos/acme/site/compare/main...{head}");
    ask(&world, "GET", &compare("dev"), &token, Value::Null)
        .await
        .expect(501);
    // bob himself reads both; the token does not.
    for head in [
        "acme/secret:main",
        "acme/handbook:main",
        "bob:main",
        "acme/nothing:main",
    ] {
        ask(&world, "GET", &compare(head), &token, Value::Null)
            .await
            .expect(404);
    }
    let pulls = "/repos/acme/site/pulls";
    ask(
        &world,
        "POST",
        pulls,
        &token,
        json!({"head": "dev", "base": "main"}),
    )
    .await
    .expect(501);
    ask(
        &world,
        "POST",
        pulls,
        &token,
        json!({"head": "acme/secret:dev", "base": "main"}),
    )
    .await
    .expect(404);
    ask(
        &world,
        "POST",
        pulls,
        &token,
        json!({"head": "bob:dev", "base": "main"}),
    )
    .await
    .expect(400);
    let fork = json!({"organization": "rival"});
    let refused = ask(&world, "POST", "/repos/acme/site/forks", &token, fork).await;
    assert!(matches!(refused.status, 403 | 404), "{}", refused.status);
    let merge = "/repos/acme/site/pulls/1/merge";
    let reaching = json!({"Do": "merge", "delete_branch_after_merge": true});
    let refused = ask(&world, "POST", merge, &token, reaching).await.expect(400);
    assert_eq!(refused.json["reason"], "body.delete_branch");
}

#[tokio::test(flavor = "multi_thread")]
async fn workflow_files_take_workflows_unless_the_path_says_otherwise() {
    let world = World::new();
    let contents = json!({"contents": "write"});
    let (_, token) = world.mint_approved("bob", "contents", &["site"], contents).await;
    let flows = json!({"contents": "write", "workflows": "write"});
    let (_, flows) = world.mint_approved("bob", "flows", &["site"], flows).await;
    let file = |path: &str| format!("/repos/acme/site/contents/{path}");
    let body = || json!({"content": "", "sha": "x"});
    ask(&world, "PUT", &file("README.md"), &token, body())
        .await
        .expect(501);
    ask(&world, "DELETE", &file("docs/a"), &token, body())
        .await
        .expect(501);
    for (method, path) in [
        ("PUT", file(".gitea/workflows/a.yaml")),
        ("POST", file(".GitHub/workflows/a.yaml")),
        ("POST", String::from("/repos/acme/site/contents")),
        ("POST", String::from("/repos/acme/site/diffpatch")),
        ("POST", String::from("/repos/acme/site/pulls/1/merge")),
        ("POST", String::from("/repos/acme/site/branches")),
    ] {
        ask(&world, method, &path, &token, body()).await.expect(403);
        ask(&world, method, &path, &flows, body()).await.expect(501);
    }
    let moved = json!({"content": "", "from_path": ".gitea/workflows/a.yaml"});
    ask(&world, "PUT", &file("b"), &token, moved).await.expect(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_ways_to_be_somebody_are_turned_away_and_recorded() {
    let world = World::new();
    let (id, token) = world
        .mint_approved("bob", "probe", &["site"], json!({"issues": "read"}))
        .await;
    for (path, header, code) in [
        ("/user", Some(("sudo", "alice")), "head.sudo"),
        ("/user?sudo=alice", None, "query.sudo"),
        ("/user?x=1;sudo=alice", None, "query.ambiguous"),
        (
            "/user",
            Some(("content-type", "multipart/form-data; boundary=x")),
            "body.media_type",
        ),
        ("/repos/acme/..%2fsite", None, "path.ambiguous"),
        (
            "/user",
            Some(("x-http-method-override", "DELETE")),
            "head.override",
        ),
    ] {
        let headers: Vec<(&str, &str)> = header.into_iter().collect();
        let refused = with(&world, "GET", path, &token, &headers, Value::Null)
            .await
            .expect(400);
        assert_eq!(refused.json["reason"], code, "{path}");
        let own = format!("/user/audit-log?phrase=token_id:{id}&per_page=1");
        let log = world.get(&own, &world.session("bob")).await.expect(200);
        assert_eq!(log.json[0]["reason"], code, "{path}: {}", log.json);
    }
    // In the query a secret is bad, whoever else is named; with a header it is one carrier too many.
    for name in ["token", "access_token", "private_token"] {
        let path = format!("/user?{name}={token}");
        ask(&world, "GET", &path, "", Value::Null).await.expect(401);
        ask(&world, "GET", &path, &token, Value::Null).await.expect(401);
        let public = format!("/repos/acme/www?{name}=x");
        ask(&world, "GET", &public, "", Value::Null).await.expect(401);
    }
    ask(&world, "GET", "/repos/acme/www", "", Value::Null)
        .await
        .expect(501);
    ask(&world, "OPTIONS", "/repos/acme/www", "", Value::Null)
        .await
        .expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_closed_is_closed_to_everybody() {
    let world = World::new();
    let owner = world.session("alice");
    let classic = world
        .mint_classic("alice", "wide", &["repo", "admin:org", "user"])
        .await;
    for (method, path) in [
        ("POST", "/users/alice/tokens"),
        ("GET", "/users/alice/tokens"),
        ("GET", "/admin/users"),
        ("GET", "/repositories/1"),
        ("GET", "/repos/acme/site/hooks/git"),
        ("PUT", "/teams/1/repos/acme/site"),
        ("GET", "/repos/acme/site/issues/1/timeline"),
    ] {
        for credential in [&owner, &classic] {
            let refused = ask(&world, method, path, credential, Value::Null).await;
            assert!(matches!(refused.status, 403 | 404), "{path}: {}", refused.status);
        }
    }
}
