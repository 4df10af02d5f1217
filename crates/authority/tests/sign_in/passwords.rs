//! Signing in by password, and changing it.

use crate::world::{PASSWORD, World};
use bailiwick_authority::FaultKind;

#[test]
fn a_wrong_password_and_an_unknown_login_are_alike() {
    let world = World::new();
    let wrong = world.password("alice", "not her password").unwrap_err();
    let unknown = world.password("nobody-here", "not her password").unwrap_err();
    assert_eq!(
        (wrong.kind, wrong.code, &wrong.message),
        (unknown.kind, unknown.code, &unknown.message)
    );
    let events = world.events();
    assert_eq!(events.len(), 2, "each leaves one event");
    assert!(events.iter().all(|event| event.action == "user.failed_login"));
    assert_eq!(events[0].actor_login.as_deref(), Some("alice"));
    // People type their password where the login belongs.
    assert_eq!(
        (events[1].actor_login.as_deref(), events[1].user_login.as_deref()),
        (None, None)
    );
    assert!(!events[1].data.contains("nobody-here"));
}

#[test]
fn the_sixth_attempt_waits() {
    let world = World::new();
    for _ in 0..5 {
        assert_eq!(
            world.password("Alice", "wrong").unwrap_err().kind,
            FaultKind::Unauthorized
        );
    }
    let refused = world.password("alice", PASSWORD).unwrap_err();
    assert_eq!(
        (refused.kind, refused.code),
        (FaultKind::TooMany, "session.throttled")
    );
    world.session("bob");
    world.forward(900);
    world.session("alice");
}

#[test]
fn suspended_people_do_not_sign_in() {
    let world = World::new();
    let mut row = world.row("alice");
    row.suspended_at = Some(world.now());
    world
        .store
        .write(|tx| bailiwick_store::account::update(tx, &row))
        .unwrap();
    assert_eq!(
        world.password("alice", PASSWORD).unwrap_err().code,
        "session.bad_password"
    );
}

#[test]
fn changing_needs_the_old_one_and_ends_other_sessions() {
    let world = World::new();
    let (session, other) = (world.session("alice"), world.session("alice"));
    let bobs = world.session("bob");
    let change = |old: &str, new: &str| {
        world
            .authority
            .password_change(world.with(&session, "web/password"), old, new)
    };
    let wrong = change("not it", "eleven louder geese").unwrap_err();
    assert_eq!(
        (wrong.kind, wrong.errors[0].field.as_str()),
        (FaultKind::Invalid, "old_password")
    );
    for new in ["short", "password123", PASSWORD, "my name is alice"] {
        let weak = change(PASSWORD, new).unwrap_err();
        assert_eq!(
            (weak.kind, weak.errors[0].field.as_str()),
            (FaultKind::Invalid, "password"),
            "{new}"
        );
    }
    assert!(
        world.try_with(&other, "web/sessions").is_ok(),
        "nothing happened yet"
    );

    assert_eq!(change(PASSWORD, "eleven louder geese").unwrap(), 1);
    assert_eq!(world.last_event().action, "user.change_password");
    assert!(world.try_with(&session, "web/sessions").is_ok());
    assert_eq!(
        world.try_with(&other, "web/sessions").unwrap_err(),
        "session.ended"
    );
    assert!(world.try_with(&bobs, "web/sessions").is_ok());
    assert!(world.password("alice", PASSWORD).is_err());
    assert!(world.password("alice", "eleven louder geese").is_ok());
}

#[test]
fn guessing_the_old_one_is_slowed() {
    let world = World::new();
    let session = world.session("alice");
    for _ in 0..5 {
        let permit = world.with(&session, "web/password");
        assert!(
            world
                .authority
                .password_change(permit, "guess", "eleven louder geese")
                .is_err()
        );
    }
    let permit = world.with(&session, "web/password");
    let refused = world
        .authority
        .password_change(permit, PASSWORD, "eleven louder geese")
        .unwrap_err();
    assert_eq!(refused.code, "session.throttled");
}
