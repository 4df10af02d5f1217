//! Stage 1: whether the credential is good at all, before anything else is looked at.

use crate::facts::{CredentialFacts, Facts};
use crate::outcome::Reason;

/// Why the credential is not good now. A credential that is presented must be good, whatever it is for.
pub(crate) fn not_live(facts: &Facts<'_>) -> Option<Reason> {
    let principal = match facts.credential {
        CredentialFacts::Anonymous => return None,
        CredentialFacts::Unknown => return Some(Reason::CredentialUnknown),
        CredentialFacts::Token(token, principal) => {
            if token.revoked {
                return Some(Reason::TokenRevoked);
            }
            if token.expires_at.is_some_and(|end| facts.now >= end) {
                return Some(Reason::TokenExpired);
            }
            // SECURITY: facts of somebody else are a fault of the gathering; never act on them.
            if principal.id != Some(token.owner) {
                return Some(Reason::PrincipalInactive);
            }
            principal
        }
        CredentialFacts::Session(session, principal) => {
            if session.revoked || facts.now >= session.expires_at || principal.id != Some(session.owner) {
                return Some(Reason::SessionEnded);
            }
            // SECURITY: minting, approving and policy ask for a person's session; nobody else can have one.
            if !principal.person {
                return Some(Reason::SessionEnded);
            }
            principal
        }
    };
    if principal.active {
        None
    } else {
        Some(Reason::PrincipalInactive)
    }
}
