//! Accounts, enterprises, memberships and teams.

use crate::fixture::{acme, user};
use crate::{NOW, World, on_both_engines};
use bailiwick_model::{AccountId, OrganizationRole, Policy, TeamId};
use bailiwick_store::account::{AccountQuery, LOGIN_TAKEN};
use bailiwick_store::{
    AccountKind, AccountRow, EnterpriseRow, Secret, StoreError, TeamRole, TeamRow, TokenRole, account,
    change, enterprise, membership, team, values,
};

on_both_engines!(
    every_field_comes_back,
    logins_are_unique_in_any_case,
    deleted_login_is_free_again,
    listing_filters,
    unreadable_policy_is_an_error,
    enterprise_slugs_are_unique,
    membership_keeps_its_publicity,
    leaving_ends_teams_and_token_roles,
    team_slugs_are_unique_per_organization,
    deleting_a_team_deletes_those_below,
    missing_account_cannot_be_member,
);

fn every_field_comes_back(world: &World) {
    let mut row = AccountRow::new("Alice", AccountKind::User, NOW);
    row.name = Some("Alice Ünïcode".into());
    row.email = Some("alice@example.org".into());
    row.site_administrator = true;
    row.bio = Some("line\nline".into());
    row.password_hash = Some(Secret("$argon2id$secret".into()));
    row.policy.fine_grained.lifetime_days_max = Some(30);
    let row = world.write(|tx| account::insert(tx, row));
    assert_eq!(world.read(|tx| account::by_id(tx, row.id)), Some(row.clone()));
    assert_eq!(world.read(|tx| account::by_login(tx, "aLICE")), Some(row.clone()));
    assert!(!format!("{row:?}").contains("argon2id"));
    let mut edited = row;
    edited.suspended_at = Some(NOW);
    edited.name = None;
    world.write(|tx| account::update(tx, &edited));
    assert_eq!(
        world.read(|tx| account::by_ids(tx, &[edited.id, edited.id])),
        [edited]
    );
}

fn logins_are_unique_in_any_case(world: &World) {
    world.write(|tx| user(tx, "alice"));
    let error = world.refused(|tx| user(tx, "ALICE"));
    assert!(error.is_conflict_of(LOGIN_TAKEN), "{error:?}");
    let bob = world.write(|tx| user(tx, "bob"));
    let error = world.refused(|tx| account::rename(tx, bob, "Alice", NOW));
    assert!(error.is_conflict_of(LOGIN_TAKEN), "{error:?}");
}

fn deleted_login_is_free_again(world: &World) {
    let first = world.write(|tx| user(tx, "alice"));
    world.write(|tx| account::delete(tx, first, NOW));
    assert_eq!(world.read(|tx| account::by_login(tx, "alice")), None);
    let second = world.write(|tx| user(tx, "alice"));
    assert_eq!(
        world.read(|tx| account::by_login(tx, "alice")).unwrap().id,
        second
    );
    assert_eq!(world.read(|tx| account::by_id(tx, first)).unwrap().login, "alice");
}

fn listing_filters(world: &World) {
    let acme = acme(world);
    let mut query = AccountQuery {
        kind: Some(AccountKind::User),
        ..AccountQuery::default()
    };
    let all = world.read(|tx| account::list(tx, &query));
    assert_eq!(
        all.iter().map(|row| row.id).collect::<Vec<_>>(),
        [acme.alice, acme.bob, acme.carol, acme.mallory]
    );
    query.after = acme.alice;
    query.limit = 2;
    let some = world.read(|tx| account::list(tx, &query));
    assert_eq!(
        some.iter().map(|row| row.id).collect::<Vec<_>>(),
        [acme.bob, acme.carol]
    );
    let query = AccountQuery {
        enterprise: Some(acme.enterprise.id),
        ..AccountQuery::default()
    };
    assert_eq!(world.read(|tx| account::list(tx, &query)).len(), 1);
    let query = AccountQuery {
        suspended: Some(true),
        ..AccountQuery::default()
    };
    assert!(world.read(|tx| account::list(tx, &query)).is_empty());
    assert_eq!(world.read(|tx| account::count(tx, AccountKind::User)), 4);
}

fn unreadable_policy_is_an_error(world: &World) {
    let id = world.write(|tx| user(tx, "alice"));
    world.write(|tx| {
        tx.execute(
            "UPDATE account SET policy = $2 WHERE id = $1",
            values![id, r#"{"unheard_of":true}"#],
        )
    });
    let error = world.store.read(|tx| account::by_id(tx, id)).unwrap_err();
    assert!(matches!(error, StoreError::Shape { .. }), "{error:?}");
}

fn enterprise_slugs_are_unique(world: &World) {
    let row = world.write(|tx| enterprise::insert(tx, EnterpriseRow::new("acme", "Acme", NOW)));
    let error = world.refused(|tx| enterprise::insert(tx, EnterpriseRow::new("acme", "Other", NOW)));
    assert!(error.is_conflict_of("enterprise_slug_key"), "{error:?}");
    let mut edited = row.clone();
    edited.policy = Policy {
        several_owners_allowed: Some(false),
        ..Policy::default()
    };
    world.write(|tx| enterprise::update(tx, &edited));
    assert_eq!(world.read(|tx| enterprise::by_slug(tx, "ACME")), Some(edited));
    let alice = world.write(|tx| user(tx, "alice"));
    world.write(|tx| enterprise::add_owner(tx, row.id, alice));
    world.write(|tx| enterprise::add_owner(tx, row.id, alice));
    assert_eq!(world.read(|tx| enterprise::owners(tx, row.id)).len(), 1);
    assert!(world.write(|tx| enterprise::remove_owner(tx, row.id, alice)));
    assert!(!world.write(|tx| enterprise::remove_owner(tx, row.id, alice)));
}

fn membership_keeps_its_publicity(world: &World) {
    let acme = acme(world);
    assert!(world.write(|tx| membership::set_public(tx, acme.acme.id, acme.bob, true)));
    world.write(|tx| membership::set(tx, acme.acme.id, acme.bob, OrganizationRole::Owner, NOW));
    let row = world
        .read(|tx| membership::get(tx, acme.acme.id, acme.bob))
        .unwrap();
    assert!(row.public && row.role == OrganizationRole::Owner);
    assert_eq!(world.read(|tx| membership::count_owners(tx, acme.acme.id)), 2);
    let owners = world.read(|tx| membership::list(tx, acme.acme.id, Some(OrganizationRole::Owner)));
    assert_eq!(
        owners.iter().map(|(_, row)| row.id).collect::<Vec<_>>(),
        [acme.alice, acme.bob]
    );
    let of_bob = world.read(|tx| membership::of_user(tx, acme.bob));
    assert_eq!(
        of_bob.iter().map(|(_, row)| row.id).collect::<Vec<_>>(),
        [acme.acme.id]
    );
    assert!(!world.write(|tx| membership::set_public(tx, acme.acme.id, acme.mallory, true)));
}

fn leaving_ends_teams_and_token_roles(world: &World) {
    let acme = acme(world);
    world.write(|tx| membership::add_token_role(tx, acme.acme.id, acme.bob, TokenRole::Approver));
    world.write(|tx| membership::add_token_role(tx, acme.acme.id, acme.bob, TokenRole::Auditor));
    assert_eq!(
        world.read(|tx| membership::token_roles(tx, acme.acme.id)).len(),
        2
    );
    assert!(world.write(|tx| membership::remove(tx, acme.acme.id, acme.bob)));
    assert!(!world.write(|tx| membership::remove(tx, acme.acme.id, acme.bob)));
    assert!(
        world
            .read(|tx| membership::token_roles(tx, acme.acme.id))
            .is_empty()
    );
    assert_eq!(world.read(|tx| team::member(tx, acme.child.id, acme.bob)), None);
}

fn team_slugs_are_unique_per_organization(world: &World) {
    let acme = acme(world);
    let error = world.refused(|tx| team::insert(tx, TeamRow::new(acme.acme.id, "platform", "Other", NOW)));
    assert!(error.is_conflict_of("team_organization_id_slug_key"), "{error:?}");
    assert_eq!(
        world.read(|tx| team::by_slug(tx, acme.acme.id, "Platform")),
        Some(acme.child.clone())
    );
    assert_eq!(
        world.read(|tx| team::children(tx, acme.parent.id)),
        std::slice::from_ref(&acme.child)
    );
    assert!(world.read(|tx| team::is_below(tx, acme.child.id, acme.parent.id)));
    assert!(world.read(|tx| team::is_below(tx, acme.child.id, acme.child.id)));
    assert!(!world.read(|tx| team::is_below(tx, acme.parent.id, acme.child.id)));
    assert_eq!(
        world.read(|tx| team::of_user(tx, acme.bob)),
        [(acme.child, TeamRole::Member)]
    );
}

fn deleting_a_team_deletes_those_below(world: &World) {
    let acme = acme(world);
    let before = world.read(change::head);
    world.write(|tx| team::delete(tx, acme.parent.id));
    assert!(world.read(|tx| team::list(tx, acme.acme.id)).is_empty());
    let keys: Vec<_> = world
        .read(|tx| change::after(tx, before, 10))
        .iter()
        .map(|change| change.key)
        .collect();
    assert_eq!(keys, [bailiwick_store::ChangeKey::Account(acme.bob)]);
}

fn missing_account_cannot_be_member(world: &World) {
    let acme = acme(world);
    let error = world.refused(|tx| {
        membership::set(
            tx,
            acme.acme.id,
            AccountId(999_999),
            OrganizationRole::Member,
            NOW,
        )
    });
    assert_eq!(error, StoreError::Reference);
    let error = world.refused(|tx| team::set_member(tx, TeamId(999_999), acme.bob, TeamRole::Member));
    assert_eq!(error, StoreError::Reference);
}
