//! Which updates touch a workflow file, and by which ways somebody might try to hide it.

use bailiwick_git::{Mode, NewTag, Oid, RefUpdate, Repository, TreeChange};

use crate::world::{World, alice, commit, commit_on, create, update};

const CI: &str = ".github/workflows/ci.yml";

fn touched(repository: &Repository, updates: &[RefUpdate]) -> Option<String> {
    repository
        .touches_workflows(updates, None)
        .unwrap()
        .map(|touch| touch.path)
}

fn base(repository: &Repository, oid: Oid) -> Option<Oid> {
    Some(repository.commit(oid).unwrap().tree)
}

#[test]
fn changes_elsewhere_do_not_count() {
    let world = World::new();
    let repository = world.repository();
    let first = commit(
        &repository,
        &[],
        &[
            ("a", "1"),
            (".github/CODEOWNERS", "x"),
            ("x/.github/workflows/ci.yml", "x"),
        ],
    );
    assert_eq!(touched(&repository, &[create("refs/heads/main", first)]), None);
    repository
        .update_refs(&[create("refs/heads/main", first)])
        .unwrap();
    let second = commit_on(
        &repository,
        base(&repository, first),
        &[first],
        &[("workflows/ci.yml", "x")],
    );
    assert_eq!(
        touched(&repository, &[update("refs/heads/main", first, second)]),
        None
    );
}

#[test]
fn adding_changing_and_removing_count() {
    let world = World::new();
    let repository = world.repository();
    let plain = commit(&repository, &[], &[("a", "1")]);
    repository
        .update_refs(&[create("refs/heads/main", plain)])
        .unwrap();
    let added = commit_on(&repository, base(&repository, plain), &[plain], &[(CI, "1")]);
    assert_eq!(
        touched(&repository, &[update("refs/heads/main", plain, added)]).as_deref(),
        Some(CI)
    );
    repository
        .update_refs(&[update("refs/heads/main", plain, added)])
        .unwrap();
    let changed = commit_on(&repository, base(&repository, added), &[added], &[(CI, "2")]);
    assert_eq!(
        touched(&repository, &[update("refs/heads/main", added, changed)]).as_deref(),
        Some(CI)
    );
    let removed = commit(&repository, &[added], &[("a", "1")]);
    assert_eq!(
        touched(&repository, &[update("refs/heads/main", added, removed)]).as_deref(),
        Some(CI)
    );
    let other = commit_on(&repository, base(&repository, added), &[added], &[("b", "2")]);
    assert_eq!(
        touched(&repository, &[update("refs/heads/main", added, other)]),
        None
    );
    let delete = RefUpdate {
        name: "refs/heads/main".into(),
        old: Some(added),
        new: None,
    };
    assert_eq!(touched(&repository, &[delete]), None);
}

#[test]
fn every_ref_of_a_push_and_every_depth_is_looked_at() {
    let world = World::new();
    let repository = world.repository();
    let plain = commit(&repository, &[], &[("a", "1")]);
    let nested = commit(&repository, &[], &[(".github/workflows/a/b/c.yml", "1")]);
    let updates = [create("refs/heads/main", plain), create("refs/notes/x", nested)];
    let touch = repository.touches_workflows(&updates, None).unwrap().unwrap();
    assert_eq!(
        (touch.ref_name.as_str(), touch.path.as_str()),
        ("refs/notes/x", ".github/workflows/a/b/c.yml")
    );
    let tag = NewTag {
        name: "v".into(),
        target: nested,
        tagger: alice(),
        message: String::new(),
    };
    let tag = repository.create_tag(&tag).unwrap();
    let outer = NewTag {
        name: "w".into(),
        target: tag,
        tagger: alice(),
        message: String::new(),
    };
    let outer = repository.create_tag(&outer).unwrap();
    assert!(
        touched(&repository, &[create("refs/tags/w", outer)]).is_some(),
        "a tag of a tag"
    );
    let blob = repository.create_blob(b"x").unwrap();
    assert_eq!(touched(&repository, &[create("refs/tags/blob", blob)]), None);
}

#[test]
fn a_rename_into_the_directory_counts_and_so_does_a_tree_moved_there() {
    let world = World::new();
    let repository = world.repository();
    let first = commit(&repository, &[], &[("drafts/ci.yml", "1")]);
    repository
        .update_refs(&[create("refs/heads/main", first)])
        .unwrap();
    let drafts = repository.entry_at(first, "drafts").unwrap().unwrap().oid;
    let blob = repository.entry_at(first, "drafts/ci.yml").unwrap().unwrap().oid;
    for (path, mode, oid) in [
        (CI, Mode::File, blob),
        (CI, Mode::Symlink, blob),
        (".github/workflows", Mode::Tree, drafts),
        (".github/workflows", Mode::Symlink, blob),
        (".github/workflows", Mode::Submodule, first),
        (".github", Mode::Symlink, blob),
        (".github", Mode::Submodule, first),
        (".GitHub/Workflows/ci.yml", Mode::File, blob),
    ] {
        let change = TreeChange {
            path: path.into(),
            entry: Some((mode, oid)),
        };
        let tree = repository
            .create_tree(base(&repository, first), &[change])
            .unwrap();
        let second = repository
            .create_commit(tree, &[first], "m", &alice(), &alice())
            .unwrap();
        assert!(
            touched(&repository, &[update("refs/heads/main", first, second)]).is_some(),
            "{path} {mode:?}"
        );
    }
}

#[test]
fn what_another_branch_already_has_at_its_tip_is_no_news() {
    let world = World::new();
    let repository = world.repository();
    let with = commit(&repository, &[], &[(CI, "1")]);
    repository
        .update_refs(&[create("refs/heads/main", with)])
        .unwrap();
    let further = commit_on(&repository, base(&repository, with), &[with], &[("b", "2")]);
    assert_eq!(
        touched(&repository, &[create("refs/heads/feature", further)]),
        None
    );
    assert_eq!(touched(&repository, &[create("refs/tags/v1", with)]), None);
    let other = commit(&repository, &[], &[(CI, "2")]);
    assert!(
        touched(&repository, &[create("refs/heads/feature", other)]).is_some(),
        "other content"
    );
    let elsewhere = commit(&repository, &[], &[(".github/workflows/other.yml", "1")]);
    assert!(
        touched(&repository, &[create("refs/heads/feature", elsewhere)]).is_some(),
        "other path"
    );
    let twice = [create("refs/heads/x", other), create("refs/heads/y", other)];
    assert!(
        touched(&repository, &twice).is_some(),
        "branches of one push do not vouch for each other"
    );
}

#[test]
fn a_hidden_commit_counts_once_a_ref_shows_it() {
    let world = World::new();
    let repository = world.repository();
    let first = commit(&repository, &[], &[("a", "1")]);
    repository
        .update_refs(&[create("refs/heads/main", first)])
        .unwrap();
    let evil = commit_on(&repository, base(&repository, first), &[first], &[(CI, "evil")]);
    let reverted = commit_on(&repository, base(&repository, first), &[evil], &[("a", "2")]);
    assert_eq!(
        touched(&repository, &[update("refs/heads/main", first, reverted)]),
        None
    );
    repository
        .update_refs(&[update("refs/heads/main", first, reverted)])
        .unwrap();
    assert!(
        touched(&repository, &[create("refs/heads/x", evil)]).is_some(),
        "reachable, yet at no tip"
    );
    assert!(touched(&repository, &[create("refs/tags/x", evil)]).is_some());
}

#[test]
fn a_tip_that_cannot_be_read_is_an_error_and_not_a_no() {
    let world = World::new();
    let repository = world.repository();
    let missing: Oid = "1234567890123456789012345678901234567890".parse().unwrap();
    assert!(
        repository
            .touches_workflows(&[create("refs/heads/x", missing)], None)
            .is_err()
    );
}
