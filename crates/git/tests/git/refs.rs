//! Refs: what resolves, what does not, and updates that happen whole or not at all.

use bailiwick_git::{Error, RefUpdate};

use crate::world::{World, commit, create, git, update};

#[test]
fn only_names_and_ids_resolve() {
    let world = World::new();
    let repository = world.repository();
    let first = commit(&repository, &[], &[("a", "1")]);
    let second = commit(&repository, &[first], &[("a", "2")]);
    let names = [
        "refs/heads/main",
        "refs/heads/feature/x",
        "refs/heads/-x",
        "refs/tags/v1",
        "refs/bailiwick/keep",
    ];
    let updates: Vec<_> = names.iter().map(|name| create(name, second)).collect();
    repository.update_refs(&updates).unwrap();
    let id = second.to_string();
    for good in [
        "HEAD",
        "main",
        "feature/x",
        "v1",
        "refs/heads/main",
        &id,
        &id[..8],
        &id.to_uppercase(),
        "-x",
    ] {
        assert_eq!(repository.resolve(good).unwrap(), Some(second), "{good}");
    }
    assert_eq!(repository.resolve(&first.to_string()).unwrap(), Some(first));
    for bad in [
        "",
        "main~1",
        "main^",
        "main^{tree}",
        "main:a",
        ":/change",
        "@",
        "@{-1}",
        "main@{0}",
        "@{u}",
        "main..v1",
        "^main",
        "--all",
        "--upload-pack=touch /tmp/x",
        "heads/main",
        "main\n",
        "main\0",
        "feature",
        "fea*",
        "refs/heads",
        "refs/bailiwick/keep",
        "zzzz",
        "abc",
        "../../etc/passwd",
        "refs/heads/../tags/v1",
        "FETCH_HEAD",
    ] {
        assert_eq!(repository.resolve(bad).unwrap(), None, "{bad:?}");
    }
    let visible: Vec<String> = repository
        .refs("refs/")
        .unwrap()
        .into_iter()
        .map(|found| found.name)
        .collect();
    assert_eq!(
        visible,
        [
            "refs/heads/-x",
            "refs/heads/feature/x",
            "refs/heads/main",
            "refs/tags/v1"
        ]
    );
    assert_eq!(repository.refs("refs/heads/fea").unwrap().len(), 1);
    assert_eq!(repository.branches().unwrap().len(), 3);
}

#[test]
fn a_branch_named_like_an_id_does_not_stand_for_it() {
    let world = World::new();
    let repository = world.repository();
    let first = commit(&repository, &[], &[("a", "1")]);
    let second = commit(&repository, &[first], &[("a", "2")]);
    repository
        .update_refs(&[create(&format!("refs/heads/{first}"), second)])
        .unwrap();
    assert_eq!(repository.resolve(&first.to_string()).unwrap(), Some(first));
}

#[test]
fn a_replacement_that_was_pushed_changes_nothing() {
    let world = World::new();
    let repository = world.repository();
    let first = commit(&repository, &[], &[("a", "1")]);
    let other = commit(&repository, &[], &[("a", "2")]);
    repository
        .update_refs(&[create(&format!("refs/replace/{first}"), other)])
        .unwrap();
    assert_eq!(repository.file(first, "a", 9).unwrap().unwrap().1, b"1");
}

#[test]
fn one_stale_value_stops_all() {
    let world = World::new();
    let repository = world.repository();
    let first = commit(&repository, &[], &[("a", "1")]);
    let second = commit(&repository, &[first], &[("a", "2")]);
    repository
        .update_refs(&[create("refs/heads/main", first), create("refs/heads/old", first)])
        .unwrap();
    let stale = [
        update("refs/heads/main", first, second),
        update("refs/heads/old", second, first),
    ];
    let Err(Error::StaleRef(name)) = repository.update_refs(&stale) else {
        panic!("must be stale")
    };
    assert_eq!(name, "refs/heads/old");
    assert_eq!(repository.resolve("main").unwrap(), Some(first));
    let taken = repository.update_refs(&[create("refs/heads/main", second)]);
    assert!(
        matches!(taken, Err(Error::StaleRef(_))),
        "create means that it must not exist"
    );
    let delete = RefUpdate {
        name: "refs/heads/old".into(),
        old: Some(first),
        new: None,
    };
    let both = [update("refs/heads/main", first, second), delete.clone()];
    repository.update_refs(&both).unwrap();
    assert_eq!(repository.applied(&both).unwrap(), both);
    assert!(
        repository.applied(&stale).unwrap().len() == 1,
        "the first one is in place now"
    );
    assert_eq!(repository.resolve("main").unwrap(), Some(second));
    assert_eq!(repository.resolve("old").unwrap(), None);
    assert!(matches!(
        repository.update_refs(&[delete]),
        Err(Error::StaleRef(_))
    ));
}

#[test]
fn names_that_break_the_rules_never_reach_git() {
    let world = World::new();
    let repository = world.repository();
    let first = commit(&repository, &[], &[("a", "1")]);
    for name in [
        "HEAD",
        "refs/heads/x\0",
        "refs/heads/a b",
        "refs/heads/a..b",
        "--stdin",
        "refs/heads/x\nabort",
    ] {
        assert!(
            matches!(
                repository.update_refs(&[create(name, first)]),
                Err(Error::Invalid(_))
            ),
            "{name:?}"
        );
    }
    repository.update_refs(&[create("refs/heads/a", first)]).unwrap();
    let inside = repository.update_refs(&[create("refs/heads/a/b", first)]);
    assert!(matches!(inside, Err(Error::Invalid(_))), "{inside:?}");
    assert!(repository.set_default_branch("--short").is_err());
    repository.set_default_branch("a").unwrap();
    assert_eq!(
        git(repository.directory(), &["symbolic-ref", "HEAD"]),
        "refs/heads/a\n"
    );
}
