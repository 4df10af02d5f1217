//! Tokens of docker's flow: opaque and short-lived. One stands for the credential that asked for it, which is looked up
//! at each use, and is good for less.

use crate::Authority;
use crate::fault::Fault;
use crate::names::{PackageKey, Presented};
use crate::permit::Permit;
use bailiwick_catalogue::{OperationIndex, op};
use bailiwick_decision::Narrowed;
use bailiwick_model::{Digest, RegistryKind, Timestamp};
use bailiwick_wire::oci::{Actions, Scope};
use bailiwick_wire::registry::PackageName;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// How long a token is good for.
pub const REGISTRY_TOKEN_SECONDS: i64 = 300;
/// What tokens are sealed as.
const ABOUT: &str = "registry token";

/// What a narrowed credential is good for: packages by name, and what may be done with each. Empty is nothing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Narrowing(Vec<Scope>);

impl Narrowing {
    /// What is left at a package; nothing where it is not among them.
    pub fn at(&self, package: Option<&str>) -> Narrowed {
        let scope = self.0.iter().find(|scope| Some(scope.name.as_str()) == package);
        let actions = scope.map_or(Actions::NONE, |scope| scope.actions);
        Narrowed {
            read: actions.pull,
            write: actions.push,
            delete: actions.delete,
        }
    }
}

/// A new token.
pub struct RegistryToken {
    /// Its text.
    pub text: Zeroizing<String>,
    /// What it is good for.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub issued_at: Timestamp,
}

/// What is sealed in a token.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inside {
    /// The digest of the credential's secret; none for visitors.
    parent: Option<String>,
    scopes: Vec<String>,
    until: i64,
}

/// The operation by which an action is decided.
const ACTIONS: [(Actions, OperationIndex); 3] = [
    (
        Actions {
            pull: true,
            ..Actions::NONE
        },
        op::OCI_MANIFEST_GET,
    ),
    (
        Actions {
            push: true,
            ..Actions::NONE
        },
        op::OCI_MANIFEST_PUT,
    ),
    (
        Actions {
            delete: true,
            ..Actions::NONE
        },
        op::OCI_MANIFEST_DELETE,
    ),
];

impl Authority {
    /// Makes a token for what the caller may do of what was asked; for nothing of it, where that is nothing. Blocking.
    // SECURITY: narrowed by the decision itself, so that asking tells no more than trying would.
    pub fn registry_token(&self, permit: &Permit, asked: &[Scope]) -> Result<RegistryToken, Fault> {
        let mut scopes = Vec::new();
        for scope in asked {
            let actions = self.granted(permit, scope)?;
            if !actions.is_empty() {
                scopes.push(Scope {
                    name: scope.name.clone(),
                    actions,
                });
            }
        }
        let parent = match permit.gathered().presented {
            Presented::Digest(digest) => Some(digest.base64()),
            Presented::Nothing => None,
            Presented::Garbage => return Err(Fault::not_found()),
        };
        let now = self.now();
        let inside = Inside {
            parent,
            scopes: scopes.iter().map(Scope::to_string).collect(),
            until: now.plus_seconds(REGISTRY_TOKEN_SECONDS).0,
        };
        let plain = serde_json::to_vec(&inside)
            .map(Zeroizing::new)
            .map_err(|error| Fault::internal("registry.token", error.to_string()))?;
        let text = self.seal.close_short(&plain, ABOUT, &*self.random)?;
        Ok(RegistryToken {
            text: Zeroizing::new(text),
            scopes,
            issued_at: now,
        })
    }

    fn granted(&self, permit: &Permit, scope: &Scope) -> Result<Actions, Fault> {
        let mut granted = Actions::NONE;
        for (action, operation) in ACTIONS {
            if scope.actions.and(action).is_empty() {
                continue;
            }
            let key = PackageKey {
                registry: RegistryKind::Oci,
                upstream: None,
                name: PackageName::plain(scope.name.as_str()),
                version: None,
            };
            match self.also_package(permit, operation, key) {
                Ok(_) => granted = granted.or(action),
                // Facts that cannot be loaded are a fault; a refusal narrows.
                Err(mut fault) => {
                    if fault.take_refused().is_none() {
                        return Err(fault);
                    }
                }
            }
        }
        Ok(granted)
    }

    /// What a presented text stands for, if it is a token of docker's flow that is still good: a credential, which is
    /// looked up like any other, and what it was narrowed to.
    pub fn open_registry_token(&self, text: &str) -> Option<(Presented, Narrowing)> {
        let plain = self.seal.open_short(text, ABOUT)?;
        read(&plain, self.now())
    }
}

/// What was sealed, if it is good at this instant.
fn read(plain: &[u8], now: Timestamp) -> Option<(Presented, Narrowing)> {
    let inside: Inside = serde_json::from_slice(plain).ok()?;
    if now >= Timestamp(inside.until) {
        return None;
    }
    let presented = match inside.parent {
        Some(parent) => Presented::Digest(Digest::parse_base64(&parent)?),
        None => Presented::Nothing,
    };
    let scopes = inside
        .scopes
        .iter()
        .map(|text| Scope::parse(text))
        .collect::<Option<Vec<_>>>()?;
    Some((presented, Narrowing(scopes)))
}

#[cfg(test)]
mod tests;
