//! Requests, grants, policies and the audit log.

use crate::script::{World, answer};
use serde_json::{Value, json};

#[test]
fn approving_less_names_what_is_approved() {
    let world = World::new(vec![answer(204, Value::Null)]);
    let run = world.run(&[
        "request",
        "approve",
        "5",
        "--org",
        "acme",
        "-p",
        "issues=read",
        "-r",
        "acme/site",
        "--reason",
        "ok",
    ]);
    assert_eq!((run.code, run.out.as_str()), (0, ""), "{run:?}");
    let asked = world.asked().remove(0);
    assert_eq!(
        asked.line,
        "POST /api/v3/orgs/acme/personal-access-token-requests/5"
    );
    assert_eq!(
        asked.body,
        json!({"action": "approve", "reason": "ok", "permissions": {"issues": "read"},
            "repository_selection": "subset", "repositories": ["site"]})
    );
}

#[test]
fn several_are_decided_in_one_call() {
    let world = World::new(vec![answer(202, json!({})), answer(202, json!({}))]);
    world.run(&["request", "deny", "5", "6", "--enterprise", "acme-enterprise"]);
    world.run(&["grant", "revoke", "1", "2", "--org", "acme"]);
    let asked = world.asked();
    assert_eq!(
        asked[0].line,
        "POST /api/v3/enterprises/acme-enterprise/personal-access-token-requests"
    );
    assert_eq!(
        asked[0].body,
        json!({"action": "deny", "pat_request_ids": [5, 6]})
    );
    assert_eq!(asked[1].line, "POST /api/v3/orgs/acme/personal-access-tokens");
    assert_eq!(asked[1].body, json!({"action": "revoke", "pat_ids": [1, 2]}));
}

#[test]
fn a_request_decided_meanwhile_is_a_conflict() {
    let world = World::new(vec![answer(
        409,
        json!({"message": "superseded", "reason": "request.superseded"}),
    )]);
    assert_eq!(world.run(&["request", "approve", "5", "--org", "acme"]).code, 6);
}

#[test]
fn names_in_paths_are_escaped() {
    let world = World::new(vec![answer(200, json!([]))]);
    world.run(&["request", "list", "--org", "a/../b?c"]);
    assert_eq!(
        world.asked()[0].line,
        "GET /api/v3/orgs/a%2F..%2Fb%3Fc/personal-access-token-requests?per_page=100"
    );
}

#[test]
fn a_policy_is_changed_without_losing_what_is_set() {
    let set = json!({"fine_grained": {"lifetime_days_max": 90}, "owners_need_approval": true});
    let world = World::new(vec![
        answer(200, json!({"set": set, "resolved": {}})),
        answer(200, json!({"set": {}, "resolved": {}})),
    ]);
    let run = world.run(&[
        "policy",
        "set",
        "--org",
        "acme",
        "classic.allowed=false",
        "fine_grained.lifetime_days_max=unset",
    ]);
    assert_eq!(run.code, 0, "{run:?}");
    let asked = world.asked();
    assert_eq!(
        asked[1].line,
        "PUT /api/v3/orgs/acme/personal-access-token-policy"
    );
    assert_eq!(
        asked[1].body,
        json!({"fine_grained": {}, "owners_need_approval": true, "classic": {"allowed": false}})
    );
}

#[test]
fn planting_at_ones_own_account_is_set_by_policy_too() {
    let world = World::new(vec![
        answer(200, json!({"set": {}, "resolved": {"planting": false}})),
        answer(
            200,
            json!({"set": {"planting": true}, "resolved": {"planting": true}}),
        ),
    ]);
    let run = world.run(&["policy", "set", "--own", "planting=true"]);
    assert_eq!(run.code, 0, "{run:?}");
    let asked = world.asked();
    assert_eq!(asked[1].line, "PUT /api/v3/user/personal-access-token-policy");
    assert_eq!(asked[1].body, json!({"planting": true}));
    assert_eq!(world.run(&["policy", "show", "--own", "--org", "acme"]).code, 2);
}

#[test]
fn an_export_goes_to_a_new_file_closed_to_others() {
    use std::os::unix::fs::PermissionsExt;
    let events = || answer(200, json!({"action": "x"}));
    let world = World::new(vec![events(), events()]);
    let arguments = [
        "audit",
        "export",
        "--org",
        "acme",
        "--format",
        "csv",
        "-o",
        "events.csv",
        "action:x actor:bob",
    ];
    assert_eq!(world.run(&arguments).code, 0);
    assert_eq!(
        world.asked()[0].line,
        "GET /api/v3/orgs/acme/audit-log?phrase=action%3Ax%20actor%3Abob&include=all&format=csv"
    );
    let file = world.home.path().join("events.csv");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "{\"action\":\"x\"}");
    assert_eq!(
        std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(
        world.run(&arguments).code,
        1,
        "an earlier export is not overwritten"
    );
}

#[test]
fn a_search_takes_its_options_before_and_after_the_phrase_and_shows_packages() {
    let event = json!({
        "@timestamp": 0, "action": "packages.package_version_published", "actor": "bob", "token_id": 7,
        "package": "acme/site/app", "package_version": "v1", "outcome": "allowed", "reason": "allowed",
    });
    let read =
        json!({"@timestamp": 0, "action": "api.request", "operation": "oci/tags", "package": "acme/site"});
    let events = || answer(200, json!([event, read]));
    let world = World::new((0..6).map(|_| events()).collect());
    for arguments in [
        &["action:x", "--limit", "5", "--org", "acme"][..],
        &["--limit", "5", "--org", "acme", "action:x"],
        &["--org", "acme", "--limit", "5", "--", "action:x"],
    ] {
        let run = world.run(&[&["audit", "search"], arguments].concat());
        assert_eq!(run.code, 0, "{run:?}");
        for shown in ["package", "acme/site/app v1", "api.request (oci/tags)"] {
            assert!(run.out.contains(shown), "{shown}: {run:?}");
        }
    }
    assert_eq!(
        world
            .run(&["audit", "search", "-actor:bob", "--org", "acme"])
            .code,
        0
    );
    let words = ["audit", "search", "--org", "acme", "--", "action:x", "-actor:bob"];
    assert_eq!(world.run(&words).code, 0);
    for asked in &world.asked()[..3] {
        assert!(
            asked
                .line
                .starts_with("GET /api/v3/orgs/acme/audit-log?phrase=action%3Ax&"),
            "{asked:?}"
        );
    }
    let lines: Vec<String> = world.asked()[3..]
        .iter()
        .map(|asked| asked.line.clone())
        .collect();
    assert!(lines[0].contains("phrase=-actor%3Abob&"), "{lines:?}");
    assert!(
        lines[1].contains("phrase=action%3Ax%20-actor%3Abob&"),
        "{lines:?}"
    );
    // An option that does not exist is told of, and not searched for.
    assert_eq!(world.run(&["audit", "search", "action:x", "--limt", "5"]).code, 2);
}
