//! Where repositories come from and go to.

use std::fs;
use std::path::PathBuf;

use bailiwick_git::{Error, ImportSource, Repositories};

use crate::world::{World, commit, create, git, working_copy};

#[test]
fn a_new_repository_is_empty_and_bare() {
    let world = World::new();
    let repository = world.repositories.create(258, "develop").unwrap();
    assert!(repository.directory().ends_with("02/258.git"));
    assert_eq!(repository.default_branch().unwrap(), "develop");
    assert!(repository.refs("refs/").unwrap().is_empty());
    assert_eq!(repository.resolve("HEAD").unwrap(), None);
    assert!(!repository.directory().join("hooks").exists(), "no template");
    assert!(matches!(
        world.repositories.create(258, "main"),
        Err(Error::Invalid(_))
    ));
    assert!(world.repositories.create(3, "--upload-pack=x").is_err());
    assert!(world.repositories.open(3).is_err());
}

#[test]
fn a_deleted_repository_is_gone_and_its_place_free() {
    let world = World::new();
    world.repository();
    world.repositories.delete(1).unwrap();
    assert!(matches!(world.repositories.open(1), Err(Error::NotFound(_))));
    assert!(matches!(world.repositories.delete(1), Err(Error::NotFound(_))));
    world.repository();
}

#[test]
fn an_import_takes_branches_and_tags_and_nothing_else() {
    let world = World::new();
    let source = working_copy(&world.path("source"));
    git(&source, &["tag", "-a", "v1", "-m", "one"]);
    git(&source, &["branch", "feature/x"]);
    git(&source, &["update-ref", "refs/notes/secret", "HEAD"]);
    git(&source, &["config", "core.hooksPath", "/tmp"]);
    let imported = world
        .repositories
        .import(7, &ImportSource::Directory(source), "main")
        .unwrap();
    let names: Vec<String> = imported
        .refs("")
        .unwrap()
        .into_iter()
        .map(|found| found.name)
        .collect();
    assert_eq!(
        names,
        ["refs/heads/feature/x", "refs/heads/trunk", "refs/tags/v1"]
    );
    assert_eq!(imported.default_branch().unwrap(), "trunk");
    assert!(!imported.directory().join("import.config").exists());
    git(imported.directory(), &["fsck", "--strict"]);
}

#[test]
fn an_import_of_something_else_leaves_nothing() {
    let world = World::new();
    for source in [
        ImportSource::Directory(PathBuf::from("/nonexistent")),
        ImportSource::Directory(world.directory.path().to_owned()),
        ImportSource::Url("ext::sh -c touch% /tmp/x".into()),
        ImportSource::Url("file:///etc".into()),
        ImportSource::Url("--upload-pack=touch /tmp/x".into()),
        ImportSource::Url("ssh://example.org/x".into()),
        ImportSource::Url("https://example.org/\n".into()),
        ImportSource::Url("http://127.0.0.1:1/x.git".into()),
    ] {
        assert!(
            world.repositories.import(9, &source, "main").is_err(),
            "{source:?}"
        );
        assert!(world.repositories.open(9).is_err());
    }
    let staging = world.path("repositories/staging");
    assert_eq!(fs::read_dir(staging).unwrap().count(), 0);
}

#[test]
fn what_a_crash_left_is_removed_at_start() {
    let world = World::new();
    let repository = world.repository();
    let root = world.path("repositories");
    fs::create_dir_all(root.join("trash/9-0/objects")).unwrap();
    let first = commit(&repository, &[], &[("a", "1")]);
    repository
        .update_refs(&[create("refs/heads/main", first)])
        .unwrap();
    let again = Repositories::new(root.clone(), world.path("hook.sh")).unwrap();
    assert!(!root.join("trash").exists());
    assert_eq!(again.open(1).unwrap().resolve("main").unwrap(), Some(first));
}
