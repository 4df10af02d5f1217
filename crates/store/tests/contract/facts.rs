//! What decisions load.

use crate::fixture::{acme, mint, repo};
use crate::{NOW, World, on_both_engines};
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::{Digest, EnterpriseRole, OrganizationRole, RepositoryRole, Selection, Visibility};
use bailiwick_store::facts::{self, ByDigest, ByName, RoleSource};
use bailiwick_store::{
    AccountKind, AccountRow, GrantRow, StoreError, TokenRole, account, collaborator, enterprise, grant,
    membership, repository, token, values,
};

on_both_engines!(
    roles_come_from_teams_above_and_collaboration,
    stranger_has_nothing,
    left_over_team_rows_give_nothing,
    moved_repository_leaves_team_roles,
    enterprise_through_organizations_and_ownership,
    token_with_its_grants,
    renamed_repository_is_found_as_moved,
    renamed_account_is_found_as_moved,
    transferred_repository_is_found_as_moved,
    taken_path_wins_over_redirect,
    deleted_repository_is_not_found,
    owners_with_their_enterprise,
);

fn roles_come_from_teams_above_and_collaboration(world: &World) {
    let acme = acme(world);
    world.write(|tx| collaborator::set(tx, acme.site.id, acme.bob, RepositoryRole::Admin, NOW));
    let bob = world.read(|tx| facts::principal(tx, acme.bob)).unwrap();
    assert_eq!(bob.organizations, [(acme.acme.id, OrganizationRole::Member)]);
    let mut roles = bob.repositories;
    roles.sort_by_key(|(id, role, _)| (*id, *role));
    assert_eq!(
        roles,
        [
            (acme.site.id, RepositoryRole::Write, RoleSource::Team),
            (acme.site.id, RepositoryRole::Admin, RoleSource::Collaborator),
            (acme.secret.id, RepositoryRole::Triage, RoleSource::Team),
        ]
    );
    let carol = world.read(|tx| facts::principal(tx, acme.carol)).unwrap();
    assert!(carol.organizations.is_empty() && carol.enterprises.is_empty());
    assert_eq!(
        carol.repositories,
        [(acme.site.id, RepositoryRole::Read, RoleSource::Collaborator)]
    );
}

fn stranger_has_nothing(world: &World) {
    let acme = acme(world);
    let mallory = world.read(|tx| facts::principal(tx, acme.mallory)).unwrap();
    assert!(
        mallory.organizations.is_empty() && mallory.repositories.is_empty() && mallory.enterprises.is_empty()
    );
    assert_eq!(
        world.read(|tx| facts::principal(tx, bailiwick_model::AccountId(999_999))),
        None
    );
}

fn left_over_team_rows_give_nothing(world: &World) {
    let acme = acme(world);
    world.write(|tx| membership::add_token_role(tx, acme.acme.id, acme.bob, TokenRole::Approver));
    // As if leaving had forgotten the teams.
    world.write(|tx| tx.execute("DELETE FROM membership WHERE user_id = $1", values![acme.bob]));
    let bob = world.read(|tx| facts::principal(tx, acme.bob)).unwrap();
    assert!(bob.repositories.is_empty() && bob.approver_of.is_empty());
}

fn moved_repository_leaves_team_roles(world: &World) {
    let acme = acme(world);
    // As if a transfer had forgotten to detach it.
    world.write(|tx| {
        tx.execute(
            "UPDATE repository SET owner_id = $2 WHERE id = $1",
            values![acme.site.id, acme.mallory],
        )
    });
    let bob = world.read(|tx| facts::principal(tx, acme.bob)).unwrap();
    assert_eq!(
        bob.repositories,
        [(acme.secret.id, RepositoryRole::Triage, RoleSource::Team)]
    );
}

fn enterprise_through_organizations_and_ownership(world: &World) {
    let acme = acme(world);
    world.write(|tx| {
        enterprise::add_owner(tx, acme.enterprise.id, acme.alice)?;
        membership::add_token_role(tx, acme.acme.id, acme.bob, TokenRole::Auditor)?;
        membership::add_token_role(tx, acme.acme.id, acme.bob, TokenRole::Approver)
    });
    let alice = world.read(|tx| facts::principal(tx, acme.alice)).unwrap();
    let id = acme.enterprise.id;
    assert_eq!(
        alice.enterprises,
        [(id, EnterpriseRole::Member), (id, EnterpriseRole::Owner)]
    );
    let bob = world.read(|tx| facts::principal(tx, acme.bob)).unwrap();
    assert_eq!(bob.enterprises, [(id, EnterpriseRole::Member)]);
    assert_eq!(
        (bob.auditor_of, bob.approver_of),
        (vec![acme.acme.id], vec![acme.acme.id])
    );
}

fn token_with_its_grants(world: &World) {
    let acme = acme(world);
    let row = world.write(|tx| mint(tx, acme.bob, "t"));
    let selection = Selection::subset(vec![acme.site.id, acme.secret.id]);
    let granted = world.write(|tx| {
        grant::insert(
            tx,
            GrantRow::new(row.id, ResourceOwner::Account(acme.acme.id), NOW),
            &selection,
        )
    });
    let Some(ByDigest::Token(found)) = world.read(|tx| facts::token_by_digest(tx, &row.digest)) else {
        panic!("the token is not found");
    };
    assert_eq!(found.token, row);
    assert_eq!(found.grants, [(granted, selection)]);
    let fresh = Digest::of(b"fresh");
    let after = world.write(|tx| token::regenerate(tx, row.id, fresh, "12345678", NOW, None));
    assert_eq!(
        world.read(|tx| facts::token_by_digest(tx, &row.digest)),
        Some(ByDigest::Former(after))
    );
    assert_eq!(
        world.read(|tx| facts::token_by_digest(tx, &Digest::of(b"other"))),
        None
    );
}

fn live(world: &World, owner: &str, name: &str) -> Option<bailiwick_model::RepositoryId> {
    match world.read(|tx| facts::repository_by_name(tx, owner, name)) {
        Some(ByName::Live(both)) => Some(both.0.id),
        _ => None,
    }
}

fn moved(world: &World, owner: &str, name: &str) -> Option<bailiwick_model::RepositoryId> {
    match world.read(|tx| facts::repository_by_name(tx, owner, name)) {
        Some(ByName::Moved(both)) => Some(both.0.id),
        _ => None,
    }
}

fn renamed_repository_is_found_as_moved(world: &World) {
    let acme = acme(world);
    let mut row = acme.site.clone();
    row.name = "Pages".into();
    world.write(|tx| repository::update(tx, &row));
    assert_eq!(live(world, "acme", "pages"), Some(row.id));
    assert_eq!(moved(world, "ACME", "SITE"), Some(row.id));
    row.name = "site".into();
    world.write(|tx| repository::update(tx, &row));
    assert_eq!(live(world, "acme", "site"), Some(row.id));
    assert_eq!(moved(world, "acme", "pages"), Some(row.id));
    let rows = world.read(|tx| tx.query("SELECT name_folded FROM redirect", &[]));
    assert_eq!(rows.len(), 1);
}

fn renamed_account_is_found_as_moved(world: &World) {
    let acme = acme(world);
    world.write(|tx| account::rename(tx, acme.acme.id, "Umbrella", NOW));
    assert_eq!(live(world, "umbrella", "site"), Some(acme.site.id));
    assert_eq!(moved(world, "acme", "site"), Some(acme.site.id));
    world.write(|tx| account::rename(tx, acme.acme.id, "ACME", NOW));
    assert_eq!(live(world, "acme", "site"), Some(acme.site.id));
    assert_eq!(moved(world, "umbrella", "site"), Some(acme.site.id));
}

fn transferred_repository_is_found_as_moved(world: &World) {
    let acme = acme(world);
    let mut row = acme.site.clone();
    row.owner_id = acme.alice;
    world.write(|tx| {
        repository::detach(tx, row.id)?;
        repository::update(tx, &row)
    });
    assert_eq!(live(world, "alice", "site"), Some(row.id));
    assert_eq!(moved(world, "acme", "site"), Some(row.id));
    assert!(
        world
            .read(|tx| facts::principal(tx, acme.carol))
            .unwrap()
            .repositories
            .is_empty()
    );
}

fn taken_path_wins_over_redirect(world: &World) {
    let acme = acme(world);
    let mut row = acme.site.clone();
    row.name = "pages".into();
    world.write(|tx| repository::update(tx, &row));
    let new = world.write(|tx| repo(tx, acme.acme.id, "site", Visibility::Private));
    assert_eq!(live(world, "acme", "site"), Some(new.id));
    world.write(|tx| repository::delete(tx, new.id, NOW));
    // The path does not fall back to the one that had it before.
    assert_eq!(
        world.read(|tx| facts::repository_by_name(tx, "acme", "site")),
        None
    );
}

fn deleted_repository_is_not_found(world: &World) {
    let acme = acme(world);
    let mut row = acme.site.clone();
    row.name = "pages".into();
    world.write(|tx| repository::update(tx, &row));
    world.write(|tx| repository::delete(tx, row.id, NOW));
    assert_eq!(
        world.read(|tx| facts::repository_by_name(tx, "acme", "pages")),
        None
    );
    assert_eq!(
        world.read(|tx| facts::repository_by_name(tx, "acme", "site")),
        None
    );
    assert_eq!(world.read(|tx| facts::repository(tx, row.id)), None);
    assert_eq!(
        world.refused(|tx| repository::delete(tx, bailiwick_model::RepositoryId(0), NOW)),
        StoreError::Absent
    );
}

fn owners_with_their_enterprise(world: &World) {
    let acme = acme(world);
    let owner = world.read(|tx| facts::owner_by_login(tx, "ACME")).unwrap();
    assert_eq!(
        (owner.account, owner.enterprise),
        (acme.acme.clone(), Some(acme.enterprise.clone()))
    );
    let mut robot = AccountRow::new("robot", AccountKind::Service, NOW);
    robot.owner_id = Some(acme.acme.id);
    let robot = world.write(|tx| account::insert(tx, robot));
    assert_eq!(world.read(|tx| facts::owner(tx, robot.id)), None);
    assert_eq!(
        world.read(|tx| facts::enterprise(tx, "Acme-Group")),
        Some(acme.enterprise)
    );
}
