//! What a repository holds, through the whole gate.

mod archives;
mod branches;
mod commits;
mod contents;
mod git;
mod workflows;

use crate::harness::{Answered, World};
use bailiwick_git::{Mode, Oid, RefUpdate, Repository, Signature, TreeChange};
use serde_json::json;

pub const SITE: &str = "/repos/acme/site";

/// A repository with two commits on `main`, a branch `next` with one more, and two tags.
pub struct Seeded {
    pub repository: Repository,
    pub first: Oid,
    pub second: Oid,
    pub next: Oid,
}

pub fn person(login: &str) -> Signature {
    Signature {
        name: login.to_owned(),
        email: format!("{login}@example.org"),
        seconds: 1_700_000_000,
        offset_minutes: 60,
    }
}

pub fn open(world: &World, name: &str) -> Repository {
    world
        .authority
        .git()
        .open(world.repositories[name].0 as u64)
        .unwrap()
}

/// Stores a commit that adds these files to a base tree.
pub fn commit(
    repository: &Repository,
    base: Option<Oid>,
    parents: &[Oid],
    message: &str,
    files: &[(&str, Mode, &[u8])],
) -> Oid {
    let change = |(path, mode, bytes): &(&str, Mode, &[u8])| TreeChange {
        path: (*path).to_owned(),
        entry: Some((*mode, repository.create_blob(bytes).unwrap())),
    };
    let changes: Vec<TreeChange> = files.iter().map(change).collect();
    let tree = repository.create_tree(base, &changes).unwrap();
    let seconds = 1_700_000_000 + parents.len() as i64 * 60;
    let who = Signature {
        seconds,
        ..person("alice")
    };
    repository
        .create_commit(tree, parents, message, &who, &who)
        .unwrap()
}

pub fn set(repository: &Repository, name: &str, old: Option<Oid>, new: Oid) {
    repository
        .update_refs(&[RefUpdate {
            name: name.to_owned(),
            old,
            new: Some(new),
        }])
        .unwrap();
}

pub fn seed(world: &World, name: &str) -> Seeded {
    let repository = open(world, name);
    let file = Mode::File;
    let files: [(&str, Mode, &[u8]); 5] = [
        ("README.md", file, b"# Site\n"),
        ("src/main.rs", Mode::Executable, b"fn main() {}\n"),
        ("link", Mode::Symlink, b"src/main.rs"),
        ("away", Mode::Symlink, b"../../etc/passwd"),
        ("docs/guide.md", file, b"guide\n"),
    ];
    let first = commit(&repository, None, &[], "first\n", &files);
    let base = repository.commit(first).unwrap().tree;
    let second = commit(
        &repository,
        Some(base),
        &[first],
        "second\n",
        &[("src/main.rs", file, b"fn main() { run() }\n")],
    );
    let base = repository.commit(second).unwrap().tree;
    let next = commit(
        &repository,
        Some(base),
        &[second],
        "third\n",
        &[("src/run.rs", file, b"pub fn run() {}\n")],
    );
    set(&repository, "refs/heads/main", None, second);
    set(&repository, "refs/heads/next", None, next);
    set(&repository, "refs/heads/feature/one", None, first);
    set(&repository, "refs/tags/v1", None, first);
    let tag = bailiwick_git::NewTag {
        name: "v2".into(),
        target: second,
        tagger: person("alice"),
        message: "two\n".into(),
    };
    set(
        &repository,
        "refs/tags/v2",
        None,
        repository.create_tag(&tag).unwrap(),
    );
    Seeded {
        repository,
        first,
        second,
        next,
    }
}

/// Tokens of bob on acme/site: reader, writer, writer of workflows, and one that may do nothing with contents.
pub struct Tokens {
    pub read: String,
    pub write: String,
    pub workflows: String,
    pub issues: String,
}

pub async fn tokens(world: &World) -> Tokens {
    let mint =
        async |name: &str, permissions| world.mint_approved("bob", name, &["site"], permissions).await.1;
    Tokens {
        read: mint("read", json!({"contents": "read"})).await,
        write: mint("write", json!({"contents": "write"})).await,
        workflows: mint("workflows", json!({"contents": "write", "workflows": "write"})).await,
        issues: mint("issues", json!({"issues": "read"})).await,
    }
}

/// A GET with an `Accept` header.
pub async fn get_as(world: &World, path: &str, token: &str, accept: &str) -> Answered {
    let request = http::Request::builder()
        .uri(format!("/api/v3{path}"))
        .header("authorization", format!("Bearer {token}"))
        .header("accept", accept)
        .body(bailiwick_gate::whole(""))
        .unwrap();
    world.send(request).await
}

/// What the log holds of an action, newest first: outcome, reason and data.
pub fn events(world: &World, action: &str) -> Vec<bailiwick_store::EventRow> {
    use bailiwick_store::audit::{Condition, Match, Query, search};
    let condition = Condition::is(Match::Action(action.to_owned()));
    world
        .store
        .read(|tx| search(tx, &Query::new(vec![condition], 50)))
        .unwrap()
}
