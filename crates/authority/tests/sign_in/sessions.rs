//! The list of sessions, ending them, and sudo mode.

use crate::world::{PASSWORD, World, code_at, sudo_needed};
use bailiwick_authority::factor::Proof;
use bailiwick_authority::session::SignedIn;
use bailiwick_authority::{Caller, Fault};
use bailiwick_model::SessionId;

#[test]
fn people_see_and_end_their_own_sessions_only() {
    let world = World::new();
    let (mine, other) = (world.session("alice"), world.session("alice"));
    let bobs = world.session("bob");
    let permit = world.with(&mine, "web/sessions");
    world.forward(60);
    let caller = Caller {
        request_id: "".into(),
        address: Some([198, 51, 100, 9].into()),
        user_agent: Some("elsewhere".into()),
        ..Caller::default()
    };
    world
        .authority
        .touch(&permit.gathered().credential, &caller, world.now());
    let list = world.authority.session_list(&permit).unwrap();
    assert_eq!(
        list.iter().map(|row| row.id).collect::<Vec<_>>(),
        [other.row.id, mine.row.id]
    );
    assert_eq!(
        list.iter().filter(|row| permit.session() == Some(row.id)).count(),
        1
    );
    let row = &list[1];
    assert_eq!(row.address.as_deref(), Some("192.0.2.7"), "where it was opened");
    assert_eq!(
        row.last_seen_address.as_deref(),
        Some("198.51.100.9"),
        "where it was used"
    );
    assert_eq!(
        (row.last_seen_user_agent.as_deref(), row.last_seen_at),
        (Some("elsewhere"), world.now())
    );

    let end = |id: SessionId| {
        world
            .authority
            .session_end(world.with(&mine, "bailiwick/delete-session"), id)
    };
    assert_eq!(
        end(bobs.row.id).unwrap_err().code,
        "not_found",
        "another's is answered as unknown"
    );
    assert!(world.try_with(&bobs, "web/sessions").is_ok());
    end(other.row.id).unwrap();
    assert_eq!(world.last_event().action, "user.logout");
    assert!(world.try_with(&other, "web/sessions").is_err());
}

#[test]
fn all_others_end_at_once() {
    let world = World::new();
    let mine = world.session("alice");
    let others = [world.session("alice"), world.session("alice")];
    let bobs = world.session("bob");
    let ended = world
        .authority
        .session_end_others(world.with(&mine, "web/sessions-end-others"))
        .unwrap();
    assert_eq!(ended, 2);
    assert!(world.last_event().data.contains(r#""sessions_ended":2"#));
    assert!(
        others
            .iter()
            .all(|other| world.try_with(other, "web/sessions").is_err())
    );
    assert!(world.try_with(&mine, "web/sessions").is_ok() && world.try_with(&bobs, "web/sessions").is_ok());
}

fn sudo(world: &World, session: &SignedIn, proof: Proof<'_>) -> Result<(), Fault> {
    let permit = world.with(session, "web/sudo");
    world.authority.session_sudo(permit, proof).map(|_| ())
}

const SENSITIVE: &str = "web/recovery-codes";

#[test]
fn sudo_mode_ends_after_two_hours_and_begins_by_proof() {
    let world = World::new();
    assert!(sudo_needed(SENSITIVE));
    let session = world.session("alice");
    let (seed, codes) = world.enable_totp(&session);
    assert!(
        world.try_with(&session, SENSITIVE).is_ok(),
        "signing in begins it"
    );
    world.forward(2 * 3600 + 60);
    assert_eq!(
        world.try_with(&session, SENSITIVE).unwrap_err(),
        "session.sudo_required"
    );
    assert!(sudo(&world, &session, Proof::Password("wrong")).is_err());
    assert!(sudo(&world, &session, Proof::Code("000000")).is_err());
    assert_eq!(
        sudo(&world, &session, Proof::Code(&codes.0[0])).unwrap_err().code,
        "two_factor.bad_code",
        "recovery codes are for signing in"
    );
    assert!(world.try_with(&session, SENSITIVE).is_err());
    sudo(&world, &session, Proof::Code(&code_at(&seed, world.now()))).unwrap();
    assert!(world.try_with(&session, SENSITIVE).is_ok());
    assert!(world.last_event().data.contains(r#""method":"totp""#));
    world.forward(2 * 3600 + 60);
    assert!(world.try_with(&session, SENSITIVE).is_err());
    sudo(&world, &session, Proof::Password(PASSWORD)).unwrap();
    assert_eq!(world.last_event().action, "user.sudo");
    assert!(world.try_with(&session, SENSITIVE).is_ok());
}

#[test]
fn sudo_is_of_one_session() {
    let world = World::new();
    let (one, other) = (world.session("alice"), world.session("alice"));
    world.forward(2 * 3600);
    sudo(&world, &one, Proof::Password(PASSWORD)).unwrap();
    assert!(world.try_with(&one, SENSITIVE).is_ok());
    assert!(world.try_with(&other, SENSITIVE).is_err());
}

#[test]
fn guesses_in_sudo_mode_are_slowed() {
    let world = World::new();
    let session = world.session("alice");
    for _ in 0..5 {
        assert!(sudo(&world, &session, Proof::Password("wrong")).is_err());
    }
    assert_eq!(
        sudo(&world, &session, Proof::Password(PASSWORD))
            .unwrap_err()
            .code,
        "session.throttled"
    );
}

#[test]
fn a_sensitive_act_resets_the_two_hours_and_nothing_else_does() {
    let world = World::new();
    let session = world.session("alice");
    world.enable_totp(&session);
    world.forward(3600);
    let left = |world: &World| {
        let list = world
            .authority
            .session_list(&world.with(&session, "web/sessions"))
            .unwrap();
        (list[0].sudo_until.0 - world.now().0) / 1_000_000
    };
    let before = left(&world);
    assert!(before < 2 * 3600 - 3000, "{before}");
    // One that fails, and one that is not sensitive.
    let weak = world
        .authority
        .password_change(world.with(&session, "web/password"), PASSWORD, "short");
    assert!(weak.is_err());
    world
        .authority
        .session_end_others(world.with(&session, "web/sessions-end-others"))
        .unwrap();
    assert_eq!(left(&world), before);
    world
        .authority
        .recovery_codes_regenerate(world.with(&session, SENSITIVE))
        .unwrap();
    assert_eq!(left(&world), 2 * 3600);
    world.forward(2 * 3600 - 1);
    assert!(
        world.try_with(&session, SENSITIVE).is_ok(),
        "and decisions know it"
    );
    world.forward(1);
    assert!(world.try_with(&session, SENSITIVE).is_err());
}
