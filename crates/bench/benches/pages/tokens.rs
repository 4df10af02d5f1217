//! Ten thousand tokens of two hundred people at one organization, a thousand requests, a thousand repositories.

use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::{
    AccountId, Digest, OrganizationRole, RepositoryRole, Selection, Timestamp, TokenKind, Visibility,
};
use bailiwick_store::{
    AccessRequestRow, AccountKind, AccountRow, EnterpriseRow, GrantRow, RepositoryRow, StoreError, TokenRow,
    Tx, access_request, account, enterprise, grant, membership, repository, token,
};

/// Tokens in the database.
pub const TOKENS: usize = 10_000;
const PEOPLE: usize = 200;
const REPOSITORIES: usize = 1_000;
const REQUESTS: usize = 1_000;

/// Fills the organization of a person, in an enterprise of theirs.
pub fn fill(
    tx: &mut Tx<'_>,
    organization: AccountId,
    person: AccountId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let group = enterprise::insert(tx, EnterpriseRow::new("group", "Group", now))?.id;
    enterprise::add_owner(tx, group, person)?;
    if let Some(row) = account::by_id(tx, organization)? {
        account::update(
            tx,
            &AccountRow {
                enterprise_id: Some(group),
                base_role: RepositoryRole::Read,
                ..row
            },
        )?;
    }
    let mut repositories = Vec::new();
    for number in 0..REPOSITORIES {
        let row = RepositoryRow::new(
            organization,
            &format!("service-{number}"),
            Visibility::Private,
            now,
        );
        repositories.push(repository::insert(tx, row)?.id);
    }
    let mut people = vec![person];
    for number in 1..PEOPLE {
        let row = AccountRow::new(&format!("person-{number}"), AccountKind::User, now);
        let id = account::insert(tx, row)?.id;
        membership::set(tx, organization, id, OrganizationRole::Member, now)?;
        people.push(id);
    }
    let owner = ResourceOwner::Account(organization);
    for number in 0..TOKENS {
        let Some(holder) = people.get(number % PEOPLE) else {
            continue;
        };
        let digest = Digest::of(&(number as u64).to_be_bytes());
        let mut row = TokenRow::new(
            TokenKind::FineGrained,
            *holder,
            &format!("token {number}"),
            digest,
            now,
        );
        row.expires_at = Some(now.plus_days(1 + (number % 90) as i64));
        let made = token::insert(tx, row)?;
        let chosen = repositories.iter().skip(number % 900).take(3).copied().collect();
        let selection = Selection::subset(chosen);
        let mut held = GrantRow::new(made.id, owner, now);
        held.permissions
            .insert(String::from("issues"), String::from("read"));
        held.permissions
            .insert(String::from("metadata"), String::from("read"));
        held.active = true;
        held.granted_at = Some(now);
        let held = grant::insert(tx, held, &selection)?;
        if number < REQUESTS {
            let mut asked = AccessRequestRow::new(held.id, made.id, owner, held.revision, now);
            asked.permissions = held.permissions.clone();
            asked
                .permissions
                .insert(String::from("contents"), String::from("write"));
            access_request::insert(tx, asked, &selection)?;
        }
    }
    Ok(())
}
