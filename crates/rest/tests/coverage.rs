//! Every change that issues, labels, statuses and checks offer leaves exactly one main event under its operation's
//! action, allowed or refused.

use crate::content::seed;
use crate::harness::World;
use bailiwick_store::audit::{self, Condition, Match, Query};
use serde_json::{Value, json};

/// A change: method, path, body and the action it leaves. In an order in which each succeeds.
fn changes(sha: &str) -> Vec<(&'static str, String, Value, &'static str)> {
    let site = |path: &str| format!("/repos/acme/site{path}");
    let nothing = Value::Null;
    vec![
        ("POST", site("/labels"), json!({"name": "bug"}), "label.create"),
        (
            "PATCH",
            site("/labels/bug"),
            json!({"color": "ffffff"}),
            "label.update",
        ),
        ("POST", site("/issues"), json!({"title": "t"}), "issue.create"),
        (
            "PATCH",
            site("/issues/1"),
            json!({"state": "closed"}),
            "issue.update",
        ),
        ("POST", site("/issues/1/labels"), json!(["bug"]), "issue.label"),
        ("PUT", site("/issues/1/labels"), json!(["bug"]), "issue.label"),
        (
            "DELETE",
            site("/issues/1/labels/bug"),
            nothing.clone(),
            "issue.unlabel",
        ),
        (
            "DELETE",
            site("/issues/1/labels"),
            nothing.clone(),
            "issue.unlabel",
        ),
        (
            "POST",
            site("/issues/1/assignees"),
            json!({"assignees": ["bob"]}),
            "issue.assign",
        ),
        (
            "DELETE",
            site("/issues/1/assignees"),
            json!({"assignees": ["bob"]}),
            "issue.unassign",
        ),
        ("PUT", site("/issues/1/lock"), nothing.clone(), "issue.lock"),
        ("DELETE", site("/issues/1/lock"), nothing.clone(), "issue.unlock"),
        (
            "POST",
            site("/issues/1/comments"),
            json!({"body": "b"}),
            "issue_comment.create",
        ),
        (
            "PATCH",
            site("/issues/comments/1"),
            json!({"body": "c"}),
            "issue_comment.update",
        ),
        (
            "DELETE",
            site("/issues/comments/1"),
            nothing.clone(),
            "issue_comment.destroy",
        ),
        ("DELETE", site("/labels/bug"), nothing.clone(), "label.destroy"),
        (
            "POST",
            site(&format!("/statuses/{sha}")),
            json!({"state": "success"}),
            "commit_status.create",
        ),
        (
            "POST",
            site("/check-suites"),
            json!({"head_sha": sha}),
            "check_suite.create",
        ),
        (
            "POST",
            site("/check-runs"),
            json!({"name": "n", "head_sha": sha}),
            "check_run.create",
        ),
        (
            "PATCH",
            site("/check-runs/1"),
            json!({"status": "in_progress"}),
            "check_run.update",
        ),
        (
            "POST",
            site("/check-runs/1/rerequest"),
            nothing.clone(),
            "check_run.rerequest",
        ),
        (
            "POST",
            site("/check-suites/1/rerequest"),
            nothing,
            "check_suite.rerequest",
        ),
    ]
}

/// The actions and outcomes on record for a request.
fn recorded(world: &World, request_id: &str) -> Vec<(String, &'static str)> {
    let query = Query::new(vec![Condition::is(Match::RequestId(request_id.to_owned()))], 10);
    let rows = world.store.read(|tx| audit::search(tx, &query)).unwrap();
    rows.into_iter()
        .map(|row| (row.action, row.outcome.word()))
        .collect()
}

#[tokio::test]
async fn each_change_leaves_one_event_when_allowed_and_one_when_refused() {
    let world = World::new();
    let sha = seed(&world, "site").second.to_string();
    let everything = json!({"issues": "write", "statuses": "write", "checks": "write"});
    let (_, writer) = world.mint_approved("bob", "writer", &["site"], everything).await;
    let nothing = json!({"issues": "read", "statuses": "read", "checks": "read"});
    let (_, reader) = world.mint_approved("bob", "reader", &["site"], nothing).await;
    for (method, path, body, action) in changes(&sha) {
        let refused = world.call(method, &path, &reader, body.clone()).await.expect(403);
        let id = refused.header("x-github-request-id").to_owned();
        assert_eq!(
            recorded(&world, &id),
            [(action.to_owned(), "refused")],
            "{method} {path}"
        );
        let done = world.call(method, &path, &writer, body).await;
        assert!(
            (200..300).contains(&done.status),
            "{method} {path}: {:?}",
            done.json
        );
        let id = done.header("x-github-request-id").to_owned();
        assert_eq!(
            recorded(&world, &id),
            [(action.to_owned(), "allowed")],
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn every_served_change_of_these_nouns_is_in_the_table() {
    let world = World::new();
    let table = changes("0123456789012345678901234567890123456789");
    let covered: Vec<&str> = table.iter().map(|(_, _, _, action)| *action).collect();
    for index in world.gate.routes().operations() {
        let one = bailiwick_catalogue::operation(index).unwrap();
        let noun = one.id.starts_with("issues/")
            || one.id.starts_with("checks/")
            || one.id.contains("commit-status");
        if noun && one.writes {
            assert!(covered.contains(&one.action), "{} is not covered", one.id);
        }
    }
}
