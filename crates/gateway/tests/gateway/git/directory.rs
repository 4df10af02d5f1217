//! A directory of bare repositories as an upstream: served by our own git, decided like everything else.

use super::bed::commit;
use super::world::{Behind, World, bad, good};
use std::fs;

const WRITE: &[(&str, &str)] = &[("contents", "write")];

#[tokio::test(flavor = "multi_thread")]
async fn repositories_of_a_directory_are_read_and_pushed_to() {
    let kept = tempfile::tempdir().unwrap();
    let root = kept.path().join("git");
    let bare = root.join("team/website.git");
    fs::create_dir_all(&bare).unwrap();
    good(&bare, &["init", "--quiet", "--bare", "--initial-branch=main"]);
    let seed = kept.path().join("seed");
    fs::create_dir(&seed).unwrap();
    good(&seed, &["init", "--quiet", "--initial-branch=main"]);
    commit(&seed, "README", "hello\n");
    good(&seed, &["push", "--quiet", bare.to_str().unwrap(), "main"]);
    // One that leads out of the directory is not there.
    let outside = kept.path().join("outside.git");
    fs::create_dir(&outside).unwrap();
    good(&outside, &["init", "--quiet", "--bare"]);
    std::os::unix::fs::symlink(&outside, root.join("team/public.git")).unwrap();

    let mut behind = Behind::at(format!("file://{}", root.display()));
    behind.secrets.clear();
    let world = World::before(behind).await;
    let (id, token) = world.token("bob", &["site", "www"], WRITE);
    let url = world.url(&token, "acme/site.git");
    good(world.directory.path(), &["clone", "--quiet", &url, "copy"]);
    let head = commit(&seed, "a", "1\n");
    good(&seed, &["push", "--quiet", &url, "main", "main:refs/tags/t"]);
    assert_eq!(good(&bare, &["rev-parse", "main"]).trim(), head);
    let pushes: Vec<_> = world
        .all_events()
        .into_iter()
        .filter(|event| event.0 == "git.push")
        .collect();
    assert_eq!(pushes.len(), 1, "{pushes:?}");
    assert_eq!((pushes[0].1.as_str(), pushes[0].3), ("allowed", Some(id)));
    commit(&seed, ".github/workflows/ci.yml", "on: push\n");
    let error = bad(&seed, &["push", &url, "main"]);
    assert!(error.contains("without `workflows` permission"), "{error}");
    assert_eq!(good(&bare, &["rev-parse", "main"]).trim(), head);
    bad(
        world.directory.path(),
        &["clone", &world.url(&token, "acme/www.git"), "out"],
    );
    // Nothing of it was looked for, or put, among our own.
    assert!(world.authority.git().ids().unwrap().is_empty());
}
