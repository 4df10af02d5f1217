//! Rows into the records that decisions borrow: sorted, with permissions and policies read. The rules themselves
//! are in the decision.

use crate::fault::Fault;
use crate::gather::{
    EnterpriseRecord, Noted, OwnerRecord, PrincipalRecord, RepositoryRecord, SessionRecord, TokenRecord,
};
use crate::levels;
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::name::fold;
use bailiwick_model::{
    AccountId, EnterpriseFacts, EnterpriseId, Grant, OrganizationRole, OwnerFacts, OwnerKind, Policy,
    PrincipalFacts, RepositoryFacts, RepositoryRole, Scope, SessionFacts, TokenFacts,
};
use bailiwick_store::facts::{self, OwnerRows, PrincipalRows, TokenWithGrants};
use bailiwick_store::{AccountKind, EnterpriseRow, RepositoryRow, SessionRow, Tx};

pub(crate) fn token_record(found: TokenWithGrants) -> TokenRecord {
    let row = found.token;
    let stored_scopes = row
        .scopes
        .split(',')
        .filter_map(|word| Scope::parse(word.trim()))
        .collect::<bailiwick_model::ScopeSet>();
    let mut grants: Vec<Grant> = found
        .grants
        .into_iter()
        .map(|(grant, selection)| Grant {
            id: grant.id,
            owner: grant.owner(),
            levels: levels::load(&grant.permissions),
            selection,
            active: grant.active,
        })
        .collect();
    grants.sort_by_key(|grant| grant.owner);
    // Grants that were ended do not count: a token edited down to one owner is a token of one owner.
    let several_owners = grants.iter().filter(|grant| grant.active).count() > 1;
    TokenRecord {
        facts: TokenFacts {
            id: row.id,
            kind: row.kind,
            owner: row.owner_id,
            created_at: row.issued_at,
            expires_at: row.expires_at,
            revoked: row.revoked_at.is_some() || row.deleted_at.is_some(),
            several_owners,
            scopes: stored_scopes.expanded(),
            grants,
        },
        digest: row.digest,
        stored_scopes,
        row: Box::new(row),
        noted: Noted::default(),
    }
}

pub(crate) fn session_record(row: SessionRow) -> SessionRecord {
    SessionRecord {
        facts: SessionFacts {
            id: row.id,
            owner: row.user_id,
            expires_at: row.expires_at,
            sudo_until: row.sudo_until,
            revoked: row.revoked_at.is_some(),
        },
        row,
    }
}

/// A principal's record.
pub(crate) fn principal(tx: &mut Tx<'_>, id: AccountId) -> Result<Option<PrincipalRecord>, Fault> {
    let Some(rows) = facts::principal(tx, id)? else {
        return Ok(None);
    };
    let account = rows.account.clone();
    let mut record = principal_facts(rows);
    if account.kind == AccountKind::Service {
        // A service account belongs to its organization as a member does, and acts only while that exists.
        let owner = match account.owner_id {
            Some(owner) => facts::owner(tx, owner)?,
            None => None,
        };
        match owner {
            Some(owner) => {
                record.organizations = vec![(owner.account.id, OrganizationRole::Member)];
                if let Some(enterprise) = owner.account.enterprise_id {
                    record.enterprises = vec![(enterprise, bailiwick_model::EnterpriseRole::Member)];
                }
            }
            None => record.active = false,
        }
    }
    Ok(Some(PrincipalRecord {
        facts: record,
        row: account,
    }))
}

/// Raw rows into the sorted lists that decisions search; of several roles at one place the highest counts.
fn principal_facts(rows: PrincipalRows) -> PrincipalFacts {
    fn highest<K: Ord + Copy, V: Ord + Copy>(pairs: impl IntoIterator<Item = (K, V)>) -> Vec<(K, V)> {
        let mut map = std::collections::BTreeMap::new();
        for (key, value) in pairs {
            let slot = map.entry(key).or_insert(value);
            *slot = (*slot).max(value);
        }
        map.into_iter().collect()
    }
    PrincipalFacts {
        id: Some(rows.account.id),
        login: rows.account.login.clone(),
        active: rows.account.is_active(),
        person: rows.account.kind == AccountKind::User,
        site_administrator: rows.account.site_administrator,
        organizations: highest(rows.organizations),
        approver_of: rows.approver_of,
        auditor_of: rows.auditor_of,
        enterprises: highest(rows.enterprises),
        repositories: highest(rows.repositories.into_iter().map(|(id, role, _)| (id, role))),
    }
}

pub(crate) fn owner_record(rows: OwnerRows) -> OwnerRecord {
    let above: Option<&Policy> = rows.enterprise.as_ref().map(|enterprise| &enterprise.policy);
    // Of a person's own account one setting counts; the rest of a policy is for organizations.
    let personal = Policy {
        planting: rows.account.policy.planting,
        ..Policy::default()
    };
    let (kind, own) = match rows.account.kind {
        AccountKind::Organization => (OwnerKind::Organization, Some(&rows.account.policy)),
        AccountKind::User => (OwnerKind::User, Some(&personal)),
        AccountKind::Service => (OwnerKind::User, None),
    };
    OwnerRecord {
        facts: OwnerFacts {
            id: rows.account.id,
            login: rows.account.login.clone(),
            kind,
            enterprise: rows.account.enterprise_id,
            base_role: match kind {
                OwnerKind::Organization => rows.account.base_role,
                OwnerKind::User => RepositoryRole::None,
            },
            policy: bailiwick_decision::policy::resolve(above, own),
        },
        enterprise_name: rows.enterprise.as_ref().map(|enterprise| enterprise.slug.clone()),
        row: rows.account,
    }
}

pub(crate) fn repository_record(row: RepositoryRow, owner: &OwnerFacts) -> RepositoryRecord {
    RepositoryRecord {
        facts: RepositoryFacts {
            id: row.id,
            owner: row.owner_id,
            visibility: row.visibility,
            archived: row.archived_at.is_some(),
        },
        full_name: format!("{}/{}", owner.login, row.name),
        row,
    }
}

fn enterprise_record(row: EnterpriseRow) -> EnterpriseRecord {
    EnterpriseRecord {
        facts: EnterpriseFacts {
            id: row.id,
            slug: row.slug.clone(),
            policy: bailiwick_decision::policy::resolve(Some(&row.policy), None),
        },
        row,
    }
}

/// A resource owner's record, inside a use case.
pub(crate) fn owner(tx: &mut Tx<'_>, id: AccountId) -> Result<Option<OwnerRecord>, Fault> {
    Ok(facts::owner(tx, id)?.map(owner_record))
}

/// The same by login.
pub(crate) fn owner_by_login(tx: &mut Tx<'_>, login: &str) -> Result<Option<OwnerRecord>, Fault> {
    Ok(facts::owner_by_login(tx, login)?.map(owner_record))
}

/// A live repository of an owner, by its present name.
pub(crate) fn repository_of(
    tx: &mut Tx<'_>,
    owner: &OwnerFacts,
    name: &str,
) -> Result<Option<RepositoryRecord>, Fault> {
    Ok(bailiwick_store::repository::by_name(tx, owner.id, name)?.map(|row| repository_record(row, owner)))
}

/// An enterprise's record by slug.
pub(crate) fn enterprise(tx: &mut Tx<'_>, slug: &str) -> Result<Option<EnterpriseRecord>, Fault> {
    Ok(facts::enterprise(tx, &fold(slug))?.map(enterprise_record))
}

/// The same by id.
pub(crate) fn enterprise_by_id(tx: &mut Tx<'_>, id: EnterpriseId) -> Result<Option<EnterpriseRecord>, Fault> {
    Ok(bailiwick_store::enterprise::by_id(tx, id)?.map(enterprise_record))
}

/// The name of a resource owner, and the enterprise it belongs to, for events.
pub(crate) fn owner_name(
    tx: &mut Tx<'_>,
    owner: ResourceOwner,
) -> Result<(String, Option<EnterpriseId>), Fault> {
    match owner {
        ResourceOwner::Account(id) => {
            let account = bailiwick_store::account::by_id(tx, id)?.ok_or_else(Fault::not_found)?;
            Ok((account.login, account.enterprise_id))
        }
        ResourceOwner::Enterprise(id) => {
            let enterprise = bailiwick_store::enterprise::by_id(tx, id)?.ok_or_else(Fault::not_found)?;
            Ok((enterprise.slug, Some(id)))
        }
    }
}

/// The smallest limit of tokens per user that an enterprise of the person sets.
pub(crate) fn tokens_per_user_max(tx: &mut Tx<'_>, principal: &PrincipalFacts) -> Result<Option<i64>, Fault> {
    let mut smallest = None;
    for (id, _) in &principal.enterprises {
        let max = bailiwick_store::enterprise::by_id(tx, *id)?.and_then(|row| row.policy.tokens_per_user_max);
        smallest = match (smallest, max) {
            (Some(one), Some(other)) => Some(i64::min(one, other)),
            (one, other) => one.or(other),
        };
    }
    Ok(smallest)
}
