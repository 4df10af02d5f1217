//! Gathering: names and a secret into records, from the cache where it is warm and from the store where not.

use crate::cache::{Cache, Entry, Generation, Holder};
use crate::fault::Fault;
use crate::gather::{
    Credential, EnterpriseRecord, Gathered, Named, OwnerRecord, PrincipalRecord, RepositoryRecord,
    SessionRecord, TokenRecord,
};
use crate::{Authority, levels};
use bailiwick_catalogue::{Operation, Requirement, Target, When};
use bailiwick_decision::Known;
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::name::fold;
use bailiwick_model::{
    AccountId, Digest, EnterpriseFacts, EnterpriseId, Grant, OrganizationRole, OwnerFacts, OwnerKind, Policy,
    PrincipalFacts, RepositoryFacts, RepositoryId, RepositoryRole, Scope, SessionFacts, TeamId, TokenFacts,
};
use bailiwick_store::facts::{self, ByDigest, ByName, OwnerRows, PrincipalRows, TokenWithGrants};
use bailiwick_store::{AccountKind, EnterpriseRow, RepositoryRow, SessionRow, Tx};
use std::sync::Arc;

/// What a request presented as its credential.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Presented {
    /// Nothing.
    #[default]
    Nothing,
    /// Something that cannot be a credential of ours. It is bad, never none.
    Garbage,
    /// A well-formed secret.
    Digest(Digest),
}

/// How a repository is named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RepositoryKey {
    /// By owner and name.
    Name(String, String),
    /// By id.
    Id(i64),
}

/// How an account is named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Account {
    /// The caller's own.
    Own,
    /// An organization, by login.
    Organization(String),
    /// A user or organization, by login.
    Any(String),
    /// By id.
    Id(i64),
    /// As the owner of a team.
    Team(i64),
}

/// What a request names, by the part it plays.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Names {
    /// The repository.
    pub repository: Option<RepositoryKey>,
    /// The organization, or the owner of the named thing.
    pub organization: Option<Account>,
    /// The enterprise.
    pub enterprise: Option<String>,
    /// The account that the body names as destination.
    pub destination: Option<Account>,
    /// A second repository.
    pub second: Option<RepositoryKey>,
    /// The number of an issue, for rules about its author.
    pub issue: Option<i64>,
    /// The id of a comment, for rules about its author.
    pub comment: Option<i64>,
    /// The person whom the path names, for rules about one's own membership.
    pub person: Option<String>,
}

/// Whether an operation has rules about the object's author, which only the database knows.
fn needs_object(operation: Option<&Operation>) -> bool {
    let Some(Operation {
        requirement: Requirement::AnyOf(alternatives),
        ..
    }) = operation
    else {
        return false;
    };
    alternatives
        .iter()
        .flat_map(|terms| terms.iter())
        .any(|term| term.author_role.is_some())
}

fn has_workflow_term(operation: Option<&Operation>) -> bool {
    let Some(Operation {
        requirement: Requirement::AnyOf(alternatives),
        ..
    }) = operation
    else {
        return false;
    };
    alternatives
        .iter()
        .flat_map(|terms| terms.iter())
        .any(|term| term.when == When::Workflow)
}

/// What is known of the object before it is loaded. This host keeps no pull requests, so that whatever has a
/// number is an issue; whether a workflow file is touched shows only on the objects.
fn conditions(operation: Option<&Operation>) -> bailiwick_decision::Conditions {
    bailiwick_decision::Conditions {
        issue: Known::Yes,
        pull_request: Known::No,
        workflow: if has_workflow_term(operation) {
            Known::Later
        } else {
            Known::No
        },
        author: Known::No,
    }
}

impl Authority {
    /// Gathers from the cache alone; `None` if anything is not there.
    pub fn gather_warm(
        &self,
        presented: &Presented,
        operation: Option<&Operation>,
        names: &Arc<Names>,
    ) -> Option<Gathered> {
        if needs_object(operation) {
            return None;
        }
        let tables = self.cache.read();
        let credential = match presented {
            Presented::Nothing => Credential::Anonymous,
            Presented::Garbage => Credential::Unknown,
            Presented::Digest(digest) => match tables.holder(digest)? {
                Holder::Token(token) => {
                    Credential::Token(token.clone(), tables.principal(token.facts.owner)?.clone())
                }
                Holder::Session(session) => {
                    Credential::Session(session.clone(), tables.principal(session.facts.owner)?.clone())
                }
            },
        };
        let mut gathered = Gathered {
            presented: *presented,
            names: names.clone(),
            credential,
            conditions: conditions(operation),
            ..Gathered::default()
        };
        let own = gathered.principal().and_then(|principal| principal.id);
        let service = gathered.principal_record().is_some_and(|principal| principal.row.kind == AccountKind::Service);
        if let (Some(id), false) = (own, service) {
            gathered.set(Target::Own, Named::Account(tables.owner(id)?.clone()));
        }
        let account = |account: &Account| -> Option<Named> {
            let (id, organization) = match account {
                Account::Own => {
                    return match own {
                        Some(id) => tables.owner(id).cloned().map(Named::Account),
                        None => Some(Named::Missing),
                    };
                }
                Account::Id(id) => (AccountId(*id), false),
                Account::Team(_) => return None,
                Account::Organization(login) | Account::Any(login) => match tables.login(&fold(login))? {
                    None => return Some(Named::Missing),
                    Some(id) => (id, matches!(account, Account::Organization(_))),
                },
            };
            Some(named_account(tables.owner(id)?.clone(), organization))
        };
        let repository = |key: &RepositoryKey| -> Option<Named> {
            let id = match key {
                RepositoryKey::Id(id) => RepositoryId(*id),
                RepositoryKey::Name(owner, name) => match tables.name(&(fold(owner), fold(name)))? {
                    None => return Some(Named::Missing),
                    Some(id) => id,
                },
            };
            let record = tables.repository(id)?;
            let owner = tables.owner(record.facts.owner)?;
            Some(Named::Repository(record.clone(), owner.clone()))
        };
        if let Some(key) = &names.repository {
            gathered.set(Target::Repository, repository(key)?);
        }
        if let Some(key) = &names.second {
            gathered.set(Target::SecondRepository, repository(key)?);
        }
        if let Some(name) = &names.organization {
            gathered.set(Target::Organization, account(name)?);
        }
        if let Some(name) = &names.destination {
            gathered.set(Target::Destination, account(name)?);
        }
        if let Some(slug) = &names.enterprise {
            let named = match tables.enterprise(&fold(slug))? {
                Some(enterprise) => Named::Enterprise(enterprise.clone()),
                None => Named::Missing,
            };
            gathered.set(Target::Enterprise, named);
        }
        fill_owner(&mut gathered);
        Some(gathered)
    }

    /// Gathers from the store, and keeps what it read. Blocking.
    pub fn gather(
        &self,
        presented: &Presented,
        operation: Option<&Operation>,
        names: &Arc<Names>,
    ) -> Result<Gathered, Fault> {
        let since = self.cache.generation();
        self.store.read(|tx| {
            let mut gathering = Gathering {
                tx,
                cache: &self.cache,
                since,
            };
            let credential = gathering.credential(presented)?;
            let mut gathered = Gathered {
                presented: *presented,
                names: names.clone(),
                credential,
                conditions: conditions(operation),
                ..Gathered::default()
            };
            let own = gathered.principal().and_then(|principal| principal.id);
            if own.is_some()
                // A service account owns nothing: it has no account of its own that a request could be about.
                && let Named::Account(account) = gathering.account(&Account::Own, own)?
            {
                gathered.set(Target::Own, Named::Account(account));
            }
            if let Some(key) = &names.repository {
                gathered.set(Target::Repository, gathering.repository(key)?);
            }
            if let Some(key) = &names.second {
                gathered.set(Target::SecondRepository, gathering.repository(key)?);
            }
            if let Some(name) = &names.organization {
                gathered.set(Target::Organization, gathering.account(name, own)?);
            }
            if let Some(name) = &names.destination {
                gathered.set(Target::Destination, gathering.account(name, own)?);
            }
            if let Some(slug) = &names.enterprise {
                gathered.set(Target::Enterprise, gathering.enterprise(slug)?);
            }
            fill_owner(&mut gathered);
            if needs_object(operation) {
                gathered.conditions.author = gathering.author(&gathered, names)?;
            }
            Ok(gathered)
        })
    }

    /// Decides again on facts gathered anew, once it is known whether a workflow file is touched.
    pub fn confirm(
        &self,
        permit: crate::Permit,
        workflow: bool,
    ) -> Result<crate::Permit, Box<crate::Refused>> {
        let gathered = self.gather_again(&permit);
        permit.confirm(gathered, workflow, self.now())
    }

    /// Whether what was permitted would be permitted still: asked while a long transfer runs.
    pub fn is_still_allowed(&self, permit: &crate::Permit) -> bool {
        let gathered = Gathered {
            conditions: permit.gathered().conditions,
            ..self.gather_again(permit)
        };
        bailiwick_decision::decide(&gathered.facts(Some(permit.operation()), self.now())).is_allowed()
    }

    /// The facts of a permitted request as they are now. The things named must still be the same things: a name
    /// that leads elsewhere by now is not what was permitted, and facts that cannot be loaded permit nothing.
    fn gather_again(&self, permit: &crate::Permit) -> Gathered {
        let before = permit.gathered();
        let gathered = self
            .gather(&before.presented, Some(permit.operation()), &before.names)
            .unwrap_or_default();
        let same = gathered.repository().map(|row| row.id) == before.repository().map(|row| row.id);
        if same { gathered } else { Gathered::default() }
    }
}

/// A request about a repository is also about its owner.
fn fill_owner(gathered: &mut Gathered) {
    if matches!(gathered.named(Target::Organization), Named::Absent)
        && let Named::Repository(_, owner) = gathered.named(Target::Repository)
    {
        let owner = owner.clone();
        gathered.set(Target::Organization, Named::Account(owner));
    }
}

fn named_account(owner: Arc<OwnerRecord>, organization: bool) -> Named {
    if organization && owner.facts.kind != OwnerKind::Organization {
        Named::Missing
    } else {
        Named::Account(owner)
    }
}

/// One cold gathering: a transaction, and the cache that keeps what it reads.
struct Gathering<'a, 'b> {
    tx: &'a mut Tx<'b>,
    cache: &'a Cache,
    since: Generation,
}

impl Gathering<'_, '_> {
    fn credential(&mut self, presented: &Presented) -> Result<Credential, Fault> {
        let digest = match presented {
            Presented::Nothing => return Ok(Credential::Anonymous),
            Presented::Garbage => return Ok(Credential::Unknown),
            Presented::Digest(digest) => digest,
        };
        match facts::token_by_digest(self.tx, digest)? {
            Some(ByDigest::Token(found)) => {
                let record = Arc::new(token_record(*found));
                let Some(principal) = self.principal(record.facts.owner)? else {
                    return Ok(Credential::Unknown);
                };
                self.cache
                    .keep(self.since, vec![Entry::Token(*digest, record.clone())]);
                Ok(Credential::Token(record, principal))
            }
            // A secret that was replaced is known and dead. It is not cached: the token's place is its successor's.
            Some(ByDigest::Former(row)) => {
                let mut record = token_record(TokenWithGrants {
                    token: row,
                    grants: Vec::new(),
                });
                record.facts.revoked = true;
                record.digest = *digest;
                match self.principal(record.facts.owner)? {
                    Some(principal) => Ok(Credential::Token(Arc::new(record), principal)),
                    None => Ok(Credential::Unknown),
                }
            }
            None => {
                let Some(row) = facts::session_by_digest(self.tx, digest)? else {
                    return Ok(Credential::Unknown);
                };
                let record = Arc::new(session_record(row));
                let Some(principal) = self.principal(record.facts.owner)? else {
                    return Ok(Credential::Unknown);
                };
                self.cache
                    .keep(self.since, vec![Entry::Session(*digest, record.clone())]);
                Ok(Credential::Session(record, principal))
            }
        }
    }

    fn principal(&mut self, id: AccountId) -> Result<Option<Arc<PrincipalRecord>>, Fault> {
        let Some(record) = principal(self.tx, id)? else {
            return Ok(None);
        };
        let record = Arc::new(record);
        self.cache
            .keep(self.since, vec![Entry::Principal(id, record.clone())]);
        Ok(Some(record))
    }

    fn account(&mut self, account: &Account, own: Option<AccountId>) -> Result<Named, Fault> {
        let (rows, organization) = match account {
            Account::Own => match own {
                Some(id) => (facts::owner(self.tx, id)?, false),
                None => return Ok(Named::Missing),
            },
            Account::Id(id) => (facts::owner(self.tx, AccountId(*id))?, false),
            Account::Team(id) => match bailiwick_store::team::by_id(self.tx, TeamId(*id))? {
                // SECURITY: whether a number is a team, and whose, is told to members alone: the organization is
                // public, its teams are not.
                Some(team) if self.belongs(own, team.organization_id)? => {
                    (facts::owner(self.tx, team.organization_id)?, true)
                }
                Some(_) | None => return Ok(Named::Missing),
            },
            Account::Organization(login) | Account::Any(login) => {
                let rows = facts::owner_by_login(self.tx, login)?;
                let id = rows.as_ref().map(|rows| rows.account.id);
                self.cache.keep(self.since, vec![Entry::Login(fold(login), id)]);
                (rows, matches!(account, Account::Organization(_)))
            }
        };
        Ok(match rows {
            Some(rows) => named_account(self.owner(rows), organization),
            None => Named::Missing,
        })
    }

    /// Whether an account is a member of an organization, or a service account of it.
    fn belongs(&mut self, own: Option<AccountId>, organization: AccountId) -> Result<bool, Fault> {
        let Some(own) = own else { return Ok(false) };
        let member = bailiwick_store::membership::get(self.tx, organization, own)?.is_some();
        let account = bailiwick_store::account::by_id(self.tx, own)?;
        Ok(member || account.is_some_and(|account| account.owner_id == Some(organization)))
    }

    fn owner(&mut self, rows: OwnerRows) -> Arc<OwnerRecord> {
        let record = Arc::new(owner_record(rows));
        self.cache.keep(self.since, vec![Entry::Owner(record.clone())]);
        record
    }

    fn repository(&mut self, key: &RepositoryKey) -> Result<Named, Fault> {
        let found = match key {
            RepositoryKey::Id(id) => facts::repository(self.tx, RepositoryId(*id))?,
            RepositoryKey::Name(owner, name) => {
                let found = match facts::repository_by_name(self.tx, owner, name)? {
                    Some(ByName::Live(both) | ByName::Moved(both)) => Some(*both),
                    None => None,
                };
                let id = found.as_ref().map(|both| both.0.id);
                self.cache
                    .keep(self.since, vec![Entry::Name((fold(owner), fold(name)), id)]);
                found
            }
        };
        let Some((row, rows)) = found else {
            return Ok(Named::Missing);
        };
        let owner = self.owner(rows);
        let record = Arc::new(repository_record(row, &owner.facts));
        self.cache
            .keep(self.since, vec![Entry::Repository(record.clone())]);
        Ok(Named::Repository(record, owner))
    }

    fn enterprise(&mut self, slug: &str) -> Result<Named, Fault> {
        let record = enterprise(self.tx, slug)?.map(Arc::new);
        self.cache
            .keep(self.since, vec![Entry::Enterprise(fold(slug), record.clone())]);
        Ok(record.map_or(Named::Missing, Named::Enterprise))
    }

    /// Whether the principal wrote the issue or comment that the request names, or is the person whom it names.
    fn author(&mut self, gathered: &Gathered, names: &Names) -> Result<Known, Fault> {
        if let (Some(login), None, None) = (&names.person, names.issue, names.comment) {
            let named = bailiwick_store::account::by_login(self.tx, login)?.map(|account| account.id);
            let own = gathered.principal().and_then(|principal| principal.id);
            return Ok(if own.is_some() && named == own { Known::Yes } else { Known::No });
        }
        let (Some(repository), Some(principal)) = (
            gathered.repository().map(|row| row.id),
            gathered.principal().and_then(|principal| principal.id),
        ) else {
            return Ok(Known::No);
        };
        let author = match (names.comment, names.issue) {
            (Some(id), _) => bailiwick_store::comment::by_id(self.tx, bailiwick_model::CommentId(id))?
                // SECURITY: a comment of another repository is nobody's here.
                .filter(|comment| comment.repository_id == repository)
                .map(|comment| comment.user_id),
            (None, Some(number)) => {
                bailiwick_store::issue::by_number(self.tx, repository, number)?.map(|issue| issue.user_id)
            }
            (None, None) => None,
        };
        Ok(if author == Some(principal) {
            Known::Yes
        } else {
            Known::No
        })
    }
}

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
        row,
    }
}

fn session_record(row: SessionRow) -> SessionRecord {
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

fn owner_record(rows: OwnerRows) -> OwnerRecord {
    let above: Option<&Policy> = rows.enterprise.as_ref().map(|enterprise| &enterprise.policy);
    let (kind, own) = match rows.account.kind {
        AccountKind::Organization => (OwnerKind::Organization, Some(&rows.account.policy)),
        AccountKind::User | AccountKind::Service => (OwnerKind::User, None),
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
