//! What time ends by itself.

use crate::world::World;
use bailiwick_authority::sweep::Swept;
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::{Digest, RequestId, RequestState, Selection, TokenKind};
use bailiwick_store::{
    AccessRequestRow, AccountKind, AccountRow, GrantRow, TokenRow, access_request, account, grant, session,
    token,
};

#[test]
fn sessions_go_long_after_they_ended_and_sign_ins_at_once() {
    let world = World::new();
    let session = world.session("bob");
    world.enable_totp(&world.session("alice"));
    let pending = world.pending("alice");
    assert!(
        world.authority.sweep(world.now()).unwrap().is_empty(),
        "all of it lives"
    );
    world.forward(600);
    let swept = world.authority.sweep(world.now()).unwrap();
    assert_eq!((swept.pending_sign_ins, swept.sessions), (1, 0));
    let gone = world
        .authority
        .session_pending(&world.visit("web/login-form"), &pending);
    assert_eq!(gone.unwrap_err().code, "session.pending_over");
    world.forward(30 * 86_400);
    assert!(
        world.authority.sweep(world.now()).unwrap().is_empty(),
        "expired a fortnight ago"
    );
    world.forward(14 * 86_400);
    assert_eq!(world.authority.sweep(world.now()).unwrap().sessions, 2);
    assert_eq!(
        world.store.read(|tx| session::by_id(tx, session.row.id)).unwrap(),
        None
    );
    assert!(
        world.authority.sweep(world.now()).unwrap().is_empty(),
        "again changes nothing"
    );
}

#[test]
fn requests_expire_with_their_token() {
    let world = World::new();
    let now = world.now();
    let bob = world.id("bob");
    let ask = |name: &str, days: i64| -> RequestId {
        world
            .store
            .write(|tx| {
                let acme = match account::by_login(tx, "acme")? {
                    Some(acme) => acme,
                    None => account::insert(tx, AccountRow::new("acme", AccountKind::Organization, now))?,
                };
                let digest = Digest::of(name.as_bytes());
                let mut row = TokenRow::new(TokenKind::FineGrained, bob, name, digest, now);
                row.expires_at = Some(now.plus_days(days));
                let row = token::insert(tx, row)?;
                let owner = ResourceOwner::Account(acme.id);
                let held = grant::insert(tx, GrantRow::new(row.id, owner, now), &Selection::None)?;
                let request = AccessRequestRow::new(held.id, row.id, owner, 0, now);
                Ok::<_, bailiwick_store::StoreError>(
                    access_request::insert(tx, request, &Selection::None)?.id,
                )
            })
            .unwrap()
    };
    let (short, long) = (ask("short", 1), ask("long", 30));
    assert_eq!(world.authority.sweep(now).unwrap(), Swept::default());
    world.forward(86_400);
    assert_eq!(world.authority.sweep(world.now()).unwrap().requests, 1);
    let state = |id| {
        world
            .store
            .read(|tx| access_request::by_id(tx, id))
            .unwrap()
            .unwrap()
    };
    assert_eq!(
        (state(short).state, state(short).decided_at),
        (RequestState::Expired, Some(world.now()))
    );
    assert_eq!(state(long).state, RequestState::Pending);
    let events = world.events();
    let event = events.last().unwrap();
    assert_eq!(events.len(), 1, "one for each request");
    assert_eq!(event.action, "personal_access_token.request_expired");
    assert_eq!(
        (event.user_login.as_deref(), event.owner_login.as_deref()),
        (Some("bob"), Some("acme"))
    );
    assert_eq!((event.actor_id, event.token_id.is_some()), (None, true));
    assert!(
        event.data.contains("\"user_programmatic_access_name\":\"short\""),
        "{}",
        event.data
    );
    assert_eq!(world.authority.sweep(world.now()).unwrap(), Swept::default());
}
