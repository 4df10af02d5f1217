//! Authenticator apps and recovery codes, and the sign-in that waits for them.

use crate::world::{PASSWORD, World, code_at};
use bailiwick_authority::Fault;
use bailiwick_authority::Presented;
use bailiwick_authority::factor::{Factors, Proof};
use bailiwick_authority::session::SignedIn;

fn second(world: &World, pending: &str, code: &str) -> Result<SignedIn, Fault> {
    let permit = world.visit("web/second-factor");
    world
        .authority
        .session_second_factor(permit, pending, Proof::Code(code))
}

fn code_of<T: std::fmt::Debug>(result: Result<T, Fault>) -> &'static str {
    result.expect_err("refused").code
}

#[test]
fn enabling_needs_the_right_code_and_gives_recovery_codes_once() {
    let world = World::new();
    let session = world.session("alice");
    let setup = world
        .authority
        .totp_begin(&world.with(&session, "web/totp-form"))
        .unwrap();
    assert!(
        setup
            .uri
            .starts_with("otpauth://totp/localhost%3A8417:alice?secret=")
    );
    let wrong = world
        .authority
        .totp_enable(world.with(&session, "web/totp-enable"), &setup.sealed, "000000")
        .unwrap_err();
    assert_eq!(
        (wrong.code, wrong.errors[0].field.as_str()),
        ("validation_failed", "code")
    );
    let again = world
        .authority
        .totp_resume(&world.with(&session, "web/totp-form"), &setup.sealed)
        .unwrap();
    assert_eq!(again.seed, setup.seed, "the form keeps its seed");
    // Another person's form, a stale form, a changed form.
    let mallory = world.session("mallory");
    let stolen = world
        .authority
        .totp_resume(&world.with(&mallory, "web/totp-form"), &setup.sealed);
    assert_eq!(code_of(stolen), "totp.form_over");
    world.forward(900);
    let late = world
        .authority
        .totp_resume(&world.with(&session, "web/totp-form"), &setup.sealed);
    assert_eq!(code_of(late), "totp.form_over");

    let (_, codes) = world.enable_totp(&session);
    assert_eq!(codes.0.len(), 10);
    let event = world.last_event();
    assert_eq!(event.action, "two_factor_authentication.enabled");
    assert_eq!(event.actor_login.as_deref(), Some("alice"));
    let twice = world.authority.totp_begin(&world.with(&session, "web/totp-form"));
    assert_eq!(code_of(twice), "totp.enabled");
}

#[test]
fn neither_seed_nor_codes_are_in_the_database_or_the_log() {
    let world = World::new();
    let session = world.session("alice");
    let (seed, codes) = world.enable_totp(&session);
    let pending = world.pending("alice");
    let bytes = world.database();
    let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    assert!(holds(b"two_factor_authentication.enabled"), "the search works");
    assert!(!holds(&seed));
    assert!(!holds(pending.as_bytes()));
    for code in &codes.0 {
        assert!(!holds(code.as_bytes()));
        assert!(!holds(code.replace('-', "").as_bytes()));
    }
}

#[test]
fn a_password_alone_opens_nothing() {
    let world = World::new();
    let session = world.session("alice");
    let (seed, _) = world.enable_totp(&session);
    let pending = world.pending("alice");
    assert_eq!(world.last_event().action, "user.two_factor_requested");
    // The secret of the sign-in that waits is no credential at any door.
    assert!(matches!(world.authority.present(&pending), Presented::Garbage));
    let shown = world
        .authority
        .session_pending(&world.visit("web/login-form"), &pending)
        .unwrap();
    let factors = Factors {
        totp: true,
        recovery: true,
        needed: true,
        passkey: false,
    };
    assert_eq!((shown.login.as_str(), shown.factors), ("alice", factors));
    let before = world
        .authority
        .session_list(&world.with(&session, "web/sessions"))
        .unwrap()
        .len();

    let signed_in = second(&world, &pending, &code_at(&seed, world.now())).unwrap();
    assert_eq!(signed_in.login, "alice");
    let event = world.last_event();
    assert_eq!(
        (event.action.as_str(), event.actor_login.as_deref()),
        ("user.login", Some("alice"))
    );
    assert!(event.data.contains(r#""second_factor":"totp""#), "{}", event.data);
    let after = world
        .authority
        .session_list(&world.with(&signed_in, "web/sessions"))
        .unwrap()
        .len();
    assert_eq!((before, after), (1, 2));
    // It is used up.
    world.forward(30);
    assert_eq!(
        code_of(second(&world, &pending, &code_at(&seed, world.now()))),
        "session.pending_over"
    );
}

#[test]
fn a_sign_in_waits_ten_minutes() {
    let world = World::new();
    let (seed, _) = world.enable_totp(&world.session("alice"));
    let pending = world.pending("alice");
    world.forward(600);
    assert_eq!(
        code_of(second(&world, &pending, &code_at(&seed, world.now()))),
        "session.pending_over"
    );
    assert_eq!(
        code_of(second(&world, "nonsense", "123456")),
        "session.pending_over"
    );
}

#[test]
fn a_code_counts_once_also_for_another_sign_in() {
    let world = World::new();
    let (seed, _) = world.enable_totp(&world.session("alice"));
    let (one, other) = (world.pending("alice"), world.pending("alice"));
    let code = code_at(&seed, world.now());
    second(&world, &one, &code).unwrap();
    assert_eq!(code_of(second(&world, &other, &code)), "two_factor.bad_code");
    let event = world.last_event();
    assert_eq!(
        (event.action.as_str(), event.outcome.word()),
        ("user.failed_login", "failed")
    );
    assert_eq!(
        event.actor_login.as_deref(),
        Some("alice"),
        "she sees it in her log"
    );
    // A wrong code does not use the sign-in up.
    world.forward(30);
    second(&world, &other, &code_at(&seed, world.now())).unwrap();
}

#[test]
fn another_persons_code_is_wrong() {
    let world = World::new();
    let _alice = world.enable_totp(&world.session("alice"));
    let (mallorys, mallorys_codes) = world.enable_totp(&world.session("mallory"));
    let pending = world.pending("alice");
    assert_eq!(
        code_of(second(&world, &pending, &code_at(&mallorys, world.now()))),
        "two_factor.bad_code"
    );
    assert_eq!(
        code_of(second(&world, &pending, &mallorys_codes.0[0])),
        "two_factor.bad_code"
    );
}

#[test]
fn guessing_is_slowed_for_the_person_whatever_sign_in_it_is() {
    let world = World::new();
    let (seed, _) = world.enable_totp(&world.session("alice"));
    for _ in 0..5 {
        let pending = world.pending("alice");
        assert_eq!(code_of(second(&world, &pending, "000000")), "two_factor.bad_code");
    }
    let pending = world.pending("alice");
    let right = code_at(&seed, world.now());
    assert_eq!(
        code_of(second(&world, &pending, &right)),
        "session.throttled",
        "also the right one waits"
    );
    let once = world.authority.session_create_once(
        world.visit("bailiwick/create-session"),
        "alice",
        PASSWORD,
        Some(&right),
    );
    assert_eq!(code_of(once), "session.throttled", "by whatever door");
    world.forward(900);
    let pending = world.pending("alice");
    second(&world, &pending, &code_at(&seed, world.now())).unwrap();
}

#[test]
fn recovery_codes_sign_in_once_each() {
    let world = World::new();
    let session = world.session("alice");
    let (_, codes) = world.enable_totp(&session);
    let shouted = codes.0[3].to_uppercase().replace('-', " ");
    second(&world, &world.pending("alice"), &shouted).unwrap();
    assert_eq!(
        code_of(second(&world, &world.pending("alice"), &codes.0[3])),
        "two_factor.bad_code"
    );
    let security = world
        .authority
        .security(&world.with(&session, "web/security"))
        .unwrap();
    assert_eq!(security.recovery_codes_left, 9);
    assert!(security.totp.is_some() && security.has_password && security.passkeys_offered);

    let fresh = world
        .authority
        .recovery_codes_regenerate(world.with(&session, "web/recovery-codes"))
        .unwrap();
    assert_eq!(
        world.last_event().action,
        "two_factor_authentication.recovery_codes_regenerated"
    );
    assert_eq!(
        code_of(second(&world, &world.pending("alice"), &codes.0[4])),
        "two_factor.bad_code"
    );
    second(&world, &world.pending("alice"), &fresh.0[4]).unwrap();
}

#[test]
fn without_a_second_factor_there_are_no_recovery_codes() {
    let world = World::new();
    let session = world.session("alice");
    let none = world
        .authority
        .recovery_codes_regenerate(world.with(&session, "web/recovery-codes"));
    assert_eq!(code_of(none), "two_factor.disabled");
    world.enable_totp(&session);
    world
        .authority
        .totp_disable(world.with(&session, "web/totp-disable"))
        .unwrap();
    assert_eq!(world.last_event().action, "two_factor_authentication.disabled");
    let security = world
        .authority
        .security(&world.with(&session, "web/security"))
        .unwrap();
    assert_eq!((security.recovery_codes_left, security.totp), (0, None));
    world.session("alice");
    let twice = world
        .authority
        .totp_disable(world.with(&session, "web/totp-disable"));
    assert_eq!(code_of(twice), "not_found");
    assert_eq!(
        world.enable_totp(&session).1.0.len(),
        10,
        "enabled again: new ones"
    );
}

#[test]
fn clients_without_pages_give_both_at_once() {
    let world = World::new();
    let (seed, _) = world.enable_totp(&world.session("alice"));
    let once = |login: &str, password: &str, code: Option<&str>| {
        world
            .authority
            .session_create_once(world.visit("bailiwick/create-session"), login, password, code)
    };
    assert_eq!(code_of(once("alice", PASSWORD, None)), "two_factor.required");
    assert_eq!(world.last_event().action, "user.two_factor_requested");
    assert_eq!(code_of(once("alice", PASSWORD, Some(""))), "two_factor.bad_code");
    // Whoever does not know the password does not learn that there is a second factor.
    assert_eq!(
        code_of(once("alice", "wrong password", None)),
        "session.bad_password"
    );
    let code = code_at(&seed, world.now());
    assert_eq!(
        code_of(once("alice", "wrong password", Some(&code))),
        "session.bad_password"
    );
    once("alice", PASSWORD, Some(&code)).unwrap();
    once("bob", PASSWORD, None).unwrap();
    once("bob", PASSWORD, Some("123456")).expect("a code that nobody needs does no harm");
}

#[test]
fn a_changed_password_or_a_suspension_ends_what_waits() {
    let world = World::new();
    let session = world.session("alice");
    let (seed, _) = world.enable_totp(&session);
    let pending = world.pending("alice");
    world
        .authority
        .password_change(
            world.with(&session, "web/password"),
            PASSWORD,
            "eleven louder geese",
        )
        .unwrap();
    assert_eq!(
        code_of(second(&world, &pending, &code_at(&seed, world.now()))),
        "session.pending_over"
    );

    let (seed, _) = world.enable_totp(&world.session("bob"));
    let pending = world.pending("bob");
    let mut row = world.row("bob");
    row.suspended_at = Some(world.now());
    world
        .store
        .write(|tx| bailiwick_store::account::update(tx, &row))
        .unwrap();
    assert_eq!(
        code_of(second(&world, &pending, &code_at(&seed, world.now()))),
        "session.pending_over"
    );
}

#[test]
fn a_lost_sealing_key_refuses_and_does_not_admit() {
    let world = World::new();
    let (seed, codes) = world.enable_totp(&world.session("alice"));
    let other = bailiwick_authority::seal::Seal::new(&[zeroize::Zeroizing::new([9; 32])]).unwrap();
    let World { authority, .. } = &world;
    assert!(format!("{:?}", other).contains("1 keys"));
    let pending = world.pending("alice");
    assert!(second(&world, &pending, &code_at(&seed, authority.now())).is_ok());
    let world = world.sealed_with(other);
    let pending = world.pending("alice");
    assert_eq!(
        code_of(second(&world, &pending, &code_at(&seed, world.now()))),
        "totp.seal"
    );
    second(&world, &pending, &codes.0[0]).expect("recovery codes are for this");
}
