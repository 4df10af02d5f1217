//! Whether a credential could be allowed an operation anywhere: asked before something is received that only then says
//! what it is about.

use crate::facts::{CredentialFacts, Facts};
use crate::grant::reaches_level;
use crate::outcome::{Deny, Reason, Refusal};
use bailiwick_catalogue::{Operation, Requirement, Term, When};
use bailiwick_model::{TokenFacts, TokenKind};

/// Whether there could be a target at which the operation of these facts is allowed to the credential by more than what
/// visitors may do. Policies, selections and roles are the target's, and are asked when it is known.
// INVARIANT: whatever `decide` allows by a credential's own rights passes here. Nothing is allowed by passing.
pub fn could(facts: &Facts<'_>) -> Result<(), Deny> {
    let Some(operation) = facts.operation else {
        return Err(denied(Reason::OperationUnmapped));
    };
    let open = operation.kinds;
    match (facts.credential, operation.requirement) {
        (CredentialFacts::Anonymous | CredentialFacts::Unknown, _) => Err(Deny {
            refusal: Refusal::Unauthorized,
            ..denied(Reason::CredentialRequired)
        }),
        (_, Requirement::Closed) => Err(denied(Reason::OperationClosed)),
        (CredentialFacts::Session(..), _) if open.session => Ok(()),
        (CredentialFacts::Token(token, _), requirement) => match (token.kind, requirement) {
            (TokenKind::FineGrained, Requirement::Live) if open.fine_grained => Ok(()),
            (TokenKind::FineGrained, Requirement::AnyOf(sets)) if open.fine_grained => granted(token, sets),
            (TokenKind::Classic, _) if open.classic => scoped(token, operation),
            (TokenKind::FineGrained | TokenKind::Classic | TokenKind::Session, _) => {
                Err(denied(Reason::KindNotAccepted))
            }
        },
        (CredentialFacts::Session(..), _) => Err(denied(Reason::KindNotAccepted)),
    }
}

/// It is about the caller's own credential alone, so its holder may know.
const fn denied(reason: Reason) -> Deny {
    Deny {
        reason,
        missing: None,
        refusal: Refusal::Forbidden,
    }
}

/// Some alternative of which every term that always counts is held in some active grant.
fn granted(token: &TokenFacts, sets: &[&[Term]]) -> Result<(), Deny> {
    let held = |term: &&Term| {
        let mut grants = token.grants.iter().filter(|grant| grant.active);
        grants.any(|grant| reaches_level(&grant.levels, term.permission, term.level))
    };
    let mut lacking = None;
    for terms in sets {
        let mut counted = terms.iter().filter(|term| term.when == When::Always);
        match counted.find(|term| !held(term)) {
            None => return Ok(()),
            Some(term) => lacking = lacking.or(Some(term)),
        }
    }
    // Who waits for approval everywhere lacks that, whatever was asked for.
    let reason = if token.waits_everywhere() {
        Reason::GrantInactive
    } else {
        Reason::LevelTooLow
    };
    Err(Deny {
        missing: lacking.map(crate::decide::missing),
        ..denied(reason)
    })
}

fn scoped(token: &TokenFacts, operation: &Operation) -> Result<(), Deny> {
    let mut alternatives = operation.scopes.iter();
    // A condition of an alternative is the target's.
    if alternatives.any(|alternative| token.scopes.contains_all(alternative.set)) {
        return Ok(());
    }
    Err(denied(Reason::ScopeMissing))
}
