//! Gathering: names and a secret into records, from the cache where it is warm and from the store where not.

use crate::cache::{Cache, Entry, Generation, Holder};
use crate::conditions::{conditions, forget_if_elsewhere, needs_object};
use crate::fault::Fault;
use crate::gather::{Credential, Gathered, Named, OwnerRecord, PrincipalRecord, fetch};
use crate::names::{Account, Names, PackageKey, Presented, RepositoryKey, folded};
use crate::package::PackageRecord;
use crate::package::gather::{fill_owner, place, put_package};
use crate::{Authority, records};
use bailiwick_catalogue::{Operation, Target};
use bailiwick_decision::Known;
use bailiwick_model::name::fold;
use bailiwick_model::{AccountId, OrganizationRole, OwnerKind, RepositoryId, TeamId};
use bailiwick_store::facts::{self, ByDigest, ByName, OwnerRows, TokenWithGrants};
use bailiwick_store::{TeamPrivacy, TeamRow, Tx};
use std::sync::Arc;

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
        let mut holder = None;
        let credential = match presented {
            Presented::Nothing => Credential::Anonymous,
            Presented::Garbage => Credential::Unknown,
            Presented::Digest(digest) => match tables.holder(digest)? {
                Holder::Token(token, owner) => {
                    let principal = tables.principal(*owner)?;
                    let record = tables.owner(*owner);
                    fetch(token, principal, record);
                    holder = Some((*owner, record));
                    Credential::Token(token.clone(), principal.clone())
                }
                Holder::Session(session) => {
                    Credential::Session(session.clone(), tables.principal(session.facts.owner)?.clone())
                }
            },
        };
        let mut gathered = Gathered::of(
            *presented,
            names.clone(),
            credential,
            conditions(operation, names),
        );
        let own = gathered.principal().and_then(|principal| principal.id);
        let service = gathered.principal().is_some_and(|principal| !principal.person);
        let own_record = own.and_then(|id| match holder {
            Some((owner, record)) if owner == id => record,
            Some(_) | None => tables.owner(id),
        });
        if own.is_some() && !service {
            gathered.set(Target::Own, Named::Account(own_record?.clone()));
        }
        let account = |account: &Account| -> Option<Named> {
            let (id, organization) = match account {
                Account::Own => {
                    return match own {
                        Some(_) => own_record.cloned().map(Named::Account),
                        None => Some(Named::Missing),
                    };
                }
                Account::Id(id) => (AccountId(*id), false),
                Account::Team(_) => return None,
                Account::Organization(login) | Account::Any(login) => match tables.login(&folded(login))? {
                    None => return Some(Named::Missing),
                    Some(id) => (id, matches!(account, Account::Organization(_))),
                },
            };
            Some(named_account(tables.owner(id)?.clone(), organization))
        };
        let repository = |key: &RepositoryKey| -> Option<Named> {
            let id = match key {
                RepositoryKey::Id(id) => RepositoryId(*id),
                RepositoryKey::Name(owner, name) => match tables.name(&(folded(owner), folded(name)))? {
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
        if let Some(key) = &names.package {
            let whose = tables.package(&place(key))?.clone();
            let named = match &whose {
                None => None,
                Some(package) => Some(match package.repository {
                    Some(id) => repository(&RepositoryKey::Id(id.0))?,
                    None => account(&Account::Id(package.owner.0))?,
                }),
            };
            put_package(&mut gathered, whose, named);
        }
        if let Some(slug) = &names.enterprise {
            let named = match tables.enterprise(&fold(slug))? {
                Some(enterprise) => Named::Enterprise(enterprise.clone()),
                None => Named::Missing,
            };
            gathered.set(Target::Enterprise, named);
        }
        fill_owner(&mut gathered);
        forget_if_elsewhere(&mut gathered);
        Some(gathered)
    }

    /// Gathers from the store, and keeps what it read. Blocking.
    pub fn gather(
        &self,
        presented: &Presented,
        operation: Option<&Operation>,
        names: &Arc<Names>,
    ) -> Result<Gathered, Fault> {
        self.gather_in(presented, None, operation, names)
    }

    /// The same under no credential, as an account would be answered whose own things the request may be about.
    pub(crate) fn gather_as(
        &self,
        own: Option<AccountId>,
        operation: Option<&Operation>,
        names: &Arc<Names>,
    ) -> Result<Gathered, Fault> {
        self.gather_in(&Presented::Nothing, own, operation, names)
    }

    fn gather_in(
        &self,
        presented: &Presented,
        as_if: Option<AccountId>,
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
            let mut gathered = Gathered::of(
                *presented,
                names.clone(),
                credential,
                conditions(operation, names),
            );
            let own = as_if.or_else(|| gathered.principal().and_then(|principal| principal.id));
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
            if let Some(key) = &names.package {
                let (whose, named) = gathering.package(key)?;
                put_package(&mut gathered, whose, named);
            }
            if let Some(slug) = &names.enterprise {
                gathered.set(Target::Enterprise, gathering.enterprise(slug)?);
            }
            fill_owner(&mut gathered);
            if needs_object(operation) {
                gathered.conditions.author = gathering.author(&gathered, names)?;
            }
            forget_if_elsewhere(&mut gathered);
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
        let whose = |of: &Gathered| {
            of.package
                .as_ref()
                .map(|package| (package.owner, package.repository))
        };
        if same && whose(&gathered) == whose(before) {
            return gathered;
        }
        // The names lead elsewhere: to nothing that was permitted, for whoever asks.
        let mut elsewhere = gathered;
        elsewhere.set(Target::Repository, Named::Missing);
        elsewhere
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
                let record = Arc::new(records::token_record(*found));
                let Some(principal) = self.principal(record.facts.owner)? else {
                    return Ok(Credential::Unknown);
                };
                self.cache
                    .keep(self.since, vec![Entry::Token(*digest, record.clone())]);
                Ok(Credential::Token(record, principal))
            }
            // A secret that was replaced is known and dead. It is not cached: the token's place is its successor's.
            Some(ByDigest::Former(row)) => {
                let mut record = records::token_record(TokenWithGrants {
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
                let record = Arc::new(records::session_record(row));
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
        let Some(record) = records::principal(self.tx, id)? else {
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
                // SECURITY: whether a number is a team, and whose, is told only to those who may see the team: the
                // organization is public, its teams are not.
                Some(team) if self.sees(own, &team)? => (facts::owner(self.tx, team.organization_id)?, true),
                Some(_) | None => return Ok(Named::Missing),
            },
            Account::Organization(login) | Account::Any(login) => {
                let rows = facts::owner_by_login(self.tx, login)?;
                let id = rows.as_ref().map(|rows| rows.account.id);
                self.cache.keep(self.since, vec![Entry::Login(folded(login), id)]);
                (rows, matches!(account, Account::Organization(_)))
            }
        };
        Ok(match rows {
            Some(rows) => named_account(self.owner(rows), organization),
            None => Named::Missing,
        })
    }

    /// Whether an account may know of a team: a closed one as a member or service account of the organization, a
    /// secret one as the organization's owner or its own member.
    fn sees(&mut self, own: Option<AccountId>, team: &TeamRow) -> Result<bool, Fault> {
        let Some(own) = own else { return Ok(false) };
        let membership = bailiwick_store::membership::get(self.tx, team.organization_id, own)?;
        let role = membership.map(|membership| membership.role);
        Ok(match (team.privacy, role) {
            (_, Some(OrganizationRole::Owner)) | (TeamPrivacy::Closed, Some(_)) => true,
            (TeamPrivacy::Secret, _) => bailiwick_store::team::member(self.tx, team.id, own)?.is_some(),
            (TeamPrivacy::Closed, None) => {
                let account = bailiwick_store::account::by_id(self.tx, own)?;
                account.is_some_and(|account| account.owner_id == Some(team.organization_id))
            }
        })
    }

    fn owner(&mut self, rows: OwnerRows) -> Arc<OwnerRecord> {
        let record = Arc::new(records::owner_record(rows));
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
                    .keep(self.since, vec![Entry::Name((folded(owner), folded(name)), id)]);
                found
            }
        };
        let Some((row, rows)) = found else {
            return Ok(Named::Missing);
        };
        let owner = self.owner(rows);
        let record = Arc::new(records::repository_record(row, &owner.facts));
        self.cache
            .keep(self.since, vec![Entry::Repository(record.clone())]);
        Ok(Named::Repository(record, owner))
    }

    /// Whose a package is, and that repository or owner. What it belonged to and is gone belongs to nobody.
    fn package(&mut self, key: &PackageKey) -> Result<(Option<Arc<PackageRecord>>, Option<Named>), Fault> {
        let whose = crate::package::resolve(self.tx, key)?.map(Arc::new);
        let named = match &whose {
            None => None,
            Some(package) => Some(match package.repository {
                Some(id) => self.repository(&RepositoryKey::Id(id.0))?,
                None => self.account(&Account::Id(package.owner.0), None)?,
            }),
        };
        let gone = matches!(named, Some(Named::Missing));
        let whose = whose.filter(|_| !gone);
        self.cache
            .keep(self.since, vec![Entry::Package(place(key), whose.clone())]);
        Ok((whose, named.filter(|_| !gone)))
    }

    fn enterprise(&mut self, slug: &str) -> Result<Named, Fault> {
        let record = records::enterprise(self.tx, slug)?.map(Arc::new);
        self.cache
            .keep(self.since, vec![Entry::Enterprise(fold(slug), record.clone())]);
        Ok(record.map_or(Named::Missing, Named::Enterprise))
    }

    /// Whether the principal wrote the issue or comment that the request names, or is the person whom it names.
    fn author(&mut self, gathered: &Gathered, names: &Names) -> Result<Known, Fault> {
        if let (Some(login), None, None) = (&names.person, names.issue, names.comment) {
            let named = bailiwick_store::account::by_login(self.tx, login)?.map(|account| account.id);
            let own = gathered.principal().and_then(|principal| principal.id);
            return Ok(if own.is_some() && named == own {
                Known::Yes
            } else {
                Known::No
            });
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
