//! The set-up link.

use crate::world::{PASSWORD, World};
use bailiwick_authority::FaultKind;

fn begin(world: &World) -> String {
    let link = world
        .authority
        .setup_begin()
        .unwrap()
        .expect("nobody administers it yet");
    assert_eq!(link.secret.len(), 64);
    assert!(!format!("{link:?}").contains(link.secret.as_str()));
    link.secret.to_string()
}

#[test]
fn the_link_makes_one_administrator_and_signs_them_in() {
    let world = World::empty();
    let secret = begin(&world);
    let bytes = world.database();
    assert!(!bytes.windows(64).any(|window| window == secret.as_bytes()));
    world
        .authority
        .setup_open(&world.visit("web/setup-form"))
        .unwrap();
    let make = |secret: &str, login: &str, password: &str| {
        world
            .authority
            .setup_administrator(world.visit("web/setup"), secret, login, password)
    };
    // A typing error does not use it up.
    let weak = make(&secret, "alice", "password123").unwrap_err();
    assert_eq!(
        (weak.kind, weak.errors[0].field.as_str()),
        (FaultKind::Invalid, "password")
    );
    let name = make(&secret, "-alice-", PASSWORD).unwrap_err();
    assert_eq!(
        (name.kind, name.errors[0].field.as_str()),
        (FaultKind::Invalid, "login")
    );
    assert_eq!(
        make(&"0".repeat(64), "alice", PASSWORD).unwrap_err().kind,
        FaultKind::NotFound
    );

    let session = make(&secret, "alice", PASSWORD).unwrap();
    assert!(world.row("alice").site_administrator);
    assert!(world.try_with(&session, "web/sessions").is_ok());
    let actions: Vec<String> = world.events().into_iter().map(|event| event.action).collect();
    assert_eq!(actions, ["user.create", "user.login"]);
    assert_eq!(
        make(&secret, "mallory", PASSWORD).unwrap_err().kind,
        FaultKind::NotFound
    );
    assert!(
        world
            .authority
            .setup_open(&world.visit("web/setup-form"))
            .is_err()
    );
    assert!(world.authority.setup_begin().unwrap().is_none(), "no second link");
}

#[test]
fn the_link_is_over_after_fifteen_minutes() {
    let world = World::empty();
    assert_eq!(
        world
            .authority
            .setup_open(&world.visit("web/setup-form"))
            .unwrap_err()
            .kind,
        FaultKind::NotFound,
        "none was made"
    );
    let secret = begin(&world);
    world.forward(900);
    let late = world
        .authority
        .setup_administrator(world.visit("web/setup"), &secret, "alice", PASSWORD)
        .unwrap_err();
    assert_eq!(late.code, "setup.over");
    assert_eq!(
        world
            .authority
            .setup_open(&world.visit("web/setup-form"))
            .unwrap_err()
            .code,
        "setup.over"
    );
}

#[test]
fn of_two_that_hold_it_the_second_is_refused() {
    let world = World::empty();
    let secret = begin(&world);
    let outcomes: Vec<_> = std::thread::scope(|scope| {
        let tries: Vec<_> = ["alice", "mallory"]
            .into_iter()
            .map(|login| {
                let (world, secret) = (&world, &secret);
                scope.spawn(move || {
                    let permit = world.visit("web/setup");
                    world
                        .authority
                        .setup_administrator(permit, secret, login, PASSWORD)
                        .is_ok()
                })
            })
            .collect();
        tries.into_iter().map(|each| each.join().unwrap()).collect()
    });
    assert_eq!(outcomes.iter().filter(|good| **good).count(), 1, "{outcomes:?}");
    assert_eq!(
        world
            .events()
            .iter()
            .filter(|event| event.action == "user.create")
            .count(),
        1
    );
}

#[test]
fn an_administrator_made_otherwise_closes_it() {
    let world = World::empty();
    let secret = begin(&world);
    world.people();
    let mut row = world.row("bob");
    row.site_administrator = true;
    world
        .store
        .write(|tx| bailiwick_store::account::update(tx, &row))
        .unwrap();
    assert_eq!(
        world
            .authority
            .setup_open(&world.visit("web/setup-form"))
            .unwrap_err()
            .kind,
        FaultKind::NotFound
    );
    let refused = world
        .authority
        .setup_administrator(world.visit("web/setup"), &secret, "carol", PASSWORD)
        .unwrap_err();
    assert_eq!(refused.code, "setup.administrator_exists");
}
