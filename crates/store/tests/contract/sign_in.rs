//! Second factors, sign-ins that wait, and where sessions were last used.

use crate::fixture::acme;
use crate::{NOW, World, on_both_engines};
use bailiwick_model::{AccountId, Digest, PasskeyId};
use bailiwick_store::session::Seen;
use bailiwick_store::{
    ChangeKey, Object, PasskeyRow, PendingSignInRow, Secret, SessionRow, TotpRow, change, passkey,
    pending_sign_in, recovery_code, session, totp,
};

on_both_engines!(
    a_step_is_taken_once_and_never_backwards,
    one_app_a_person,
    recovery_codes_are_used_up,
    passkeys_are_their_owners,
    pending_sign_ins_end,
    sudo_is_extended_while_it_lasts,
    sessions_remember_their_last_use,
    other_sessions_end,
);

fn app(user_id: AccountId) -> TotpRow {
    TotpRow {
        user_id,
        seed: Secret("sealed".into()),
        last_step: 0,
        created_at: NOW,
        last_used_at: None,
    }
}

fn a_step_is_taken_once_and_never_backwards(world: &World) {
    let acme = acme(world);
    assert!(world.write(|tx| totp::insert(tx, &app(acme.bob))));
    assert!(world.write(|tx| totp::take(tx, acme.bob, 7, NOW)));
    assert!(!world.write(|tx| totp::take(tx, acme.bob, 7, NOW)));
    assert!(!world.write(|tx| totp::take(tx, acme.bob, 6, NOW)));
    assert!(world.write(|tx| totp::take(tx, acme.bob, 8, NOW.plus_seconds(30))));
    assert!(
        !world.write(|tx| totp::take(tx, acme.alice, 9, NOW)),
        "she has none"
    );
    let row = world.read(|tx| totp::get(tx, acme.bob)).unwrap();
    assert_eq!((row.last_step, row.last_used_at), (8, Some(NOW.plus_seconds(30))));
}

fn one_app_a_person(world: &World) {
    let acme = acme(world);
    assert!(world.write(|tx| totp::insert(tx, &app(acme.bob))));
    assert!(!world.write(|tx| totp::insert(tx, &app(acme.bob))));
    assert!(world.write(|tx| totp::remove(tx, acme.bob)));
    assert!(!world.write(|tx| totp::remove(tx, acme.bob)));
    assert!(world.write(|tx| totp::insert(tx, &app(acme.bob))));
}

fn recovery_codes_are_used_up(world: &World) {
    let acme = acme(world);
    let digests: Vec<Digest> = (0..10_u8).map(|each| Digest::of(&[each])).collect();
    assert_eq!(world.read(|tx| recovery_code::left(tx, acme.bob)), (0, None));
    world.write(|tx| recovery_code::replace(tx, acme.bob, &digests, NOW));
    assert_eq!(
        world.read(|tx| recovery_code::left(tx, acme.bob)),
        (10, Some(NOW))
    );
    assert!(
        !world.write(|tx| recovery_code::take(tx, acme.alice, &digests[3], NOW)),
        "his"
    );
    assert!(world.write(|tx| recovery_code::take(tx, acme.bob, &digests[3], NOW)));
    assert!(
        !world.write(|tx| recovery_code::take(tx, acme.bob, &digests[3], NOW)),
        "used"
    );
    assert_eq!(world.read(|tx| recovery_code::left(tx, acme.bob)).0, 9);
    world.write(|tx| recovery_code::replace(tx, acme.bob, &digests[..2], NOW.plus_days(1)));
    assert_eq!(
        world.read(|tx| recovery_code::left(tx, acme.bob)),
        (2, Some(NOW.plus_days(1)))
    );
    assert!(
        !world.write(|tx| recovery_code::take(tx, acme.bob, &digests[5], NOW)),
        "replaced"
    );
}

fn key(user_id: AccountId, name: &str, credential_id: &[u8]) -> PasskeyRow {
    PasskeyRow {
        id: PasskeyId(0),
        user_id,
        name: name.to_owned(),
        folded: String::new(),
        credential_id: credential_id.to_vec(),
        credential: Object::new(),
        counter: 0,
        backed_up: false,
        created_at: NOW,
        last_used_at: None,
    }
}

fn passkeys_are_their_owners(world: &World) {
    let acme = acme(world);
    let laptop = world.write(|tx| passkey::insert(tx, key(acme.bob, "Laptop", &[1])));
    let error = world.refused(|tx| passkey::insert(tx, key(acme.bob, "laptop", &[2])));
    assert!(error.is_conflict_of(passkey::NAME_TAKEN), "{error:?}");
    let error = world.refused(|tx| passkey::insert(tx, key(acme.alice, "Laptop", &[1])));
    assert!(error.is_conflict_of(passkey::ALREADY_REGISTERED), "{error:?}");
    world.write(|tx| passkey::insert(tx, key(acme.alice, "Laptop", &[3])));
    world.write(|tx| passkey::used(tx, laptop.id, 5, true, NOW.plus_days(1)));
    let found = world.read(|tx| passkey::by_credential_id(tx, &[1])).unwrap();
    assert_eq!(
        (found.counter, found.backed_up, found.user_id),
        (5, true, acme.bob)
    );
    assert_eq!(
        world.write(|tx| passkey::remove(tx, acme.alice, laptop.id)),
        None,
        "his"
    );
    assert_eq!(world.read(|tx| passkey::of_user(tx, acme.bob)).len(), 1);
    assert!(
        world
            .write(|tx| passkey::remove(tx, acme.bob, laptop.id))
            .is_some()
    );
    assert!(world.read(|tx| passkey::of_user(tx, acme.bob)).is_empty());
    assert_eq!(world.write(|tx| passkey::remove_all(tx, acme.alice)), 1);
}

fn pending_sign_ins_end(world: &World) {
    let acme = acme(world);
    let add = |text: &[u8], user_id| {
        let row = PendingSignInRow {
            digest: Digest::of(text),
            user_id,
            created_at: NOW,
            expires_at: NOW.plus_seconds(600),
        };
        world.write(|tx| pending_sign_in::insert(tx, &row));
        row
    };
    let first = add(b"one", acme.bob);
    add(b"two", acme.bob);
    add(b"three", acme.alice);
    let find = |text: &[u8], at| world.read(|tx| pending_sign_in::live(tx, &Digest::of(text), at));
    assert_eq!(find(b"one", NOW), Some(first));
    assert_eq!(find(b"one", NOW.plus_seconds(600)), None, "expired");
    assert!(world.write(|tx| pending_sign_in::remove(tx, &Digest::of(b"one"))));
    assert!(!world.write(|tx| pending_sign_in::remove(tx, &Digest::of(b"one"))));
    assert_eq!(world.write(|tx| pending_sign_in::remove_all(tx, acme.bob)), 1);
    assert_eq!(
        world.write(|tx| pending_sign_in::prune(tx, NOW.plus_seconds(599))),
        0
    );
    assert_eq!(
        world.write(|tx| pending_sign_in::prune(tx, NOW.plus_seconds(600))),
        1
    );
}

fn open(world: &World, user: AccountId, text: &[u8], sudo_seconds: i64) -> SessionRow {
    let mut row = SessionRow::new(user, Digest::of(text), NOW, NOW.plus_days(14));
    row.sudo_until = NOW.plus_seconds(sudo_seconds);
    world.write(|tx| session::insert(tx, row))
}

fn sudo_is_extended_while_it_lasts(world: &World) {
    let acme = acme(world);
    let row = open(world, acme.bob, b"one", 100);
    let before = world.read(change::head);
    let until = NOW.plus_seconds(7200);
    assert!(world.write(|tx| session::extend_sudo(tx, row.id, until, NOW.plus_seconds(99))));
    let changes = world.read(|tx| change::after(tx, before, 10));
    assert_eq!(changes[0].key, ChangeKey::Session(row.id));
    assert!(
        !world.write(|tx| session::extend_sudo(tx, row.id, NOW.plus_seconds(50), NOW)),
        "never back"
    );
    let late = NOW.plus_seconds(7200);
    assert!(
        !world.write(|tx| session::extend_sudo(tx, row.id, late.plus_days(1), late)),
        "over"
    );
    world.write(|tx| session::revoke(tx, row.id, NOW));
    assert!(
        !world.write(|tx| session::extend_sudo(tx, row.id, until.plus_days(1), NOW)),
        "ended"
    );
    let row = world.read(|tx| session::by_id(tx, row.id)).unwrap();
    assert_eq!(row.sudo_until, until);
}

fn sessions_remember_their_last_use(world: &World) {
    let acme = acme(world);
    let row = open(world, acme.bob, b"one", 0);
    let seen = |seconds, address: &str| Seen {
        at: NOW.plus_seconds(seconds),
        address: Some(address.to_owned()),
        user_agent: None,
    };
    world.write(|tx| session::touch(tx, &[(row.id, seen(60, "192.0.2.1"))]));
    world.write(|tx| session::touch(tx, &[(row.id, seen(30, "192.0.2.2"))]));
    let row = world.read(|tx| session::by_id(tx, row.id)).unwrap();
    assert_eq!(row.last_seen_at, NOW.plus_seconds(60));
    assert_eq!(row.last_seen_address.as_deref(), Some("192.0.2.1"));
}

fn other_sessions_end(world: &World) {
    let acme = acme(world);
    let mine = open(world, acme.bob, b"one", 0);
    let other = open(world, acme.bob, b"two", 0);
    let hers = open(world, acme.alice, b"three", 0);
    assert_eq!(
        world.write(|tx| session::revoke_others(tx, acme.bob, mine.id, NOW)),
        [other.id]
    );
    assert_eq!(world.read(|tx| session::live(tx, acme.bob, NOW)).len(), 1);
    assert_eq!(world.read(|tx| session::live(tx, acme.alice, NOW))[0].id, hers.id);
}
