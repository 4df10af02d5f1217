//! Explain: would this token, or a grant not yet made, be allowed this request: by which stage not, what is
//! missing. Told to the holder and to the resource's owners only, and never more than they may know.

use crate::fault::{Fault, FaultKind};
use crate::gather::{Credential, Gathered, Named, Noted, TokenRecord};
use crate::permit::{Permit, Refused};
use crate::token::GrantInput;
use crate::{Authority, Description, Names, levels};
use bailiwick_catalogue::{Operation, Role, Target};
use bailiwick_decision::effective::repository_role;
use bailiwick_decision::{Allow, Basis, Decision, Explanation, Known, Package, Refusal};
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::{
    Grant, GrantId, OrganizationRole, OwnerFacts, OwnerKind, PrincipalFacts, RegistryKind, RepositoryRole,
    Timestamp, TokenFacts, TokenId, Visibility,
};
use std::sync::Arc;

mod further;

/// What is asked.
#[derive(Clone, Debug)]
pub struct ExplainInput {
    /// The operation that the request would be; `None` is one that the catalogue does not know.
    pub operation: Option<&'static Operation>,
    /// What it would name.
    pub names: Arc<Names>,
    /// Which token; `None` is the one that the question is asked with.
    pub token: Option<TokenId>,
    /// A grant that the token does not have yet.
    pub grant: Option<GrantInput>,
    /// The package that the path of GitHub's Packages API names.
    pub listed: Option<ListedPackage>,
}

/// A package as GitHub's Packages API names it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListedPackage {
    /// What its registry speaks; `None` for a word that is no registry's here.
    pub kind: Option<RegistryKind>,
    /// The name.
    pub name: String,
}

/// One term's fate, in words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TermAnswer {
    /// The name of what it is about.
    pub target: Option<String>,
    /// The permission's slug.
    pub permission: &'static str,
    /// The level's word.
    pub level: &'static str,
    /// The least role, in words.
    pub role: String,
    /// Whether the person has that role, whatever the token holds.
    pub role_holds: bool,
    /// Whether it holds, or does not count.
    pub holds: bool,
    /// Why not.
    pub reason: Option<&'static str>,
}

/// The answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Explained {
    /// Whether the request would be allowed.
    pub allowed: bool,
    /// Whether that rests on files that only the push itself shows.
    pub provisional: bool,
    /// On what an allowance rests.
    pub basis: Option<Basis>,
    /// In words, as far as the asker may know.
    pub description: Description,
    /// Every alternative with its terms; empty where the answer is hidden.
    pub alternatives: Vec<Vec<TermAnswer>>,
}

impl Authority {
    /// Explains one request.
    pub fn explain(&self, permit: &Permit, input: &ExplainInput) -> Result<Explained, Fault> {
        let asker = permit.gathered().principal().ok_or_else(Fault::not_found)?;
        let mut gathered = self.gather(&permit.gathered().presented, input.operation, &input.names)?;
        if let Some(id) = input.token {
            gathered.credential = self.token_credential(id)?.ok_or_else(|| not_yours(id))?;
            gathered.set(Target::Own, Named::Absent);
            self.set_own(&mut gathered)?;
        }
        let holder = gathered.principal().and_then(|principal| principal.id);
        if holder != asker.id && !(owns_resource(asker, &gathered) && concerns(&gathered)) {
            // Somebody else's token at somebody else's place: as if there were no such token.
            return Err(input.token.map_or_else(Fault::not_found, not_yours));
        }
        if let Some(grant) = &input.grant {
            self.suppose(&mut gathered, asker, grant, permit.now())?;
        }
        let facts = gathered.facts(input.operation, permit.now());
        let explanation = bailiwick_decision::explain(&facts);
        if let (true, Some(operation)) = (explanation.decision.is_allowed(), input.operation)
            && let Some(further) = self.further((permit, asker), input, operation, &gathered, &explanation)?
        {
            return Ok(further);
        }
        let hidden = !may_be_told(asker, &gathered);
        Ok(self.answer(explanation, gathered, input.operation, permit, hidden))
    }

    fn answer(
        &self,
        explanation: Explanation,
        gathered: Gathered,
        operation: Option<&'static Operation>,
        permit: &Permit,
        hidden: bool,
    ) -> Explained {
        let deny = match explanation.decision {
            Decision::Allow(allow) => {
                return allowed(&allow, alternatives(&explanation, &gathered));
            }
            Decision::Deny(deny) => deny,
        };
        let mut told = deny;
        if !hidden && told.refusal == Refusal::NotFound {
            told.refusal = Refusal::Forbidden;
        }
        let alternatives = if hidden {
            Vec::new()
        } else {
            alternatives(&explanation, &gathered)
        };
        let refused = Refused {
            deny: told,
            operation,
            gathered,
            caller: permit.caller().clone(),
            now: permit.now(),
        };
        let description = crate::describe(&refused, self.base_url());
        Explained {
            allowed: false,
            provisional: false,
            basis: None,
            description,
            alternatives,
        }
    }

    /// The credential that a token would be.
    fn token_credential(&self, id: TokenId) -> Result<Option<Credential>, Fault> {
        self.store.read(|tx| {
            let Some(row) = bailiwick_store::token::by_id(tx, id)?.filter(|row| row.deleted_at.is_none())
            else {
                return Ok(None);
            };
            let holder = row.owner_id;
            let record = crate::records::token_record(bailiwick_store::facts::with_grants(tx, row)?);
            let Some(principal) = crate::records::principal(tx, holder)? else {
                return Ok(None);
            };
            Ok(Some(Credential::Token(Arc::new(record), Arc::new(principal))))
        })
    }

    /// Makes the principal's own account the target that it is.
    fn set_own(&self, gathered: &mut Gathered) -> Result<(), Fault> {
        let Some(id) = gathered.principal().and_then(|principal| principal.id) else {
            return Ok(());
        };
        if let Some(owner) = self.store.read(|tx| crate::records::owner(tx, id))? {
            gathered.set(Target::Own, Named::Account(Arc::new(owner)));
        }
        Ok(())
    }

    /// Adds a grant that is only supposed, approved as asked.
    fn suppose(
        &self,
        gathered: &mut Gathered,
        asker: &PrincipalFacts,
        input: &GrantInput,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let target = self
            .store
            .read(|tx| crate::token::target::resolve(tx, asker, input, 0))?;
        let supposed = Grant {
            id: GrantId(0),
            owner: target.owner,
            levels: target.levels,
            selection: target.selection,
            active: true,
        };
        let principal = gathered
            .principal_record()
            .cloned()
            .ok_or_else(Fault::not_found)?;
        let mut record = match &gathered.credential {
            Credential::Token(token, _) => TokenRecord {
                facts: token.facts.clone(),
                digest: token.digest,
                stored_scopes: token.stored_scopes,
                row: token.row.clone(),
                noted: Noted::default(),
            },
            _ => empty_token(&principal.facts, now)?,
        };
        record.facts.grants.retain(|grant| grant.owner != supposed.owner);
        record.facts.grants.push(supposed);
        record.facts.grants.sort_by_key(|grant| grant.owner);
        record.facts.several_owners = record.facts.grants.iter().filter(|grant| grant.active).count() > 1;
        gathered.credential = Credential::Token(Arc::new(record), principal);
        Ok(())
    }
}

/// The same for a token that does not exist.
fn not_yours(id: TokenId) -> Fault {
    Fault::new(
        FaultKind::NotFound,
        "token.not_yours",
        format!(
            "token {id} is not yours, and has no grant at anything that the request names and you own",
            id = id.0
        ),
    )
}

/// A fine-grained token without grants and with the default life, for a supposition of somebody in a session.
fn empty_token(principal: &PrincipalFacts, now: Timestamp) -> Result<TokenRecord, Fault> {
    let owner = principal.id.ok_or_else(Fault::not_found)?;
    let digest = bailiwick_model::Digest::of(b"");
    let row = bailiwick_store::TokenRow::new(
        bailiwick_model::TokenKind::FineGrained,
        owner,
        "supposed",
        digest,
        now,
    );
    Ok(TokenRecord {
        facts: TokenFacts {
            id: TokenId(0),
            kind: bailiwick_model::TokenKind::FineGrained,
            owner,
            created_at: now,
            expires_at: Some(now.plus_days(bailiwick_model::limit::TOKEN_LIFETIME_DAYS_DEFAULT)),
            revoked: false,
            several_owners: false,
            scopes: bailiwick_model::ScopeSet::EMPTY,
            grants: Vec::new(),
        },
        digest,
        stored_scopes: bailiwick_model::ScopeSet::EMPTY,
        row: Box::new(row),
        noted: Noted::default(),
    })
}

fn allowed(allow: &Allow, alternatives: Vec<Vec<TermAnswer>>) -> Explained {
    Explained {
        allowed: true,
        provisional: allow.provisional,
        basis: Some(allow.basis),
        description: Description {
            message: String::from("allowed"),
            reason: None,
            stage: None,
            missing: None,
            help: None,
        },
        alternatives,
    }
}

/// Whether a person owns what the request names, so that it may ask about others' tokens there.
fn owns_resource(asker: &PrincipalFacts, gathered: &Gathered) -> bool {
    let owner = |facts: &OwnerFacts| {
        bailiwick_decision::effective::organization_role(asker, facts) == OrganizationRole::Owner
    };
    let mut any = false;
    for named in gathered.named.iter().take(Target::Own as usize) {
        match named {
            Named::Absent => {}
            Named::Missing | Named::Enterprise(_) => return false,
            Named::Repository(_, facts) | Named::Account(facts) => {
                if !owner(&facts.facts) {
                    return false;
                }
                any = true;
            }
        }
    }
    any
}

/// Whether somebody else's token has anything to do with the organizations that the request names: a grant or a
/// request there, or a holder who belongs there. A user's own place concerns nobody else's tokens.
fn concerns(gathered: &Gathered) -> bool {
    let (Some(token), Some(holder)) = (gathered.token(), gathered.principal()) else {
        return false;
    };
    gathered
        .named
        .iter()
        .take(Target::Own as usize)
        .all(|named| match named {
            Named::Absent => true,
            Named::Missing | Named::Enterprise(_) => false,
            Named::Repository(_, owner) | Named::Account(owner) => {
                let owner = &owner.facts;
                let asked = ResourceOwner::Account(owner.id);
                owner.kind == OwnerKind::Organization
                    && (token.facts.grants.iter().any(|grant| grant.owner == asked)
                        || holder.organization(owner.id) != OrganizationRole::None)
            }
        })
}

/// Whether the asker may know every thing that the request names, by its own role.
fn may_be_told(asker: &PrincipalFacts, gathered: &Gathered) -> bool {
    // SECURITY: as the decision has it: whoever could tell an owner's package from one of a hidden repository would learn
    // which repositories there are.
    if gathered.names.package.is_some()
        && !matches!(gathered.named(Target::Repository), Named::Repository(..))
    {
        return match gathered.named(Target::Organization) {
            Named::Account(owner) => {
                let role = bailiwick_decision::effective::organization_role(asker, &owner.facts);
                gathered.conditions.package == Package::Public || role == OrganizationRole::Owner
            }
            _ => false,
        };
    }
    gathered.named.iter().all(|named| match named {
        Named::Absent | Named::Account(_) => true,
        Named::Missing => false,
        Named::Repository(repository, owner) => {
            repository.facts.visibility == Visibility::Public
                || repository_role(asker, &repository.facts, &owner.facts) >= RepositoryRole::Read
        }
        Named::Enterprise(enterprise) => {
            asker.enterprise(enterprise.facts.id) != bailiwick_model::EnterpriseRole::None
        }
    })
}

fn alternatives(explanation: &Explanation, gathered: &Gathered) -> Vec<Vec<TermAnswer>> {
    explanation
        .alternatives
        .iter()
        .map(|terms| {
            terms
                .iter()
                .filter(|trace| trace.counts != Known::No)
                .map(|trace| TermAnswer {
                    target: crate::describe::target_name(gathered, trace.term.target),
                    permission: levels::slug(trace.term.permission),
                    level: trace.term.level.word(),
                    role: match trace.term.role {
                        Role::Anyone => String::from("any role"),
                        role => crate::describe::role_words(role),
                    },
                    role_holds: trace.role_suffices,
                    holds: trace.fails.is_none(),
                    reason: trace.fails.map(|reason| reason.code()),
                })
                .collect()
        })
        .collect()
}
