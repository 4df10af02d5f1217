//! Every operation that changes something leaves exactly one event with its request id, done or refused.

use bailiwick_testkit::{Answer, Request};
use serde_json::{Value, json};

use crate::world::World;

/// Events with the request id of an answer, wherever the log keeps them.
fn events(world: &World, answer: &Answer) -> Vec<Value> {
    let id = answer.header("x-github-request-id").to_owned();
    assert!(!id.is_empty(), "an answer has a request id: {:?}", answer.headers);
    let mut found: Vec<Value> = Vec::new();
    for path in [
        "/enterprises/acme-enterprise/audit-log",
        "/orgs/acme/audit-log",
        "/user/audit-log",
    ] {
        for login in ["alice", "bob"] {
            let answer = world.get(
                &format!("{path}?include=all&per_page=100&order=desc"),
                &world.session(login),
            );
            if answer.status != 200 {
                continue;
            }
            for event in answer.json().as_array().unwrap() {
                let is_known = found.iter().any(|it| it["_document_id"] == event["_document_id"]);
                if event["request_id"] == id.as_str() && !is_known {
                    found.push(event.clone());
                }
            }
        }
    }
    found
}

#[test]
fn every_change_leaves_exactly_one_event_done_or_refused() {
    let world = World::start(&["demo"]);
    let all = json!({
        "contents": "write", "issues": "write", "administration": "write", "statuses": "write", "checks": "write",
        "pull_requests": "write", "workflows": "write",
    });
    let may = world.token("alice", "audit-may", &["site"], all).text;
    let may_not = world
        .token("bob", "audit-may-not", &["site"], json!({"metadata": "read"}))
        .text;
    let sha = world.branch("acme/site", "main").unwrap();
    let site = |rest: &str| format!("/repos/acme/site{rest}");
    let mut odd = Vec::new();
    for (method, path, body) in [
        ("POST", site("/issues"), json!({"title": "Audited"})),
        ("PATCH", site("/issues/1"), json!({"title": "Audited again"})),
        ("POST", site("/issues/1/comments"), json!({"body": "Audited"})),
        (
            "POST",
            site("/labels"),
            json!({"name": "audited", "color": "ededed"}),
        ),
        ("PATCH", site("/labels/audited"), json!({"color": "000000"})),
        ("POST", site("/issues/1/labels"), json!({"labels": ["audited"]})),
        ("DELETE", site("/labels/audited"), Value::Null),
        (
            "PUT",
            site("/contents/audited.txt"),
            json!({"message": "Audited", "content": "YQ=="}),
        ),
        (
            "POST",
            site("/git/refs"),
            json!({"ref": "refs/heads/audited", "sha": sha}),
        ),
        (
            "PATCH",
            site("/git/refs/heads/audited"),
            json!({"sha": sha, "force": true}),
        ),
        ("DELETE", site("/git/refs/heads/audited"), Value::Null),
        ("POST", site("/git/blobs"), json!({"content": "audited"})),
        (
            "POST",
            site(&format!("/statuses/{sha}")),
            json!({"state": "success", "context": "audited"}),
        ),
        ("PATCH", site(""), json!({"description": "Audited"})),
        (
            "PUT",
            site("/collaborators/mallory"),
            json!({"permission": "pull"}),
        ),
        ("DELETE", site("/collaborators/mallory"), Value::Null),
    ] {
        let done = world.api(method, &path, &may, body.clone());
        if !(200..300).contains(&done.status) {
            odd.push(format!(
                "{method} {path}: not done: {} {}",
                done.status,
                done.text()
            ));
        }
        let refused = world.api(method, &path, &may_not, body);
        if ![403, 404].contains(&refused.status) {
            odd.push(format!(
                "{method} {path}: not refused: {} {}",
                refused.status,
                refused.text()
            ));
        }
        for (answer, what) in [(done, "done"), (refused, "refused")] {
            let found = events(&world, &answer);
            if found.len() != 1 {
                let actions: Vec<String> = found.iter().map(|it| it["action"].to_string()).collect();
                odd.push(format!(
                    "{method} {path}: {what} ({}) left {} events: {actions:?}",
                    answer.status,
                    found.len()
                ));
            }
        }
    }
    assert!(odd.is_empty(), "{}", odd.join("\n"));
}

#[test]
fn administration_leaves_exactly_one_event_for_each_log() {
    let world = World::start(&["demo"]);
    let (alice, bob) = (world.session("alice"), world.session("bob"));
    let mut odd = Vec::new();
    // Minting makes two things, a token and a request, with an event for each.
    let mut check = |what: &str, answer: Answer, status: u16, events_expected: usize| {
        let found = events(&world, &answer);
        if answer.status != status || found.len() != events_expected {
            let actions: Vec<String> = found.iter().map(|it| it["action"].to_string()).collect();
            odd.push(format!(
                "{what}: {} with {actions:?}: {}",
                answer.status,
                answer.text()
            ));
        }
        answer
    };
    let grant = json!([{
        "owner": "acme", "repository_selection": "subset", "repositories": ["site"], "permissions": {"issues": "read"},
    }]);
    let body = json!({"name": "audited", "grants": grant});
    let tokens = "/user/personal-access-tokens";
    let made = check("mint", world.api("POST", tokens, &bob, body), 201, 2).json();
    let path = format!(
        "/orgs/acme/personal-access-token-requests/{}",
        made["grants"][0]["request"]["id"]
    );
    check(
        "approve by a member",
        world.api("POST", &path, &bob, json!({"action": "approve"})),
        403,
        1,
    );
    check(
        "approve",
        world.api("POST", &path, &alice, json!({"action": "approve"})),
        204,
        1,
    );
    let token = format!("{tokens}/{}", made["id"]);
    check(
        "edit",
        world.api("PATCH", &token, &bob, json!({"description": "audited"})),
        200,
        1,
    );
    check(
        "regenerate",
        world.api("POST", &format!("{token}/regenerate"), &bob, json!({})),
        201,
        // The organization that it reaches is told as well.
        2,
    );
    let path = format!("/orgs/acme/personal-access-tokens/{}", made["grants"][0]["id"]);
    check(
        "revoke",
        world.api("POST", &path, &alice, json!({"action": "revoke"})),
        204,
        1,
    );
    check("delete", world.api("DELETE", &token, &bob, Value::Null), 204, 1);
    let policy = json!({"fine_grained": {"lifetime_days_max": 90}});
    check(
        "policy",
        world.api("PUT", "/orgs/acme/personal-access-token-policy", &alice, policy),
        200,
        1,
    );
    let dave = json!({"login": "dave", "password": "kettle-orbit-walnut-92"});
    check("user", world.api("POST", "/admin/users", &alice, dave), 201, 1);
    let member = json!({"role": "member"});
    check(
        "member",
        world.api("PUT", "/orgs/acme/memberships/dave", &alice, member),
        200,
        1,
    );
    check(
        "team",
        world.api("POST", "/orgs/acme/teams", &alice, json!({"name": "audited"})),
        201,
        1,
    );
    let repository = json!({"name": "audited", "private": true});
    check(
        "repository",
        world.api("POST", "/orgs/acme/repos", &alice, repository),
        201,
        1,
    );
    check(
        "delete repository",
        world.api("DELETE", "/repos/acme/audited", &alice, Value::Null),
        204,
        1,
    );
    assert!(odd.is_empty(), "{}", odd.join("\n"));
}

#[test]
fn bad_credentials_are_counted_and_not_listed() {
    let world = World::start(&["demo"]);
    let answer = world
        .get("/user", "bwkf_000000000000000000000000000000000000")
        .expect(401);
    assert!(events(&world, &answer).is_empty());
    let metrics = world
        .send(&Request::new("GET", "/metrics").bearer(&world.session("alice")))
        .expect(200)
        .text();
    assert!(
        metrics
            .lines()
            .any(|line| line.starts_with("bailiwick_") && line.contains("401")
                || line.contains("bad_credential")),
        "{metrics}"
    );
}

#[test]
fn exports_are_safe_to_open_in_a_spreadsheet() {
    let world = World::start(&["demo"]);
    let alice = world.session("alice");
    for (number, start) in ["=", "+", "-", "@", "\t=", "\r=", " ="].iter().enumerate() {
        let body = json!({"name": format!("{start}cmd|' /C calc'!A{number}"), "grants": []});
        let made = world.api(
            "POST",
            "/user/personal-access-tokens",
            &world.session("bob"),
            body,
        );
        assert!([201, 422].contains(&made.status), "{}", made.text());
    }
    let token = world.token("bob", "=1+1", &["site"], json!({"issues": "read"}));
    assert!(token.id > 0);
    let csv = world
        .get("/orgs/acme/audit-log?include=all&per_page=100&format=csv", &alice)
        .expect(200);
    assert!(
        csv.header("content-type").starts_with("text/csv"),
        "{:?}",
        csv.headers
    );
    for cell in csv.text().lines().flat_map(|line| line.split(',')) {
        let bare = cell.trim_start_matches('"').trim_start();
        assert!(
            !bare.starts_with(['=', '+', '@']),
            "a cell that a spreadsheet would run: {cell}"
        );
    }
}
