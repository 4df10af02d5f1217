//! `/repos/{owner}/{repo}/issues…`, `/repos/{owner}/{repo}/labels…`, `/issues`, `/user/issues`, `/orgs/{org}/issues`.

use crate::harness::World;
use bailiwick_store::audit::{self, Condition, Match, Query};
use serde_json::{Value, json};

pub const ISSUES: &str = "/repos/acme/site/issues";
const LABELS: &str = "/repos/acme/site/labels";

pub async fn writer(world: &World, login: &str) -> String {
    world
        .mint_approved(login, "writer", &["site"], json!({"issues": "write"}))
        .await
        .1
}

/// The actions of changes in the log, oldest first, without those of tokens.
fn changes(world: &World) -> Vec<String> {
    let query = Query {
        ascending: true,
        ..Query::new(vec![Condition::not(Match::OperationType("access".into()))], 100)
    };
    let rows = world.store.read(|tx| audit::search(tx, &query)).unwrap();
    rows.into_iter()
        .filter(|row| !row.action.starts_with("personal_access_token"))
        .map(|row| format!("{} {}", row.action, row.outcome.word()))
        .collect()
}

#[tokio::test]
async fn an_issue_is_opened_edited_closed_and_locked() {
    let world = World::new();
    let token = writer(&world, "bob").await;
    let body = json!({"title": "Broken", "body": "It is.", "labels": ["bug", {"name": "urgent"}], "assignees": ["bob"]});
    let made = world.call("POST", ISSUES, &token, body).await.expect(201);
    assert_eq!(made.json["number"], 1);
    assert_eq!(made.json["user"]["login"], "bob");
    assert_eq!(made.json["author_association"], "MEMBER");
    assert_eq!(made.json["labels"][0]["name"], "bug");
    assert_eq!(made.json["assignee"]["login"], "bob");
    assert!(
        made.header("location")
            .ends_with("/api/v3/repos/acme/site/issues/1")
    );

    let one = format!("{ISSUES}/1");
    let edit =
        json!({"title": "Really broken", "state": "closed", "state_reason": "not_planned", "labels": []});
    let edited = world.call("PATCH", &one, &token, edit).await.expect(200);
    assert_eq!(edited.json["state"], "closed");
    assert_eq!(edited.json["state_reason"], "not_planned");
    assert_eq!(edited.json["closed_by"]["login"], "bob");
    assert_eq!(edited.json["labels"], json!([]));
    let again = world
        .call("PATCH", &one, &token, json!({"state": "open"}))
        .await
        .expect(200);
    assert_eq!(again.json["state_reason"], "reopened");
    assert_eq!(again.json["closed_at"], Value::Null);

    let lock = format!("{one}/lock");
    world
        .call("PUT", &lock, &token, json!({"lock_reason": "boring"}))
        .await
        .expect(422);
    world
        .call("PUT", &lock, &token, json!({"lock_reason": "too heated"}))
        .await
        .expect(204);
    let locked = world.get(&one, &token).await.expect(200);
    assert_eq!(locked.json["active_lock_reason"], "too heated");
    world.call("DELETE", &lock, &token, Value::Null).await.expect(204);
    assert_eq!(
        changes(&world),
        [
            "issue.create allowed",
            "label.create allowed",
            "label.create allowed",
            "issue.update allowed",
            "issue.update allowed",
            "issue.lock failed",
            "issue.lock allowed",
            "issue.unlock allowed",
        ]
    );
}

#[tokio::test]
async fn lists_filter_sort_and_page() {
    let world = World::new();
    let token = writer(&world, "bob").await;
    let owner = world.session("alice");
    for (title, labels, assignees) in [
        ("one", json!(["bug"]), json!(["bob"])),
        ("two", json!([]), json!([])),
        ("three", json!(["bug", "later"]), json!(["alice"])),
    ] {
        let body = json!({"title": title, "labels": labels, "assignees": assignees});
        world.call("POST", ISSUES, &token, body).await.expect(201);
        world.clock_forward_hours(1);
    }
    world
        .call(
            "PATCH",
            &format!("{ISSUES}/2"),
            &owner,
            json!({"state": "closed"}),
        )
        .await
        .expect(200);
    let titles = async |query: &str| -> Vec<String> {
        let list = world.get(&format!("{ISSUES}?{query}"), &token).await.expect(200);
        let list = list.json.as_array().unwrap().clone();
        list.iter()
            .map(|issue| issue["title"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(titles("").await, ["three", "one"]);
    assert_eq!(titles("state=all&direction=asc").await, ["one", "two", "three"]);
    assert_eq!(titles("state=closed").await, ["two"]);
    assert_eq!(titles("state=all&sort=updated").await, ["two", "three", "one"]);
    assert_eq!(titles("labels=BUG,later").await, ["three"]);
    assert_eq!(titles("assignee=bob").await, ["one"]);
    assert_eq!(titles("state=all&assignee=none").await, ["two"]);
    assert_eq!(titles("assignee=*").await, ["three", "one"]);
    assert_eq!(titles("creator=alice").await, Vec::<String>::new());
    assert_eq!(
        titles("state=all&since=2026-03-10T14:00:00Z").await,
        ["three", "two"]
    );
    assert_eq!(titles("milestone=none&per_page=1&page=2").await, ["one"]);
    let first = world
        .get(&format!("{ISSUES}?per_page=1"), &token)
        .await
        .expect(200);
    assert!(
        first.header("link").contains("page=2>; rel=\"next\""),
        "{}",
        first.header("link")
    );
    for wrong in [
        "state=ajar",
        "sort=luck",
        "since=yesterday",
        "assignee=nobody-here",
        "milestone=4",
        "mentioned=bob",
    ] {
        world.get(&format!("{ISSUES}?{wrong}"), &token).await.expect(422);
    }
}

#[tokio::test]
async fn wrong_tokens_are_refused_and_visitors_see_only_public_issues() {
    let world = World::new();
    let token = writer(&world, "bob").await;
    world
        .call("POST", ISSUES, &token, json!({"title": "hidden"}))
        .await
        .expect(201);
    world.get(ISSUES, "").await.expect(404);
    let (_, pending) = world
        .mint("bob", "pending", &["site"], json!({"issues": "read"}))
        .await;
    world.get(ISSUES, &pending).await.expect(404);
    let (_, reader) = world
        .mint_approved("bob", "reader", &["site"], json!({"issues": "read"}))
        .await;
    world.get(&format!("{ISSUES}/1"), &reader).await.expect(200);
    let refused = world
        .call("POST", ISSUES, &reader, json!({"title": "no"}))
        .await
        .expect(403);
    assert_eq!(refused.header("x-accepted-github-permissions"), "issues=write");
    world.get("/repos/acme/secret/issues", &token).await.expect(404);
    let public = world.get("/repos/acme/www/issues", "").await.expect(200);
    assert_eq!(public.json, json!([]));
    world
        .call("POST", "/repos/acme/www/issues", "", json!({"title": "x"}))
        .await
        .expect(401);
    world.get(&format!("{ISSUES}/99"), &token).await.expect(404);
}

#[tokio::test]
async fn whoever_may_not_label_has_labels_dropped() {
    let world = World::new();
    // mallory can read the public repository and open issues there, and has no role beyond that.
    let session = world.session("mallory");
    let body = json!({"title": "hello", "labels": ["bug"], "assignees": ["alice"]});
    let made = world
        .call("POST", "/repos/acme/www/issues", &session, body)
        .await
        .expect(201);
    assert_eq!(made.json["labels"], json!([]));
    assert_eq!(made.json["assignees"], json!([]));
    assert_eq!(made.json["author_association"], "NONE");
    // An author edits the text and closes it, and still may not label.
    let edit = json!({"body": "more", "state": "closed", "labels": ["bug"]});
    let edited = world
        .call("PATCH", "/repos/acme/www/issues/1", &session, edit)
        .await
        .expect(200);
    assert_eq!(edited.json["labels"], json!([]));
    assert_eq!(edited.json["state"], "closed");
    world
        .call(
            "POST",
            "/repos/acme/www/issues/1/labels",
            &session,
            json!(["bug"]),
        )
        .await
        .expect(403);
    // Not the author, not triage.
    let carol = world.session("carol");
    world
        .call("PATCH", "/repos/acme/www/issues/1", &carol, json!({"title": "x"}))
        .await
        .expect(403);
}

#[tokio::test]
async fn bad_issues_change_nothing() {
    let world = World::new();
    let token = writer(&world, "bob").await;
    let missing = world
        .call("POST", ISSUES, &token, json!({"body": "no title"}))
        .await
        .expect(422);
    assert_eq!(missing.json["message"], "Validation Failed");
    assert_eq!(
        missing.json["errors"][0],
        json!({"resource": "Issue", "field": "title", "code": "missing_field"})
    );
    for body in [
        json!({"title": "x".repeat(257)}),
        json!({"title": "a\u{202e}b"}),
        json!({"title": "x", "body": "\u{1b}[2J"}),
        json!({"title": "x", "assignees": ["mallory"]}),
        json!({"title": "x", "labels": ["a,b"]}),
        json!({"title": "x", "milestone": 1}),
        json!({"title": ["x"]}),
    ] {
        world.call("POST", ISSUES, &token, body).await.expect(422);
    }
    assert_eq!(world.get(ISSUES, &token).await.expect(200).json, json!([]));
    assert_eq!(world.get(LABELS, &token).await.expect(200).json, json!([]));
    world
        .call("POST", ISSUES, &token, json!({"title": "good"}))
        .await
        .expect(201);
    for body in [
        json!({"state": "ajar"}),
        json!({"state": "closed", "state_reason": "bored"}),
        json!({"title": ""}),
    ] {
        world
            .call("PATCH", &format!("{ISSUES}/1"), &token, body)
            .await
            .expect(422);
    }
    assert_eq!(
        world.get(&format!("{ISSUES}/1"), &token).await.expect(200).json["state"],
        "open"
    );
}

#[tokio::test]
async fn lists_over_repositories_show_only_what_the_grant_holds() {
    let world = World::new();
    let alice = world.session("alice");
    for repository in ["site", "secret", "www"] {
        let body = json!({"title": repository, "assignees": ["alice"]});
        world
            .call("POST", &format!("/repos/acme/{repository}/issues"), &alice, body)
            .await
            .expect(201);
    }
    let titles = async |path: &str, credential: &str| -> Vec<String> {
        let list = world.get(path, credential).await.expect(200);
        let mut titles: Vec<String> = list
            .json
            .as_array()
            .unwrap()
            .iter()
            .map(|issue| issue["title"].as_str().unwrap().to_owned())
            .collect();
        titles.sort();
        titles
    };
    assert_eq!(titles("/issues", &alice).await, ["secret", "site", "www"]);
    assert_eq!(
        titles("/user/issues?filter=created", &alice).await,
        ["secret", "site", "www"]
    );
    assert_eq!(
        titles("/orgs/acme/issues?filter=all", &alice).await,
        ["secret", "site", "www"]
    );
    let (_, narrow) = world
        .mint_approved("alice", "narrow", &["site"], json!({"issues": "read"}))
        .await;
    assert_eq!(titles("/issues", &narrow).await, ["site", "www"]);
    assert_eq!(titles("/user/issues?filter=all", &narrow).await, ["site", "www"]);
    assert_eq!(titles("/orgs/acme/issues", &narrow).await, ["site", "www"]);
    let (_, other) = world
        .mint_approved("alice", "other", &["site"], json!({"contents": "read"}))
        .await;
    assert_eq!(titles("/issues", &other).await, ["www"]);
    let full = world.get("/issues", &narrow).await.expect(200);
    assert_eq!(full.json[0]["repository"]["owner"]["login"], "acme");
    world.get("/issues", "").await.expect(401);
    world.get("/issues?filter=mentioned", &alice).await.expect(422);
}

#[tokio::test]
async fn issues_turned_off_are_gone() {
    let world = World::new();
    let id = world.repositories["www"];
    world
        .store
        .write(|tx| {
            let mut row = bailiwick_store::repository::by_id(tx, id)?.unwrap();
            row.has_issues = false;
            bailiwick_store::repository::update(tx, &row)
        })
        .unwrap();
    let gone = world.get("/repos/acme/www/issues", "").await.expect(410);
    assert_eq!(gone.json["reason"], "issues.disabled");
}
