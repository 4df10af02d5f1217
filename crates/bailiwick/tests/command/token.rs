//! One's own tokens.

use crate::script::{Answer, World, answer};
use serde_json::{Value, json};

fn made() -> Value {
    json!({"id": 12, "name": "deploy", "kind": "fine_grained", "state": "pending", "token": "bwkf_secret",
        "last_eight": "f_secret", "grants": [{"id": 3, "owner": {"login": "acme"}, "state": "pending",
            "repository_selection": "subset", "repositories": ["acme/site"],
            "permissions": {"organization": {}, "repository": {"issues": "read"}, "other": {}}, "request": {"id": 5}}]})
}

#[test]
fn a_new_token_is_alone_on_standard_output() {
    let world = World::new(vec![answer(201, made())]);
    let run = world.run(&[
        "token",
        "create",
        "deploy",
        "-r",
        "acme/site",
        "-p",
        "issues=read",
        "--expires",
        "7",
        "--reason",
        "triage",
    ]);
    assert_eq!((run.code, run.out.as_str()), (0, "bwkf_secret\n"), "{run:?}");
    assert!(!run.err.contains("bwkf_secret"), "{run:?}");
    assert!(
        run.err.contains("waits for approval by acme (request 5)"),
        "{run:?}"
    );
    let asked = world.asked().remove(0);
    assert_eq!(asked.line, "POST /api/v3/user/personal-access-tokens");
    assert_eq!(asked.authorization.as_deref(), Some("Bearer bwkf_test"));
    let grant = json!({"owner": "acme", "repositories": ["site"], "repository_selection": "subset",
        "permissions": {"issues": "read"}, "reason": "triage"});
    assert_eq!(
        asked.body,
        json!({"name": "deploy", "expires_in": 7, "grants": [grant]})
    );
}

#[test]
fn with_json_the_answer_is_printed_as_it_came() {
    let world = World::new(vec![answer(201, made())]);
    let run = world.run(&["token", "create", "deploy", "--json"]);
    assert_eq!(run.out, format!("{}\n", made()));
    assert_eq!(run.err, "");
}

#[test]
fn classic_tokens_and_those_of_service_accounts_go_their_ways() {
    let world = World::new(vec![answer(201, made()), answer(201, made())]);
    world.run(&[
        "token",
        "create",
        "old",
        "--classic",
        "--scope",
        "repo",
        "--scope",
        "read:org",
    ]);
    world.run(&[
        "token",
        "create",
        "bot",
        "--service-account",
        "robot",
        "--org",
        "acme",
        "--grant",
        "acme/*:contents=read",
    ]);
    let asked = world.asked();
    assert_eq!(
        asked[0].body,
        json!({"name": "old", "kind": "classic", "scopes": ["repo", "read:org"]})
    );
    assert_eq!(
        asked[1].line,
        "POST /api/v3/orgs/acme/service-accounts/robot/personal-access-tokens"
    );
}

#[test]
fn names_are_looked_up_and_must_be_one() {
    let list = json!([{"id": 1, "name": "a"}, {"id": 2, "name": "b"}, {"id": 3, "name": "b"}]);
    let world = World::new(vec![answer(200, list.clone()), answer(204, Value::Null)]);
    assert_eq!(world.run(&["token", "delete", "a"]).code, 0);
    assert_eq!(
        world.asked()[1].line,
        "DELETE /api/v3/user/personal-access-tokens/1"
    );
    for (name, code) in [("b", 2), ("c", 5)] {
        let world = World::new(vec![answer(200, list.clone())]);
        assert_eq!(world.run(&["token", "delete", name]).code, code, "{name}");
        assert_eq!(world.asked().len(), 1);
    }
}

#[test]
fn what_a_token_planted_ends_with_it_where_that_is_wanted() {
    let left = json!({"message": "of what it planted, 1 may still work", "planted": [
        {"id": 4, "kind": "hook", "label": "hooks.example", "state": "failed", "problem": "it answered 502",
         "owner": "acme", "repository": "acme/site", "token": {"name": "t"}}]});
    let world = World::new(vec![answer(200, left)]);
    let run = world.run(&["token", "delete", "7", "--with-planted"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(
        world.asked()[0].line,
        "DELETE /api/v3/user/personal-access-tokens/7?with_planted=true"
    );
    assert!(
        run.out.contains("1 may still work") && run.out.contains("it answered 502"),
        "{run:?}"
    );
}

#[test]
fn planted_credentials_are_listed_and_ended() {
    let world = World::new(vec![
        answer(200, json!([])),
        answer(200, json!([])),
        answer(200, json!({"id": 4, "state": "ended"})),
    ]);
    assert_eq!(world.run(&["token", "planted", "--token", "7"]).code, 0);
    assert_eq!(world.run(&["token", "planted", "--org", "acme"]).code, 0);
    assert_eq!(
        world
            .run(&["token", "planted", "--org", "acme", "--end", "4"])
            .code,
        0
    );
    let lines: Vec<String> = world.asked().iter().map(|asked| asked.line.clone()).collect();
    assert_eq!(
        lines,
        [
            "GET /api/v3/user/planted-credentials?token_id=7&per_page=100",
            "GET /api/v3/orgs/acme/planted-credentials?per_page=100",
            "DELETE /api/v3/orgs/acme/planted-credentials/4",
        ]
    );
    assert_eq!(world.run(&["token", "planted", "--enterprise", "g"]).code, 2);
}

#[test]
fn lists_follow_pages_on_the_same_server() {
    let next = "link: <http://elsewhere.example/api/v3/user/personal-access-tokens?page=2>; rel=\"next\"\r\n";
    let world = World::new(vec![
        Answer {
            status: 200,
            headers: next,
            body: json!([{"id": 1, "name": "a"}]).to_string(),
        },
        answer(200, json!([{"id": 2, "name": "b"}])),
    ]);
    let run = world.run(&["token", "list", "--json"]);
    assert_eq!(
        run.out, "[{\"id\":1,\"name\":\"a\"},{\"id\":2,\"name\":\"b\"}]\n",
        "{run:?}"
    );
    assert_eq!(
        world.asked()[1].line,
        "GET /api/v3/user/personal-access-tokens?page=2"
    );
}

#[test]
fn an_edit_says_only_what_changes() {
    let world = World::new(vec![
        answer(200, made()),
        answer(200, made()),
        answer(200, made()),
    ]);
    let run = world.run(&["token", "edit", "12", "--name", "other"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(
        run.out.contains("acme/site") && !run.out.contains("bwkf_secret"),
        "{run:?}"
    );
    world.run(&["token", "edit", "12", "--grant", "acme/site:issues=write"]);
    let asked = world.asked();
    assert_eq!(asked[0].body, json!({"name": "other"}));
    assert_eq!(
        asked[2].body["grants"][0]["permissions"],
        json!({"issues": "write"})
    );
    assert_eq!(world.run(&["token", "edit", "12"]).code, 2);
}

/// An edit of a token: what was sent, and what was said of it.
fn edited(before: Value, after: Value, arguments: &[&str]) -> (Value, String) {
    let world = World::new(vec![answer(200, before), answer(200, after)]);
    let run = world.run(&[&["token", "edit", "12"], arguments].concat());
    assert_eq!(run.code, 0, "{run:?}");
    let asked = world.asked();
    assert_eq!(asked[0].line, "GET /api/v3/user/personal-access-tokens/12");
    (asked[1].body["grants"].clone(), run.err)
}

#[test]
fn an_edit_takes_the_one_owner_from_the_token_and_says_what_it_replaces() {
    let mut after = made();
    after["grants"][0]["request"] = json!({"id": 6, "state": "pending"});
    let (grants, said) = edited(made(), after, &["-p", "packages=write"]);
    let grant = json!({"owner": "acme", "repositories": ["site"], "repository_selection": "subset",
        "permissions": {"packages": "write"}});
    assert_eq!(grants, json!([grant]));
    assert!(
        said.contains("acme: issues=read at site → packages=write at site"),
        "{said}"
    );
    assert!(said.contains("request 6 waits for approval by acme"), "{said}");
    // Of several owners none is meant.
    let mut several = made();
    let mut other = several["grants"][0].clone();
    other["owner"]["login"] = json!("bob");
    several["grants"].as_array_mut().unwrap().push(other);
    let world = World::new(vec![answer(200, several)]);
    let run = world.run(&["token", "edit", "12", "-p", "packages=write"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(
        run.err.contains("several owners (acme, bob)") && run.err.contains("--add"),
        "{run:?}"
    );
}

#[test]
fn an_edit_adds_to_what_a_token_has() {
    let mut before = made();
    before["grants"][0]["request"] = json!({"id": 5, "state": "pending", "reason": "triage",
        "repository_selection": "subset", "repositories": ["acme/site"],
        "permissions": {"repository": {"issues": "write", "contents": "read"}}});
    let add = [
        "--add",
        "ACME/www:packages=write,issues=read",
        "--add",
        "bob/*:contents=read",
    ];
    let (grants, said) = edited(before, made(), &add);
    assert_eq!(
        grants,
        json!([
            {"owner": "acme", "repositories": ["site", "www"], "repository_selection": "subset", "reason": "triage",
                "permissions": {"issues": "write", "contents": "read", "packages": "write"}},
            {"owner": "bob", "repository_selection": "all", "permissions": {"contents": "read"}},
        ])
    );
    assert!(
        said.contains("bob: nothing → contents=read at all repositories"),
        "{said}"
    );
    let both = World::new(vec![]).run(&[
        "token",
        "edit",
        "12",
        "--add",
        "a/b:issues=read",
        "-p",
        "issues=read",
    ]);
    assert_eq!(both.code, 2, "{both:?}");
}

#[test]
fn revoking_an_own_token_is_deleting_it() {
    let world = World::new(vec![answer(204, Value::Null)]);
    let run = world.run(&["token", "revoke", "12"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(
        world.asked().remove(0).line,
        "DELETE /api/v3/user/personal-access-tokens/12"
    );
    // Who looks for it among grants is led there.
    let run = world.run(&["grant", "revoke", "12"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.err.contains("bailiwick token delete"), "{run:?}");
}
