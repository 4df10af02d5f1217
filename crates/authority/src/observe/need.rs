//! The decision as if: the least that would have sufficed for one request, and what would have been decided of a token
//! that holds exactly that. It asks the decision itself, so it knows no rule of its own.

use super::{Known, Observed};
use crate::Authority;
use crate::fault::Fault;
use crate::gather::{Gathered, Named};
use bailiwick_catalogue::{Operation, Requirement, Target, Term, perm};
use bailiwick_decision::Known as Holds;
use bailiwick_decision::{CredentialFacts, Decision, Facts, TargetFacts};
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::{
    AccountId, Grant, GrantId, Level, Levels, PermissionId, PrincipalFacts, RepositoryId, ScopeSet,
    Selection, TokenFacts, TokenId, TokenKind,
};
use std::collections::BTreeMap;

/// The verdict on what a token could have done.
pub const ALLOWED: &str = "allowed";

/// One thing that a grant would have had to hold.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Need {
    /// At whose resources.
    pub owner: ResourceOwner,
    /// Which permission.
    pub permission: PermissionId,
    /// At which level.
    pub level: Level,
    /// In which repository.
    pub repository: Option<RepositoryId>,
    /// Whether every repository of the owner had to be selected.
    pub all: bool,
}

/// What would have been decided.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AsIf {
    /// What would have sufficed.
    pub needs: Vec<Need>,
    /// `allowed`, or the code of the reason for which even that would have been refused.
    pub verdict: &'static str,
    /// The account here of whoever asked.
    pub account: Option<(AccountId, String)>,
}

impl Authority {
    /// Decides an observed request as if. `workflow` tells whether a workflow file may be touched: who cannot tell says
    /// yes. Blocking.
    pub fn as_if(&self, observed: &Observed, person: &Known, workflow: bool) -> Result<AsIf, Fault> {
        let link = match person {
            Known::Person { key, .. } => self.linked_account(observed.upstream.id, key)?,
            Known::Nobody | Known::Refused => None,
        };
        let account = link.map(|(id, _)| id);
        let principal = account
            .map(|id| self.store.read(|tx| crate::records::principal(tx, id)))
            .transpose()?
            .flatten();
        let Some(operation) = observed.operation else {
            return Ok(AsIf {
                needs: Vec::new(),
                verdict: bailiwick_decision::Reason::OperationUnmapped.code(),
                account: principal.map(|one| (one.row.id, one.row.login)),
            });
        };
        let mut gathered = self.gather_as(account, Some(operation), &observed.gathered.names)?;
        if gathered.conditions.workflow == Holds::Later {
            gathered.conditions.workflow = if workflow { Holds::Yes } else { Holds::No };
        }
        let facts = principal.as_ref().map(|one| &one.facts);
        let (needs, mut verdict) = weigh(observed, operation, &gathered, facts);
        if verdict == ALLOWED && link.is_some_and(|(_, active)| !active) {
            verdict = "upstream.inactive";
        }
        Ok(AsIf {
            needs,
            verdict,
            account: principal.map(|one| (one.row.id, one.row.login)),
        })
    }
}

/// The least that suffices, and what the decision makes of it.
fn weigh(
    observed: &Observed,
    operation: &'static Operation,
    gathered: &Gathered,
    principal: Option<&PrincipalFacts>,
) -> (Vec<Need>, &'static str) {
    let facts = Facts {
        credential: CredentialFacts::Anonymous,
        rate_exceeded: false,
        narrowed: None,
        ..gathered.facts(Some(operation), observed.now)
    };
    if bailiwick_decision::decide(&facts).is_allowed() {
        return (Vec::new(), ALLOWED);
    }
    if observed.foreign.is_none() {
        return (Vec::new(), bailiwick_decision::Reason::CredentialRequired.code());
    }
    let mut ways: Vec<Vec<Need>> = match operation.requirement {
        Requirement::Closed => return (Vec::new(), bailiwick_decision::Reason::OperationClosed.code()),
        Requirement::Live => vec![Vec::new()],
        Requirement::AnyOf(alternatives) => {
            alternatives.iter().map(|terms| needs_of(&facts, terms)).collect()
        }
    };
    for way in &mut ways {
        widen(operation, gathered, way);
    }
    ways.sort_by_cached_key(|way| cost(way));
    let cheapest = ways.first().cloned().unwrap_or_default();
    let Some(principal) = principal else {
        return (cheapest, "upstream.not_linked");
    };
    let mut first = None;
    for way in ways {
        match decided(&facts, principal, &way) {
            Decision::Allow(_) if operation.spans && gathered.owner().is_none() => {
                return (way, "upstream.spans");
            }
            Decision::Allow(_) => return (way, ALLOWED),
            Decision::Deny(deny) => {
                first.get_or_insert(deny.reason.code());
            }
        }
    }
    let unmapped = bailiwick_decision::Reason::OperationUnmapped.code();
    (cheapest, first.unwrap_or(unmapped))
}

/// What the terms of one alternative ask of a grant. What does not count is not asked for.
fn needs_of(facts: &Facts<'_>, terms: &[Term]) -> Vec<Need> {
    let counts = |term: &&Term| facts.conditions.known(term.when, &facts.targets) != Holds::No;
    let need = |term: &Term| {
        let (owner, repository) = match facts.targets.get(term.target) {
            TargetFacts::Repository(repository, owner) => {
                (ResourceOwner::Account(owner.id), Some(repository.id))
            }
            TargetFacts::Account(owner) => (ResourceOwner::Account(owner.id), None),
            TargetFacts::Enterprise(enterprise) => (ResourceOwner::Enterprise(enterprise.id), None),
            TargetFacts::Absent | TargetFacts::Missing => return None,
        };
        Some(Need {
            owner,
            permission: term.permission,
            level: term.level,
            repository,
            all: false,
        })
    };
    let mut needs: Vec<Need> = terms.iter().filter(counts).filter_map(need).collect();
    needs.sort_unstable();
    needs.dedup();
    needs
}

/// An answer about more than the path names is the upstream's own: it takes every repository of the owner.
fn widen(operation: &Operation, gathered: &Gathered, needs: &mut Vec<Need>) {
    let (true, Some(owner)) = (operation.spans, gathered.owner()) else {
        return;
    };
    let owner = ResourceOwner::Account(owner.id);
    let mut any = false;
    for need in needs.iter_mut().filter(|need| need.owner == owner) {
        need.all = true;
        any = true;
    }
    if !any {
        needs.push(Need {
            owner,
            permission: perm::METADATA,
            level: Level::Read,
            repository: None,
            all: true,
        });
    }
}

/// What one way costs: the highest level first, then how much of it, then the order of permissions, which decides ties
/// the same way every time.
fn cost(needs: &[Need]) -> (Option<Level>, usize, usize, Vec<Need>) {
    let highest = needs.iter().map(|need| need.level).max();
    let sum = needs.iter().map(|need| need.level as usize).sum();
    (highest, sum, needs.len(), needs.to_vec())
}

/// The decision on a token that holds exactly these needs and nothing else.
fn decided(facts: &Facts<'_>, principal: &PrincipalFacts, needs: &[Need]) -> Decision {
    let Some(owner) = principal.id else {
        return bailiwick_decision::decide(facts);
    };
    let token = TokenFacts {
        id: TokenId(0),
        kind: TokenKind::FineGrained,
        owner,
        created_at: facts.now,
        expires_at: Some(facts.now.plus_days(1)),
        revoked: false,
        several_owners: false,
        scopes: ScopeSet::default(),
        grants: grants(needs),
    };
    bailiwick_decision::decide(&Facts {
        credential: CredentialFacts::Token(&token, principal),
        ..*facts
    })
}

/// One grant for each owner.
fn grants(needs: &[Need]) -> Vec<Grant> {
    let mut by_owner: BTreeMap<ResourceOwner, (Levels, Vec<RepositoryId>, bool)> = BTreeMap::new();
    for need in needs {
        let (levels, repositories, all) = by_owner.entry(need.owner).or_default();
        let level = levels.get(need.permission).max(need.level);
        levels.set(need.permission, level);
        repositories.extend(need.repository);
        *all |= need.all;
    }
    by_owner
        .into_iter()
        .map(|(owner, (levels, repositories, all))| Grant {
            id: GrantId(0),
            owner,
            levels: crate::levels::with_implied(levels),
            selection: match (all, repositories.is_empty()) {
                (true, _) => Selection::All,
                (false, true) => Selection::None,
                (false, false) => Selection::subset(repositories),
            },
            active: true,
        })
        .collect()
}

/// The longest name that is kept, in characters.
const TARGET_CHARS_MAX: usize = 200;

/// What a request is about, in words for a list.
pub(super) fn target_of(observed: &Observed) -> String {
    let gathered = &observed.gathered;
    let target = match gathered.named(Target::Repository) {
        Named::Repository(repository, _) => repository.full_name.clone(),
        Named::Missing => match &gathered.names.repository {
            Some(crate::names::RepositoryKey::Name(owner, name)) => format!("{owner}/{name}"),
            Some(crate::names::RepositoryKey::Id(_)) | None => String::new(),
        },
        Named::Absent | Named::Account(_) | Named::Enterprise(_) => gathered
            .owner()
            .map(|owner| owner.login.clone())
            .unwrap_or_default(),
    };
    target.chars().take(TARGET_CHARS_MAX).collect()
}
