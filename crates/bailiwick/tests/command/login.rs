//! Signing in and out.

use crate::script::{World, answer};
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;

const SESSION: &str = "bwks_0123456789";

fn signed_in(more: Vec<crate::script::Answer>) -> World {
    let body = json!({"id": 1, "token": SESSION, "login": "alice", "expires_at": "2027-01-01T00:00:00Z",
        "sudo_until": "2026-12-18T00:00:00Z"});
    let mut answers = vec![answer(201, body)];
    answers.extend(more);
    World::new(answers)
}

#[test]
fn the_session_is_kept_and_never_printed() {
    for arguments in [
        &["login", "--user", "alice", "--password-stdin"][..],
        &["login", "--user", "alice", "--password-stdin", "--json"],
    ] {
        let world = signed_in(vec![answer(200, json!([]))]);
        let run = world.run_with(arguments, "correct horse\n", &[]);
        assert_eq!(run.code, 0, "{run:?}");
        assert!(
            !run.out.contains(SESSION) && !run.err.contains(SESSION),
            "{run:?}"
        );
        assert!(
            !run.out.contains("correct horse") && !run.err.contains("correct horse"),
            "{run:?}"
        );
        let asked = world.asked().remove(0);
        assert_eq!(asked.body, json!({"login": "alice", "password": "correct horse"}));
        assert_eq!(asked.authorization, None);
        let file = world.home.path().join(".config/bailiwick/session.json");
        assert_eq!(
            std::fs::metadata(file).unwrap().permissions().mode() & 0o777,
            0o600
        );
        // Without --server, the server of the last login is the one that is asked.
        let run = world.run_with(&["token", "list"], "", &[("BAILIWICK_SERVER", "")]);
        assert_eq!((run.code, run.out.as_str()), (0, "(none)\n"), "{run:?}");
        assert_eq!(
            world.asked().last().unwrap().authorization.as_deref(),
            Some("Bearer bwks_0123456789")
        );
    }
}

#[test]
fn a_second_factor_is_asked_for_when_it_is_needed() {
    let needed = || {
        answer(
            401,
            json!({"message": "Must specify two-factor authentication OTP code.", "reason": "two_factor.required"}),
        )
    };
    let done = json!({"id": 1, "token": SESSION, "login": "alice"});
    let world = World::new(vec![needed(), answer(201, done)]);
    let arguments = ["login", "--user", "alice", "--password-stdin"];
    let run = world.run_with(&arguments, "correct horse\n", &[("BAILIWICK_OTP", "123456")]);
    assert_eq!(run.code, 0, "{run:?}");
    let asked: Vec<Value> = world.asked().into_iter().map(|asked| asked.body).collect();
    assert_eq!(asked[0], json!({"login": "alice", "password": "correct horse"}));
    assert_eq!(
        asked[1],
        json!({"login": "alice", "password": "correct horse", "otp": "123456"})
    );
    // Nobody to ask, and nobody asked twice.
    let world = World::new(vec![needed()]);
    let run = world.run_with(&arguments, "correct horse\n", &[]);
    assert_eq!((run.code, world.asked().len()), (2, 1), "{run:?}");
    assert!(run.err.contains("BAILIWICK_OTP"), "{run:?}");
}

#[test]
fn a_session_is_sent_to_its_own_server_only() {
    let world = signed_in(vec![]);
    assert_eq!(
        world
            .run_with(
                &["login", "--user", "alice", "--password-stdin"],
                "correct horse\n",
                &[]
            )
            .code,
        0
    );
    let other = World::new(vec![]);
    let run = world.run_with(&["token", "list", "--server", &other.url], "", &[]);
    assert_eq!(run.code, 3, "{run:?}");
    assert!(other.asked().is_empty());
}

#[test]
fn sudo_confirms_the_password_of_the_session() {
    let world = signed_in(vec![answer(200, json!({"sudo_until": "2026-12-18T02:00:00Z"}))]);
    let password = [("BAILIWICK_PASSWORD", "correct horse")];
    assert_eq!(
        world.run_with(&["login", "--user", "alice"], "", &password).code,
        0
    );
    let run = world.run_with(&["login", "--sudo"], "", &password);
    assert_eq!(
        (run.code, run.out.as_str()),
        (0, "sudo until  2026-12-18T02:00:00Z\n"),
        "{run:?}"
    );
    let asked = world.asked().pop().unwrap();
    assert_eq!(asked.line, "POST /api/v3/sessions/sudo");
    assert_eq!(asked.body, json!({"password": "correct horse"}));
}

#[test]
fn logout_ends_the_session_there_and_forgets_it_here() {
    for status in [204, 401] {
        let world = signed_in(vec![answer(status, Value::Null)]);
        assert_eq!(
            world
                .run_with(
                    &["login", "--user", "alice", "--password-stdin"],
                    "correct horse",
                    &[]
                )
                .code,
            0
        );
        assert_eq!(world.run_with(&["logout"], "", &[]).code, 0);
        assert_eq!(
            world.asked().last().unwrap().line,
            "DELETE /api/v3/sessions/current"
        );
        assert_eq!(world.run_with(&["logout"], "", &[]).code, 3);
    }
}

#[test]
fn a_wrong_password_keeps_nothing() {
    let world = World::new(vec![answer(401, json!({"message": "wrong login or password"}))]);
    let run = world.run_with(&["login", "--user", "alice", "--password-stdin"], "guess", &[]);
    assert_eq!(run.code, 3);
    assert!(!world.home.path().join(".config").exists());
}
