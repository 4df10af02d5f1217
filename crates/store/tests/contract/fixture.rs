//! The people and places of the tests: alice owns acme, bob is a member, carol an outside collaborator,
//! mallory a stranger.

use crate::{NOW, World};
use bailiwick_model::{
    AccountId, Digest, Event, OrganizationRole, RepositoryId, RepositoryRole, Timestamp, TokenKind,
    Visibility,
};
use bailiwick_store::{
    AccountKind, AccountRow, EnterpriseRow, RepositoryRow, Result, TeamRole, TeamRow, TokenRow, Tx, account,
    collaborator, enterprise, membership, repository, team, token,
};

pub(crate) struct Acme {
    pub(crate) enterprise: EnterpriseRow,
    pub(crate) acme: AccountRow,
    pub(crate) alice: AccountId,
    pub(crate) bob: AccountId,
    pub(crate) carol: AccountId,
    pub(crate) mallory: AccountId,
    pub(crate) parent: TeamRow,
    pub(crate) child: TeamRow,
    pub(crate) site: RepositoryRow,
    pub(crate) secret: RepositoryRow,
    pub(crate) open: RepositoryRow,
}

pub(crate) fn user(tx: &mut Tx<'_>, login: &str) -> Result<AccountId> {
    Ok(account::insert(tx, AccountRow::new(login, AccountKind::User, NOW))?.id)
}

pub(crate) fn repo(
    tx: &mut Tx<'_>,
    owner: AccountId,
    name: &str,
    visibility: Visibility,
) -> Result<RepositoryRow> {
    repository::insert(tx, RepositoryRow::new(owner, name, visibility, NOW))
}

pub(crate) fn mint(tx: &mut Tx<'_>, owner: AccountId, name: &str) -> Result<TokenRow> {
    let digest = Digest::of(format!("{owner} {name}").as_bytes());
    token::insert(
        tx,
        TokenRow::new(TokenKind::FineGrained, owner, name, digest, NOW),
    )
}

/// bob is in the child team; the parent has a role at `site`, the child at `secret`; carol collaborates at `site`.
pub(crate) fn acme(world: &World) -> Acme {
    world.write(|tx| {
        let enterprise = enterprise::insert(tx, EnterpriseRow::new("acme-group", "Acme Group", NOW))?;
        let mut row = AccountRow::new("Acme", AccountKind::Organization, NOW);
        row.enterprise_id = Some(enterprise.id);
        row.base_role = RepositoryRole::Read;
        let acme = account::insert(tx, row)?;
        let alice = user(tx, "alice")?;
        let bob = user(tx, "bob")?;
        let carol = user(tx, "carol")?;
        let mallory = user(tx, "mallory")?;
        membership::set(tx, acme.id, alice, OrganizationRole::Owner, NOW)?;
        membership::set(tx, acme.id, bob, OrganizationRole::Member, NOW)?;
        let parent = team::insert(tx, TeamRow::new(acme.id, "engineering", "Engineering", NOW))?;
        let mut row = TeamRow::new(acme.id, "platform", "Platform", NOW);
        row.parent_id = Some(parent.id);
        let child = team::insert(tx, row)?;
        team::set_member(tx, child.id, bob, TeamRole::Member)?;
        let site = repo(tx, acme.id, "site", Visibility::Private)?;
        let secret = repo(tx, acme.id, "secret", Visibility::Private)?;
        let open = repo(tx, acme.id, "open", Visibility::Public)?;
        team::set_repository(tx, parent.id, site.id, RepositoryRole::Write)?;
        team::set_repository(tx, child.id, secret.id, RepositoryRole::Triage)?;
        collaborator::set(tx, site.id, carol, RepositoryRole::Read, NOW)?;
        Ok(Acme {
            enterprise,
            acme,
            alice,
            bob,
            carol,
            mallory,
            parent,
            child,
            site,
            secret,
            open,
        })
    })
}

pub(crate) fn ids(rows: &[RepositoryRow]) -> Vec<RepositoryId> {
    rows.iter().map(|row| row.id).collect()
}

/// An event with nothing set but its action.
pub(crate) fn event(action: &str, at: Timestamp) -> Event {
    Event::of_nobody(at, action, "modify", "allowed")
}
