//! Tokens and sessions.

use crate::fixture::{acme, event, mint};
use crate::{NOW, World, on_both_engines};
use bailiwick_model::{Digest, TokenKind};
use bailiwick_store::token::{NAME_TAKEN, TokenQuery};
use bailiwick_store::{ChangeKey, SessionRow, TokenRow, audit, change, session, token, token_ask};

on_both_engines!(
    names_are_unique_per_owner,
    limit_holds_among_concurrent_writers,
    regenerated_secret_is_remembered,
    ends_are_counted_out,
    revoking_twice_tells,
    last_use_only_moves_forward,
    sessions_end,
    pages_of_tokens_are_newest_first,
    members_ask_once,
    classic_tokens_at_an_organization,
);

fn pages_of_tokens_are_newest_first(world: &World) {
    let acme = acme(world);
    let ids: Vec<_> = ["a", "b", "c"]
        .into_iter()
        .map(|name| world.write(|tx| mint(tx, acme.bob, name)).id)
        .collect();
    let page = |offset| world.read(|tx| token::page(tx, acme.bob, TokenKind::FineGrained, offset, 2));
    let of = |rows: Vec<bailiwick_store::TokenRow>| rows.into_iter().map(|row| row.id).collect::<Vec<_>>();
    assert_eq!(of(page(0)), [ids[2], ids[1]]);
    assert_eq!(of(page(2)), [ids[0]]);
    assert_eq!(
        world.read(|tx| token::count(tx, acme.bob, TokenKind::FineGrained)),
        3
    );
    assert_eq!(world.read(|tx| token::count(tx, acme.bob, TokenKind::Classic)), 0);
    assert!(world.write(|tx| token::delete(tx, ids[2], NOW)));
    assert_eq!(of(page(0)), [ids[1], ids[0]]);
}

fn members_ask_once(world: &World) {
    let acme = acme(world);
    let ask = |user, kind| world.write(|tx| token_ask::insert(tx, acme.acme.id, user, kind, NOW));
    assert!(ask(acme.bob, TokenKind::FineGrained));
    assert!(!ask(acme.bob, TokenKind::FineGrained));
    assert!(ask(acme.bob, TokenKind::Classic));
    assert!(ask(acme.mallory, TokenKind::Classic), "who left since");
    let asks = world.read(|tx| token_ask::of_organization(tx, acme.acme.id, 10));
    let told: Vec<_> = asks
        .iter()
        .map(|(ask, who)| (ask.kind, who.login.as_str()))
        .collect();
    assert_eq!(
        told,
        [(TokenKind::Classic, "bob"), (TokenKind::FineGrained, "bob")]
    );
    assert_eq!(world.read(|tx| token_ask::of_user(tx, acme.bob)).len(), 2);
    world.write(|tx| token_ask::clear(tx, acme.acme.id, TokenKind::Classic));
    assert_eq!(
        world
            .read(|tx| token_ask::of_organization(tx, acme.acme.id, 10))
            .len(),
        1
    );
}

fn names_are_unique_per_owner(world: &World) {
    let acme = acme(world);
    let first = world.write(|tx| mint(tx, acme.bob, "Deploy"));
    let error = world.refused(|tx| mint(tx, acme.bob, "deploy"));
    assert!(error.is_conflict_of(NAME_TAKEN), "{error:?}");
    world.write(|tx| mint(tx, acme.alice, "deploy"));
    assert!(world.write(|tx| token::delete(tx, first.id, NOW)));
    assert!(!world.write(|tx| token::delete(tx, first.id, NOW)));
    let second = world.write(|tx| mint(tx, acme.bob, "deploy"));
    assert!(second.id > first.id);
    assert!(
        world
            .read(|tx| token::by_id(tx, first.id))
            .unwrap()
            .deleted_at
            .is_some()
    );
}

fn limit_holds_among_concurrent_writers(world: &World) {
    let acme = acme(world);
    std::thread::scope(|scope| {
        for worker in 0..4 {
            scope.spawn(move || {
                for round in 0..5 {
                    world.write(|tx| {
                        if token::count_live(tx, acme.bob, TokenKind::FineGrained, NOW)? < 7 {
                            mint(tx, acme.bob, &format!("{worker} {round}"))?;
                        }
                        Ok(())
                    });
                }
            });
        }
    });
    assert_eq!(
        world.read(|tx| token::count_live(tx, acme.bob, TokenKind::FineGrained, NOW)),
        7
    );
}

fn regenerated_secret_is_remembered(world: &World) {
    let acme = acme(world);
    let before = world.write(|tx| mint(tx, acme.bob, "t"));
    let fresh = Digest::of(b"fresh");
    let later = NOW.plus_days(1);
    let after = world.write(|tx| token::regenerate(tx, before.id, fresh, "12345678", later, None));
    assert_eq!(
        (after.id, after.issued_at, after.created_at),
        (before.id, later, NOW)
    );
    assert_eq!(world.read(|tx| token::by_digest(tx, &before.digest)), None);
    assert_eq!(world.read(|tx| token::by_digest(tx, &fresh)), Some(after.clone()));
    assert_eq!(
        world.read(|tx| token::by_former_digest(tx, &before.digest)),
        Some(after)
    );
    assert_eq!(
        world.read(|tx| token::digests(tx, before.id)),
        [fresh, before.digest]
    );
    let error = world.refused(|tx| {
        let row = bailiwick_store::TokenRow::new(TokenKind::Classic, acme.alice, "copy", fresh, NOW);
        token::insert(tx, row)
    });
    assert!(error.is_conflict_of("token_digest_key"), "{error:?}");
}

fn ends_are_counted_out(world: &World) {
    let acme = acme(world);
    let mut rows = Vec::new();
    for name in ["kept", "revoked", "expired", "deleted"] {
        rows.push(world.write(|tx| mint(tx, acme.bob, name)));
    }
    world.write(|tx| token::revoke(tx, rows[1].id, "test", NOW));
    rows[2].expires_at = Some(NOW);
    world.write(|tx| token::update(tx, &rows[2]));
    world.write(|tx| token::delete(tx, rows[3].id, NOW));
    assert_eq!(
        world.read(|tx| token::count_live(tx, acme.bob, TokenKind::FineGrained, NOW)),
        1
    );
    assert_eq!(
        world.read(|tx| token::count_live(tx, acme.bob, TokenKind::Classic, NOW)),
        0
    );
    let query = TokenQuery {
        owner: Some(acme.bob),
        ..TokenQuery::default()
    };
    assert_eq!(world.read(|tx| token::list(tx, &query)).len(), 3);
    let query = TokenQuery {
        live_at: Some(NOW),
        kind: Some(TokenKind::FineGrained),
        ..query
    };
    let live = world.read(|tx| token::list(tx, &query));
    assert_eq!(live.iter().map(|row| row.id).collect::<Vec<_>>(), [rows[0].id]);
}

fn revoking_twice_tells(world: &World) {
    let acme = acme(world);
    let row = world.write(|tx| mint(tx, acme.bob, "t"));
    let before = world.read(change::head);
    assert!(world.write(|tx| token::revoke(tx, row.id, "leaked", NOW)));
    let changes = world.read(|tx| change::after(tx, before, 10));
    assert_eq!(
        changes.iter().map(|change| change.key).collect::<Vec<_>>(),
        [ChangeKey::Token(row.id)]
    );
    assert!(!world.write(|tx| token::revoke(tx, row.id, "again", NOW)));
    assert_eq!(
        world
            .read(|tx| token::by_id(tx, row.id))
            .unwrap()
            .revoked_reason
            .as_deref(),
        Some("leaked")
    );
}

fn last_use_only_moves_forward(world: &World) {
    let acme = acme(world);
    let row = world.write(|tx| mint(tx, acme.bob, "t"));
    let before = world.read(change::head);
    world.write(|tx| token::touch(tx, &[(row.id, NOW.plus_seconds(9)), (row.id, NOW)]));
    assert_eq!(
        world.read(|tx| token::by_id(tx, row.id)).unwrap().last_used_at,
        Some(NOW.plus_seconds(9))
    );
    assert_eq!(world.read(change::head), before);
}

fn sessions_end(world: &World) {
    let acme = acme(world);
    let open = |text: &str| {
        let row = SessionRow::new(acme.bob, Digest::of(text.as_bytes()), NOW, NOW.plus_days(14));
        world.write(|tx| session::insert(tx, row))
    };
    let (first, second, third) = (open("1"), open("2"), open("3"));
    assert_eq!(
        world.read(|tx| session::by_digest(tx, &first.digest)),
        Some(first.clone())
    );
    assert!(world.write(|tx| session::revoke(tx, first.id, NOW)));
    assert!(!world.write(|tx| session::revoke(tx, first.id, NOW)));
    assert_eq!(world.read(|tx| session::live(tx, acme.bob, NOW)).len(), 2);
    assert!(
        world
            .read(|tx| session::live(tx, acme.bob, NOW.plus_days(14)))
            .is_empty()
    );
    let mut ended = world.write(|tx| session::revoke_all(tx, acme.bob, NOW));
    ended.sort_unstable();
    assert_eq!(ended, [second.id, third.id]);
    assert_eq!(world.write(|tx| session::prune(tx, NOW.plus_seconds(1))), 3);
}

fn classic_tokens_at_an_organization(world: &World) {
    let acme = acme(world);
    let classic = |owner, name: &str, expires_at| {
        let digest = Digest::of(name.as_bytes());
        let mut row = TokenRow::new(TokenKind::Classic, owner, name, digest, NOW);
        row.expires_at = expires_at;
        world.write(|tx| token::insert(tx, row))
    };
    let later = NOW.plus_days(1);
    let member = classic(acme.bob, "member's", None);
    let outside = classic(acme.carol, "collaborator's", Some(later));
    let seen = classic(acme.mallory, "a stranger's that came here", None);
    classic(acme.mallory, "a stranger's", None);
    classic(acme.bob, "expired", Some(NOW));
    let revoked = classic(acme.bob, "revoked", None);
    world.write(|tx| token::revoke(tx, revoked.id, "test", NOW));
    world.write(|tx| mint(tx, acme.bob, "fine-grained"));
    world.write(|tx| {
        for (owner, at) in [
            (acme.acme.id, NOW),
            (acme.acme.id, later),
            (acme.bob, later.plus_days(1)),
        ] {
            let mut event = event("issues.create", at);
            event.token = Some(seen.id);
            event.owner = Some(owner);
            audit::append(tx, "n", &[event])?;
        }
        token::touch(tx, &[(outside.id, NOW)])
    });
    let found = world.read(|tx| token::classic_at(tx, acme.acme.id, NOW, 0, 10));
    let told: Vec<_> = found
        .iter()
        .map(|one| (one.token.id, one.holder.id, one.member, one.seen_at))
        .collect();
    assert_eq!(
        told,
        [
            (outside.id, acme.carol, false, None),
            (seen.id, acme.mallory, false, Some(later)),
            (member.id, acme.bob, true, None),
        ]
    );
    let second = world.read(|tx| token::classic_at(tx, acme.acme.id, NOW, 1, 1));
    assert_eq!(second, found[1..2]);
}
