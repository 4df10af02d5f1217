//! What tokens made and that can itself authenticate.

use crate::fixture::{Acme, acme, mint};
use crate::{NOW, World, on_both_engines};
use bailiwick_model::{Timestamp, TokenId};
use bailiwick_store::{PlantedRow, PlantedState, Tx, planted, token};

on_both_engines!(
    a_row_comes_back_as_it_was_written,
    owners_see_their_own_by_page,
    what_a_line_of_tokens_left_is_found,
    only_what_is_due_is_tried,
);

fn key(acme: &Acme, token: TokenId, what: &str) -> PlantedRow {
    PlantedRow {
        id: 0,
        token_id: token,
        actor_id: acme.bob,
        owner_id: Some(acme.acme.id),
        enterprise_id: None,
        repository_id: Some(acme.site.id),
        upstream_id: Some(3),
        operation: String::from("repos/create-deploy-key"),
        kind: String::from("deploy_key"),
        what: Some(what.to_owned()),
        label: String::from("laptop"),
        end_path: Some(format!("/repos/{{owner}}/{{repo}}/keys/{what}")),
        created_at: NOW,
        lapses_at: None,
        state: PlantedState::Live,
        ended_at: None,
        ended_by: None,
        attempts: 0,
        next_at: None,
        problem: None,
    }
}

fn insert(tx: &mut Tx<'_>, row: PlantedRow) -> bailiwick_store::Result<PlantedRow> {
    planted::insert(tx, row)
}

fn a_row_comes_back_as_it_was_written(world: &World) {
    let acme = acme(world);
    let token = world.write(|tx| mint(tx, acme.bob, "deploy"));
    let row = world.write(|tx| insert(tx, key(&acme, token.id, "17")));
    assert_eq!(world.read(|tx| planted::by_id(tx, row.id)), Some(row.clone()));
    let ended = PlantedRow {
        state: PlantedState::Ended,
        ended_at: Some(NOW.plus_seconds(5)),
        ended_by: Some(acme.alice),
        attempts: 2,
        problem: Some(String::from("timed out")),
        lapses_at: Some(NOW.plus_days(1)),
        ..row
    };
    world.write(|tx| planted::update(tx, &ended));
    let own = |token| world.read(|tx| planted::of_actor(tx, acme.bob, token, 0, 9));
    assert_eq!(own(Some(token.id)), std::slice::from_ref(&ended));
    assert_eq!(own(None), [ended]);
    assert!(own(Some(TokenId(999))).is_empty());
    assert!(
        world
            .read(|tx| planted::of_actor(tx, acme.alice, Some(token.id), 0, 9))
            .is_empty()
    );
    assert_eq!(world.read(|tx| planted::by_id(tx, 999)), None);
}

fn owners_see_their_own_by_page(world: &World) {
    let acme = acme(world);
    let token = world.write(|tx| mint(tx, acme.bob, "deploy"));
    let ids: Vec<i64> = ["1", "2", "3"]
        .into_iter()
        .map(|what| world.write(|tx| insert(tx, key(&acme, token.id, what))).id)
        .collect();
    world.write(|tx| {
        let own = PlantedRow {
            owner_id: Some(acme.bob),
            repository_id: None,
            ..key(&acme, token.id, "9")
        };
        insert(tx, own)
    });
    let page = |offset| {
        let rows = world.read(|tx| planted::of_owner(tx, acme.acme.id, offset, 2));
        rows.into_iter().map(|row| row.id).collect::<Vec<_>>()
    };
    assert_eq!(page(0), [ids[2], ids[1]]);
    assert_eq!(page(2), [ids[0]]);
    assert_eq!(world.read(|tx| planted::of_owner(tx, acme.bob, 0, 9)).len(), 1);
}

fn what_a_line_of_tokens_left_is_found(world: &World) {
    let acme = acme(world);
    let parent = world.write(|tx| mint(tx, acme.bob, "parent"));
    let child = world.write(|tx| {
        let mut row = bailiwick_store::TokenRow::new(
            bailiwick_model::TokenKind::FineGrained,
            acme.bob,
            "child",
            bailiwick_model::Digest::of(b"child"),
            NOW,
        );
        row.parent_id = Some(parent.id);
        token::insert(tx, row)
    });
    let other = world.write(|tx| mint(tx, acme.bob, "other"));
    let of = |token, what: &str| world.write(|tx| insert(tx, key(&acme, token, what))).id;
    let (one, two) = (of(parent.id, "1"), of(child.id, "2"));
    of(other.id, "3");
    let ended = world.write(|tx| {
        let ended = PlantedRow {
            state: PlantedState::Ended,
            ..key(&acme, parent.id, "4")
        };
        insert(tx, ended)
    });
    assert_eq!(ended.state, PlantedState::Ended);
    let left = |token| {
        let rows = world.read(|tx| planted::left_by(tx, token));
        rows.into_iter().map(|row| row.id).collect::<Vec<_>>()
    };
    assert_eq!(left(parent.id), [one, two]);
    assert_eq!(left(child.id), [two]);
    // What ended tokens left is found as well.
    world.write(|tx| token::revoke(tx, child.id, "for the test", NOW));
    assert_eq!(left(parent.id), [one, two]);
}

fn only_what_is_due_is_tried(world: &World) {
    let acme = acme(world);
    let token = world.write(|tx| mint(tx, acme.bob, "deploy"));
    let at = |next_at: Option<Timestamp>| {
        let row = PlantedRow {
            next_at,
            ..key(&acme, token.id, "1")
        };
        world.write(|tx| insert(tx, row)).id
    };
    let (later, now, _never) = (at(Some(NOW.plus_seconds(60))), at(Some(NOW)), at(None));
    let due = |when, limit| {
        let rows = world.read(|tx| planted::due(tx, when, limit));
        rows.into_iter().map(|row| row.id).collect::<Vec<_>>()
    };
    assert_eq!(due(NOW, 9), [now]);
    assert_eq!(due(NOW.plus_seconds(60), 9), [now, later]);
    assert_eq!(due(NOW.plus_seconds(60), 1), [now]);
    assert!(due(NOW.plus_seconds(-1), 9).is_empty());
}
