//! Clones and fetches with real git: every version and shape, what arrives at the upstream, and what the log tells.

use super::bed::{Arrived, Bed, PASSWORD, commit};
use super::world::{Behind, World, git_with, good, logged, read};
use bailiwick_gate::whole;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

const READ: &[(&str, &str)] = &[("contents", "read")];

/// The headers of Git's requests, in the order of their names, without those of the body's length.
fn headers(request: &Arrived) -> Vec<&str> {
    let mut names: Vec<&str> = request.headers.iter().map(|(name, _)| name.as_str()).collect();
    names.retain(|name| !matches!(*name, "content-length" | "transfer-encoding"));
    names.sort_unstable();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn every_version_and_shape() {
    let bed = Bed::start().await;
    let seed = bed.seeded("team/website");
    let head = commit(&seed, "a/b", "second\n");
    good(
        &seed,
        &[
            "push",
            "--quiet",
            bed.bare("team/website").to_str().unwrap(),
            "main",
            "main:side",
        ],
    );
    let world = World::before(Behind::bed(&bed)).await;
    let (id, token) = world.token("bob", &["site"], READ);
    let url = world.url(&token, "acme/site.git");
    for (at, (version, shape)) in [
        ("0", &[][..]),
        ("1", &[]),
        ("2", &[]),
        ("2", &["--depth=1"]),
        ("0", &["--depth=1"]),
        ("2", &["--filter=blob:none", "--no-checkout"]),
        ("2", &["--single-branch", "--branch=side"]),
        ("2", &["--mirror"]),
    ]
    .into_iter()
    .enumerate()
    {
        let into = world.path(&format!("clone-{at}"));
        let version_is = format!("protocol.version={version}");
        let mut arguments = vec!["-c", &version_is, "clone", "--quiet"];
        arguments.extend_from_slice(shape);
        arguments.extend([url.as_str(), into.to_str().unwrap()]);
        let ran = git_with(world.directory.path(), &[("GIT_TRACE_CURL", "1")], &arguments);
        assert!(ran.good, "{version} {shape:?}: {}", ran.err);
        assert!(!ran.err.contains(PASSWORD) && !ran.err.contains(&Bed::authorization()));
        assert_eq!(good(&into, &["rev-parse", "HEAD"]).trim(), head);

        let arrived = bed.wire.take();
        assert!(arrived.len() >= 2, "{arrived:?}");
        for (place, request) in arrived.iter().enumerate() {
            assert_eq!(request.header("authorization"), Bed::authorization());
            assert_eq!(request.header("accept-encoding"), "identity");
            let wanted = match version {
                "0" => "",
                "1" => "version=1",
                _ => "version=2",
            };
            assert_eq!(request.header("git-protocol"), wanted);
            let mut names = vec!["accept", "accept-encoding", "authorization"];
            if place == 0 {
                assert_eq!(
                    request.line,
                    "GET /team/website.git/info/refs?service=git-upload-pack HTTP/1.1"
                );
            } else {
                assert_eq!(request.line, "POST /team/website.git/git-upload-pack HTTP/1.1");
                names.push("content-type");
            }
            if !wanted.is_empty() {
                names.push("git-protocol");
            }
            names.extend(["host", "user-agent"]);
            assert_eq!(headers(request), names);
        }
    }
    assert!(!String::from_utf8_lossy(&bed.wire.bytes()).contains(&token));
    let log = logged();
    assert!(!log.contains(&token) && !log.contains(PASSWORD) && !log.contains(&Bed::authorization()));
    // Shallow clones of the old versions take two requests.
    world.until(|world| world.events("git.clone").len() == 9).await;
    for event in world.all_events() {
        assert_eq!((event.1.as_str(), event.3), ("allowed", Some(id)), "{event:?}");
        assert!(
            ["git.clone", "git.advertise", "api.request"].contains(&event.0.as_str()),
            "{event:?}"
        );
        assert!(!event.4.to_string().contains(&token));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fetch_brings_what_is_new() {
    let bed = Bed::start().await;
    let seed = bed.seeded("team/website");
    let world = World::before(Behind::bed(&bed)).await;
    let (id, token) = world.token("bob", &["site"], READ);
    let copy = world.path("copy");
    good(
        world.directory.path(),
        &[
            "clone",
            "--quiet",
            &world.url(&token, "acme/site"),
            copy.to_str().unwrap(),
        ],
    );
    let head = commit(&seed, "new", "new\n");
    good(
        &seed,
        &[
            "push",
            "--quiet",
            bed.bare("team/website").to_str().unwrap(),
            "main",
        ],
    );
    good(&copy, &["fetch", "--quiet"]);
    assert_eq!(good(&copy, &["rev-parse", "origin/main"]).trim(), head);
    world.until(|world| world.events("git.fetch").len() == 1).await;
    let event = world
        .all_events()
        .into_iter()
        .find(|event| event.0 == "git.fetch")
        .unwrap();
    assert_eq!((event.1.as_str(), event.3), ("allowed", Some(id)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compressed_request_arrives_as_it_was_read() {
    let bed = Bed::start().await;
    let seed = bed.seeded("team/website");
    let head = good(&seed, &["rev-parse", "HEAD"]).trim().to_owned();
    let world = World::before(Behind::bed(&bed)).await;
    let (_, token) = world.token("bob", &["site"], READ);
    let plain = format!("0032want {head}\n00000009done\n");
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(plain.as_bytes()).unwrap();
    let headers = [
        ("content-type", "application/x-git-upload-pack-request"),
        ("content-encoding", "gzip"),
        ("accept-encoding", "gzip"),
        ("x-forwarded-user", "admin"),
        ("cookie", "session=1"),
        ("git-protocol", "version=0:secret=1"),
    ];
    let answer = world
        .send(
            "POST",
            "/acme/site.git/git-upload-pack",
            &token,
            &headers,
            whole(packed.finish().unwrap()),
        )
        .await;
    let (status, body) = read(answer).await;
    assert_eq!(status, 200);
    assert!(body.starts_with(b"0008NAK\nPACK"));
    let arrived = bed.wire.take();
    assert_eq!(arrived.len(), 1);
    assert_eq!(arrived[0].body, plain.as_bytes());
    for name in ["content-encoding", "x-forwarded-user", "cookie", "git-protocol"] {
        assert_eq!(arrived[0].header(name), "", "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_public_is_read_without_a_token_and_the_rest_is_not() {
    let bed = Bed::start().await;
    bed.seeded("team/public");
    bed.seeded("team/website");
    let world = World::before(Behind::bed(&bed)).await;
    let at = world.directory.path();
    good(at, &["clone", "--quiet", &world.url("", "acme/www.git"), "www"]);
    assert!(!bed.wire.take().is_empty());
    let (_, other) = world.token("bob", &["www"], READ);
    let (_, stranger) = world.token("mallory", &["site"], READ);
    let (_, pending) = world.granted("bob", &["site"], READ, false);
    for token in ["", &other, &stranger, &pending] {
        let error = super::world::bad(at, &["clone", &world.url(token, "acme/site.git"), "site"]);
        assert!(
            error.contains("not found") || error.contains("could not read"),
            "{error}"
        );
    }
    // The names that they have there are no names here.
    super::world::bad(at, &["clone", &world.url(&other, "team/public.git"), "team"]);
    assert_eq!(bed.wire.take(), [], "nothing of it is the upstream's to hear");
}
