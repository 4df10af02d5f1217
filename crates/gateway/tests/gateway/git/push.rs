//! Pushes with real git: what moves there, what the upstream refuses, and what the log tells.

use super::bed::{Bed, PASSWORD, commit, noise};
use super::world::{Behind, World, bad, git_with, good, logged};
use serde_json::json;
use std::fs;
use std::os::unix::fs::PermissionsExt;

pub const FLOWS: &[(&str, &str)] = &[("contents", "write"), ("workflows", "write")];

#[tokio::test(flavor = "multi_thread")]
async fn branches_and_tags_come_move_and_go() {
    let bed = Bed::start().await;
    let seed = bed.seeded("team/website");
    let world = World::before(Behind::bed(&bed)).await;
    let (id, token) = world.token("bob", &["site"], FLOWS);
    let url = world.url(&token, "acme/site.git");
    good(&seed, &["remote", "add", "origin", &url]);
    let first = good(&seed, &["rev-parse", "HEAD"]).trim().to_owned();
    let second = commit(&seed, "README", "second\n");
    let ran = git_with(
        &seed,
        &[("GIT_TRACE_CURL", "1")],
        &["push", "origin", "main", "main:refs/heads/feature/a"],
    );
    assert!(ran.good, "{}", ran.err);
    assert!(!ran.err.contains(PASSWORD) && !ran.err.contains(&Bed::authorization()));
    good(&seed, &["tag", "-a", "v1", "-m", "one"]);
    good(&seed, &["push", "--quiet", "origin", "v1"]);
    let back = format!("{first}:refs/heads/feature/a");
    good(&seed, &["push", "--quiet", "--force", "origin", &back]);
    assert_eq!(bed.tip("team/website", "main"), Some(second.clone()));
    assert_eq!(bed.tip("team/website", "feature/a"), Some(first.clone()));
    good(
        &seed,
        &[
            "push",
            "--quiet",
            "--atomic",
            "origin",
            ":feature/a",
            ":refs/tags/v1",
        ],
    );
    assert_eq!(bed.tip("team/website", "feature/a"), None);
    assert_eq!(bed.tip("team/website", "v1"), None);

    for request in bed.wire.requests() {
        assert_eq!(request.header("authorization"), Bed::authorization());
        assert!(
            [
                "GET /team/website.git/info/refs?service=git-receive-pack HTTP/1.1",
                "POST /team/website.git/git-receive-pack HTTP/1.1"
            ]
            .contains(&request.line.as_str()),
            "{}",
            request.line
        );
    }
    assert!(!String::from_utf8_lossy(&bed.wire.bytes()).contains(&token));
    assert!(!logged().contains(&token));
    let pushes = world.events("git.push");
    assert_eq!(pushes.len(), 4, "{pushes:?}");
    assert!(
        pushes
            .iter()
            .all(|(outcome, reason, _)| outcome == "allowed" && reason == "forwarded"),
        "{pushes:?}"
    );
    let refs = &pushes[0].2["refs"];
    assert_eq!(
        refs[0],
        json!({"ref": "refs/heads/main", "before": first, "after": second})
    );
    assert_eq!(pushes[0].2["upstream"], "plain");
    assert_eq!(pushes[3].2["refs"][0]["after"], serde_json::Value::Null);
    let all = world.all_events();
    assert!(all.iter().all(|event| event.3 == Some(id)), "{all:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_pack_goes_in_chunks() {
    let bed = Bed::start().await;
    let seed = bed.seeded("team/website");
    let world = World::before(Behind::bed(&bed)).await;
    let (_, token) = world.token("bob", &["site"], FLOWS);
    let head = commit(&seed, "noise", noise(5 << 20));
    good(
        &seed,
        &["push", "--quiet", &world.url(&token, "acme/site.git"), "main"],
    );
    assert_eq!(bed.tip("team/website", "main"), Some(head));
    let posts: Vec<_> = bed
        .wire
        .requests()
        .into_iter()
        .filter(|one| one.line.starts_with("POST"))
        .collect();
    assert_eq!(posts.len(), 1, "the probe before it is answered here");
    assert_eq!(posts[0].header("transfer-encoding"), "chunked");
    assert!(posts[0].body.len() > 5 << 20);
    assert_eq!(world.events("git.push").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_of_the_upstream_refuses_one_ref() {
    let bed = Bed::start().await;
    let seed = bed.seeded("team/website");
    let hook = bed.bare("team/website").join("hooks/update");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(
        &hook,
        "#!/bin/sh\n[ \"$1\" = refs/heads/no ] || exit 0\necho 'not that one' >&2\nexit 1\n",
    )
    .unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    let world = World::before(Behind::bed(&bed)).await;
    let (id, token) = world.token("bob", &["site"], FLOWS);
    let error = bad(
        &seed,
        &["push", &world.url(&token, "acme/site.git"), "main:yes", "main:no"],
    );
    assert!(error.contains("remote: not that one"), "{error}");
    assert!(
        error.contains("[remote rejected] main -> no (hook declined)"),
        "{error}"
    );
    assert!(bed.tip("team/website", "yes").is_some() && bed.tip("team/website", "no").is_none());
    let all = world.all_events();
    let pushes: Vec<_> = all.iter().filter(|event| event.0 == "git.push").collect();
    assert_eq!(pushes.len(), 2, "{all:?}");
    assert_eq!(
        (pushes[0].1.as_str(), pushes[0].2.as_str()),
        ("allowed", "forwarded")
    );
    assert_eq!(
        (pushes[1].1.as_str(), pushes[1].2.as_str(), pushes[1].3),
        ("failed", "upstream.refused", Some(id))
    );
    assert_eq!(pushes[1].4["refs_not_moved"], json!(["refs/heads/no"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_upstream_has_moved_meanwhile_is_not_overwritten() {
    let bed = Bed::start().await;
    let seed = bed.seeded("team/website");
    let world = World::before(Behind::bed(&bed)).await;
    let (_, token) = world.token("bob", &["site"], FLOWS);
    let copy = world.path("copy");
    let url = world.url(&token, "acme/site.git");
    good(
        world.directory.path(),
        &["clone", "--quiet", &url, copy.to_str().unwrap()],
    );
    let head = commit(&seed, "README", "theirs\n");
    good(
        &seed,
        &[
            "push",
            "--quiet",
            bed.bare("team/website").to_str().unwrap(),
            "main",
        ],
    );
    commit(&copy, "README", "mine\n");
    let error = bad(&copy, &["push", "origin", "main"]);
    assert!(error.contains("fetch first"), "{error}");
    assert_eq!(bed.tip("team/website", "main"), Some(head));
}
