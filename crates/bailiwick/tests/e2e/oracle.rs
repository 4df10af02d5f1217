//! Nothing tells a hidden thing from one that does not exist: bytes, headers, method by method.

use bailiwick_testkit::Request;
use serde_json::{Value, json};

use crate::world::{World, comparable};

/// Paths below a repository, each asked with the methods it has.
const BELOW: &[(&str, &str)] = &[
    ("GET", ""),
    ("PATCH", ""),
    ("DELETE", ""),
    ("GET", "/issues"),
    ("POST", "/issues"),
    ("GET", "/issues/1"),
    ("GET", "/issues/1/comments"),
    ("GET", "/contents/README.md"),
    ("PUT", "/contents/README.md"),
    ("GET", "/branches"),
    ("GET", "/branches/main"),
    ("GET", "/commits"),
    ("GET", "/commits/main"),
    ("GET", "/git/ref/heads/main"),
    ("GET", "/git/trees/main"),
    ("POST", "/git/refs"),
    ("GET", "/readme"),
    ("GET", "/tarball/main"),
    ("GET", "/zipball/main"),
    ("GET", "/collaborators"),
    ("GET", "/labels"),
    ("GET", "/hooks"),
    ("GET", "/keys"),
    ("GET", "/actions/secrets"),
    ("GET", "/compare/main...rockets"),
    ("GET", "/statuses/main"),
    ("GET", "/no-such-thing"),
];

#[test]
fn a_hidden_repository_answers_like_one_that_does_not_exist() {
    let world = World::shared();
    let stranger = world.mint("mallory", "oracle-stranger", json!([])).text;
    let outsider = world
        .token(
            "bob",
            "oracle-other",
            &["www"],
            json!({"contents": "write", "issues": "write"}),
        )
        .text;
    for token in ["", &stranger, &outsider, &world.session("mallory")] {
        for (method, below) in BELOW {
            let ask = |repository: &str| {
                let path = format!("/api/v3/repos/acme/{repository}{below}");
                let request = Request::new(method, &path).bearer(token);
                world.send(&if *method == "GET" {
                    request
                } else {
                    request.json(&json!({"title": "x"}))
                })
            };
            let (hidden, nothing) = (ask("site"), ask("nope"));
            assert_eq!(comparable(&hidden), comparable(&nothing), "{method} {below}");
            assert_eq!(hidden.status, 404, "{method} {below}: {}", hidden.text());
        }
    }
}

#[test]
fn a_hidden_repository_is_nowhere_in_lists() {
    let world = World::shared();
    let stranger = world.mint("mallory", "oracle-lists", json!([])).text;
    let narrow = world
        .token("bob", "oracle-narrow", &["www"], json!({"issues": "read"}))
        .text;
    for token in ["", &stranger, &narrow] {
        for path in [
            "/orgs/acme/repos",
            "/users/bob/repos",
            "/user/repos",
            "/repositories",
        ] {
            let answer = world.get(path, token);
            for hidden in ["acme/site", "acme-labs/rocket"] {
                assert!(!answer.text().contains(hidden), "{path}: {}", answer.text());
            }
        }
    }
}

#[test]
fn the_git_and_lfs_doors_tell_no_more_than_the_api() {
    let world = World::shared();
    let stranger = world.mint("mallory", "oracle-git", json!([])).text;
    let batch = json!({"operation": "download", "objects": [{"oid": "a".repeat(64), "size": 1}]});
    for token in ["", stranger.as_str()] {
        let ask = |method: &str, path: &str, body: &Value| {
            let request = Request::new(method, path);
            let request = if token.is_empty() {
                request
            } else {
                request.basic("mallory", token)
            };
            let request = request.header("Accept", "application/vnd.git-lfs+json");
            world.send(&if body.is_null() {
                request
            } else {
                request
                    .header("Content-Type", "application/vnd.git-lfs+json")
                    .body(body.to_string())
            })
        };
        for (method, below, body) in [
            ("GET", "/info/refs?service=git-upload-pack", &Value::Null),
            ("GET", "/info/refs?service=git-receive-pack", &Value::Null),
            ("POST", "/git-upload-pack", &Value::Null),
            ("POST", "/info/lfs/objects/batch", &batch),
            ("GET", "/info/lfs/locks", &Value::Null),
        ] {
            let hidden = ask(method, &format!("/acme/site.git{below}"), body);
            let nothing = ask(method, &format!("/acme/nope.git{below}"), body);
            assert_eq!(
                comparable(&hidden),
                comparable(&nothing),
                "{method} {below} with {token:?}"
            );
            assert!(
                [401, 404].contains(&hidden.status),
                "{method} {below}: {}",
                hidden.status
            );
        }
    }
}
