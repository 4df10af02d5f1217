//! Exit codes and the words of server errors.

use super::*;
use serde_json::json;

fn server(status: u16, body: Value) -> Failure {
    Failure::Server {
        status: StatusCode::from_u16(status).unwrap(),
        body,
    }
}

#[test]
fn every_failure_has_its_documented_code() {
    let cases = [
        (server(400, json!({})), 1),
        (server(401, json!({})), 3),
        (server(403, json!({})), 1),
        (server(404, json!({})), 5),
        (server(409, json!({})), 6),
        (server(422, json!({})), 1),
        (server(429, json!({})), 1),
        (server(500, json!({})), 4),
        (server(501, json!({})), 4),
        (server(503, json!({})), 4),
        (Failure::NotSignedIn(String::new()), 3),
        (Failure::Unreachable(String::new()), 4),
        (Failure::Usage(String::new()), 2),
        (Failure::NotFound(String::new()), 5),
        (Failure::Conflict(String::new()), 6),
        (Failure::Local(String::new()), 1),
    ];
    for (failure, code) in cases {
        assert_eq!(failure.code(), code, "{failure:?}");
        assert!(EXIT_CODES.contains(&format!("\n  {code}  ")));
    }
}

#[test]
fn failures_as_json_are_the_servers_body_or_a_message() {
    let body = json!({"message": "Not Found", "status": "404"});
    assert_eq!(server(404, body.clone()).json(), body);
    assert_eq!(Failure::Usage("no".into()).json(), json!({"message": "no"}));
}

#[test]
fn a_refusal_prints_reason_missing_and_help() {
    let body = json!({
        "message": "Resource not accessible by personal access token",
        "reason": "level.too_low", "stage": "level",
        "missing": [{"target": "acme/site", "permission": "contents", "level": "read", "role": null}],
        "help": "ask for more", "documentation_url": "x", "status": "403",
    });
    expect_test::expect![[r#"
        error: Resource not accessible by personal access token (403)
        reason: level.too_low
        missing: contents: read on acme/site
        help: ask for more"#]]
    .assert_eq(&server(403, body).words());
}

#[test]
fn wrong_fields_are_listed() {
    let body = json!({"message": "Validation Failed", "errors": [
        {"resource": "PersonalAccessToken", "field": "name", "code": "missing_field"},
        {"resource": "PersonalAccessToken", "field": "expires_in", "code": "custom", "message": "is too long"},
    ]});
    expect_test::expect![[r#"
        error: Validation Failed (422)
          name: missing_field
          expires_in: is too long"#]]
    .assert_eq(&server(422, body).words());
}

#[test]
fn a_missing_session_and_sudo_say_what_to_run() {
    assert!(
        server(401, json!({"message": "Bad credentials"}))
            .words()
            .ends_with("bailiwick login")
    );
    let sudo = json!({"message": "confirm", "reason": "session.sudo_required"});
    assert!(server(403, sudo).words().ends_with("bailiwick login --sudo"));
}
