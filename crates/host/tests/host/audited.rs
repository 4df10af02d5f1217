//! Audit coverage of everything that changes something over Git and LFS: each served operation that writes has a
//! row, which is played with broken input, by a token that may not, and as it should be.

use crate::client::good;
use crate::world::{World, read};
use bailiwick_catalogue::operation;
use bailiwick_gate::whole;
use bailiwick_model::TokenId;
use bailiwick_store::EventRow;
use bailiwick_store::audit::{Condition, Match, Query, search};
use bailiwick_wire::pktline;
use serde_json::json;
use std::collections::BTreeSet;

const WRITE: &[(&str, &str)] = &[("contents", "write")];
const READ: &[(&str, &str)] = &[("contents", "read")];
const PUSH: &str = "application/x-git-receive-pack-request";
const LFS: &str = "application/vnd.git-lfs+json";
/// The SHA-256 of `hello`.
const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

/// A change below `/acme/site.git`: what it is asked with, and what it leaves.
struct Row {
    operation: &'static str,
    path: String,
    content_type: &'static str,
    body: Vec<u8>,
    wrong: Vec<u8>,
    /// Actions when done, in order: the change's own is the last.
    done: &'static [&'static str],
}

fn rows(head: &str) -> Vec<Row> {
    let mut deletion = Vec::new();
    let zero = "0".repeat(40);
    let command = format!("{head} {zero} refs/heads/next\0report-status");
    pktline::encode(command.as_bytes(), &mut deletion).unwrap();
    deletion.extend_from_slice(pktline::FLUSH);
    let json = |value: serde_json::Value| value.to_string().into_bytes();
    let lfs = |operation, path: &str, body, done| Row {
        operation,
        path: format!("info/lfs/{path}"),
        content_type: LFS,
        body,
        wrong: b"{\"x\":".to_vec(),
        done,
    };
    let batch = json!({"operation": "upload", "objects": [{"oid": HELLO, "size": 5}]});
    vec![
        Row {
            operation: "git/receive-pack",
            path: String::from("git-receive-pack"),
            content_type: PUSH,
            body: deletion,
            wrong: b"zzzz".to_vec(),
            // The intent is on record before git receives anything.
            done: &["git.push_started", "git.push"],
        },
        // The body says which batch is meant, so one that cannot be read is none: its list of objects is broken.
        Row {
            wrong: json(json!({"operation": "upload", "objects": 1})),
            ..lfs(
                "lfs/batch-upload",
                "objects/batch",
                json(batch),
                &["git_lfs.batch_upload"],
            )
        },
        lfs(
            "lfs/upload",
            &format!("objects/{HELLO}"),
            b"hello".to_vec(),
            &["git_lfs.upload"],
        ),
        lfs(
            "lfs/lock",
            "locks",
            json(json!({"path": "b.bin"})),
            &["git_lfs.lock"],
        ),
        lfs(
            "lfs/unlock",
            "locks/1/unlock",
            json(json!({})),
            &["git_lfs.unlock"],
        ),
    ]
}

#[test]
fn every_served_change_has_a_row() {
    let mut routes = bailiwick_gate::Routes::new();
    bailiwick_host::register(&mut routes);
    let served = routes.operations().filter_map(operation);
    let served: BTreeSet<&str> = served.filter(|one| one.writes).map(|one| one.id).collect();
    let known: BTreeSet<&str> = rows("").iter().map(|row| row.operation).collect();
    assert_eq!(known, served);
}

/// Plays a row and answers its status and what it left, oldest first.
async fn play(world: &World, row: &Row, token: &str, body: &[u8]) -> (u16, Vec<EventRow>) {
    let method = if row.operation == "lfs/upload" {
        "PUT"
    } else {
        "POST"
    };
    let path = format!("/acme/site.git/{}", row.path);
    let headers = [("content-type", row.content_type)];
    let answer = world
        .send(method, &path, token, &headers, whole(body.to_vec()))
        .await;
    let id = answer.headers()["x-github-request-id"]
        .to_str()
        .unwrap()
        .to_owned();
    let (status, _) = read(answer).await;
    let query = Query {
        ascending: true,
        ..Query::new(vec![Condition::is(Match::RequestId(id))], 100)
    };
    (status, world.store.read(|tx| search(tx, &query)).unwrap())
}

#[track_caller]
fn only(row: &Row, played: &(u16, Vec<EventRow>), outcome: &str, token: TokenId) {
    let seen: Vec<_> = played
        .1
        .iter()
        .map(|event| (event.action.as_str(), event.outcome.word()))
        .collect();
    assert_eq!(seen, [(*row.done.last().unwrap(), outcome)], "{}", row.operation);
    assert_eq!(played.1[0].operation.as_deref(), Some(row.operation));
    assert_eq!(played.1[0].token_id, Some(token));
    assert!((400..500).contains(&played.0), "{}: {}", row.operation, played.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_change_leaves_one_event_done_refused_or_failed() {
    let world = World::new().await;
    let copy = world.seeded("site");
    let head = good(&copy, &["rev-parse", "HEAD"]).trim().to_owned();
    let bare = world.on_disk("site").directory().to_owned();
    good(&bare, &["branch", "next", &head]);
    let (writer_id, writer) = world.token("bob", &["site"], WRITE);
    let (reader_id, reader) = world.token("bob", &["site"], READ);
    let locked = json!({"path": "a.bin"}).to_string();
    let lock = world
        .send(
            "POST",
            "/acme/site.git/info/lfs/locks",
            &writer,
            &[("content-type", LFS)],
            whole(locked),
        )
        .await;
    assert_eq!(lock.status(), 201);
    for row in rows(&head) {
        only(
            &row,
            &play(&world, &row, &writer, &row.wrong).await,
            "failed",
            writer_id,
        );
        only(
            &row,
            &play(&world, &row, &reader, &row.body).await,
            "refused",
            reader_id,
        );
        let (status, events) = play(&world, &row, &writer, &row.body).await;
        assert!((200..300).contains(&status), "{}: {status}", row.operation);
        let seen: Vec<_> = events.iter().map(|event| event.action.as_str()).collect();
        assert_eq!(seen, row.done, "{}", row.operation);
        for event in &events {
            assert_eq!(
                (event.operation.as_deref(), event.outcome.word()),
                (Some(row.operation), "allowed")
            );
            assert_eq!(event.token_id, Some(writer_id));
        }
    }
    let left = world.on_disk("site").branches().unwrap();
    assert_eq!(
        left.iter().map(|one| one.short_name()).collect::<Vec<_>>(),
        ["main"]
    );
}
