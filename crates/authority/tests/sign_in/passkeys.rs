//! Passkeys, with an authenticator in software.

use crate::authenticator::Authenticator;
use crate::world::{PASSWORD, World};
use bailiwick_authority::factor::Proof;
use bailiwick_authority::passkey::Registered;
use bailiwick_authority::session::SignedIn;
use bailiwick_authority::{Fault, FaultKind};
use bailiwick_model::PasskeyId;
use serde_json::Value;

fn creation(world: &World, session: &SignedIn) -> Value {
    world
        .authority
        .passkey_creation_options(&world.with(session, "web/passkey-form"))
        .unwrap()
        .expect("offered")
}

fn register(
    world: &World,
    session: &SignedIn,
    name: &str,
    key: &mut Authenticator,
) -> Result<Registered, Fault> {
    let answer = key.create(&creation(world, session));
    world
        .authority
        .passkey_register(world.with(session, "web/passkey-register"), name, &answer)
}

fn sign_in_options(world: &World) -> Value {
    world
        .authority
        .passkey_sign_in_options(&world.visit("web/login-form"))
        .unwrap()
        .expect("offered")
}

fn sign_in(world: &World, answer: &str) -> Result<SignedIn, Fault> {
    world
        .authority
        .session_create_by_passkey(world.visit("web/passkey-login"), answer)
}

fn code_of<T: std::fmt::Debug>(result: Result<T, Fault>) -> &'static str {
    result.expect_err("refused").code
}

/// alice with a passkey.
fn alice(world: &World) -> (SignedIn, Authenticator) {
    let session = world.session("alice");
    let mut key = Authenticator::new(1);
    register(world, &session, "Laptop", &mut key).unwrap();
    (session, key)
}

#[test]
fn registering_asks_for_what_signing_in_needs() {
    let world = World::new();
    let session = world.session("alice");
    let options = creation(&world, &session);
    assert_eq!(options["rp"]["id"], "localhost");
    assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
    assert_eq!(options["authenticatorSelection"]["residentKey"], "required");
    assert_eq!(options["attestation"], "none");
    let mut key = Authenticator::new(1);
    let made = register(&world, &session, " Laptop ", &mut key).unwrap();
    assert_eq!((made.row.name.as_str(), made.row.counter), ("Laptop", 1));
    assert_eq!(made.recovery_codes.expect("the first second factor").0.len(), 10);
    assert_eq!(world.last_event().action, "passkey.register");
    let again = creation(&world, &session);
    assert_eq!(
        again["excludeCredentials"].as_array().unwrap().len(),
        1,
        "the same device is told so"
    );
    let second = register(&world, &session, "Phone", &mut Authenticator::new(2)).unwrap();
    assert!(second.recovery_codes.is_none(), "they are there");
}

#[test]
fn wrong_answers_register_nothing() {
    let world = World::new();
    let (session, mut key) = alice(&world);
    let mut other = Authenticator::new(2);
    for name in ["", "  ", &"x".repeat(41), "a\u{202e}b"] {
        assert_eq!(
            register(&world, &session, name, &mut other).unwrap_err().kind,
            FaultKind::Invalid,
            "{name}"
        );
    }
    let taken = register(&world, &session, "LAPTOP", &mut other).unwrap_err();
    assert_eq!(
        (taken.kind, taken.errors[0].code),
        (FaultKind::Invalid, "already_exists")
    );
    assert_eq!(
        code_of(register(&world, &session, "again", &mut key)),
        "passkey.exists"
    );
    other.origin = String::from("http://localhost.evil.example");
    assert_eq!(
        code_of(register(&world, &session, "a", &mut other)),
        "passkey.refused"
    );
    other.origin = String::from("http://localhost:8417");
    other.site = String::from("evil.example");
    assert_eq!(
        code_of(register(&world, &session, "a", &mut other)),
        "passkey.refused"
    );
    other.site = String::from("localhost");
    other.verifies = false;
    assert_eq!(
        code_of(register(&world, &session, "a", &mut other)),
        "passkey.refused"
    );
    other.verifies = true;
    // A challenge that was made for another person, one that is late, one that was used.
    let for_bob = other.create(&creation(&world, &world.session("bob")));
    let try_it = |answer: &str| {
        world
            .authority
            .passkey_register(world.with(&session, "web/passkey-register"), "a", answer)
    };
    assert_eq!(code_of(try_it(&for_bob)), "passkey.challenge_over");
    let late = other.create(&creation(&world, &session));
    world.forward(300);
    assert_eq!(code_of(try_it(&late)), "passkey.challenge_over");
    let good = other.create(&creation(&world, &session));
    try_it(&good).unwrap();
    assert_eq!(code_of(try_it(&good)), "passkey.challenge_over");
    let answer_to_sign_in = other.get(&sign_in_options(&world));
    for nonsense in [
        "",
        "{}",
        "[]",
        "null",
        "{\"rawId\":1}",
        answer_to_sign_in.as_str(),
    ] {
        assert_eq!(code_of(try_it(nonsense)), "passkey.refused", "{nonsense}");
    }
    assert_eq!(code_of(try_it(&" ".repeat(70_000))), "passkey.refused");
}

#[test]
fn a_passkey_signs_in_by_itself() {
    let world = World::new();
    let (_, mut key) = alice(&world);
    let options = sign_in_options(&world);
    assert_eq!(options["userVerification"], "required");
    assert_eq!(
        options["allowCredentials"].as_array().unwrap().len(),
        0,
        "it tells of nobody"
    );
    let session = sign_in(&world, &key.get(&options)).unwrap();
    assert_eq!(session.login, "alice");
    let event = world.last_event();
    assert_eq!(
        (event.action.as_str(), event.actor_login.as_deref()),
        ("user.login", Some("alice"))
    );
    assert!(event.data.contains("Laptop"), "{}", event.data);
    assert!(
        world.try_with(&session, "web/passkey-form").is_ok(),
        "in sudo mode"
    );
    let security = world
        .authority
        .security(&world.with(&session, "web/security"))
        .unwrap();
    assert_eq!(security.passkeys[0].last_used_at, Some(world.now()));
    assert_eq!(security.passkeys[0].counter, i64::from(key.counter));
}

#[test]
fn an_answer_is_good_once_and_not_for_long() {
    let world = World::new();
    let (_, mut key) = alice(&world);
    let answer = key.get(&sign_in_options(&world));
    sign_in(&world, &answer).unwrap();
    assert_eq!(
        code_of(sign_in(&world, &answer)),
        "passkey.challenge_over",
        "replayed"
    );
    let answer = key.get(&sign_in_options(&world));
    world.forward(300);
    assert_eq!(
        code_of(sign_in(&world, &answer)),
        "passkey.challenge_over",
        "late"
    );
    let mut made_up = sign_in_options(&world);
    made_up["challenge"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".into();
    assert_eq!(
        code_of(sign_in(&world, &key.get(&made_up))),
        "passkey.challenge_over"
    );
}

#[test]
fn forgeries_and_copies_are_refused_and_recorded() {
    let world = World::new();
    let (session, mut key) = alice(&world);
    // Another key under the same id.
    let mut forged = Authenticator::new(1);
    forged.create(&creation(&world, &session));
    forged.counter = 50;
    assert_eq!(
        code_of(sign_in(&world, &forged.get(&sign_in_options(&world)))),
        "passkey.refused"
    );
    let event = world.last_event();
    assert_eq!(
        (event.action.as_str(), event.actor_login.as_deref()),
        ("user.failed_login", Some("alice"))
    );
    // One that nobody registered.
    let mut unknown = Authenticator::new(9);
    unknown.create(&creation(&world, &session));
    assert_eq!(
        code_of(sign_in(&world, &unknown.get(&sign_in_options(&world)))),
        "passkey.refused"
    );
    assert_eq!(world.last_event().actor_login, None);
    // A copy that counts from before.
    sign_in(&world, &key.get(&sign_in_options(&world))).unwrap();
    key.counter -= 1;
    assert_eq!(
        code_of(sign_in(&world, &key.get(&sign_in_options(&world)))),
        "passkey.refused"
    );
    // Without a finger or a PIN; from another site.
    key.counter += 10;
    key.verifies = false;
    assert_eq!(
        code_of(sign_in(&world, &key.get(&sign_in_options(&world)))),
        "passkey.refused"
    );
    key.verifies = true;
    key.origin = String::from("https://evil.example");
    assert_eq!(
        code_of(sign_in(&world, &key.get(&sign_in_options(&world)))),
        "passkey.refused"
    );
    key.origin = String::from("http://localhost:8417");
    sign_in(&world, &key.get(&sign_in_options(&world))).unwrap();
}

#[test]
fn whoever_has_a_passkey_needs_it_after_the_password() {
    let world = World::new();
    let (_, mut key) = alice(&world);
    let pending = world.pending("alice");
    let options = |pending: &str| {
        world
            .authority
            .passkey_second_factor_options(&world.visit("web/login-form"), pending)
            .unwrap()
    };
    assert!(options("nonsense").is_none());
    let asked = options(&pending).unwrap();
    assert_eq!(asked["allowCredentials"].as_array().unwrap().len(), 1);
    let give = |pending: &str, answer: &str| {
        let permit = world.visit("web/second-factor");
        world
            .authority
            .session_second_factor(permit, pending, Proof::Passkey(answer))
    };
    // An answer for one sign-in is none for another, nor for signing in by passkey alone.
    let other = world.pending("alice");
    let answer = key.get(&asked);
    assert_eq!(code_of(give(&other, &answer)), "passkey.challenge_over");
    let answer = key.get(&options(&pending).unwrap());
    assert_eq!(code_of(sign_in(&world, &answer)), "passkey.challenge_over");
    let answer = key.get(&options(&pending).unwrap());
    give(&pending, &answer).unwrap();
    assert!(world.last_event().data.contains(r#""second_factor":"passkey""#));
    // Clients without pages need a code; a recovery code is one.
    let once =
        world
            .authority
            .session_create_once(world.visit("bailiwick/create-session"), "alice", PASSWORD, None);
    assert_eq!(code_of(once), "two_factor.required");
}

#[test]
fn another_persons_passkey_proves_nothing() {
    let world = World::new();
    let (_alice, _) = alice(&world);
    let mallory = world.session("mallory");
    let mut hers = Authenticator::new(7);
    register(&world, &mallory, "Laptop", &mut hers).unwrap();
    let pending = world.pending("alice");
    let asked = world
        .authority
        .passkey_second_factor_options(&world.visit("web/login-form"), &pending)
        .unwrap()
        .unwrap();
    let answer = hers.get(&asked);
    let permit = world.visit("web/second-factor");
    let refused = world
        .authority
        .session_second_factor(permit, &pending, Proof::Passkey(&answer));
    assert_eq!(code_of(refused), "passkey.refused");
}

#[test]
fn sudo_mode_by_passkey() {
    let world = World::new();
    let (session, mut key) = alice(&world);
    world.forward(2 * 3600 + 60);
    assert!(world.try_with(&session, "web/passkey-form").is_err());
    let asked = world
        .authority
        .passkey_sudo_options(&world.with(&session, "web/sudo-form"))
        .unwrap()
        .unwrap();
    let answer = key.get(&asked);
    let bob = world.session("bob");
    let stolen = world
        .authority
        .session_sudo(world.with(&bob, "web/sudo"), Proof::Passkey(&answer));
    assert_eq!(code_of(stolen), "passkey.challenge_over");
    let none = world
        .authority
        .passkey_sudo_options(&world.with(&bob, "web/sudo-form"))
        .unwrap();
    assert!(none.is_none(), "he has none");
    let asked = world
        .authority
        .passkey_sudo_options(&world.with(&session, "web/sudo-form"))
        .unwrap()
        .unwrap();
    world
        .authority
        .session_sudo(world.with(&session, "web/sudo"), Proof::Passkey(&key.get(&asked)))
        .unwrap();
    assert!(world.try_with(&session, "web/passkey-form").is_ok());
}

#[test]
fn removing_is_for_ones_own_and_ends_it() {
    let world = World::new();
    let (session, mut key) = alice(&world);
    let id = world
        .authority
        .security(&world.with(&session, "web/security"))
        .unwrap()
        .passkeys[0]
        .id;
    let remove = |session: &SignedIn, id: PasskeyId| {
        world
            .authority
            .passkey_remove(world.with(session, "web/passkey-remove"), id)
    };
    assert_eq!(code_of(remove(&world.session("mallory"), id)), "not_found");
    remove(&session, id).unwrap();
    assert_eq!(world.last_event().action, "passkey.remove");
    assert_eq!(
        code_of(sign_in(&world, &key.get(&sign_in_options(&world)))),
        "passkey.refused"
    );
    let security = world
        .authority
        .security(&world.with(&session, "web/security"))
        .unwrap();
    assert_eq!((security.passkeys.len(), security.recovery_codes_left), (0, 0));
    world.session("alice");
}

#[test]
fn at_an_address_that_is_no_domain_none_are_offered_and_none_are_bypassed() {
    let world = World::at("http://127.0.0.1:8417");
    world.people();
    let session = world.session("alice");
    assert!(!world.authority.passkeys_offered());
    let none = world
        .authority
        .passkey_creation_options(&world.with(&session, "web/passkey-form"))
        .unwrap();
    assert!(none.is_none());
    let none = world
        .authority
        .passkey_sign_in_options(&world.visit("web/login-form"))
        .unwrap();
    assert!(none.is_none());
    // Somebody who registered one while the server had a name still needs a second step here.
    let named = World::new();
    let (_, key) = alice(&named);
    let row = named
        .store
        .read(|tx| bailiwick_store::passkey::by_credential_id(tx, &key.id))
        .unwrap()
        .unwrap();
    world
        .store
        .write(|tx| bailiwick_store::passkey::insert(tx, row))
        .unwrap();
    world.pending("alice");
}
