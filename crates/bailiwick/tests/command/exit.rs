//! Exit codes.

use crate::script::{World, answer};
use serde_json::json;

#[test]
fn the_servers_status_becomes_the_exit_code() {
    for (status, code) in [
        (400, 1),
        (401, 3),
        (403, 1),
        (404, 5),
        (409, 6),
        (422, 1),
        (429, 1),
        (500, 4),
        (501, 4),
        (503, 4),
    ] {
        let world = World::new(vec![answer(
            status,
            json!({"message": "no", "reason": "some.code"}),
        )]);
        let run = world.run(&["token", "show", "1"]);
        assert_eq!((run.code, run.out.as_str()), (code, ""), "{status}: {run:?}");
        assert!(
            run.err
                .starts_with(&format!("error: no ({status})\nreason: some.code\n")),
            "{run:?}"
        );
    }
}

#[test]
fn with_json_an_error_is_the_servers_body() {
    let body = json!({"message": "no", "reason": "some.code"});
    let world = World::new(vec![answer(403, body.clone())]);
    let run = world.run(&["token", "show", "1", "--json"]);
    assert_eq!(run.code, 1);
    assert_eq!(run.out, "");
    assert_eq!(serde_json::from_str::<serde_json::Value>(&run.err).unwrap(), body);
}

#[test]
fn without_a_session_nothing_is_asked() {
    let world = World::new(vec![]);
    let run = world.run_with(&["token", "list"], "", &[]);
    assert_eq!(run.code, 3, "{run:?}");
    assert!(run.err.contains("bailiwick login"), "{run:?}");
    assert!(world.asked().is_empty());
}

#[test]
fn usage_errors_are_told_before_anything_is_asked() {
    let world = World::new(vec![]);
    for arguments in [
        &["nonsense"][..],
        &["token", "create"],
        &["token", "create", "x", "-p", "issues"],
        &["request", "approve", "1"],
        &[
            "request",
            "approve",
            "1",
            "2",
            "--org",
            "acme",
            "-p",
            "issues=read",
        ],
        &["policy", "set", "--org", "acme", "classic.alowed=true"],
        &["admin", "tokens", "end", "--confirm", "yes"],
        &["token", "list", "--server", "ftp://git.example"],
        &[
            "token",
            "list",
            "--server",
            "https://git.example",
            "--ca",
            "absent.pem",
        ],
        &["serve", "--listen", "0.0.0.0:0"],
        &["serve", "--listen", "here"],
        &["serve", "--config", "absent.toml"],
    ] {
        let run = world.run(arguments);
        assert_eq!(run.code, 2, "{arguments:?}: {run:?}");
        assert_eq!(run.out, "", "{arguments:?}");
    }
    assert!(world.asked().is_empty());
}

#[test]
fn a_server_that_is_not_there_is_unreachable() {
    let world = World::new(vec![]);
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let run = world.run(&["token", "list", "--server", &port.to_string()]);
    assert_eq!(run.code, 4, "{run:?}");
}

#[test]
fn an_explanation_that_denies_is_code_one() {
    let world = World::new(vec![answer(
        200,
        json!({"decision": "deny", "stage": "grant", "reason": "grant.none"}),
    )]);
    let run = world.run(&["explain", "GET /repos/acme/site", "--token-id", "7"]);
    assert_eq!(run.code, 1);
    assert!(run.out.starts_with("decision  deny\n"), "{run:?}");
    let asked = world.asked().remove(0);
    assert_eq!(asked.line, "POST /api/v3/authorization/explain");
    assert_eq!(
        asked.body,
        json!({"request": "GET /repos/acme/site", "token_id": 7})
    );
}

#[test]
fn called_as_the_hook_it_refuses_without_a_server() {
    let world = World::new(vec![]);
    let hook = world.home.path().join("pre-receive");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_bailiwick"), &hook).unwrap();
    let output = std::process::Command::new(hook).env_clear().output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("could not be decided"));
}

#[test]
fn permissions_and_completions_need_no_server() {
    let world = World::new(vec![]);
    let reference = world.run_with(&["permissions"], "", &[]);
    assert_eq!(reference.code, 0);
    assert!(
        reference
            .out
            .contains("`organization_personal_access_token_requests`")
    );
    let json = world.run_with(&["permissions", "--json"], "", &[]);
    assert!(
        serde_json::from_str::<serde_json::Value>(&json.out)
            .unwrap()
            .get("permissions")
            .is_some()
    );
    let completions = world.run_with(&["completions", "bash"], "", &[]);
    assert!(completions.out.contains("service-account"));
}
