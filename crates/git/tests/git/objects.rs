//! Objects in the shapes the REST API needs.

use bailiwick_git::{ArchiveFormat, Error, Kind, Mode, NewTag, Oid, Signature, TreeChange};
use tokio::io::AsyncReadExt;

use crate::world::{World, alice, commit, create, git};

#[test]
fn a_commit_is_read_as_it_was_written() {
    let world = World::new();
    let repository = world.repository();
    let first = commit(&repository, &[], &[("a/b", "1\n")]);
    let read = repository.commit(first).unwrap();
    assert_eq!(read.author, alice());
    assert_eq!(read.message, "change a/b\n");
    assert_eq!(read.author.rfc3339(), "2023-11-14T20:43:20-01:30");
    assert_eq!(read.author.rfc3339_utc(), "2023-11-14T22:13:20Z");
    assert!(read.parents.is_empty() && read.signature.is_none());
    git(repository.directory(), &["fsck", "--strict"]);
    let empty = repository.create_tree(None, &[]).unwrap();
    assert!(
        repository.directory().join("objects/4b").exists(),
        "{empty} is stored"
    );
    assert!(matches!(
        repository.commit(read.tree),
        Err(Error::WrongKind { .. })
    ));
    assert!(matches!(repository.commit(Oid::ZERO), Err(Error::NotFound(_))));
}

#[test]
fn a_signature_is_apart_from_what_it_signs() {
    let world = World::new();
    let repository = world.repository();
    let tree = repository.create_tree(None, &[]).unwrap();
    let head = format!("tree {tree}\nauthor A <a@x> 1 +0000\ncommitter A <a@x> 1 +0000\n");
    let raw = format!("{head}gpgsig -----BEGIN\n \n abc\n -----END\n\nhello\n");
    std::fs::write(world.path("raw"), raw).unwrap();
    let path = world.path("raw");
    // Through the plain client: this is what a push of a signed commit brings.
    let oid = git(
        repository.directory(),
        &["hash-object", "-w", "-t", "commit", path.to_str().unwrap()],
    );
    let read = repository.commit(oid.trim().parse().unwrap()).unwrap();
    let signature = read.signature.unwrap();
    assert_eq!(signature.signature, "-----BEGIN\n\nabc\n-----END");
    assert_eq!(signature.payload, format!("{head}\nhello\n"));
}

#[test]
fn people_cannot_forge_headers() {
    let world = World::new();
    let repository = world.repository();
    let tree = repository.create_tree(None, &[]).unwrap();
    for (name, email) in [
        ("A\nparent x", "a@x"),
        ("A", "a@x> 1 +0000\ncommitter B <b"),
        ("", "a@x"),
        ("A<", "a"),
        ("A", "a b"),
    ] {
        let person = Signature {
            name: name.into(),
            email: email.into(),
            ..alice()
        };
        let made = repository.create_commit(tree, &[], "m", &person, &alice());
        assert!(matches!(made, Err(Error::Invalid(_))), "{name:?} {email:?}");
    }
    let late = Signature {
        seconds: i64::MAX,
        ..alice()
    };
    assert!(repository.create_commit(tree, &[], "m", &late, &alice()).is_err());
    assert!(
        repository
            .create_commit(tree, &[], "a\0b", &alice(), &alice())
            .is_err()
    );
    assert!(
        repository
            .create_commit(tree, &[tree], "m", &alice(), &alice())
            .is_err()
    );
}

#[test]
fn trees_list_modes_sizes_and_depth() {
    let world = World::new();
    let repository = world.repository();
    let first = commit(
        &repository,
        &[],
        &[("z", "12345"), ("dir/inner", "1"), ("dir.txt", "22")],
    );
    let tree = repository.tree(first, false, 100).unwrap();
    let lines: Vec<_> = tree
        .entries
        .iter()
        .map(|entry| {
            (
                entry.path.as_str(),
                entry.mode.octal(),
                entry.mode.type_name(),
                entry.size_bytes,
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            ("dir.txt", "100644", "blob", Some(2)),
            ("dir", "040000", "tree", None),
            ("z", "100644", "blob", Some(5))
        ]
    );
    let all = repository.tree(first, true, 100).unwrap();
    assert!(all.entries.iter().any(|entry| entry.path == "dir/inner"));
    assert!(!all.truncated);
    let cut = repository.tree(first, true, 2).unwrap();
    assert!(cut.truncated && cut.entries.len() == 2);
    let inner = repository.entry_at(first, "dir/inner").unwrap().unwrap();
    assert_eq!((inner.mode, inner.size_bytes), (Mode::File, Some(1)));
    assert_eq!(
        repository.entry_at(first, "dir").unwrap().unwrap().mode,
        Mode::Tree
    );
    assert_eq!(repository.entry_at(first, "").unwrap().unwrap().oid, tree.oid);
    for absent in [
        "DIR",
        "dir/",
        "/dir",
        "dir//inner",
        "dir/../z",
        "z/x",
        ":/z",
        "no",
    ] {
        assert_eq!(repository.entry_at(first, absent).unwrap(), None, "{absent}");
    }
}

#[test]
fn blobs_have_limits() {
    let world = World::new();
    let repository = world.repository();
    let binary: Vec<u8> = (0..=255).collect();
    let oid = repository.create_blob(&binary).unwrap();
    assert_eq!(repository.blob(oid, 256).unwrap(), binary);
    assert_eq!(repository.blob_size(oid).unwrap(), 256);
    let refused = repository.blob(oid, 255);
    assert!(matches!(
        refused,
        Err(Error::TooLarge {
            size_bytes: Some(256),
            limit_bytes: 255
        })
    ));
    let large = vec![7; 3 << 20];
    let oid = repository.create_blob(&large).unwrap();
    assert_eq!(repository.blob(oid, 4 << 20).unwrap(), large);
    assert!(matches!(repository.blob(Oid::ZERO, 1), Err(Error::NotFound(_))));
    assert_eq!(repository.object_info(oid).unwrap(), Some((Kind::Blob, 3 << 20)));
}

#[test]
fn trees_are_built_from_changes() {
    let world = World::new();
    let repository = world.repository();
    let first = commit(
        &repository,
        &[],
        &[("a", "1"), ("d/e/f", "2"), ("d/g", "3"), ("keep", "4")],
    );
    let base = repository.commit(first).unwrap().tree;
    let blob = repository.create_blob(b"new").unwrap();
    let change = |path: &str, entry| TreeChange {
        path: path.into(),
        entry,
    };
    let file = Some((Mode::Executable, blob));
    let built = repository
        .create_tree(
            Some(base),
            &[change("d/e/f", None), change("a", None), change("keep/x/y", file)],
        )
        .unwrap();
    let listed = repository.tree(built, true, 100).unwrap();
    let paths: Vec<_> = listed.entries.iter().map(|entry| entry.path.as_str()).collect();
    assert_eq!(
        paths,
        ["d", "d/g", "keep", "keep/x", "keep/x/y"],
        "emptied directories go, a file gives way"
    );
    assert_eq!(listed.entries[4].mode, Mode::Executable);
    let moved = repository
        .create_tree(None, &[change("sub", Some((Mode::Tree, base)))])
        .unwrap();
    assert!(repository.entry_at(moved, "sub/d/g").unwrap().is_some());
    let refused = |changes: &[TreeChange]| repository.create_tree(Some(base), changes).unwrap_err();
    assert!(matches!(refused(&[change("no", None)]), Error::NotFound(_)));
    assert!(matches!(
        refused(&[change("x", file), change("x/y", file)]),
        Error::Invalid(_)
    ));
    assert!(matches!(
        refused(&[change("x", file), change("x", file)]),
        Error::Invalid(_)
    ));
    assert!(matches!(
        refused(&[change("x", Some((Mode::Tree, blob)))]),
        Error::WrongKind { .. }
    ));
    assert!(matches!(
        refused(&[change("x", Some((Mode::File, Oid::ZERO)))]),
        Error::NotFound(_)
    ));
    assert_eq!(Mode::parse("100664"), None);
}

#[test]
fn paths_in_disguise_are_refused() {
    let world = World::new();
    let repository = world.repository();
    let blob = repository.create_blob(b"x").unwrap();
    for path in [
        "",
        "/a",
        "a/",
        "a//b",
        ".",
        "..",
        "a/../b",
        "a/./b",
        ".git/config",
        "a/.git",
        "a/.GIT/hooks/x",
        ".Git",
        ".git ",
        ".git.",
        ".git. .",
        "git~1/x",
        "GIT~1",
        ".git::$INDEX_ALLOCATION/x",
        ".g\u{200c}it",
        "a/.gi\u{feff}t/x",
        "a\\..\\b",
        "a\\.git\\config",
        "a\0b",
    ] {
        let change = TreeChange {
            path: path.into(),
            entry: Some((Mode::File, blob)),
        };
        assert!(
            matches!(repository.create_tree(None, &[change]), Err(Error::Invalid(_))),
            "{path:?}"
        );
    }
    for path in [
        ".gitignore",
        ".github/x",
        "a.git",
        "git",
        "...",
        "ä/ö",
        "-x",
        "a b",
    ] {
        let change = TreeChange {
            path: path.into(),
            entry: Some((Mode::File, blob)),
        };
        assert!(repository.create_tree(None, &[change]).is_ok(), "{path:?}");
    }
}

#[test]
fn submodule_files_get_the_checks_of_a_push() {
    let world = World::new();
    let repository = world.repository();
    let made = |mode, text: &str, path: &str| {
        let blob = repository.create_blob(text.as_bytes()).unwrap();
        repository.create_tree(
            None,
            &[TreeChange {
                path: path.into(),
                entry: Some((mode, blob)),
            }],
        )
    };
    assert!(
        made(
            Mode::File,
            "[submodule \"a\"]\n\tpath = a\n\turl = ../a.git\n",
            ".gitmodules"
        )
        .is_ok()
    );
    for text in [
        "[submodule \"../../x\"]\n\turl = u\n",
        "[submodule \"a\"]\n\turl = -u./x\n",
        "[submodule \"a\"]\n\tpath = -x\n",
        "[submodule \"a\"]\n\tupdate = !touch /tmp/x\n",
        "[submodule",
    ] {
        assert!(
            matches!(made(Mode::File, text, "d/.gitmodules"), Err(Error::Invalid(_))),
            "{text}"
        );
    }
    assert!(made(Mode::Symlink, "target", ".GITMODULES").is_err());
    assert!(made(Mode::Symlink, "target", "link").is_ok());
}

#[test]
fn tags_are_written_and_read() {
    let world = World::new();
    let repository = world.repository();
    let first = commit(&repository, &[], &[("a", "1")]);
    let tag = NewTag {
        name: "v1".into(),
        target: first,
        tagger: alice(),
        message: "one\n".into(),
    };
    let oid = repository.create_tag(&tag).unwrap();
    repository.update_refs(&[create("refs/tags/v1", oid)]).unwrap();
    let read = repository.tag(oid).unwrap();
    assert_eq!(
        (read.target, read.name.as_str(), read.message.as_str()),
        (first, "v1", "one\n")
    );
    let listed = repository.tags().unwrap();
    assert_eq!(
        (listed[0].oid, listed[0].commit(), listed[0].short_name()),
        (oid, Some(first), "v1")
    );
    assert_eq!(repository.resolve("v1").unwrap(), Some(first));
    assert!(
        repository
            .create_tag(&NewTag {
                name: "a..b".into(),
                ..tag
            })
            .is_err()
    );
}

#[tokio::test]
async fn archives_stream() {
    let world = World::new();
    let repository = world.repository();
    let first = commit(&repository, &[], &[("a/b", "content")]);
    let mut bytes = Vec::new();
    let mut zip = repository
        .archive(first, ArchiveFormat::Zip, "acme-site-1")
        .unwrap();
    zip.read_to_end(&mut bytes).await.unwrap();
    assert!(zip.finish().await.unwrap().success());
    assert!(bytes.starts_with(b"PK"));
    assert!(bytes.windows(15).any(|window| window == b"acme-site-1/a/b"));
    let mut tar = repository.archive(first, ArchiveFormat::TarGz, "p").unwrap();
    bytes.clear();
    tar.read_to_end(&mut bytes).await.unwrap();
    assert!(tar.finish().await.unwrap().success());
    assert!(bytes.starts_with(&[0x1f, 0x8b]));
    assert!(repository.archive(first, ArchiveFormat::Zip, "../x").is_err());
    let missing = repository.archive(Oid::ZERO, ArchiveFormat::Zip, "p").unwrap();
    assert!(!missing.finish().await.unwrap().success());
}
