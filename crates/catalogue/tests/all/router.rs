//! The router: every template leads to itself, nothing else is guessed, and a naive matcher agrees.

use crate::naive::{ROWS, naive};
use crate::parse;
use crate::template::{Segment, Shape};
use bailiwick_catalogue::{Door, Match, RouteError, op, operation, route};
use proptest::prelude::*;

fn door_of(row: &parse::Operation) -> Door {
    match row.door.as_str() {
        "git" => Door::Git,
        "root" => Door::Root,
        "page" => Door::Page,
        "gitea" => Door::Gitea,
        _ => Door::Api,
    }
}

fn id_of(found: &Match<'_>) -> &'static str {
    operation(found.operation).unwrap().id
}

fn get(path: &str) -> Result<Match<'_>, RouteError> {
    route(Door::Api, "GET", path.as_bytes())
}

fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => (byte as char).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// A path of a template, with the decoded values.
fn instance(segments: &[Segment], seed: &[u32]) -> (String, Vec<String>) {
    let mut path = String::new();
    let mut values = Vec::new();
    for (at, segment) in segments.iter().enumerate() {
        let seed = seed[at % seed.len()];
        let word = format!("zq{seed:x}");
        let (text, value) = match segment {
            Segment::Literal(text) => {
                path.push_str(&format!("/{text}"));
                continue;
            }
            Segment::Param(_, shape) => match shape {
                Shape::Choice(words) => {
                    let word = &words[seed as usize % words.len()];
                    (word.clone(), word.clone())
                }
                Shape::Number => (seed.to_string(), seed.to_string()),
                Shape::One => {
                    let value = format!("{word} é+:@");
                    (encode(&value), value)
                }
                Shape::Slash => {
                    let value = format!("{word}/x y");
                    (encode(&value), value)
                }
                Shape::Tail | Shape::TailOrNothing => {
                    let value = format!("{word}/b c/.d...e/f");
                    (value.split('/').map(encode).collect::<Vec<_>>().join("/"), value)
                }
            },
        };
        path.push_str(&format!("/{text}"));
        values.push(value);
    }
    (if path.is_empty() { "/".into() } else { path }, values)
}

proptest! {
    #[test]
    fn every_template_leads_to_itself(seed in proptest::collection::vec(any::<u32>(), 8)) {
        for row in ROWS.iter().filter(|row| row.routed) {
            let (path, values) = instance(&row.segments, &seed);
            let found = route(door_of(row), row.method, path.as_bytes()).map_err(|e| TestCaseError::fail(format!("{path}: {e:?}")))?;
            prop_assert_eq!(id_of(&found), row.id.as_str());
            let got: Vec<&str> = found.params.iter().map(|(_, value)| value).collect();
            prop_assert_eq!(got, values);
        }
    }

    #[test]
    fn any_bytes_are_answered(path in proptest::collection::vec(any::<u8>(), 0..200), method in "[A-Z]{0,8}") {
        for door in [Door::Api, Door::Git, Door::Root, Door::Page, Door::Gitea] {
            let _ = route(door, &method, &path);
        }
    }

    #[test]
    fn the_naive_matcher_agrees(path in likely_path(), method in proptest::sample::select(vec!["GET", "POST", "PUT", "PATCH", "DELETE"])) {
        let ours = route(Door::Api, method, path.as_bytes());
        let naive = naive(method, &path);
        prop_assert_eq!(ours.as_ref().ok().map(id_of), naive, "{}", path);
    }
}

/// Paths made of the templates' own segments and of trouble, so that most come near an operation.
pub fn likely_path() -> impl Strategy<Value = String> {
    let mut literals: Vec<String> = ROWS
        .iter()
        .flat_map(|row| &row.segments)
        .filter_map(|segment| match segment {
            Segment::Literal(text) => Some(text.clone()),
            Segment::Param(..) => None,
        })
        .collect();
    literals.sort();
    literals.dedup();
    let odd = [
        "7",
        "1234567890123456789012",
        "x",
        "a%2Fb",
        "%2e%2e",
        "..",
        ".",
        "",
        "a%00",
        "%zz",
        "a;b",
        "a%2525",
        "%70ublic",
        "enable_all",
        "advanced_security",
        "c%20d",
        "%C3%A9",
        "%ff",
        "%5c",
        "é",
    ];
    let segment = prop_oneof![
        6 => proptest::sample::select(literals),
        4 => proptest::sample::select(odd.map(str::to_owned).to_vec()),
    ];
    let mixed = proptest::collection::vec(segment, 0..9).prop_map(|parts| format!("/{}", parts.join("/")));
    let bent = (
        proptest::sample::select((0..ROWS.len()).collect::<Vec<_>>()),
        any::<[u32; 4]>(),
        0..30usize,
        "[a-z0-9%/.;]{0,3}",
    )
        .prop_map(|(row, seed, at, extra)| {
            let (mut path, _) = instance(&ROWS[row].segments, &seed);
            let at = at.min(path.len());
            path.insert_str(at, &extra);
            path
        });
    prop_oneof![mixed, bent]
}

#[test]
fn literals_beat_parameters_and_search_goes_back() {
    let id = |path: &str| get(path).map(|found| id_of(&found));
    assert_eq!(
        id("/repos/o/r/issues/comments"),
        Ok("issues/list-comments-for-repo")
    );
    assert_eq!(id("/repos/o/r/issues/comments/5"), Ok("issues/get-comment"));
    assert_eq!(id("/repos/o/r/issues/5/comments"), Ok("issues/list-comments"));
    assert_eq!(id("/repos/o/r/issues/x"), Err(RouteError::Unknown));
    assert_eq!(id("/user"), Ok("users/get-authenticated"));
    assert_eq!(
        id("/user/personal-access-tokens/current"),
        Ok("bailiwick/get-current-token")
    );
    assert_eq!(id("/repos/actions/issues/issues/1"), Ok("issues/get"));
    assert_eq!(id("/gists/public"), Ok("gists/list-public"));
    assert_eq!(id("/"), Ok("meta/root"));
    assert_eq!(id(""), Ok("meta/root"));
    assert_eq!(
        route(Door::Api, "POST", b"/enterprises/e/personal-access-tokens/end").map(|found| found.operation),
        Ok(op::BAILIWICK_END_TOKENS_FOR_ENTERPRISE)
    );
}

#[test]
fn head_is_get_and_other_methods_are_none() {
    assert_eq!(
        route(Door::Api, "HEAD", b"/user").map(|found| found.operation),
        Ok(op::USERS_GET_AUTHENTICATED)
    );
    for method in ["OPTIONS", "TRACE", "get", "", "CONNECT", "DELETE"] {
        assert_eq!(
            route(Door::Api, method, b"/user").map(|_| ()),
            Err(RouteError::Method),
            "{method}"
        );
    }
    assert_eq!(
        route(Door::Api, "OPTIONS", b"/nowhere").map(|_| ()),
        Err(RouteError::Unknown)
    );
}

#[test]
fn tails_span_segments() {
    let value = |path: &str, name: &str| get(path).map(|found| found.params.get(name).unwrap().to_owned());
    assert_eq!(
        value("/repos/o/r/contents/a/b%20c.txt", "path"),
        Ok("a/b c.txt".into())
    );
    assert_eq!(value("/repos/o/r/contents/a%2Fb", "path"), Ok("a/b".into()));
    assert_eq!(value("/repos/o/r/contents/", "path"), Ok(String::new()));
    assert_eq!(value("/repos/o/r/contents", "path"), Ok(String::new()));
    assert_eq!(
        value("/repos/o/r/git/ref/heads/feature/x", "ref"),
        Ok("heads/feature/x".into())
    );
    assert_eq!(
        value("/repos/o/r/compare/main...dev/x", "basehead"),
        Ok("main...dev/x".into())
    );
    assert_eq!(
        value("/repos/o/r/branches/a%2Fb/protection", "branch"),
        Ok("a/b".into())
    );
    assert_eq!(value("/repos/o/r/tarball/", "ref"), Ok(String::new()));
    assert_eq!(value("/repos/o/r/contents/100%2525", "path"), Ok("100%25".into()));
}

#[test]
fn what_two_readers_could_understand_differently_is_refused() {
    for path in [
        "/repos/o/r/../x",
        "/repos/o/./r",
        "/repos/o/%2e%2e/r",
        "/repos/o/%2E",
        "/repos//o/r",
        "//repos/o/r",
        "/repos/o/r/contents/a/../b",
        "/repos/o/r/contents/a%2F..%2Fb",
        "/repos/o/r/contents//a",
        "/repos/o/r/contents/a%2F",
        "/repos/o/r/contents/a%5Cb",
        "/repos/o/r;x=1",
        "/repos/o\\r/x",
        "/repos/o/a%2Fb",
        "/users/a%252Fb",
        "/users/a%2541",
        "/gists/%70ublic",
        "/repos/o%2Fr/issues",
        "/repos/o/r/branches/a%2F..%2Fb",
    ] {
        assert_eq!(
            get(path).map(|found| id_of(&found)),
            Err(RouteError::Ambiguous),
            "{path}"
        );
    }
}

#[test]
fn what_is_no_path_is_malformed() {
    let long = format!("/repos/o/r/contents/{}", "a".repeat(9_000));
    for path in [
        "repos/o/r",
        "/users/%",
        "/users/%2",
        "/users/%zz",
        "/users/%00",
        "/users/a%0d%0ab",
        "/users/%c0%ae",
        "/users/%ff",
        "/users/a b",
        "/users/é",
        "/users/a?b",
        "/users/a#b",
        "/users/a\u{7f}",
        &long,
    ] {
        assert_eq!(
            get(path).map(|found| id_of(&found)),
            Err(RouteError::Malformed),
            "{path}"
        );
    }
}

#[test]
fn a_trailing_slash_names_nothing() {
    for path in [
        "/user/",
        "/repos/o/r/",
        "/repos/o/r/contents/a/",
        "/repos/o/r/issues/5/",
    ] {
        assert_eq!(
            get(path).map(|found| id_of(&found)),
            Err(RouteError::Unknown),
            "{path}"
        );
    }
}

#[test]
fn numbers_are_digits_and_words_are_listed() {
    assert_eq!(get("/repos/o/r/issues/0x1").map(|_| ()), Err(RouteError::Unknown));
    assert_eq!(get("/repos/o/r/issues/%31").map(|_| ()), Err(RouteError::Unknown));
    let post = |path: &[u8]| route(Door::Api, "POST", path).map(|found| id_of(&found));
    assert_eq!(
        post(b"/orgs/o/secret_scanning/enable_all"),
        Ok("orgs/enable-or-disable-security-product-on-all-org-repos")
    );
    assert!(post(b"/orgs/o/members/alice").is_err());
    assert!(post(b"/orgs/o/frobs/enable_all").is_err());
}

#[test]
fn deep_paths_are_only_tails() {
    let deep = "/x".repeat(60);
    assert_eq!(
        get(&format!("/repos/o/r/contents{deep}")).map(|found| id_of(&found)),
        Ok("repos/get-content")
    );
    assert_eq!(get(&deep).map(|_| ()), Err(RouteError::Unknown));
}

#[test]
fn the_other_doors() {
    let git =
        |method: &str, path: &str| route(Door::Git, method, path.as_bytes()).map(|found| found.operation);
    assert_eq!(git("POST", "/acme/site/git-upload-pack"), Ok(op::GIT_UPLOAD_PACK));
    assert_eq!(
        git("POST", "/acme/site/git-receive-pack"),
        Ok(op::GIT_RECEIVE_PACK)
    );
    assert_eq!(git("GET", "/acme/site/info/refs"), Err(RouteError::Unknown));
    assert_eq!(git("GET", "/acme/site/HEAD"), Err(RouteError::Unknown));
    let root = |path: &str| route(Door::Root, "GET", path.as_bytes()).map(|found| found.operation);
    assert_eq!(root("/healthz"), Ok(op::BAILIWICK_HEALTHZ));
    assert_eq!(root("/"), Err(RouteError::Unknown));
}
