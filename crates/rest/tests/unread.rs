//! What is turned away before it can be decided: the credential with it is counted and recorded all the same.

use crate::harness::World;
use bailiwick_gate::whole;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn probing_with_a_token_shows_in_its_log_and_in_its_rate() {
    let world = World::new();
    let (id, token) = world
        .mint_approved("bob", "probe", &["site"], json!({"issues": "read"}))
        .await;
    let large = vec![b' '; bailiwick_model::limit::JSON_BODY_BYTES_MAX + 1];
    for (method, target, header, body, status, code) in [
        (
            "GET",
            "/api/v3/repos/acme/..%2fsite",
            None,
            vec![],
            400,
            "path.ambiguous",
        ),
        ("GET", "/api/v3/user?x=%ff", None, vec![], 400, "query.encoding"),
        (
            "GET",
            "/api/v3/user",
            Some(("x-github-api-version", "1999-01-01")),
            vec![],
            400,
            "version.unknown",
        ),
        (
            "GET",
            "/api/v3/user",
            Some(("x-http-method-override", "DELETE")),
            vec![],
            400,
            "head.override",
        ),
        (
            "POST",
            "/api/v3/repos/acme/www/forks",
            None,
            large,
            413,
            "body.too_large",
        ),
        (
            "POST",
            "/.%2e/site.git/git-receive-pack",
            None,
            vec![],
            400,
            "path.ambiguous",
        ),
    ] {
        let mut request = http::Request::builder()
            .method(method)
            .uri(target)
            .header("authorization", format!("Bearer {token}"));
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        let answer = world
            .send(request.body(whole(body)).unwrap())
            .await
            .expect(status);
        let used: u32 = answer.header("x-ratelimit-used").parse().unwrap();
        let own = format!("/user/audit-log?phrase=token_id:{id}&per_page=1");
        let log = world.get(&own, &world.session("bob")).await.expect(200);
        assert_eq!(log.json[0]["reason"], code, "{target}: {}", log.json);
        assert_eq!(log.json[0]["outcome"], "refused", "{target}");
        assert!(used > 0 || target.contains(".git"), "{target}");
        assert!(!log.json.to_string().contains(&token));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_token_is_told_that_first() {
    let world = World::new();
    let (_, token) = world
        .mint("bob", "short", &["www"], json!({"issues": "read"}))
        .await;
    world.advance_days(400);
    let request = http::Request::builder()
        .uri("/api/v3/user?x=%ff")
        .header("authorization", format!("Bearer {token}"));
    world
        .send(request.body(whole(Vec::new())).unwrap())
        .await
        .expect(401);
    // Nobody's request is answered for what it is.
    let request = http::Request::builder().uri("/api/v3/user?x=%ff");
    world
        .send(request.body(whole(Vec::new())).unwrap())
        .await
        .expect(400);
}
