//! `/repos/{owner}/{repo}/issues/…/comments`, `…/labels`, `…/assignees`, `/repos/{owner}/{repo}/labels…`.

use crate::harness::World;
use crate::issues::{ISSUES, writer};
use serde_json::{Value, json};

const LABELS: &str = "/repos/acme/site/labels";

#[tokio::test]
async fn comments_are_written_listed_edited_and_deleted() {
    let world = World::new();
    let bob = writer(&world, "bob").await;
    world
        .call("POST", ISSUES, &bob, json!({"title": "talk"}))
        .await
        .expect(201);
    let comments = format!("{ISSUES}/1/comments");
    let made = world
        .call("POST", &comments, &bob, json!({"body": "first"}))
        .await
        .expect(201);
    let id = made.json["id"].as_i64().unwrap();
    world.clock_forward_hours(1);
    let carol = world.session("carol");
    world
        .call("POST", &comments, &carol, json!({"body": "second"}))
        .await
        .expect(201);
    let list = world.get(&comments, &bob).await.expect(200);
    assert_eq!(list.json[1]["user"]["login"], "carol");
    assert_eq!(list.json[1]["author_association"], "COLLABORATOR");
    let newest = world
        .get(&format!("{ISSUES}/comments?sort=created&direction=desc"), &bob)
        .await
        .expect(200);
    assert_eq!(newest.json[0]["body"], "second");
    let recent = world
        .get(&format!("{comments}?since=2026-03-10T12:30:00Z"), &bob)
        .await
        .expect(200);
    assert_eq!(recent.json.as_array().unwrap().len(), 1);
    assert_eq!(
        world.get(&format!("{ISSUES}/1"), &bob).await.expect(200).json["comments"],
        2
    );

    let one = format!("{ISSUES}/comments/{id}");
    world
        .call("PATCH", &one, &bob, json!({"body": " "}))
        .await
        .expect(422);
    let edited = world
        .call("PATCH", &one, &bob, json!({"body": "changed"}))
        .await
        .expect(200);
    assert_eq!(edited.json["body"], "changed");
    // The same id through another repository does not exist.
    let alice = world.session("alice");
    world
        .get(&format!("/repos/acme/secret/issues/comments/{id}"), &alice)
        .await
        .expect(404);
    let body = json!({"body": "stolen"});
    world
        .call(
            "PATCH",
            &format!("/repos/acme/secret/issues/comments/{id}"),
            &alice,
            body,
        )
        .await
        .expect(404);
    world.call("DELETE", &one, &bob, Value::Null).await.expect(204);
    world.get(&one, &bob).await.expect(404);
}

#[tokio::test]
async fn a_locked_issue_takes_comments_of_writers_only() {
    let world = World::new();
    let alice = world.session("alice");
    world
        .call("POST", "/repos/acme/www/issues", &alice, json!({"title": "hot"}))
        .await
        .expect(201);
    world
        .call("PUT", "/repos/acme/www/issues/1/lock", &alice, Value::Null)
        .await
        .expect(204);
    let mallory = world.session("mallory");
    let path = "/repos/acme/www/issues/1/comments";
    let refused = world
        .call("POST", path, &mallory, json!({"body": "me too"}))
        .await
        .expect(403);
    assert_eq!(refused.json["reason"], "issue.locked");
    world
        .call("POST", path, &alice, json!({"body": "calm"}))
        .await
        .expect(201);
}

#[tokio::test]
async fn labels_live_in_the_repository_and_on_issues() {
    let world = World::new();
    let token = writer(&world, "bob").await;
    let body = json!({"name": "bug", "color": "D73A4A", "description": "Broken"});
    let made = world.call("POST", LABELS, &token, body.clone()).await.expect(201);
    assert_eq!(made.json["color"], "d73a4a");
    assert_eq!(made.json["default"], true);
    let again = world.call("POST", LABELS, &token, body).await.expect(422);
    assert_eq!(again.json["errors"][0]["code"], "already_exists");
    world
        .call("POST", LABELS, &token, json!({"name": "x", "color": "red"}))
        .await
        .expect(422);
    let renamed = world
        .call(
            "PATCH",
            &format!("{LABELS}/BUG"),
            &token,
            json!({"new_name": "a bug"}),
        )
        .await
        .expect(200);
    assert_eq!(renamed.json["name"], "a bug");
    assert_eq!(
        renamed.json["url"],
        format!("{}/api/v3{LABELS}/a%20bug", crate::harness::BASE_URL)
    );
    world.get(&format!("{LABELS}/a%20bug"), &token).await.expect(200);

    world
        .call("POST", ISSUES, &token, json!({"title": "t"}))
        .await
        .expect(201);
    let on = format!("{ISSUES}/1/labels");
    let labels = world
        .call("POST", &on, &token, json!(["a bug", "new"]))
        .await
        .expect(200);
    assert_eq!(labels.json.as_array().unwrap().len(), 2);
    assert_eq!(labels.json[1]["color"], "ededed");
    world.call("POST", &on, &token, json!({})).await.expect(422);
    let set = world
        .call("PUT", &on, &token, json!({"labels": [{"name": "new"}]}))
        .await
        .expect(200);
    assert_eq!(set.json.as_array().unwrap().len(), 1);
    let gone = world
        .call("DELETE", &format!("{on}/missing"), &token, Value::Null)
        .await
        .expect(404);
    assert_eq!(gone.json["message"], "Label does not exist");
    let left = world
        .call("DELETE", &format!("{on}/new"), &token, Value::Null)
        .await
        .expect(200);
    assert_eq!(left.json, json!([]));
    world.call("PUT", &on, &token, json!(["new"])).await.expect(200);
    world.call("DELETE", &on, &token, Value::Null).await.expect(204);
    world
        .call("DELETE", &format!("{LABELS}/new"), &token, Value::Null)
        .await
        .expect(204);
    let names = world.get(LABELS, &token).await.expect(200);
    assert_eq!(names.json.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn assignees_are_whoever_can_push_or_belongs() {
    let world = World::new();
    let token = writer(&world, "bob").await;
    let list = world.get("/repos/acme/site/assignees", &token).await.expect(200);
    let logins: Vec<&str> = list
        .json
        .as_array()
        .unwrap()
        .iter()
        .map(|user| user["login"].as_str().unwrap())
        .collect();
    assert_eq!(logins, ["alice", "bob", "carol"]);
    world
        .get("/repos/acme/site/assignees/carol", &token)
        .await
        .expect(204);
    world
        .get("/repos/acme/site/assignees/mallory", &token)
        .await
        .expect(404);
    world
        .call("POST", ISSUES, &token, json!({"title": "t"}))
        .await
        .expect(201);
    let path = format!("{ISSUES}/1/assignees");
    let added = world
        .call("POST", &path, &token, json!({"assignees": ["carol", "mallory"]}))
        .await
        .expect(201);
    assert_eq!(added.json["assignees"].as_array().unwrap().len(), 1);
    world.get(&format!("{path}/alice"), &token).await.expect(204);
    let removed = world
        .call("DELETE", &path, &token, json!({"assignees": ["carol"]}))
        .await
        .expect(200);
    assert_eq!(removed.json["assignees"], json!([]));
}
