//! Grants and access requests.

use crate::fixture::{Acme, acme, mint};
use crate::{NOW, World, on_both_engines};
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::{RequestState, Selection};
use bailiwick_store::access_request::{self, ALREADY_PENDING, RequestQuery};
use bailiwick_store::grant::{self, GrantQuery};
use bailiwick_store::{
    AccessRequestRow, ChangeKey, GrantRow, Permissions, TokenRow, change, repository, token,
};

on_both_engines!(
    one_grant_per_token_and_owner,
    update_raises_the_revision,
    revoked_grant_keeps_its_id,
    grants_of_one_who_leaves,
    deleted_repository_leaves_selections,
    listing_grants,
    one_pending_request_per_grant,
    requests_are_decided_once,
    listing_requests,
    overdue_requests,
);

fn permissions(pairs: &[(&str, &str)]) -> Permissions {
    pairs
        .iter()
        .map(|(slug, level)| ((*slug).to_owned(), (*level).to_owned()))
        .collect()
}

fn granted(world: &World, acme: &Acme, token: &TokenRow, selection: &Selection) -> GrantRow {
    let mut row = GrantRow::new(token.id, ResourceOwner::Account(acme.acme.id), NOW);
    row.permissions = permissions(&[("issues", "read"), ("contents", "write")]);
    row.active = true;
    row.granted_at = Some(NOW);
    world.write(|tx| grant::insert(tx, row, selection))
}

fn one_grant_per_token_and_owner(world: &World) {
    let acme = acme(world);
    let token = world.write(|tx| mint(tx, acme.bob, "t"));
    let owner = ResourceOwner::Account(acme.acme.id);
    let row = granted(
        world,
        &acme,
        &token,
        &Selection::subset(vec![acme.secret.id, acme.site.id]),
    );
    assert_eq!(world.read(|tx| grant::by_id(tx, row.id)), Some(row.clone()));
    assert_eq!(
        world.read(|tx| grant::by_owner(tx, token.id, owner)),
        Some(row.clone())
    );
    let selection = world.read(|tx| grant::selection(tx, &row));
    assert_eq!(selection, Selection::subset(vec![acme.site.id, acme.secret.id]));
    let error = world.refused(|tx| grant::insert(tx, GrantRow::new(token.id, owner, NOW), &Selection::None));
    assert!(
        error.is_conflict_of("token_grant_token_id_owner_kind_owner_id_key"),
        "{error:?}"
    );
    // The same number as an enterprise is another owner.
    let enterprise = ResourceOwner::Enterprise(bailiwick_model::EnterpriseId(acme.acme.id.0));
    world.write(|tx| grant::insert(tx, GrantRow::new(token.id, enterprise, NOW), &Selection::None));
    assert_eq!(world.read(|tx| grant::of_token(tx, token.id)).len(), 2);
}

fn update_raises_the_revision(world: &World) {
    let acme = acme(world);
    let token = world.write(|tx| mint(tx, acme.bob, "t"));
    let row = granted(world, &acme, &token, &Selection::subset(vec![acme.site.id]));
    let before = world.read(change::head);
    let next = world.write(|tx| grant::update(tx, &row, &Selection::All));
    assert_eq!(next.revision, row.revision + 1);
    assert_eq!(world.read(|tx| grant::by_id(tx, row.id)), Some(next.clone()));
    assert_eq!(world.read(|tx| grant::selection(tx, &next)), Selection::All);
    let changes = world.read(|tx| change::after(tx, before, 10));
    assert_eq!(
        changes.iter().map(|change| change.key).collect::<Vec<_>>(),
        [ChangeKey::Token(token.id)]
    );
}

fn revoked_grant_keeps_its_id(world: &World) {
    let acme = acme(world);
    let token = world.write(|tx| mint(tx, acme.bob, "t"));
    let row = granted(world, &acme, &token, &Selection::All);
    assert!(world.write(|tx| grant::revoke(tx, row.id, Some(acme.alice), NOW)));
    assert!(!world.write(|tx| grant::revoke(tx, row.id, Some(acme.alice), NOW)));
    let revoked = world.read(|tx| grant::by_id(tx, row.id)).unwrap();
    assert!(!revoked.active && revoked.permissions.is_empty());
    assert_eq!(revoked.revoked_by, Some(acme.alice));
    assert_eq!(world.read(|tx| grant::selection(tx, &revoked)), Selection::None);
}

fn grants_of_one_who_leaves(world: &World) {
    let acme = acme(world);
    let bobs = world.write(|tx| mint(tx, acme.bob, "t"));
    let alices = world.write(|tx| mint(tx, acme.alice, "t"));
    let gone = granted(world, &acme, &bobs, &Selection::All);
    let kept = granted(world, &acme, &alices, &Selection::All);
    let owner = ResourceOwner::Account(acme.acme.id);
    let ended = world.write(|tx| grant::revoke_of_account(tx, acme.bob, owner, None, NOW));
    assert_eq!(ended, [gone]);
    assert!(world.read(|tx| grant::by_id(tx, kept.id)).unwrap().active);
}

fn deleted_repository_leaves_selections(world: &World) {
    let acme = acme(world);
    let token = world.write(|tx| mint(tx, acme.bob, "t"));
    let row = granted(
        world,
        &acme,
        &token,
        &Selection::subset(vec![acme.site.id, acme.secret.id]),
    );
    let before = world.read(change::head);
    world.write(|tx| repository::delete(tx, acme.site.id, NOW));
    assert_eq!(world.read(|tx| grant::repositories(tx, row.id)), [acme.secret.id]);
    assert_eq!(
        world.read(|tx| grant::by_id(tx, row.id)).unwrap().revision,
        row.revision + 1
    );
    let keys: Vec<_> = world
        .read(|tx| change::after(tx, before, 10))
        .iter()
        .map(|change| change.key)
        .collect();
    assert!(
        keys.contains(&ChangeKey::Token(token.id)) || keys.contains(&ChangeKey::Everything),
        "{keys:?}"
    );
}

fn listing_grants(world: &World) {
    let acme = acme(world);
    let owner = ResourceOwner::Account(acme.acme.id);
    let bobs = world.write(|tx| mint(tx, acme.bob, "t"));
    let alices = world.write(|tx| mint(tx, acme.alice, "t"));
    let first = granted(world, &acme, &bobs, &Selection::subset(vec![acme.site.id]));
    let second = granted(world, &acme, &alices, &Selection::All);
    world.write(|tx| token::touch(tx, &[(bobs.id, NOW.plus_days(1))]));
    let listed = |query: GrantQuery| {
        let query = GrantQuery {
            limit: 10,
            active: true,
            ..query
        };
        let rows = world.read(|tx| grant::list(tx, owner, &query));
        assert_eq!(
            world.read(|tx| grant::count(tx, owner, &query)),
            rows.len() as i64
        );
        rows.iter().map(|held| held.grant.id).collect::<Vec<_>>()
    };
    let all = GrantQuery::default();
    assert_eq!(listed(all.clone()), [second.id, first.id]);
    assert_eq!(
        listed(GrantQuery {
            ascending: true,
            ..all.clone()
        }),
        [first.id, second.id]
    );
    assert_eq!(
        listed(GrantQuery {
            holders: vec![acme.bob],
            ..all.clone()
        }),
        [first.id]
    );
    assert_eq!(
        listed(GrantQuery {
            tokens: vec![alices.id],
            ..all.clone()
        }),
        [second.id]
    );
    assert_eq!(
        listed(GrantQuery {
            repository: Some(acme.secret.id),
            ..all.clone()
        }),
        [second.id]
    );
    assert_eq!(
        listed(GrantQuery {
            permission: Some("issues".into()),
            ..all.clone()
        })
        .len(),
        2
    );
    assert!(
        listed(GrantQuery {
            permission: Some("issue".into()),
            ..all.clone()
        })
        .is_empty()
    );
    assert!(
        listed(GrantQuery {
            permission: Some("issue_".into()),
            ..all.clone()
        })
        .is_empty()
    );
    assert_eq!(
        listed(GrantQuery {
            used_after: Some(NOW),
            ..all.clone()
        }),
        [first.id]
    );
    assert!(
        listed(GrantQuery {
            used_before: Some(NOW),
            ..all
        })
        .is_empty()
    );
    let elsewhere = ResourceOwner::Enterprise(bailiwick_model::EnterpriseId(acme.acme.id.0));
    assert_eq!(
        world.read(|tx| grant::count(tx, elsewhere, &GrantQuery::default())),
        0
    );
}

fn asked(world: &World, acme: &Acme, grant: &GrantRow) -> AccessRequestRow {
    let owner = ResourceOwner::Account(acme.acme.id);
    let mut row = AccessRequestRow::new(grant.id, grant.token_id, owner, grant.revision, NOW);
    row.permissions = permissions(&[("issues", "write")]);
    row.reason = Some("please".into());
    world.write(|tx| access_request::insert(tx, row, &Selection::subset(vec![acme.site.id])))
}

fn one_pending_request_per_grant(world: &World) {
    let acme = acme(world);
    let token = world.write(|tx| mint(tx, acme.bob, "t"));
    let grant = granted(world, &acme, &token, &Selection::None);
    let first = asked(world, &acme, &grant);
    let again = AccessRequestRow::new(grant.id, token.id, grant.owner(), 0, NOW);
    let error = world.refused(|tx| access_request::insert(tx, again, &Selection::None));
    assert!(error.is_conflict_of(ALREADY_PENDING), "{error:?}");
    let ended = world.write(|tx| access_request::end_of_grant(tx, grant.id, RequestState::Superseded, NOW));
    assert_eq!(ended, Some(first.id));
    let second = asked(world, &acme, &grant);
    assert_eq!(
        world.read(|tx| access_request::pending_of_grant(tx, grant.id)),
        Some(second.clone())
    );
    assert_eq!(
        world.read(|tx| access_request::latest_of_grant(tx, grant.id)),
        Some(second.clone())
    );
    assert_eq!(
        world.read(|tx| access_request::repositories(tx, second.id)),
        [acme.site.id]
    );
    assert_eq!(world.read(|tx| access_request::of_token(tx, token.id)).len(), 2);
}

fn requests_are_decided_once(world: &World) {
    let acme = acme(world);
    let token = world.write(|tx| mint(tx, acme.bob, "t"));
    let grant = granted(world, &acme, &token, &Selection::None);
    let mut row = asked(world, &acme, &grant);
    row.state = RequestState::Approved;
    row.decided_at = Some(NOW);
    row.decided_by = Some(acme.alice);
    row.approved_permissions = Some(permissions(&[("issues", "read")]));
    row.approved_selection = Some(grant::SelectionWord::Subset);
    row.approved_repositories = Some(vec![acme.site.id]);
    assert!(world.write(|tx| access_request::decide(tx, &row)));
    assert_eq!(
        world.read(|tx| access_request::by_id(tx, row.id)),
        Some(row.clone())
    );
    let newer = asked(world, &acme, &grant);
    let trail = |limit| world.read(|tx| access_request::of_grant(tx, grant.id, limit));
    assert_eq!(trail(10), [newer.clone(), row.clone()]);
    assert_eq!(trail(1), [newer]);
    let denied = AccessRequestRow {
        state: RequestState::Denied,
        ..row.clone()
    };
    assert!(!world.write(|tx| access_request::decide(tx, &denied)));
    assert_eq!(world.read(|tx| access_request::by_id(tx, row.id)), Some(row));
}

fn listing_requests(world: &World) {
    let acme = acme(world);
    let owner = ResourceOwner::Account(acme.acme.id);
    let token = world.write(|tx| mint(tx, acme.bob, "t"));
    let grant = granted(world, &acme, &token, &Selection::None);
    let row = asked(world, &acme, &grant);
    let count = |query: RequestQuery| {
        let query = RequestQuery { limit: 10, ..query };
        let rows = world.read(|tx| access_request::list(tx, owner, &query));
        assert!(
            rows.iter()
                .all(|held| held.request.id == row.id && held.holder.id == acme.bob)
        );
        assert_eq!(
            world.read(|tx| access_request::count(tx, owner, &query)),
            rows.len() as i64
        );
        rows.len()
    };
    let all = RequestQuery::default();
    assert_eq!(
        count(RequestQuery {
            state: Some(RequestState::Pending),
            ..all.clone()
        }),
        1
    );
    assert_eq!(
        count(RequestQuery {
            state: Some(RequestState::Denied),
            ..all.clone()
        }),
        0
    );
    assert_eq!(
        count(RequestQuery {
            repository: Some(acme.site.id),
            ..all.clone()
        }),
        1
    );
    assert_eq!(
        count(RequestQuery {
            repository: Some(acme.open.id),
            ..all.clone()
        }),
        0
    );
    assert_eq!(
        count(RequestQuery {
            permission: Some("issues".into()),
            ..all.clone()
        }),
        1
    );
    assert_eq!(
        count(RequestQuery {
            permission: Some("contents".into()),
            ..all
        }),
        0
    );
    world.write(|tx| token::delete(tx, token.id, NOW));
    let ended = world.write(|tx| access_request::end_of_token(tx, token.id, RequestState::Cancelled, NOW));
    assert_eq!(ended, [row.id]);
    assert_eq!(
        world.read(|tx| access_request::count(tx, owner, &RequestQuery::default())),
        0
    );
}

fn overdue_requests(world: &World) {
    let acme = acme(world);
    let mut token = world.write(|tx| mint(tx, acme.bob, "t"));
    token.expires_at = Some(NOW.plus_days(1));
    world.write(|tx| token::update(tx, &token));
    let grant = granted(world, &acme, &token, &Selection::None);
    let row = asked(world, &acme, &grant);
    assert!(world.read(|tx| access_request::overdue(tx, NOW)).is_empty());
    assert_eq!(
        world.read(|tx| access_request::overdue(tx, NOW.plus_days(1))),
        [row]
    );
}
