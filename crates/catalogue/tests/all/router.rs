//! The router: every template leads to itself, nothing else is guessed, and a naive matcher agrees.

use crate::parse;
use crate::template::{Segment, Shape};
use bailiwick_catalogue::{Door, Match, RouteError, by_id, op, operation, route};
use proptest::prelude::*;
use std::sync::LazyLock;

/// The rows as written, with the shapes of their parameters.
static ROWS: LazyLock<Vec<parse::Operation>> = LazyLock::new(|| {
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/data");
    let read = |path: &str| std::fs::read_to_string(path).unwrap();
    let permissions = parse::permissions("p", &read(&format!("{data}/permissions.txt"))).unwrap();
    let mut files: Vec<_> = std::fs::read_dir(format!("{data}/operations"))
        .unwrap()
        .map(|entry| entry.unwrap().path().display().to_string())
        .collect();
    files.sort();
    files
        .iter()
        .flat_map(|file| parse::operations(file, &read(file), &permissions).unwrap())
        .collect()
});

fn door_of(row: &parse::Operation) -> Door {
    match row.door.as_str() {
        "git" => Door::Git,
        "root" => Door::Root,
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
        for door in [Door::Api, Door::Git, Door::Root] {
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
fn likely_path() -> impl Strategy<Value = String> {
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

/// A straight reading of the rules, over all rows.
fn naive(method: &str, path: &str) -> Option<&'static str> {
    let rest = path.strip_prefix('/')?;
    let bad = |c: char| c.is_control() || !c.is_ascii() || " \"#<>?\\;".contains(c);
    if path.chars().any(bad) {
        return None;
    }
    let (rest, trailing) = match rest.strip_suffix('/') {
        Some(rest) => (rest, true),
        None => (rest, false),
    };
    let parts: Vec<&str> = if rest.is_empty() && !trailing {
        Vec::new()
    } else {
        rest.split('/').collect()
    };
    let decoded: Option<Vec<String>> = parts.iter().map(|part| unescape(part)).collect();
    let decoded = decoded?;
    if decoded.iter().any(|text| {
        text.chars().any(char::is_control)
            || text.contains('\\')
            || text.split('/').any(|part| ["", ".", ".."].contains(&part))
    }) {
        return None;
    }
    ROWS.iter()
        .filter(|row| row.routed && row.door == "api" && row.method == method)
        .filter_map(|row| Some((rank(&row.segments, &parts, &decoded, trailing)?, row)))
        .min_by(|one, other| one.0.cmp(&other.0))
        .map(|(_, row)| by_id(&row.id).unwrap().id)
}

/// How a template fits: the rank of each of its segments, the smaller the better; `None` if it does not.
fn rank(template: &[Segment], parts: &[&str], decoded: &[String], trailing: bool) -> Option<Vec<u8>> {
    let mut ranks = Vec::new();
    for (at, segment) in template.iter().enumerate() {
        if let Segment::Param(_, shape @ (Shape::Tail | Shape::TailOrNothing)) = segment {
            return match (parts.len() > at, trailing, shape) {
                (true, false, Shape::Tail) => Some([ranks, vec![5]].concat()),
                (true, false, _) | (false, _, Shape::TailOrNothing) => Some([ranks, vec![6]].concat()),
                _ => None,
            };
        }
        let part = *parts.get(at)?;
        ranks.push(match segment {
            Segment::Literal(text) => (part == text).then_some(0)?,
            Segment::Param(_, Shape::Choice(words)) => words.iter().any(|word| word == part).then_some(1)?,
            Segment::Param(_, Shape::Number) => {
                (part.len() <= 19 && part.chars().all(|c| c.is_ascii_digit())).then_some(2)?
            }
            Segment::Param(_, shape) => {
                let slash = *shape == Shape::Slash;
                let text = &decoded[at];
                let twice = text.as_bytes().windows(3).any(|three| {
                    three[0] == b'%' && three[1].is_ascii_hexdigit() && three[2].is_ascii_hexdigit()
                });
                let literal = part.contains('%') && sibling(template, at, text);
                (!(twice || literal || (text.contains('/') && !slash))).then_some(if slash {
                    4
                } else {
                    3
                })?
            }
        });
    }
    (parts.len() == template.len() && !trailing).then_some(ranks)
}

/// Whether some template has this literal where the given one has a parameter.
fn sibling(template: &[Segment], at: usize, text: &str) -> bool {
    let same = |one: &Segment, other: &Segment| match (one, other) {
        (Segment::Literal(one), Segment::Literal(other)) => one == other,
        (Segment::Param(_, one), Segment::Param(_, other)) => one == other,
        _ => false,
    };
    ROWS.iter()
        .filter(|row| row.routed && row.door == "api")
        .any(|row| {
            matches!(row.segments.get(at), Some(Segment::Literal(literal)) if literal == text)
                && row
                    .segments
                    .iter()
                    .zip(template)
                    .take(at)
                    .all(|(one, other)| same(one, other))
        })
}

fn unescape(part: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = part.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        if *first == b'%' {
            let hex = std::str::from_utf8(tail.get(..2)?).ok()?;
            if !hex.chars().all(|c| c.is_ascii_hexdigit()) {
                return None;
            }
            bytes.push(u8::from_str_radix(hex, 16).ok()?);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
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
