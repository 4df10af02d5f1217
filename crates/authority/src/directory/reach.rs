//! What a caller reaches beyond the one operation that was permitted: parts of an answer that take more, and lists
//! over several owners. Each question is put to the decision itself; nothing here decides.

use crate::fault::Fault;
use crate::gather::{Named, OwnerRecord, RepositoryRecord};
use crate::permit::Permit;
use crate::records;
use bailiwick_catalogue::{OperationIndex, Target, operation, perm};
use bailiwick_decision::decide::policy_permits;
use bailiwick_decision::effective::{organization_role, repository_role};
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::{AccountId, Level, OrganizationRole, RepositoryRole, TokenKind};
use bailiwick_store::repository::RepositoryQuery;
use bailiwick_store::{RepositoryRow, Tx, repository};
use std::collections::HashMap;
use std::sync::Arc;

/// Owners that were looked up in one transaction.
#[derive(Default)]
pub(crate) struct Owners(HashMap<AccountId, Option<Arc<OwnerRecord>>>);

impl Owners {
    /// A live owner, read once.
    pub(crate) fn get(&mut self, tx: &mut Tx<'_>, id: AccountId) -> Result<Option<Arc<OwnerRecord>>, Fault> {
        if let Some(found) = self.0.get(&id) {
            return Ok(found.clone());
        }
        let found = records::owner(tx, id)?.map(Arc::new);
        self.0.insert(id, found.clone());
        Ok(found)
    }
}

/// A repository that the caller may be shown, with its owner.
#[derive(Clone, Debug)]
pub(crate) struct Admitted {
    pub repository: Arc<RepositoryRecord>,
    pub owner: Arc<OwnerRecord>,
}

impl Permit {
    /// Whether the caller would be allowed an operation on other targets than those of the request.
    pub(crate) fn would(&self, index: OperationIndex, targets: &[(Target, Named)]) -> bool {
        let Some(asked) = operation(index) else {
            return false;
        };
        let mut gathered = self.gathered().clone();
        for target in [
            Target::Repository,
            Target::Organization,
            Target::Enterprise,
            Target::Destination,
            Target::SecondRepository,
        ] {
            gathered.set(target, Named::Absent);
        }
        for (target, named) in targets {
            gathered.set(*target, named.clone());
        }
        bailiwick_decision::decide(&gathered.facts(Some(asked), self.now())).is_allowed()
    }

    /// The same at one account.
    pub(crate) fn would_at(&self, index: OperationIndex, owner: &Arc<OwnerRecord>) -> bool {
        self.would(index, &[(Target::Organization, Named::Account(owner.clone()))])
    }

    /// Whether the caller's credential reaches an owner at all: a fine-grained token by an active grant, and every
    /// token only where the owner's policy permits it.
    pub(crate) fn reaches(&self, owner: &OwnerRecord) -> bool {
        let Some(token) = self.gathered().token() else {
            return true;
        };
        let Some(principal) = self.gathered().principal() else {
            return false;
        };
        let at = ResourceOwner::Account(owner.facts.id);
        let granted = match token.facts.kind {
            TokenKind::FineGrained => token
                .facts
                .grants
                .iter()
                .any(|grant| grant.active && grant.owner == at),
            TokenKind::Classic => true,
            TokenKind::Session => false,
        };
        let target = bailiwick_decision::TargetFacts::Account(&owner.facts);
        granted && policy_permits(&token.facts, principal, target, &owner.facts.policy)
    }

    /// Whether the caller uses a fine-grained token, whose grants say what is shown.
    pub(crate) fn is_by_grants(&self) -> bool {
        self.gathered()
            .token()
            .is_some_and(|token| token.facts.kind == TokenKind::FineGrained)
    }

    /// The caller's own role in an organization.
    pub(crate) fn organization_role(&self, owner: &OwnerRecord) -> OrganizationRole {
        self.gathered()
            .principal()
            .map_or(OrganizationRole::None, |principal| {
                organization_role(principal, &owner.facts)
            })
    }

    /// The caller's own role at a repository; `None` for a visitor.
    pub(crate) fn repository_role(
        &self,
        repository: &RepositoryRecord,
        owner: &OwnerRecord,
    ) -> Option<RepositoryRole> {
        self.gathered()
            .principal()
            .map(|principal| repository_role(principal, &repository.facts, &owner.facts))
    }

    /// The owner that the path names, with its facts.
    pub(crate) fn owner_record(&self) -> Result<&Arc<OwnerRecord>, Fault> {
        match (
            self.gathered().named(Target::Repository),
            self.gathered().named(Target::Organization),
        ) {
            (_, Named::Account(owner)) | (Named::Repository(_, owner), _) => Ok(owner),
            _ => Err(Fault::not_found()),
        }
    }

    /// The repository that the path names, with its owner and the facts of both.
    pub(crate) fn repository_record(&self) -> Result<(&Arc<RepositoryRecord>, &Arc<OwnerRecord>), Fault> {
        match self.gathered().named(Target::Repository) {
            Named::Repository(repository, owner) => Ok((repository, owner)),
            _ => Err(Fault::not_found()),
        }
    }

    /// The account that a body names as destination, or the caller's own.
    pub(crate) fn destination_record(&self) -> Result<&Arc<OwnerRecord>, Fault> {
        match self.gathered().named(Target::Destination) {
            Named::Account(owner) => Ok(owner),
            _ => Err(Fault::not_found()),
        }
    }
}

/// Live repositories of a query that the caller's grants and role admit to be seen. The one way to list any.
pub(crate) fn admitted(
    tx: &mut Tx<'_>,
    permit: &Permit,
    owners: &mut Owners,
    query: &RepositoryQuery,
) -> Result<Vec<Admitted>, Fault> {
    let rows = repository::list(tx, query, &|_| true)?;
    admit(tx, permit, owners, rows)
}

/// The rows that the caller may be shown.
pub(crate) fn admit(
    tx: &mut Tx<'_>,
    permit: &Permit,
    owners: &mut Owners,
    rows: Vec<RepositoryRow>,
) -> Result<Vec<Admitted>, Fault> {
    let filter = permit.filter(perm::METADATA, Level::Read);
    let mut found = Vec::new();
    for row in rows {
        let Some(owner) = owners.get(tx, row.owner_id)? else {
            continue;
        };
        let record = Arc::new(records::repository_record(row, &owner.facts));
        if filter.admits(&record.facts, &owner.facts) {
            found.push(Admitted {
                repository: record,
                owner,
            });
        }
    }
    Ok(found)
}
