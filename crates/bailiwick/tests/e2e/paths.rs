//! Paths, methods and headers that mean two things: each is refused, or means exactly what the router decided on.

use bailiwick_testkit::Request;
use serde_json::{Value, json};

use crate::world::World;

/// Other spellings of `/repos/acme/site/issues`, which a token for it must not need and others must not profit from.
const SPELLINGS: &[&str] = &[
    "/api/v3/repos/acme/www/../site/issues",
    "/api/v3/repos/acme/www/%2e%2e/site/issues",
    "/api/v3/repos/acme/www/%2E%2E%2fsite/issues",
    "/api/v3/repos/acme%2Fsite/issues",
    "/api/v3/repos/acme%2fwww%2f..%2fsite/issues",
    "/api/v3/repos/acme%5Csite/issues",
    "/api/v3/repos/acme\\site/issues",
    "/api/v3/repos/acme/%2573ite/issues",
    "/api/v3//repos/acme/site/issues",
    "/api/v3/repos//acme/site/issues",
    "//api/v3/repos/acme/site/issues",
    "/api/v3/./repos/acme/site/issues",
    "/api/v3/repos/acme/site;x=y/issues",
    "/api/v3/repos/acme/site/issues;x=y",
    "/api/v3/repos/acme/site%00/issues",
    "/api/v3/repos/acme/site/issues%00",
    "/api/v3/repos/acme/site%0d%0aX-A:%20b/issues",
    "/api/v3/repos/acme/%c0%ae%c0%ae/site/issues",
    "/api/v3/repos/acme/si%C0%B4e/issues",
    "/api/v3/repos/acme/site/issues%23",
    "/api/v3/repos/acme/site%3F/issues",
    "/API/v3/repos/acme/site/issues",
    "/api/v3/REPOS/acme/site/issues",
    "/api/v3/repos/acme/site/ISSUES",
    "/api/v3/repos/acme/site/issues.json",
    "/api/v3/repos/acme/site/issues%20",
    "/api/v3/repos/acme/site%ff/issues",
    "/api/v3/repos/acme/site/%/issues",
    "/api/v3/repos/acme/site/%zz",
];

#[test]
fn other_spellings_open_nothing() {
    let world = World::shared();
    // Only `metadata` on site, everything on www: nothing here may read the issues of site.
    let weak = world
        .token(
            "bob",
            "paths-weak",
            &["www"],
            json!({"issues": "write", "contents": "write"}),
        )
        .text;
    let title = "Checkout fails";
    for path in SPELLINGS {
        for token in [weak.as_str(), ""] {
            let answer = world.send(&Request::new("GET", path).bearer(token));
            assert!(!answer.text().contains(title), "{path}: {}", answer.text());
            assert!(
                (400..500).contains(&answer.status),
                "{path}: {} {}",
                answer.status,
                answer.text()
            );
        }
    }
}

#[test]
fn other_spellings_are_no_second_way_in_for_the_entitled() {
    let world = World::shared();
    let reader = world
        .token("bob", "paths-reader", &["site"], json!({"issues": "read"}))
        .text;
    let _ = world.get("/repos/acme/site/issues", &reader).expect(200);
    for path in SPELLINGS {
        let answer = world.send(&Request::new("GET", path).bearer(&reader));
        assert!(
            (400..500).contains(&answer.status),
            "{path}: {} {}",
            answer.status,
            answer.text()
        );
    }
}

#[test]
fn names_are_found_whatever_their_case_and_nothing_else() {
    let world = World::shared();
    let reader = world
        .token("bob", "paths-case", &["site"], json!({"issues": "read"}))
        .text;
    let narrow = world
        .token("bob", "paths-case-narrow", &["www"], json!({"issues": "read"}))
        .text;
    for name in ["ACME/Site", "Acme/SITE"] {
        let _ = world.get(&format!("/repos/{name}/issues"), &reader).expect(200);
        let _ = world.get(&format!("/repos/{name}/issues"), &narrow).expect(404);
    }
    // Unicode that folds or looks alike is another name.
    for name in [
        "acme/%C5%BFite",
        "acme/s%C4%B1te",
        "acme/site%E2%80%8B",
        "%D0%B0cme/site",
        "acme/site.git",
        "acme/site.",
        "acme/.site",
    ] {
        let answer = world.get(&format!("/repos/{name}/issues"), &reader);
        assert!(
            [400, 404].contains(&answer.status),
            "{name}: {} {}",
            answer.status,
            answer.text()
        );
    }
}

#[test]
fn git_paths_have_one_spelling() {
    let world = World::shared();
    let token = world
        .token("bob", "paths-git", &["www"], json!({"contents": "write"}))
        .text;
    for path in [
        "/acme/www.git/../site.git/info/refs?service=git-upload-pack",
        "/acme/www.git/%2e%2e/site.git/info/refs?service=git-upload-pack",
        "/acme/../acme/site.git/info/refs?service=git-upload-pack",
        "/acme%2Fsite.git/info/refs?service=git-upload-pack",
        "/acme//site.git/info/refs?service=git-upload-pack",
        "/acme/site.git.git/info/refs?service=git-upload-pack",
        "/acme/site.git//info/refs?service=git-upload-pack",
        "/acme/site.git/info//refs?service=git-upload-pack",
        "/acme/site.git%00/info/refs?service=git-upload-pack",
        "/acme/site.wiki.git/info/refs?service=git-upload-pack",
        "/acme/site/info/refs?service=git-upload-pack",
    ] {
        let answer = world.send(&Request::new("GET", path).basic("bob", &token));
        assert!(
            (400..500).contains(&answer.status),
            "{path}: {} {}",
            answer.status,
            answer.text()
        );
    }
}

#[test]
fn a_method_is_the_one_on_the_first_line() {
    let world = World::shared();
    let reader = world
        .token("bob", "paths-method", &["site"], json!({"issues": "read"}))
        .text;
    let count = || {
        world
            .get("/repos/acme/site/issues?state=all", &reader)
            .expect(200)
            .json()
            .as_array()
            .unwrap()
            .len()
    };
    let before = count();
    let path = "/api/v3/repos/acme/site/issues";
    for header in ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"] {
        let get = world.send(
            &Request::new("GET", path)
                .bearer(&reader)
                .header(header, "POST")
                .json(&json!({"title": "x"})),
        );
        assert!(get.status == 200 || get.status == 400, "{header}: {}", get.status);
        let post = world.send(
            &Request::new("POST", path)
                .bearer(&reader)
                .header(header, "GET")
                .json(&json!({"title": "x"})),
        );
        assert!([400, 403].contains(&post.status), "{header}: a POST stays one");
    }
    let _ = world
        .send(
            &Request::new("POST", &format!("{path}?_method=GET"))
                .bearer(&reader)
                .json(&json!({"title": "x"})),
        )
        .expect(403);
    assert_eq!(count(), before);
    for method in ["TRACE", "CONNECT", "PROPFIND", "get", "FOO", "LINK"] {
        let answer = world.send(&Request::new(method, path).bearer(&reader));
        assert!(
            (400..=501).contains(&answer.status),
            "{method}: {}",
            answer.status
        );
        assert!(!answer.text().contains("Checkout fails"), "{method}");
    }
    let head = world.send(&Request::new("HEAD", path).bearer(&reader));
    assert_eq!((head.status, head.body.len()), (200, 0));
    let _ = world.send(&Request::new("HEAD", path)).expect(404);
    let options = world.send(&Request::new("OPTIONS", path));
    assert!(
        options.status < 500 && !options.text().contains("Checkout"),
        "{}",
        options.status
    );
}

#[test]
fn headers_from_outside_change_nothing() {
    let world = World::shared();
    let weak = world
        .token("bob", "paths-headers", &["www"], json!({"issues": "read"}))
        .text;
    let refused = |request: Request| {
        let answer = world.send(&request);
        assert!(
            (400..500).contains(&answer.status) && !answer.text().contains("Checkout"),
            "{request:?}: {}",
            answer.status
        );
    };
    for (name, value) in [
        ("X-Original-URL", "/api/v3/repos/acme/www/issues"),
        ("X-Rewrite-URL", "/api/v3/repos/acme/www/issues"),
        ("X-Forwarded-User", "alice"),
        ("X-Remote-User", "alice"),
        ("X-Forwarded-For", "127.0.0.1"),
        ("X-Forwarded-Host", "evil.example"),
        ("X-Bailiwick-User", "alice"),
        ("X-Middleware-Subrequest", "middleware"),
        ("Sec-Fetch-Site", "same-origin"),
    ] {
        refused(
            Request::new("GET", "/api/v3/repos/acme/site/issues")
                .bearer(&weak)
                .header(name, value),
        );
        refused(Request::new("GET", "/api/v3/repos/acme/site/issues").header(name, value));
    }
    // And links are made from the configuration, never from what a visitor calls us.
    for (name, value) in [
        ("Host", "evil.example"),
        ("X-Forwarded-Host", "evil.example"),
        ("Forwarded", "host=evil.example"),
    ] {
        let answer = world.send(&Request::new("GET", "/api/v3/repos/acme/www").header(name, value));
        assert!(
            !answer.text().contains("evil.example"),
            "{name}: {}",
            answer.text()
        );
        assert!(
            answer
                .headers
                .iter()
                .all(|(_, value)| !value.contains("evil.example")),
            "{:?}",
            answer.headers
        );
    }
}

#[test]
fn malformed_bodies_have_githubs_answers_and_change_nothing() {
    let world = World::shared();
    let token = world
        .token("bob", "paths-bodies", &["site"], json!({"issues": "write"}))
        .text;
    let post = |body: &[u8]| {
        let request = Request::new("POST", "/api/v3/repos/acme/site/issues").bearer(&token);
        world.send(&request.header("Content-Type", "application/json").body(body))
    };
    let count = || {
        world
            .get("/repos/acme/site/issues?state=all&per_page=100", &token)
            .expect(200)
            .json()
            .as_array()
            .unwrap()
            .len()
    };
    let before = count();
    for body in [
        "{",
        "{]",
        "nul",
        "{\"title\":}",
        "\u{feff}x",
        "{\"title\": \"\\ud800\"}",
    ] {
        let answer = post(body.as_bytes()).expect(400);
        assert_eq!(answer.json()["message"], "Problems parsing JSON", "{body}");
    }
    for body in ["[]", "3", "\"x\"", "null"] {
        let answer = post(body.as_bytes());
        assert!(
            [400, 422].contains(&answer.status),
            "{body}: {} {}",
            answer.status,
            answer.text()
        );
    }
    for body in [
        r#"{"title": null}"#,
        r#"{"title": ""}"#,
        "{}",
        r#"{"title": ["x"]}"#,
    ] {
        let answer = post(body.as_bytes()).expect(422);
        assert!(answer.json()["message"].is_string(), "{body}");
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let answer = post(deep.as_bytes());
    assert!((400..500).contains(&answer.status), "depth: {}", answer.status);
    let large = format!("{{\"title\": \"{}\"}}", "x".repeat(30_000_000));
    let answer = post(large.as_bytes());
    assert!([413, 422].contains(&answer.status), "size: {}", answer.status);
    let answer = post(&[b'{', 0xff, 0xfe, b'}']);
    assert_eq!(answer.status, 400);
    assert_eq!(count(), before, "nothing changed");
}

#[test]
fn malformed_ids_and_numbers_are_refused() {
    let world = World::shared();
    let owner = world.session("alice");
    for id in [
        "0",
        "-1",
        "9007199254740993",
        "99999999999999999999999",
        "1e3",
        "0x1",
        "1.0",
        "%31%00",
        "٣",
        "null",
        "",
    ] {
        let id = id.replace('٣', "%D9%A3");
        for path in [
            format!("/orgs/acme/personal-access-tokens/{id}/repositories"),
            format!("/repos/acme/site/issues/{id}/comments"),
            format!("/user/personal-access-tokens/{id}/x"),
        ] {
            let answer = world.get(&path, &owner);
            assert!(
                (400..500).contains(&answer.status),
                "{path}: {} {}",
                answer.status,
                answer.text()
            );
        }
    }
    for query in [
        "per_page=0",
        "per_page=-1",
        "per_page=1000000000000",
        "page=0",
        "page=99999999999999999999",
        "per_page=x",
        "page=%00",
    ] {
        let answer = world.get(&format!("/repos/acme/site/issues?{query}"), &owner);
        assert!(
            [200, 400, 422].contains(&answer.status),
            "{query}: {} {}",
            answer.status,
            answer.text()
        );
        if answer.status == 200 {
            assert!(answer.json().as_array().unwrap().len() <= 100);
        }
    }
}

#[test]
fn what_is_not_mapped_is_refused() {
    let world = World::shared();
    let owner = world.session("alice");
    for path in [
        "/",
        "/favicon.ico",
        "/acme/site",
        "/acme/site/raw/main/README.md",
        "/acme/site/archive/main.zip",
        "/api/v4/user",
        "/api/graphql",
        "/admin",
        "/.git/config",
        "/acme/site.atom",
        "/avatars/1",
        "/raw/acme/site/main/README.md",
        "/metrics/../api/v3/user",
    ] {
        let answer = world.send(&Request::new("GET", path).bearer(&owner));
        assert!(
            // At the pages' door a session in a header is none: sign in first.
            [303, 400, 404].contains(&answer.status),
            "{path}: {} {}",
            answer.status,
            answer.text()
        );
        assert!(!answer.text().contains("birdseed"), "{path}");
    }
    // An operation that is known but not served is decided first.
    let stranger = world.mint("mallory", "paths-unserved", json!([])).text;
    let hidden = world.get("/repos/acme/site/code-scanning/alerts", &stranger);
    assert_eq!(hidden.status, 404);
    let unserved = world.get("/repos/acme/site/code-scanning/alerts", &owner);
    assert!(
        [403, 404, 501].contains(&unserved.status),
        "{} {}",
        unserved.status,
        unserved.text()
    );
    if unserved.status == 501 {
        assert!(unserved.json()["message"].is_string());
    }
    let _ = Value::Null;
}
