//! The same token in every carrier at every door has the same rights; in a carrier that is none, it has no rights at
//! all, and is never a visitor's request in disguise.

use bailiwick_testkit::Request;
use bailiwick_testkit::http::base64;
use serde_json::json;

use crate::world::World;

/// A way to send a token, and whether it is one.
type Carrier = (&'static str, fn(Request, &str) -> Request, bool);

const CARRIERS: &[Carrier] = &[
    ("Bearer", |request, token| request.bearer(token), true),
    (
        "bearer in small letters",
        |request, token| request.header("authorization", &format!("bearer {token}")),
        true,
    ),
    (
        "token",
        |request, token| request.header("Authorization", &format!("token {token}")),
        true,
    ),
    (
        "Basic password",
        |request, token| request.basic("bob", token),
        true,
    ),
    (
        "Basic password of somebody else",
        |request, token| request.basic("mallory", token),
        true,
    ),
    (
        "Basic x-access-token",
        |request, token| request.basic("x-access-token", token),
        true,
    ),
    (
        "Basic user with nothing",
        |request, token| request.basic(token, ""),
        true,
    ),
    (
        "Basic user with x-oauth-basic",
        |request, token| request.basic(token, "x-oauth-basic"),
        true,
    ),
    (
        "two headers",
        |request, token| request.bearer(token).bearer(token),
        false,
    ),
    (
        "two kinds of header",
        |request, token| request.bearer(token).basic("bob", token),
        false,
    ),
    (
        "a broken scheme",
        |request, token| request.header("Authorization", &format!("Bear {token}")),
        false,
    ),
    (
        "no scheme",
        |request, token| request.header("Authorization", token),
        false,
    ),
    (
        "a blank too many",
        |request, token| request.header("Authorization", &format!("Bearer {token} x")),
        false,
    ),
    (
        "broken base64",
        |request, token| request.header("Authorization", &format!("Basic %%%{}", base64(token.as_bytes()))),
        false,
    ),
    (
        "Basic without a colon",
        |request, token| request.header("Authorization", &format!("Basic {}", base64(token.as_bytes()))),
        false,
    ),
];

/// Doors to the same private repository: what opens it, and what the entitled see.
fn doors() -> Vec<(&'static str, Request)> {
    let batch = json!({"operation": "download", "transfers": ["basic"], "objects": [{"oid": "a".repeat(64), "size": 1}]});
    vec![
        (
            "api",
            Request::new("GET", "/api/v3/repos/acme/site/contents/README.md"),
        ),
        (
            "git",
            Request::new("GET", "/acme/site.git/info/refs?service=git-upload-pack"),
        ),
        (
            "lfs",
            Request::new("POST", "/acme/site.git/info/lfs/objects/batch")
                .header("Accept", "application/vnd.git-lfs+json")
                .header("Content-Type", "application/vnd.git-lfs+json")
                .body(batch.to_string()),
        ),
    ]
}

#[test]
fn every_carrier_at_every_door_means_the_same() {
    let world = World::shared();
    let may = world
        .token("bob", "carriers-may", &["site"], json!({"contents": "read"}))
        .text;
    let may_not = world
        .token("bob", "carriers-may-not", &["site"], json!({"issues": "read"}))
        .text;
    for (door, request) in doors() {
        for (carrier, put, is_one) in CARRIERS {
            let allowed = world.send(&put(request.clone(), &may));
            let expected = if *is_one { 200 } else { 401 };
            assert_eq!(
                allowed.status,
                expected,
                "{door} by {carrier}: {}",
                allowed.text()
            );
            let refused = world.send(&put(request.clone(), &may_not));
            let expected = if *is_one { 403 } else { 401 };
            assert_eq!(
                refused.status,
                expected,
                "{door} by {carrier}: {}",
                refused.text()
            );
        }
    }
}

#[test]
fn cookies_and_queries_carry_no_token() {
    let world = World::shared();
    let may = world
        .token("bob", "carriers-query", &["site"], json!({"contents": "read"}))
        .text;
    let path = "/api/v3/repos/acme/site/contents/README.md";
    for name in ["access_token", "private_token", "token", "oauth_token"] {
        let answer = world.send(&Request::new("GET", &format!("{path}?{name}={may}")));
        assert!(
            [400, 401, 404].contains(&answer.status),
            "{name}: {} {}",
            answer.status,
            answer.text()
        );
        // With a header beside it the request says two things.
        let both = world.send(&Request::new("GET", &format!("{path}?access_token={may}")).bearer(&may));
        assert!([400, 401].contains(&both.status), "{}", both.status);
    }
    let cookie =
        world.send(&Request::new("GET", path).header("Cookie", &format!("user_session={may}; token={may}")));
    assert_eq!(cookie.status, 404, "a cookie is nothing");
    for header in [
        "X-Api-Key",
        "Private-Token",
        "X-Access-Token",
        "Proxy-Authorization",
    ] {
        let answer = world.send(&Request::new("GET", path).header(header, &format!("Bearer {may}")));
        assert_eq!(answer.status, 404, "{header} is nothing");
    }
}

#[test]
fn a_bad_token_is_never_a_visitor() {
    let world = World::shared();
    let good = world.mint("mallory", "carriers-bad", json!([])).text;
    let mut flipped = good.clone().into_bytes();
    flipped[10] = if flipped[10] == b'a' { b'b' } else { b'a' };
    let flipped = String::from_utf8(flipped).unwrap();
    for bad in [
        flipped.as_str(),
        &good[..good.len() - 1],
        &format!("{good}x"),
        &good.to_uppercase(),
        &good.replace("bwkf_", "bwkc_"),
        &good.replace("bwkf_", "bwks_"),
        &good.replace("bwkf_", "ghp_"),
        "bwkf_",
        "x",
        "ghp_000000000000000000000000000000000000",
        "null",
    ] {
        for path in [
            "/api/v3/repos/acme/www",
            "/api/v3/user",
            "/acme/www.git/info/refs?service=git-upload-pack",
        ] {
            let answer = world.send(&Request::new("GET", path).bearer(bad));
            assert_eq!(answer.status, 401, "{bad} at {path}: {}", answer.text());
            assert!(
                !answer.text().contains(bad) || bad.len() < 5,
                "the answer repeats no credential"
            );
        }
    }
    let body = world.get("/user", &flipped).expect(401).json();
    assert_eq!(body["message"], "Bad credentials");
    // Very long ones end quickly.
    let huge = "x".repeat(1_000_000);
    let answer = world.send(&Request::new("GET", "/api/v3/user").bearer(&huge));
    assert!([400, 401, 413, 431].contains(&answer.status), "{}", answer.status);
    let long = format!("bwkf_{}", "a".repeat(8000));
    let _ = world.get("/user", &long).expect(401);
}

#[test]
fn a_session_is_no_token_for_git() {
    let world = World::shared();
    // A session is a credential of a person; whatever it may do with Git, it must be the person's own right.
    let mallory = world.session("mallory");
    let answer = world.send(
        &Request::new("GET", "/acme/site.git/info/refs?service=git-upload-pack").basic("mallory", &mallory),
    );
    assert!([401, 403, 404].contains(&answer.status), "{}", answer.status);
    // A password is no credential at any door but the one for signing in.
    let password = world.password("bob");
    for path in ["/api/v3/user", "/acme/site.git/info/refs?service=git-upload-pack"] {
        let _ = world
            .send(&Request::new("GET", path).basic("bob", password))
            .expect(401);
    }
}
