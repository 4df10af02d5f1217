//! Repositories outside the root: only plain names lead to them, and nothing leads out of their directory.

use std::fs;
use std::os::unix::fs::symlink;

use bailiwick_git::Error;

use crate::world::{World, git, working_copy};

#[test]
fn a_bare_repository_is_found_by_owner_and_name() {
    let world = World::new();
    let base = world.path("srv");
    fs::create_dir_all(base.join("acme")).unwrap();
    let source = working_copy(&world.path("source"));
    for target in ["acme/www.git", "acme/site"] {
        let target = base.join(target);
        git(&source, &["clone", "-q", "--bare", ".", target.to_str().unwrap()]);
    }
    let found = world.repositories.open_below(&base, "acme", "www").unwrap();
    assert!(found.directory().ends_with("acme/www.git"));
    assert!(!found.branches().unwrap().is_empty());
    assert!(world.repositories.open_below(&base, "acme", "site").is_ok());
    assert!(matches!(
        world.repositories.open_below(&base, "acme", "none"),
        Err(Error::NotFound(_))
    ));
    assert!(matches!(
        world
            .repositories
            .open_below(&world.path("nowhere"), "acme", "www"),
        Err(Error::NotFound(_))
    ));
}

#[test]
fn nothing_leads_out_of_the_directory() {
    let world = World::new();
    let base = world.path("srv");
    fs::create_dir_all(base.join("acme")).unwrap();
    let elsewhere = world.path("elsewhere/www.git");
    fs::create_dir_all(elsewhere.parent().unwrap()).unwrap();
    let source = working_copy(&world.path("source"));
    git(
        &source,
        &["clone", "-q", "--bare", ".", elsewhere.to_str().unwrap()],
    );
    let open = |owner: &str, name: &str| world.repositories.open_below(&base, owner, name);
    for (owner, name) in [
        ("..", "elsewhere"),
        ("../elsewhere", "www"),
        ("acme/..", "www"),
        ("", "www"),
        ("acme", ""),
        ("acme", "."),
        ("acme", "../../elsewhere/www"),
        ("-acme", "www"),
        ("acme", "w\0w"),
        ("acme", "w w"),
    ] {
        assert!(
            matches!(open(owner, name), Err(Error::Invalid(_))),
            "{owner}/{name}"
        );
    }
    symlink(&elsewhere, base.join("acme/linked.git")).unwrap();
    symlink(elsewhere.parent().unwrap(), base.join("away")).unwrap();
    assert!(matches!(open("acme", "linked"), Err(Error::Invalid(_))));
    assert!(matches!(open("away", "www"), Err(Error::Invalid(_))));
    // A second name within the directory is one too many as well.
    fs::rename(&elsewhere, base.join("acme/real.git")).unwrap();
    symlink(base.join("acme/real.git"), base.join("acme/alias.git")).unwrap();
    assert!(open("acme", "real").is_ok());
    assert!(matches!(open("acme", "alias"), Err(Error::Invalid(_))));
}
