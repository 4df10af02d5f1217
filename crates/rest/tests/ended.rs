//! The end of a token stands in the log of every owner whom it reached, however it ended; and the log is searched by what was
//! asked for, whether it was allowed or refused.

use crate::harness::World;
use serde_json::{Value, json};

const TOKENS: &str = "/user/personal-access-tokens";

/// `action token outcome explanation` of what acme's log has about a token after it was granted, oldest first.
async fn told(world: &World, id: i64) -> Vec<String> {
    let alice = world.session("alice");
    let path = format!("/orgs/acme/audit-log?phrase=token_id:{id}&order=asc&per_page=100");
    let log = world.get(&path, &alice).await.expect(200);
    let line = |event: &Value| {
        let text = |name: &str| event[name].as_str().unwrap_or("-").to_owned();
        assert_eq!(event["org"], "acme", "{event}");
        [text("action"), text("user"), text("explanation")].join(" ")
    };
    let all: Vec<String> = log.json.as_array().unwrap().iter().map(line).collect();
    let before = |line: &String| {
        ["request_created", "access_granted", "request_reviewed"]
            .iter()
            .any(|word| line.contains(word))
    };
    all.into_iter().filter(|line| !before(line)).collect()
}

async fn minted(world: &World, name: &str) -> (i64, String) {
    world
        .mint_approved("bob", name, &["site"], json!({"issues": "read"}))
        .await
}

#[tokio::test]
async fn a_token_that_its_holder_deletes_ends_in_the_organizations_log() {
    let world = World::new();
    let (id, _) = minted(&world, "one").await;
    let bob = world.session("bob");
    world
        .call("DELETE", &format!("{TOKENS}/{id}"), &bob, Value::Null)
        .await
        .expect(204);
    assert_eq!(
        told(&world, id).await,
        ["personal_access_token.access_revoked bob deleted"]
    );
    // One that only waited has its request withdrawn there.
    let (id, _) = world
        .mint("bob", "waiting", &["site"], json!({"issues": "read"}))
        .await;
    world
        .call("DELETE", &format!("{TOKENS}/{id}"), &bob, Value::Null)
        .await
        .expect(204);
    assert_eq!(
        told(&world, id).await,
        ["personal_access_token.request_cancelled bob deleted"]
    );
    // All at once.
    let (first, _) = minted(&world, "first").await;
    let (second, _) = minted(&world, "second").await;
    let all = json!({"kind": "fine_grained"});
    world.call("DELETE", TOKENS, &bob, all).await.expect(200);
    for id in [first, second] {
        assert_eq!(
            told(&world, id).await,
            ["personal_access_token.access_revoked bob deleted"]
        );
    }
}

/// The last event of an action in acme's log about a token.
async fn last(world: &World, id: i64, action: &str) -> Value {
    let alice = world.session("alice");
    let path = format!("/orgs/acme/audit-log?phrase=token_id:{id}%20action:{action}&per_page=1");
    let log = world.get(&path, &alice).await.expect(200);
    log.json[0].clone()
}

#[tokio::test]
async fn a_request_that_ends_with_its_token_says_what_was_asked_for() {
    let world = World::new();
    let bob = world.session("bob");
    let cancelled = "personal_access_token.request_cancelled";
    let asks = async |world: &World, id: i64| {
        let made = last(world, id, "personal_access_token.request_created").await;
        let ended = last(world, id, cancelled).await;
        for name in [
            "permissions",
            "repository_selection",
            "repositories",
            "user_programmatic_access_request_id",
        ] {
            assert!(made[name] != Value::Null, "{name}: {made}");
            assert_eq!(ended[name], made[name], "{name}: {ended}");
        }
        ended["user"].as_str().unwrap_or("-").to_owned()
    };
    let (id, _) = world
        .mint("bob", "waiting", &["site"], json!({"issues": "read"}))
        .await;
    let path = format!("{TOKENS}/{id}");
    world.call("DELETE", &path, &bob, Value::Null).await.expect(204);
    assert_eq!(asks(&world, id).await, "bob");
    // One that is approved and asks for more loses both.
    let (id, _) = minted(&world, "one").await;
    let path = format!("{TOKENS}/{id}");
    let more = json!({"grants": [
        {"owner": "acme", "repositories": ["site"], "permissions": {"issues": "write"}},
    ]});
    world.call("PATCH", &path, &bob, more.clone()).await.expect(200);
    world.call("DELETE", &path, &bob, Value::Null).await.expect(204);
    assert_eq!(asks(&world, id).await, "bob");
    let revoked = last(&world, id, "personal_access_token.access_revoked").await;
    assert_eq!(
        revoked["permissions"]["repository"]["issues"], "read",
        "{revoked}"
    );
    assert_eq!(
        told(&world, id).await,
        [
            "personal_access_token.request_cancelled bob deleted",
            "personal_access_token.access_revoked bob deleted",
        ]
    );
    // So does one that its holder turns elsewhere.
    let (id, _) = minted(&world, "other").await;
    let path = format!("{TOKENS}/{id}");
    world.call("PATCH", &path, &bob, more).await.expect(200);
    let elsewhere = json!({"grants": [{"owner": "bob", "permissions": {"emails": "read"}}]});
    world.call("PATCH", &path, &bob, elsewhere).await.expect(200);
    asks(&world, id).await;
}

#[tokio::test]
async fn an_owner_is_told_nothing_of_the_token_that_ended_another() {
    let world = World::new();
    let (alice, bob) = (world.session("alice"), world.session("bob"));
    let body = json!({"name": "ender", "grants": [
        {"owner": "bob", "permissions": {"personal_access_tokens": "write"}},
    ]});
    let made = world.call("POST", TOKENS, &bob, body).await.expect(201);
    let (ender, secret) = (
        made.json["id"].as_i64().unwrap(),
        made.json["token"].as_str().unwrap(),
    );
    let (id, _) = minted(&world, "one").await;
    let path = format!("{TOKENS}/{id}");
    world.call("DELETE", &path, secret, Value::Null).await.expect(204);
    assert_eq!(
        told(&world, id).await,
        ["personal_access_token.access_revoked bob deleted"]
    );
    let ended = last(&world, id, "personal_access_token.access_revoked").await;
    for name in ["actor_token_id", "actor_hashed_token"] {
        assert_eq!(ended[name], Value::Null, "{ended}");
    }
    let found = world
        .get(&format!("/orgs/acme/audit-log?phrase=token_id:{ender}"), &alice)
        .await
        .expect(200);
    assert_eq!(found.json, json!([]));
}

#[tokio::test]
async fn a_new_secret_and_a_leak_are_told_too_and_nothing_twice() {
    let world = World::new();
    let bob = world.session("bob");
    let (id, _) = minted(&world, "one").await;
    let path = format!("{TOKENS}/{id}/regenerate");
    let new = world.call("POST", &path, &bob, json!({})).await.expect(201);
    let secret = new.json["token"].as_str().unwrap().to_owned();
    assert_eq!(
        told(&world, id).await,
        ["personal_access_token.credential_regenerated bob -"]
    );
    // The new digest leads to every event from then on.
    let alice = world.session("alice");
    let digest = new.json["hashed_token"].as_str().map(str::to_owned);
    if let Some(digest) = digest {
        let path = format!(
            "/orgs/acme/audit-log?phrase=hashed_token:%22{}%22",
            digest.replace('+', "%2B")
        );
        assert_eq!(
            world
                .get(&path, &alice)
                .await
                .expect(200)
                .json
                .as_array()
                .unwrap()
                .len(),
            1
        );
    }
    world
        .call(
            "POST",
            "/credentials/revoke",
            "",
            json!({"credentials": [secret]}),
        )
        .await
        .expect(202);
    let revoked = "personal_access_token.access_revoked bob reported as leaked";
    assert_eq!(told(&world, id).await[1..], [revoked]);
    // Deleting what had ended tells nobody again.
    world
        .call("DELETE", &format!("{TOKENS}/{id}"), &bob, Value::Null)
        .await
        .expect(204);
    assert_eq!(told(&world, id).await[1..], [revoked]);
}

#[tokio::test]
async fn a_token_ends_with_the_one_that_minted_it_and_with_its_account() {
    let world = World::new();
    let (alice, bob) = (world.session("alice"), world.session("bob"));
    world.open_planting(&["bob", "acme"]);
    let body = json!({"name": "minter", "grants": [
        {"owner": "bob", "permissions": {"personal_access_tokens": "write"}},
        {"owner": "acme", "repositories": ["site"], "permissions": {"issues": "read"}},
    ]});
    let made = world.call("POST", TOKENS, &bob, body).await.expect(201);
    let (id, minter) = (
        made.json["id"].as_i64().unwrap(),
        made.json["token"].as_str().unwrap(),
    );
    let requests = "/orgs/acme/personal-access-token-requests";
    let pending = world.get(requests, &alice).await.expect(200);
    let request = format!("{requests}/{}", pending.json[0]["id"]);
    world
        .call("POST", &request, &alice, json!({"action": "approve"}))
        .await
        .expect(204);
    let child = json!({"name": "child", "expires_in": 7, "grants": [
        {"owner": "acme", "repositories": ["site"], "permissions": {"issues": "read"}},
    ]});
    let child = world.call("POST", TOKENS, minter, child).await.expect(201);
    let child = child.json["id"].as_i64().unwrap();
    let pending = world.get(requests, &alice).await.expect(200);
    for one in pending.json.as_array().unwrap() {
        let request = format!("{requests}/{}", one["id"]);
        world
            .call("POST", &request, &alice, json!({"action": "approve"}))
            .await
            .expect(204);
    }
    world
        .call("DELETE", &format!("{TOKENS}/{id}"), &bob, Value::Null)
        .await
        .expect(204);
    let last = |told: Vec<String>| told.last().cloned().unwrap_or_default();
    assert_eq!(
        last(told(&world, id).await),
        "personal_access_token.access_revoked bob deleted"
    );
    let ended = "personal_access_token.access_revoked bob the token that minted it has ended";
    assert_eq!(last(told(&world, child).await), ended);
    // An outside collaborator leaves no organization when the account goes, and its grants end there all the same.
    let (id, _) = world
        .mint_approved("carol", "outside", &["site"], json!({"issues": "read"}))
        .await;
    let sudo = world.session("alice");
    world
        .call("DELETE", "/admin/users/carol", &sudo, Value::Null)
        .await
        .expect(204);
    let ended = "personal_access_token.access_revoked carol its account was deleted";
    assert!(
        told(&world, id).await.contains(&ended.to_owned()),
        "{:?}",
        told(&world, id).await
    );
}

#[tokio::test]
async fn an_action_finds_reads_that_were_allowed_and_those_that_were_refused() {
    let world = World::new();
    let alice = world.session("alice");
    let (id, token) = minted(&world, "reader").await;
    world.get("/repos/acme/site/issues", &token).await.expect(200);
    world.get("/repos/acme/site/branches", &token).await.expect(403);
    world
        .get("/repos/acme/site/contents/README.md", &token)
        .await
        .expect(403);
    let find = async |phrase: &str| -> Vec<String> {
        let path = format!("/orgs/acme/audit-log?phrase=token_id:{id}%20{phrase}&order=asc");
        let log = world.get(&path, &alice).await.expect(200);
        let line = |event: &Value| {
            format!(
                "{} {}",
                event["operation"].as_str().unwrap_or("-"),
                event["outcome"].as_str().unwrap()
            )
        };
        log.json.as_array().unwrap().iter().map(line).collect()
    };
    let action = bailiwick_catalogue::by_id("issues/list-for-repo").unwrap().action;
    assert_eq!(
        find(&format!("action:{action}")).await,
        ["issues/list-for-repo allowed"]
    );
    assert_eq!(find("action:api.request").await, ["issues/list-for-repo allowed"]);
    let category = action.split('.').next().unwrap();
    assert!(
        find(&format!("action:{category}"))
            .await
            .contains(&"issues/list-for-repo allowed".to_owned())
    );
    assert!(
        !find(&format!("-action:{action}"))
            .await
            .contains(&"issues/list-for-repo allowed".to_owned())
    );
    let refused = bailiwick_catalogue::by_id("repos/list-branches").unwrap().action;
    assert_eq!(
        find(&format!("action:{refused}")).await,
        ["repos/list-branches refused"]
    );
}
