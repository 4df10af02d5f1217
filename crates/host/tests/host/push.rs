//! Pushes with real git: what moves, what is refused and how it is said, and what the log tells of it.

use crate::client::{bad, good};
use crate::still::TestClock;
use crate::world::World;
use bailiwick_authority::Clock;
use bailiwick_store::{PushIntentRow, push_intent, repository};

const WRITE: &[(&str, &str)] = &[("contents", "write")];
const FLOWS: &[(&str, &str)] = &[("contents", "write"), ("workflows", "write")];

#[tokio::test(flavor = "multi_thread")]
async fn branches_and_tags_come_move_and_go() {
    let world = World::new().await;
    let seed = world.seeded("site");
    let (_, token) = world.token("bob", &["site"], WRITE);
    good(
        &seed,
        &["remote", "add", "origin", &world.url(&token, "acme/site.git")],
    );
    let first = good(&seed, &["rev-parse", "HEAD"]).trim().to_owned();
    let second = world.commit(&seed, "README", "second\n");
    good(
        &seed,
        &["push", "--quiet", "origin", "main", "main:refs/heads/feature/a"],
    );
    good(&seed, &["tag", "-a", "v1", "-m", "one"]);
    good(&seed, &["push", "--quiet", "origin", "v1"]);
    good(
        &seed,
        &[
            "push",
            "--quiet",
            "--force",
            "origin",
            &format!("{first}:refs/heads/feature/a"),
        ],
    );
    let tip = |name: &str| {
        world
            .on_disk("site")
            .resolve(name)
            .unwrap()
            .map(|oid| oid.to_string())
    };
    assert_eq!(tip("main"), Some(second.clone()));
    assert_eq!(tip("feature/a"), Some(first.clone()));
    good(
        &seed,
        &["push", "--quiet", "origin", ":feature/a", ":refs/tags/v1"],
    );
    assert_eq!((tip("feature/a"), tip("v1")), (None, None));

    let pushes = world.events("git.push");
    assert_eq!(pushes.len(), 4);
    assert!(
        pushes
            .iter()
            .all(|(outcome, reason, _)| outcome == "allowed" && reason == "allowed"),
        "{pushes:?}"
    );
    let refs = &pushes[0].2["refs"];
    assert_eq!(
        refs[0],
        serde_json::json!({"ref": "refs/heads/main", "before": first, "after": second})
    );
    assert_eq!(refs[1]["before"], serde_json::Value::Null);
    assert_eq!(pushes[3].2["refs"][0]["after"], serde_json::Value::Null);
    assert_eq!(world.events("git.push_started").len(), 4);
    let row = world
        .store
        .read(|tx| repository::by_id(tx, world.repositories["site"]))
        .unwrap()
        .unwrap();
    assert_eq!(row.pushed_at, Some(TestClock.now()));
    assert!(
        world
            .store
            .read(|tx| push_intent::of_node(tx, "test"))
            .unwrap()
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_only_read_is_told_what_is_missing() {
    let world = World::new().await;
    let seed = world.seeded("site");
    let (_, token) = world.token("bob", &["site"], &[("contents", "read")]);
    world.commit(&seed, "README", "second\n");
    let error = bad(&seed, &["push", &world.url(&token, "acme/site.git"), "main"]);
    assert!(
        error.contains("remote: missing: contents: write at acme/site"),
        "{error}"
    );
    let (_, stranger) = world.token("mallory", &["www"], WRITE);
    world.seeded("www");
    let error = bad(&seed, &["push", &world.url(&stranger, "acme/www.git"), "main"]);
    assert!(error.contains("403"), "{error}");
    assert!(world.events("git.push").is_empty() && world.events("git.push_started").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn workflow_files_take_a_permission_of_their_own() {
    let world = World::new().await;
    let seed = world.seeded("site");
    world.commit(&seed, ".github/workflows/ci.yml", "on: push\n");
    let tip = || world.on_disk("site").resolve("flows").unwrap();
    let (_, plain) = world.token("bob", &["site"], WRITE);
    let classic = world.classic("bob", "repo");
    for (token, needed) in [(&plain, "`workflows` permission"), (&classic, "`workflow` scope")] {
        let error = bad(
            &seed,
            &[
                "push",
                &world.url(token, "acme/site.git"),
                "main:flows",
                "main:refs/tags/also",
            ],
        );
        let words = format!(
            "remote: refusing to allow a Personal Access Token to create or update workflow `.github/workflows/ci.yml` without {needed}"
        );
        assert!(error.contains(&words), "{error}");
        assert_eq!(tip(), None);
    }
    let refused = world.events("git.push");
    assert_eq!(refused.len(), 2);
    assert_eq!(
        (refused[0].0.as_str(), refused[0].1.as_str()),
        ("refused", "level.too_low")
    );
    assert_eq!(refused[0].2["missing_permission"], "workflows");
    assert_eq!(refused[0].2["refs"], serde_json::json!([]));
    assert_eq!(refused[0].2["refs_not_moved"][0]["ref"], "refs/heads/flows");
    let (_, flows) = world.token("bob", &["site"], FLOWS);
    good(
        &seed,
        &[
            "push",
            "--quiet",
            &world.url(&flows, "acme/site.git"),
            "main:flows",
        ],
    );
    assert!(tip().is_some());
    // The same content is on a branch now: moving it elsewhere creates nothing.
    good(
        &seed,
        &[
            "push",
            "--quiet",
            &world.url(&plain, "acme/site.git"),
            "main:copy",
        ],
    );
    let classic = world.classic("bob", "repo,workflow");
    world.commit(&seed, ".github/workflows/ci.yml", "on: pull_request\n");
    good(
        &seed,
        &[
            "push",
            "--quiet",
            &world.url(&classic, "acme/site.git"),
            "main:flows",
        ],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_may_push() {
    let world = World::new().await;
    let seed = world.seeded("site");
    let (_, token) = world.token("bob", &["site"], FLOWS);
    let url = world.url(&token, "acme/site.git");
    let error = bad(&seed, &["push", &url, ":main"]);
    assert!(
        error.contains("refusing to delete the current branch: refs/heads/main"),
        "{error}"
    );
    let error = bad(
        &seed,
        &["push", &url, "main:refs/pull/1/head", "main:refs/heads/good"],
    );
    assert!(error.contains("deny updating a hidden ref"), "{error}");
    let pushes = world.events("git.push");
    assert_eq!(
        (pushes[0].0.as_str(), pushes[0].1.as_str()),
        ("failed", "push.rejected_by_git")
    );
    assert_eq!(
        pushes[1].2["refs"][0]["ref"], "refs/heads/good",
        "what moved is told"
    );
    assert_eq!(pushes[1].2["refs_not_moved"][0]["ref"], "refs/pull/1/head");
    world
        .store
        .write(|tx| {
            let row = repository::by_id(tx, world.repositories["site"])?.unwrap();
            repository::update(
                tx,
                &repository::RepositoryRow {
                    archived_at: Some(TestClock.now()),
                    ..row
                },
            )
        })
        .unwrap();
    let error = bad(&seed, &["push", &url, "main:refs/heads/late"]);
    assert!(
        error.contains("remote: Repository was archived so is read-only."),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_branch_becomes_the_default_one() {
    let world = World::new().await;
    let seed = world.seeded("www");
    let (_, token) = world.token("bob", &["site"], WRITE);
    good(
        &seed,
        &[
            "push",
            "--quiet",
            &world.url(&token, "acme/site.git"),
            "main:trunk",
        ],
    );
    let row = world
        .store
        .read(|tx| repository::by_id(tx, world.repositories["site"]))
        .unwrap()
        .unwrap();
    assert_eq!(row.default_branch, "trunk");
    good(
        world.directory.path(),
        &["clone", "--quiet", &world.url(&token, "acme/site.git"), "copy"],
    );
    assert!(world.path("copy/README").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_is_told_at_the_next_start() {
    let world = World::new().await;
    let seed = world.seeded("site");
    let head = good(&seed, &["rev-parse", "HEAD"]).trim().to_owned();
    let refs = serde_json::json!([
        {"ref": "refs/heads/main", "before": null, "after": head},
        {"ref": "refs/heads/lost", "before": null, "after": head},
    ]);
    let row = PushIntentRow {
        id: 0,
        node: "test".into(),
        repository_id: world.repositories["site"],
        request_id: "R1".into(),
        refs: refs.to_string(),
        started_at: TestClock.now(),
    };
    world.store.write(|tx| push_intent::insert(tx, row)).unwrap();
    assert_eq!(world.authority.push_reconcile().unwrap(), 1);
    assert_eq!(world.authority.push_reconcile().unwrap(), 0);
    let pushes = world.events("git.push");
    assert_eq!(
        (pushes[0].0.as_str(), pushes[0].1.as_str()),
        ("failed", "push.interrupted")
    );
    assert_eq!(pushes[0].2["refs"][0]["ref"], "refs/heads/main");
    assert_eq!(pushes[0].2["refs_not_moved"][0]["ref"], "refs/heads/lost");
}
