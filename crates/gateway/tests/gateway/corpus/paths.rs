//! Paths that two readers could understand differently: what arrives has the bytes that were decided on.

use super::{Bench, Expected, MOUNTS};
use crate::front::Answered;

/// Tails that lead elsewhere for some reader, or are none.
const REFUSED: [&str; 45] = [
    "..",
    "../b",
    "../../secret/contents/a",
    "b/..",
    "b/../c",
    ".",
    "./b",
    "b/./c",
    "%2e%2e",
    "%2E%2e/b",
    ".%2e/b",
    "%2e/b",
    "%2e%2e%2fb",
    "%2f",
    "b%5cc",
    "b%5C..%5Cc",
    "b\\c",
    "..\\c",
    "%252e%252e",
    "%252e%252e%252fb",
    "b%252fc",
    "b%25252fc",
    "b%255cc",
    "b//c",
    "/b",
    "b;x=y",
    "b;/../c",
    "b%3Bx=y/..;/c",
    "..;/c",
    "b%00",
    "b%00.md",
    "%00",
    "b%0d%0ax:%20y",
    "b%0ac",
    "b%0d",
    "%c0%ae%c0%ae/b",
    "%c0%afb",
    "%e0%80%af",
    "%f0%80%80%af",
    "%ff",
    "b%",
    "b%4",
    "b%zz",
    "b%u002e",
    "b\u{1}",
];

/// Tails that may arrive, and then with these very bytes.
const EITHER: [&str; 24] = [
    // A file's path is one text for us; where it is cut is the same either way.
    "b%2fc",
    "b%2Fc",
    "b.",
    "b..",
    "...",
    "b...c",
    "b/",
    "b%20c",
    "b+c",
    "b%2Bc",
    "B",
    "%41",
    "b~c",
    "b:c",
    "b@c",
    "b,c",
    "b=c&d",
    "b%25c",
    "%e2%80%8b",
    "%EF%BC%8E%EF%BC%8E/b",
    ".git/config",
    ".GIT/config",
    "b.git",
    "b%c3%a9",
];

/// Queries that may arrive, and then with these very bytes.
const QUERIES: [&str; 10] = [
    "?page=2",
    "?a=b&a=c",
    "?a=%2e%2e/%2F",
    "?a=b?c=d",
    "?",
    "?&&",
    "?a[]=1",
    "?a=%20+b",
    "?../../secret",
    "?a=http://evil/",
];

#[tokio::test(flavor = "multi_thread")]
async fn tails_arrive_with_their_bytes_or_not_at_all() {
    let bench = Bench::new().await;
    for mount in MOUNTS.iter().filter(|mount| mount.read.0.ends_with("/a")) {
        let (here, there) = (
            mount.read.0.strip_suffix('a').unwrap(),
            mount.read.1.strip_suffix('a').unwrap(),
        );
        for tail in REFUSED {
            let bytes = bench.head("GET", &format!("{here}{tail}"), "");
            let answer = Answered::read(&bench.front.raw(bytes.as_bytes()).await);
            bench.check(tail, mount, &answer, &Expected::Refused);
        }
        // A byte that is not even text.
        for byte in [0x7f_u8, 0x80, 0xc3, 0xff, b'"', b'<', b'\t'] {
            let head = bench.head("GET", &format!("{here}b!"), "");
            let at = head.find("b! ").unwrap() + 1;
            let mut bytes = head.into_bytes();
            bytes[at] = byte;
            let answer = Answered::read(&bench.front.raw(&bytes).await);
            bench.check(&format!("byte {byte:x}"), mount, &answer, &Expected::Refused);
        }
        for tail in EITHER.into_iter().chain(["a"]) {
            for query in QUERIES
                .into_iter()
                .chain([""])
                .take(if tail == "a" { 11 } else { 1 })
            {
                let query = if tail == "a" { query } else { "" };
                let bytes = bench.head("GET", &format!("{here}{tail}{query}"), "");
                let answer = Answered::read(&bench.front.raw(bytes.as_bytes()).await);
                let target = format!("{there}{tail}{query}");
                let body = Vec::new();
                // Some doors have nothing behind a slash at the end.
                let expected = match tail.ends_with('/') {
                    true => Expected::Either { target, body },
                    false => Expected::Arrives { target, body },
                };
                bench.check(tail, mount, &answer, &expected);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_lead_to_one_thing_or_nowhere() {
    let bench = Bench::new().await;
    for mount in &MOUNTS {
        let (path, query) = match mount.read.0.split_once('?') {
            Some((path, query)) => (path, format!("?{query}")),
            None => (mount.read.0, String::new()),
        };
        let (owner, name) = match path {
            path if path.contains("hub/kit") => ("hub", "kit"),
            path if path.contains("code/tool") => ("code", "tool"),
            _ => ("acme", "site"),
        };
        let pair = format!("{owner}/{name}");
        for other in [
            format!("{owner}%2F{name}"),
            format!("{owner}/./{name}"),
            format!("{owner}//{name}"),
            format!("{owner}/{name}/../secret"),
            format!("{owner}/{name}%2f..%2fsecret"),
            format!("{owner}/../{pair}"),
            format!("%2e%2e/{pair}"),
            format!("{owner}/{name};x=y"),
            format!("{owner};x=y/{name}"),
            format!("{owner}/{name}%00"),
            format!("{owner}/{name}%20"),
            format!("{owner}%20/{name}"),
            format!("{owner}/{name}."),
            format!("{owner}./{name}"),
            format!("{owner}/{name}.git.git"),
            format!("{owner}/{name}%2egit%2egit"),
            format!("{owner}/{name}%5c"),
            format!("{owner}\\{name}"),
            format!("{owner}/%c0%ae"),
            format!("{owner}/."),
            format!("{owner}/.."),
            format!("{owner}/.git"),
            format!("{owner}/{name}%EF%BC%8Egit"),
            format!("{owner}/secret"),
        ] {
            let target = format!("{}{query}", path.replacen(&pair, &other, 1));
            let answer = Answered::read(&bench.front.raw(bench.head("GET", &target, "").as_bytes()).await);
            bench.check(&target, mount, &answer, &Expected::Refused);
        }
        // Names are compared without case, and arrive as the upstream writes them. A mount's path arrives as it came, so
        // that it has to be what was decided on, letter by letter.
        let upper = path.replacen(&pair, &pair.to_uppercase(), 1);
        let expected = if upper.starts_with("/-/") {
            Expected::Refused
        } else {
            Expected::Arrives {
                target: mount.read.1.to_owned(),
                body: Vec::new(),
            }
        };
        let answer = bench.head("GET", &format!("{upper}{query}"), "");
        let answer = Answered::read(&bench.front.raw(answer.as_bytes()).await);
        bench.check(&upper, mount, &answer, &expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn doors_are_told_apart_by_their_bytes() {
    let bench = Bench::new().await;
    let mount = &MOUNTS[0];
    for target in [
        "/API/V1/repos/acme/site/contents/a",
        "/api/V1/repos/acme/site/contents/a",
        "//api/v1/repos/acme/site/contents/a",
        "/./api/v1/repos/acme/site/contents/a",
        "/api//v1/repos/acme/site/contents/a",
        "/api/v1//repos/acme/site/contents/a",
        "/api/v1/repos//acme/site/contents/a",
        "/api/v3/../v1/repos/acme/site/contents/a",
        "/api/%761/repos/acme/site/contents/a",
        "/api/v1/%72epos/acme/site/contents/a",
        "/api%2fv1/repos/acme/site/contents/a",
        "/api/v1;x/repos/acme/site/contents/a",
        "/api/v1/api/v1/repos/acme/site/contents/a",
        "/api/v11/repos/acme/site/contents/a",
        "/api/v1",
        "/api/v1/",
        "/api/v1/repos/acme/site/contents/a#b",
        "/-/forge/repos/acme/site/contents/a",
        "/-/plain/code/tool.git/info/refs?service=git-upload-pack",
        "/-/artifacts",
        "/-/artifacts/",
        "/-/artifacts/..",
        "/-/ARTIFACTS/api/acme/site/artifacts/a",
        "/-//artifacts/api/acme/site/artifacts/a",
        "/-/artifacts//api/acme/site/artifacts/a",
        "/acme/site/info/refs",
        "/acme/site.git/info/refs",
        "/acme/site.git/info/refs?service=git-upload-archive",
        "/acme/site.git/info/refs?service=git-upload-pack&x=y",
        "/acme/site.git/info/refs?x=y&service=git-upload-pack",
        "/acme/site.git/info/refs?service=git-upload-pack%00",
        "/acme/site.git/info/refs/?service=git-upload-pack",
        "/acme/site.git//info/refs?service=git-upload-pack",
        "/acme/site.git/info%2frefs?service=git-upload-pack",
        "/acme/site.GIT/info/refs?service=git-upload-pack",
        "/acme/site.git./info/refs?service=git-upload-pack",
        "/acme/site.wiki.git/info/refs?service=git-upload-pack",
        "/acme/site.git/HEAD",
        "/acme/site.git/objects/info/packs",
        "/acme/site.git/config",
        "/acme/site.git/git-upload-archive",
        "/acme/site/raw/branch/main/a",
        "/acme/site/archive/main.zip",
        "/acme/site/media/branch/main/a",
        "/attachments/6f9cd8f4-7a1e-4b4f-9d0f-000000000000",
        "/api/packages/acme/generic/a/1/b",
        "/v2/_catalog",
        "/V2/",
        "//v2/",
        "/api/internal/hook/pre-receive/acme/site",
        "/user/login",
        "/swagger.v1.json",
        "/metrics/../api/v1/repos/acme/site/contents/a",
        "*",
        "api/v1/repos/acme/site/contents/a",
        "http:/api/v1/repos/acme/site/contents/a",
    ] {
        let bytes = bench.head("GET", target, "");
        let answer = Answered::read(&bench.front.raw(bytes.as_bytes()).await);
        if target.contains('#') {
            // A fragment is no part of a target: what is before it is what was decided on, or nothing.
            let target = mount.read.1.to_owned();
            bench.check(
                "#",
                mount,
                &answer,
                &Expected::Either {
                    target,
                    body: Vec::new(),
                },
            );
            continue;
        }
        let arrived = bench.arrived();
        assert!(arrived.is_empty(), "{target}: {arrived:?}");
        assert!(
            !(200..300).contains(&answer.status),
            "{target}: {}",
            answer.status
        );
    }
    // A whole address names the same path; whichever host it names, it is asked here.
    for host in ["front", "evil.example.org", "front:80", "user@front"] {
        let target = format!("http://{host}{}", mount.read.0);
        let answer = Answered::read(&bench.front.raw(bench.head("GET", &target, "").as_bytes()).await);
        let target = mount.read.1.to_owned();
        bench.check(
            host,
            mount,
            &answer,
            &Expected::Either {
                target,
                body: Vec::new(),
            },
        );
    }
}
