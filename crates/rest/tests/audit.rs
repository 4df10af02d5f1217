//! `/orgs/{org}/audit-log`, `/enterprises/{enterprise}/audit-log`, `/user/audit-log`: search and
//! pages.

use crate::harness::{Answered, World};
use bailiwick_store::audit as log;
use serde_json::{Value, json};

pub const ORG: &str = "/orgs/acme/audit-log";
const ISSUES: &str = "/repos/acme/site/issues";

/// A token of bob's that opened two issues and was refused contents; and its id.
pub async fn busy(world: &World) -> (i64, String) {
    let (id, token) = world
        .mint_approved("bob", "busy", &["site"], json!({"issues": "write"}))
        .await;
    for title in ["one", "two"] {
        world
            .call("POST", ISSUES, &token, json!({"title": title}))
            .await
            .expect(201);
    }
    world.get("/repos/acme/site/contents/", &token).await.expect(403);
    (id, token)
}

fn actions(answer: &Answered) -> Vec<&str> {
    let events = answer.json.as_array().unwrap();
    events
        .iter()
        .map(|event| event["action"].as_str().unwrap())
        .collect()
}

pub async fn find(world: &World, credential: &str, path: &str, phrase: &str) -> Answered {
    let phrase = bailiwick_gate::encode(phrase);
    world
        .get(&format!("{path}?include=all&phrase={phrase}"), credential)
        .await
}

#[tokio::test]
async fn each_step_of_a_token_is_found_by_its_id_and_by_its_hash() {
    let world = World::new();
    let (id, token) = busy(&world).await;
    let alice = world.session("alice");
    let changes = format!("token_id:{id} -action:api");
    let by_id = find(&world, &alice, ORG, &changes).await.expect(200);
    assert_eq!(
        actions(&by_id),
        [
            "repos.get_content",
            "issue.create",
            "issue.create",
            "personal_access_token.access_granted",
            "personal_access_token.request_created",
        ]
    );
    let refused = &by_id.json[0];
    assert_eq!(refused["outcome"], "refused");
    assert_eq!(refused["reason"], "level.too_low");
    assert_eq!(refused["stage"], "level");
    assert_eq!(refused["missing_permission"], "contents");
    let event = &by_id.json[1];
    assert_eq!(event["actor"], "bob");
    assert_eq!(event["org"], "acme");
    assert_eq!(event["business"], "acme-enterprise");
    assert_eq!(event["repo"], "acme/site");
    assert_eq!(event["operation_type"], "create");
    assert_eq!(
        event["programmatic_access_type"],
        "Fine-grained personal access token"
    );
    assert_eq!(event["@timestamp"], 1_773_144_000_000_i64);
    assert_eq!(event["actor_ip"], "127.0.0.1");
    assert_eq!(event["user_agent"], "tests");
    assert!(
        event.get("user").is_none(),
        "what an event does not tell is left out"
    );
    let hash = bailiwick_model::Digest::of(token.as_bytes()).base64();
    assert_eq!(event["hashed_token"], hash);
    let by_hash = find(
        &world,
        &alice,
        ORG,
        &format!("hashed_token:\"{hash}\" -action:api"),
    )
    .await
    .expect(200);
    assert_eq!(by_hash.json, by_id.json);
    assert!(!String::from_utf8(by_id.bytes).unwrap().contains(&token));
}

#[tokio::test]
async fn qualifiers_narrow_join_and_leave_out() {
    let world = World::new();
    busy(&world).await;
    let alice = world.session("alice");
    for (phrase, count) in [
        ("action:issue.create", 2),
        ("action:issue", 2),
        ("action:issue actor:alice", 0),
        ("action:issue actor:alice actor:BOB", 2),
        ("action:issue -actor:bob", 0),
        ("action:issue repo:acme/SITE", 2),
        ("action:issue repo:acme/www", 0),
        ("action:issue org:acme operation:create outcome:allowed", 2),
        ("action:issue ip:127.0.0.1", 2),
        ("action:issue created:2026-03-10", 2),
        ("action:issue created:<2026-03-10", 0),
        ("action:issue country:de", 0),
        ("action:issue -country:de", 2),
        ("reason:level.too_low", 1),
        ("outcome:refused", 1),
        ("user:bob action:personal_access_token.access_granted", 1),
    ] {
        let found = find(&world, &alice, ORG, phrase).await.expect(200);
        assert_eq!(
            found.json.as_array().unwrap().len(),
            count,
            "{phrase}: {:?}",
            actions(&found)
        );
    }
    for (phrase, words) in [
        ("hello", "free text"),
        ("colour:red", "is not a qualifier"),
        ("created:soon", "RFC 3339"),
        ("token_id:x", "write a number"),
        ("action:\"x", "does not end"),
    ] {
        let refused = find(&world, &alice, ORG, phrase).await.expect(422);
        let message = refused.json["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains(words), "{phrase}: {message}");
    }
    for query in [
        "include=some",
        "order=up",
        "after=%21",
        "format=xml",
        "after=MTox&before=MTox",
    ] {
        world.get(&format!("{ORG}?{query}"), &alice).await.expect(422);
    }
}

#[tokio::test]
async fn a_log_holds_the_events_of_its_own_and_is_for_those_who_may_read_it() {
    let world = World::new();
    let (_, token) = busy(&world).await;
    let alice = world.session("alice");
    let body = json!({"title": "elsewhere"});
    world
        .call("POST", "/repos/acme-labs/rocket/issues", &alice, body.clone())
        .await
        .expect(201);
    let mallory = world.session("mallory");
    world
        .call("POST", "/repos/rival/plans/issues", &mallory, body)
        .await
        .expect(201);
    let count = async |path: &str, credential: &str| -> usize {
        let found = find(&world, credential, path, "action:issue.create")
            .await
            .expect(200);
        found.json.as_array().unwrap().len()
    };
    assert_eq!(count(ORG, &alice).await, 2);
    assert_eq!(count("/orgs/acme-labs/audit-log", &alice).await, 1);
    assert_eq!(count("/enterprises/acme-enterprise/audit-log", &alice).await, 3);
    assert_eq!(count("/orgs/rival/audit-log", &mallory).await, 1);
    let bob = world.session("bob");
    assert_eq!(count("/user/audit-log", &bob).await, 2);
    assert_eq!(count("/user/audit-log", &mallory).await, 1);
    assert_eq!(count("/user/audit-log", &alice).await, 1);
    // Who granted access to bob's token is told to bob; from where is not.
    let granted = find(
        &world,
        &bob,
        "/user/audit-log",
        "action:personal_access_token.access_granted",
    )
    .await;
    assert_eq!(granted.json[0]["actor"], "alice");
    assert_eq!(granted.json[0]["actor_ip"], Value::Null);
    // Asking for more than a log holds does not widen it.
    let wider = find(&world, &mallory, "/orgs/rival/audit-log", "org:acme actor:bob")
        .await
        .expect(200);
    assert_eq!(wider.json, json!([]));

    world.get(ORG, &bob).await.expect(403);
    world.get(ORG, &token).await.expect(403);
    world.get(ORG, "").await.expect(401);
    world.get("/orgs/rival/audit-log", &alice).await.expect(403);
    world
        .get("/enterprises/acme-enterprise/audit-log", &bob)
        .await
        .expect(403);
    world.get("/user/audit-log", &token).await.expect(403);
    let classic = world.mint_classic("alice", "auditor", &["read:audit_log"]).await;
    world.get(ORG, &classic).await.expect(200);
}

#[tokio::test]
async fn pages_go_on_and_back_without_losing_or_doubling() {
    let world = World::new();
    let (_, token) = world
        .mint_approved("bob", "busy", &["site"], json!({"issues": "write"}))
        .await;
    for number in 0..7 {
        let body = json!({"title": format!("{number}")});
        world.call("POST", ISSUES, &token, body).await.expect(201);
    }
    let alice = world.session("alice");
    for order in ["desc", "asc"] {
        let mut path = format!("{ORG}?phrase=action:issue&order={order}&per_page=3");
        let mut seen = Vec::new();
        let mut pages = Vec::new();
        loop {
            let page = world.get(&path, &alice).await.expect(200);
            seen.extend(
                page.json
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|event| event["number"].as_i64().unwrap()),
            );
            pages.push((path.clone(), page.json.clone()));
            match rel(&page, "next") {
                Some(next) => path = next,
                None => {
                    // And back to the page before.
                    let back = world.get(&rel(&page, "prev").unwrap(), &alice).await.expect(200);
                    assert_eq!(back.json, pages[pages.len() - 2].1);
                    break;
                }
            }
        }
        let mut expected: Vec<i64> = (1..=7).collect();
        if order == "desc" {
            expected.reverse();
        }
        assert_eq!(seen, expected, "{order}");
        assert_eq!(pages.len(), 3);
    }
}

/// The path of a link, below `/api/v3`.
fn rel(answer: &Answered, rel: &str) -> Option<String> {
    let link = answer
        .header("link")
        .split(", ")
        .find(|one| one.ends_with(&format!("rel=\"{rel}\"")))?;
    let url = link.split_once('>')?.0.trim_start_matches('<');
    Some(url.split_once("/api/v3")?.1.to_owned())
}

#[tokio::test]
async fn git_is_left_out_unless_it_is_asked_for() {
    let world = World::new();
    let alice = world.session("alice");
    let (id, _) = busy(&world).await;
    world
        .store
        .write(|tx| {
            let rows = log::search(
                tx,
                &log::Query::new(
                    vec![log::Condition::is(log::Match::Action("issue.create".into()))],
                    1,
                ),
            )?;
            let mut event = event_like(&rows[0]);
            event.action = "git.push".into();
            log::append(tx, "test", &[event]).map(|_| ())
        })
        .unwrap();
    for (include, expected) in [("web", 0), ("git", 1), ("all", 1)] {
        let path = format!("{ORG}?include={include}&phrase=action:git+token_id:{id}");
        let found = world.get(&path, &alice).await.expect(200);
        assert_eq!(found.json.as_array().unwrap().len(), expected, "{include}");
    }
}

pub fn event_like(row: &bailiwick_store::EventRow) -> bailiwick_model::Event {
    bailiwick_model::Event {
        at: row.at,
        action: row.action.clone(),
        operation_type: "modify",
        operation: None,
        actor: row.actor_id,
        actor_login: row.actor_login.clone(),
        user: None,
        token: row.token_id,
        hashed_token: row.hashed_token,
        access_type: None,
        owner: row.owner_id,
        owner_login: row.owner_login.clone(),
        enterprise: row.enterprise_id,
        repository: row.repository_id,
        repository_name: row.repository_name.clone(),
        address: None,
        user_agent: None,
        request_id: None,
        outcome: bailiwick_model::Outcome::Allowed,
        reason: "allowed".into(),
        data: serde_json::Map::new(),
    }
}
