//! Clones and fetches with every carrier, every protocol version, whole, shallow and partial.

use crate::client::{bad, good};
use crate::world::World;

const READ: &[(&str, &str)] = &[("contents", "read")];

#[tokio::test(flavor = "multi_thread")]
async fn a_public_repository_needs_no_credential() {
    let world = World::new().await;
    world.seeded("www");
    good(
        world.directory.path(),
        &["clone", "--quiet", &world.url("", "acme/www.git"), "a"],
    );
    good(
        world.directory.path(),
        &["clone", "--quiet", &world.url("", "acme/www"), "b"],
    );
    assert!(world.path("a/README").exists() && world.path("b/README").exists());
    let error = bad(
        world.directory.path(),
        &["clone", &world.url("", "acme/site.git"), "c"],
    );
    assert!(
        error.contains("could not read Username"),
        "asked for a credential: {error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_carrier_of_a_token_opens_the_same() {
    let world = World::new().await;
    world.seeded("site");
    let (_, token) = world.token("bob", &["site"], READ);
    let here = world.directory.path();
    let address = world.address;
    for (at, url) in [
        format!("http://x-access-token:{token}@{address}/acme/site.git"),
        format!("http://{token}@{address}/acme/site.git"),
        format!("http://{token}:x-oauth-basic@{address}/acme/site.git"),
        format!("http://bob:{token}@{address}/acme/site.git"),
    ]
    .iter()
    .enumerate()
    {
        good(here, &["clone", "--quiet", url, &format!("basic{at}")]);
    }
    let plain = world.url("", "acme/site.git");
    for scheme in ["Bearer", "token"] {
        let header = format!("http.extraHeader=Authorization: {scheme} {token}");
        good(here, &["-c", &header, "clone", "--quiet", &plain, scheme]);
    }
    let wrong = bad(
        here,
        &[
            "clone",
            &world.url(&format!("{token}x"), "acme/site.git"),
            "wrong",
        ],
    );
    assert!(wrong.contains("Authentication failed"), "{wrong}");
    let clones = world.events("git.clone");
    assert_eq!(clones.len(), 6, "one for each clone: {clones:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_token_may_not_see_does_not_exist() {
    let world = World::new().await;
    world.seeded("other");
    let (_, token) = world.token("alice", &["site"], READ);
    let hidden = bad(
        world.directory.path(),
        &["clone", &world.url(&token, "acme/other.git"), "x"],
    );
    let missing = bad(
        world.directory.path(),
        &["clone", &world.url(&token, "acme/never.git"), "x"],
    );
    assert!(hidden.contains("remote: Repository not found"), "{hidden}");
    assert_eq!(hidden.replace("other", "never"), missing);
    assert!(hidden.contains("waiting for approval"), "{hidden}");
    let (_, issues) = world.token("bob", &["site"], &[("issues", "write")]);
    let error = bad(
        world.directory.path(),
        &["clone", &world.url(&issues, "acme/site.git"), "x"],
    );
    for words in [
        "remote: Resource not accessible by personal access token",
        "remote: missing: contents: read at acme/site",
        "remote: help: `bailiwick token edit",
    ] {
        assert!(error.contains(words), "{words}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_token_is_told_so() {
    let world = World::new().await;
    world.seeded("site");
    let (id, token) = world.token("bob", &["site"], READ);
    world.revoke(id);
    let error = bad(
        world.directory.path(),
        &["clone", &world.url(&token, "acme/site.git"), "x"],
    );
    for words in [
        "remote: Invalid username or token.",
        "remote: reason: token.revoked",
        "remote: help: this token was revoked",
    ] {
        assert!(error.contains(words), "{words}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_protocol_version_and_every_depth() {
    let world = World::new().await;
    let seed = world.seeded("site");
    for n in 0..5 {
        world.commit(&seed, "README", &format!("{n}\n"));
    }
    let bare = world.on_disk("site").directory().to_owned();
    good(
        &seed,
        &[
            "push",
            "--quiet",
            bare.to_str().unwrap(),
            "main",
            "HEAD:refs/pull/1/head",
            "HEAD:refs/bailiwick/keep",
        ],
    );
    let (_, token) = world.token("bob", &["site"], READ);
    let url = world.url(&token, "acme/site.git");
    let here = world.directory.path();
    for version in ["0", "1", "2"] {
        let protocol = format!("protocol.version={version}");
        let into = format!("v{version}");
        good(here, &["-c", &protocol, "clone", "--quiet", &url, &into]);
        assert_eq!(
            good(&world.path(&into), &["rev-list", "--count", "HEAD"]).trim(),
            "6"
        );
        let shallow = format!("shallow{version}");
        good(
            here,
            &["-c", &protocol, "clone", "--quiet", "--depth=2", &url, &shallow],
        );
        assert_eq!(
            good(&world.path(&shallow), &["rev-list", "--count", "HEAD"]).trim(),
            "2"
        );
        good(
            &world.path(&shallow),
            &["-c", &protocol, "fetch", "--quiet", "--unshallow"],
        );
        assert_eq!(
            good(&world.path(&shallow), &["rev-list", "--count", "HEAD"]).trim(),
            "6"
        );
        let refs = good(here, &["-c", &protocol, "ls-remote", &url]);
        assert!(
            refs.contains("refs/heads/main") && !refs.contains("refs/bailiwick"),
            "{refs}"
        );
    }
    good(
        here,
        &[
            "clone",
            "--quiet",
            "--filter=blob:none",
            "--no-checkout",
            &url,
            "partial",
        ],
    );
    let missing = good(
        &world.path("partial"),
        &["rev-list", "--objects", "--missing=print", "HEAD"],
    );
    assert!(
        missing.lines().any(|line| line.starts_with('?')),
        "blobs stay there: {missing}"
    );
    good(&world.path("partial"), &["checkout", "--quiet", "main"]);
    assert_eq!(
        std::fs::read_to_string(world.path("partial/README")).unwrap(),
        "4\n"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fetch_is_recorded_as_one() {
    let world = World::new().await;
    let seed = world.seeded("site");
    let (_, token) = world.token("bob", &["site"], READ);
    good(
        world.directory.path(),
        &["clone", "--quiet", &world.url(&token, "acme/site.git"), "copy"],
    );
    let commit = world.commit(&seed, "README", "more\n");
    let bare = world.on_disk("site").directory().to_owned();
    good(&seed, &["push", "--quiet", bare.to_str().unwrap(), "main"]);
    good(&world.path("copy"), &["pull", "--quiet"]);
    assert_eq!(good(&world.path("copy"), &["rev-parse", "HEAD"]).trim(), commit);
    assert_eq!(world.events("git.clone").len(), 1);
    assert_eq!(world.events("git.fetch").len(), 1);
}
