//! `/repos/{owner}/{repo}/statuses…`, `/check-runs…`, `/check-suites…`, `/commits/{ref}/status`.

use crate::content::seed;
use crate::harness::World;
use serde_json::{Value, json};

const SITE: &str = "/repos/acme/site";

#[tokio::test]
async fn the_newest_status_of_each_context_counts() {
    let world = World::new();
    let sha = seed(&world, "site").second.to_string();
    let (_, token) = world
        .mint_approved("bob", "ci", &["site"], json!({"statuses": "write"}))
        .await;
    let combined = format!("{SITE}/commits/main/status");
    let none = world.get(&combined, &token).await.expect(200);
    assert_eq!(
        (none.json["state"].as_str(), none.json["total_count"].as_i64()),
        (Some("pending"), Some(0))
    );
    for (state, context) in [("failure", "build"), ("success", "build"), ("success", "lint")] {
        let body = json!({"state": state, "context": context, "target_url": "https://ci.example.org/1"});
        let made = world
            .call("POST", &format!("{SITE}/statuses/{sha}"), &token, body)
            .await
            .expect(201);
        assert_eq!(made.json["creator"]["login"], "bob");
    }
    let now = world.get(&combined, &token).await.expect(200);
    assert_eq!(now.json["state"], "success");
    assert_eq!(now.json["total_count"], 2);
    assert_eq!(now.json["sha"], sha);
    assert_eq!(now.json["repository"]["full_name"], "acme/site");
    let all = world
        .get(&format!("{SITE}/commits/{sha}/statuses?per_page=2"), &token)
        .await
        .expect(200);
    assert_eq!(all.json.as_array().unwrap().len(), 2);
    assert!(all.header("link").contains("rel=\"next\""));
    assert_eq!(all.json[0]["context"], "lint");
}

#[tokio::test]
async fn bad_statuses_and_wrong_tokens_are_refused() {
    let world = World::new();
    let sha = seed(&world, "site").second.to_string();
    let (_, token) = world
        .mint_approved("bob", "ci", &["site"], json!({"statuses": "write"}))
        .await;
    let path = format!("{SITE}/statuses/{sha}");
    for body in [
        json!({}),
        json!({"state": "great"}),
        json!({"state": "success", "target_url": "javascript:alert(1)"}),
        json!({"state": "success", "description": "x".repeat(141)}),
        json!({"state": "success", "context": ""}),
    ] {
        world.call("POST", &path, &token, body).await.expect(422);
    }
    let good = json!({"state": "success"});
    for missing in ["main", "0123456789012345678901234567890123456789", "--output=x"] {
        world
            .call(
                "POST",
                &format!("{SITE}/statuses/{missing}"),
                &token,
                good.clone(),
            )
            .await
            .expect(422);
    }
    world
        .get(&format!("{SITE}/commits/absent/status"), &token)
        .await
        .expect(404);
    let (_, reader) = world
        .mint_approved("bob", "reader", &["site"], json!({"statuses": "read"}))
        .await;
    world.call("POST", &path, &reader, good.clone()).await.expect(403);
    world.call("POST", &path, "", good).await.expect(404);
    let none = world
        .get(&format!("{SITE}/commits/main/statuses"), &reader)
        .await
        .expect(200);
    assert_eq!(none.json, json!([]));
}

#[tokio::test]
async fn a_check_run_begins_finds_and_ends() {
    let world = World::new();
    let sha = seed(&world, "site").second.to_string();
    let (_, token) = world
        .mint_approved("bob", "ci", &["site"], json!({"checks": "write"}))
        .await;
    let runs = format!("{SITE}/check-runs");
    let body = json!({"name": "build", "head_sha": sha, "status": "in_progress"});
    let made = world.call("POST", &runs, &token, body).await.expect(201);
    assert_eq!(made.json["status"], "in_progress");
    let one = format!("{runs}/{}", made.json["id"]);
    let remark = json!({"path": "src/main.rs", "start_line": 1, "end_line": 1, "annotation_level": "warning", "message": "hm"});
    let output = json!({"title": "Done", "summary": "One remark", "annotations": [remark]});
    let ended = world
        .call(
            "PATCH",
            &one,
            &token,
            json!({"conclusion": "failure", "output": output}),
        )
        .await
        .expect(200);
    assert_eq!(ended.json["status"], "completed");
    assert_eq!(ended.json["output"]["annotations_count"], 1);
    let remarks = world.get(&format!("{one}/annotations"), &token).await.expect(200);
    assert_eq!(remarks.json[0]["message"], "hm");
    let second = json!({"name": "lint", "head_sha": sha, "conclusion": "success"});
    world.call("POST", &runs, &token, second).await.expect(201);

    let list = world
        .get(&format!("{SITE}/commits/main/check-runs"), &token)
        .await
        .expect(200);
    assert_eq!(list.json["total_count"], 2);
    let named = world
        .get(&format!("{SITE}/commits/main/check-runs?check_name=lint"), &token)
        .await
        .expect(200);
    assert_eq!(named.json["check_runs"][0]["name"], "lint");
    let suites = world
        .get(&format!("{SITE}/commits/main/check-suites"), &token)
        .await
        .expect(200);
    assert_eq!(suites.json["total_count"], 1);
    let suite = &suites.json["check_suites"][0];
    assert_eq!(
        (suite["status"].as_str(), suite["conclusion"].as_str()),
        (Some("completed"), Some("failure"))
    );
    assert_eq!(suite["head_branch"], "main");
    let path = format!("{SITE}/check-suites/{}", suite["id"]);
    world.get(&path, &token).await.expect(200);
    let inside = world.get(&format!("{path}/check-runs"), &token).await.expect(200);
    assert_eq!(inside.json["total_count"], 2);

    world
        .call("POST", &format!("{one}/rerequest"), &token, Value::Null)
        .await
        .expect(201);
    let again = world.get(&one, &token).await.expect(200);
    assert_eq!(again.json["conclusion"], Value::Null);
    assert_eq!(
        world.get(&path, &token).await.expect(200).json["status"],
        "in_progress"
    );
    world
        .call("POST", &format!("{path}/rerequest"), &token, Value::Null)
        .await
        .expect(201);
    assert_eq!(
        world.get(&path, &token).await.expect(200).json["status"],
        "queued"
    );
}

#[tokio::test]
async fn suites_are_made_once_and_checks_of_other_repositories_do_not_exist() {
    let world = World::new();
    let sha = seed(&world, "site").second.to_string();
    seed(&world, "secret");
    let (_, token) = world
        .mint_approved("bob", "ci", &["site"], json!({"checks": "write"}))
        .await;
    let body = json!({"head_sha": sha});
    let made = world
        .call("POST", &format!("{SITE}/check-suites"), &token, body.clone())
        .await
        .expect(201);
    world
        .call("POST", &format!("{SITE}/check-suites"), &token, body)
        .await
        .expect(200);
    let run = world
        .call(
            "POST",
            &format!("{SITE}/check-runs"),
            &token,
            json!({"name": "x", "head_sha": sha}),
        )
        .await
        .expect(201);
    let alice = world.session("alice");
    for path in [
        format!("/repos/acme/secret/check-suites/{}", made.json["id"]),
        format!("/repos/acme/secret/check-suites/{}/check-runs", made.json["id"]),
        format!("/repos/acme/secret/check-runs/{}", run.json["id"]),
        format!("/repos/acme/secret/check-runs/{}/annotations", run.json["id"]),
    ] {
        world.get(&path, &alice).await.expect(404);
    }
    let path = format!("/repos/acme/secret/check-runs/{}", run.json["id"]);
    world
        .call("PATCH", &path, &alice, json!({"name": "mine"}))
        .await
        .expect(404);
}

#[tokio::test]
async fn bad_checks_are_refused() {
    let world = World::new();
    let sha = seed(&world, "site").second.to_string();
    let (_, token) = world
        .mint_approved("bob", "ci", &["site"], json!({"checks": "write"}))
        .await;
    let remark = |end: u32| json!({"path": "a", "start_line": 2, "end_line": end, "annotation_level": "notice", "message": "m"});
    for body in [
        json!({"head_sha": sha}),
        json!({"name": "x"}),
        json!({"name": "x", "head_sha": "main"}),
        json!({"name": "x", "head_sha": sha, "status": "sleeping"}),
        json!({"name": "x", "head_sha": sha, "status": "completed"}),
        json!({"name": "x", "head_sha": sha, "conclusion": "fine"}),
        json!({"name": "x", "head_sha": sha, "status": "queued", "conclusion": "success"}),
        json!({"name": "x", "head_sha": sha, "details_url": "ftp://x"}),
        json!({"name": "x", "head_sha": sha, "started_at": "now"}),
        json!({"name": "x", "head_sha": sha, "output": {"annotations": [remark(1)]}}),
        json!({"name": "x", "head_sha": sha, "output": {"annotations": vec![remark(2); 51]}}),
    ] {
        world
            .call("POST", &format!("{SITE}/check-runs"), &token, body)
            .await
            .expect(422);
    }
    let none = world
        .get(&format!("{SITE}/commits/main/check-runs"), &token)
        .await
        .expect(200);
    assert_eq!(none.json["total_count"], 0);
    let classic = world.mint_classic("bob", "classic", &["repo"]).await;
    world
        .get(&format!("{SITE}/commits/main/check-runs"), &classic)
        .await
        .expect(200);
    let good = json!({"name": "x", "head_sha": sha});
    world
        .call("POST", &format!("{SITE}/check-runs"), &classic, good)
        .await
        .expect(403);
}
