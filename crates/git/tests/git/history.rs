//! Lists of commits, comparisons, and the files of a change.

use bailiwick_git::{FileStatus, HistoryQuery, ImportSource, Mode, Page, TreeChange};

use crate::world::{World, alice, commit, commit_on, git, working_copy};

const ALL: Page = Page { skip: 0, limit: 100 };

#[test]
fn history_is_filtered_and_paged() {
    let world = World::new();
    let copy = working_copy(&world.path("copy"));
    std::fs::write(copy.join("-x"), "1").unwrap();
    git(&copy, &["add", "."]);
    git(
        &copy,
        &[
            "commit",
            "--quiet",
            "--date=2020-01-01T00:00:00Z",
            "-m",
            "second",
            "--author=Carol <carol@x.org>",
        ],
    );
    let repository = world
        .repositories
        .import(2, &ImportSource::Directory(copy), "main")
        .unwrap();
    let from = repository.resolve("HEAD").unwrap().unwrap();
    let query = HistoryQuery::from(from);
    let messages = |query: &HistoryQuery, page| -> Vec<String> {
        repository
            .commits(query, page)
            .unwrap()
            .into_iter()
            .map(|commit| commit.message)
            .collect()
    };
    assert_eq!(messages(&query, ALL), ["second\n", "first\n"]);
    assert_eq!(messages(&query, Page { skip: 1, limit: 1 }), ["first\n"]);
    let by = |author: &str| HistoryQuery {
        authors: vec![author.into()],
        ..query.clone()
    };
    assert_eq!(messages(&by("<CAROL@x.org>"), ALL), ["second\n"]);
    assert!(messages(&by("c.rol"), ALL).is_empty(), "a text, not a pattern");
    let on = |path: &str| HistoryQuery {
        path: Some(path.into()),
        ..query.clone()
    };
    assert_eq!(messages(&on("-x"), ALL), ["second\n"]);
    assert_eq!(messages(&on("README"), ALL), ["first\n"]);
    assert!(messages(&on("*"), ALL).is_empty(), "no wildcards");
    assert!(messages(&on(":/"), ALL).is_empty(), "no path magic");
    assert!(messages(&on("../x"), ALL).is_empty());
    let until = HistoryQuery {
        until_seconds: Some(1000),
        ..query.clone()
    };
    assert!(messages(&until, ALL).is_empty());
    let since = HistoryQuery {
        since_seconds: Some(1000),
        ..query.clone()
    };
    assert_eq!(messages(&since, ALL).len(), 2);
}

#[test]
fn a_comparison_starts_at_the_merge_base() {
    let world = World::new();
    let repository = world.repository();
    let tree = |oid| Some(repository.commit(oid).unwrap().tree);
    let root = commit(&repository, &[], &[("a", "1\n2\n3\n4\n5\n"), ("bin", "\0")]);
    let left = commit_on(&repository, tree(root), &[root], &[("left", "l\n")]);
    let one = commit_on(&repository, tree(root), &[root], &[("a", "1\n2\n3\n4\n5\n6\n")]);
    let two = commit_on(&repository, tree(one), &[one], &[("bin", "\0\0")]);
    let compared = repository.compare(left, two, ALL, 100).unwrap();
    assert_eq!(compared.merge_base, Some(root));
    assert_eq!(
        (compared.ahead_by, compared.behind_by, compared.status()),
        (2, 1, "diverged")
    );
    let ids: Vec<_> = compared.commits.iter().map(|commit| commit.oid).collect();
    assert_eq!(ids, [one, two]);
    let second = repository
        .compare(left, two, Page { skip: 1, limit: 1 }, 100)
        .unwrap();
    assert_eq!(second.commits.len(), 1);
    assert_eq!(second.commits[0].oid, two);
    let [a, bin] = compared.files.as_slice() else {
        panic!("{:?}", compared.files)
    };
    assert_eq!((a.additions, a.deletions, a.status), (1, 0, FileStatus::Modified));
    assert!(a.patch.as_deref().unwrap().starts_with("@@ -3,3 +3,4 @@"));
    assert!(bin.binary && bin.patch.is_none());
    assert_eq!(
        repository.compare(root, root, ALL, 9).unwrap().status(),
        "identical"
    );
    let stranger = commit(&repository, &[], &[("other", "x")]);
    assert_eq!(
        repository.compare(root, stranger, ALL, 9).unwrap().merge_base,
        None
    );
    assert!(repository.is_ancestor(root, two).unwrap());
    assert!(!repository.is_ancestor(two, root).unwrap());
}

#[test]
fn files_of_a_commit_know_renames_removals_and_types() {
    let world = World::new();
    let repository = world.repository();
    let long = "line\n".repeat(50);
    let root = commit(
        &repository,
        &[],
        &[
            ("old name", &long),
            ("gone", "x\n"),
            ("kind", "y\n"),
            ("m", "diff --git a b\n"),
        ],
    );
    let base = repository.commit(root).unwrap().tree;
    let blob = repository.create_blob(long.as_bytes()).unwrap();
    let link = repository.create_blob(b"gone").unwrap();
    let text = repository
        .create_blob(b"diff --git a b\ndiff --git c d\n")
        .unwrap();
    let change = |path: &str, entry| TreeChange {
        path: path.into(),
        entry,
    };
    let changes = [
        change("old name", None),
        change("new\nname", Some((Mode::File, blob))),
        change("gone", None),
        change("kind", Some((Mode::Symlink, link))),
        change("m", Some((Mode::File, text))),
    ];
    let tree = repository.create_tree(Some(base), &changes).unwrap();
    let second = repository
        .create_commit(tree, &[root], "m", &alice(), &alice())
        .unwrap();
    let files = repository.commit_files(second, 100).unwrap();
    let find = |path: &str| files.iter().find(|file| file.path == path).unwrap();
    assert_eq!(find("gone").status, FileStatus::Removed);
    assert_eq!(find("gone").patch.as_deref(), Some("@@ -1 +0,0 @@\n-x"));
    assert_eq!(find("kind").status, FileStatus::Changed);
    assert_eq!(
        find("m").patch.as_deref(),
        Some("@@ -1 +1,2 @@\n diff --git a b\n+diff --git c d")
    );
    let renamed = find("new\nname");
    assert_eq!(
        (renamed.status, renamed.previous_path.as_deref()),
        (FileStatus::Renamed, Some("old name"))
    );
    assert_eq!(renamed.oid, blob);
    assert_eq!(repository.commit_files(root, 100).unwrap().len(), 4);
    assert_eq!(repository.commit_files(root, 2).unwrap().len(), 2);
}
