//! A permit: proof, as a value that only the decision can make, that this request was allowed.

use crate::fault::Fault;
use crate::gather::Gathered;
use bailiwick_catalogue::{Operation, Target};
use bailiwick_decision::{Allow, Basis, Conditions, CredentialFacts, Decision, Deny, Facts, Filter, Known};
use bailiwick_model::{AccountId, Level, PermissionId, SessionFacts, Timestamp};
use bailiwick_store::{AccountRow, RepositoryRow};
use smol_str::SmolStr;
use std::sync::Arc;

/// What is known of the request itself, for the record.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    /// The request's id, shown in `X-GitHub-Request-Id`.
    pub request_id: SmolStr,
    /// The peer's address.
    pub address: Option<std::net::IpAddr>,
    /// The user agent, shortened.
    pub user_agent: Option<Arc<str>>,
    /// The other proxy on whose behalf it is decided; `None` for a request that came here itself.
    pub asked_by: Option<Arc<crate::authorize::AskedBy>>,
}

/// Leave to do one operation on what was gathered, at one instant.
#[derive(Debug)]
pub struct Permit {
    // SECURITY: private, and built only in `decide` below: code that holds a permit was allowed.
    operation: &'static Operation,
    gathered: Arc<Gathered>,
    allow: Allow,
    caller: Caller,
    now: Timestamp,
}

/// A refusal with what is needed to record and explain it.
#[derive(Debug)]
pub struct Refused {
    /// The denial.
    pub deny: Deny,
    /// The operation, if it is known.
    pub operation: Option<&'static Operation>,
    /// What had been gathered.
    pub gathered: Gathered,
    /// The request.
    pub caller: Caller,
    /// When it was decided.
    pub now: Timestamp,
}

/// Decides, and makes the permit. The only place where a permit comes into being.
pub fn decide(
    operation: Option<&'static Operation>,
    gathered: Gathered,
    caller: Caller,
    now: Timestamp,
) -> Result<Permit, Box<Refused>> {
    let decision = bailiwick_decision::decide(&gathered.facts(operation, now));
    match (decision, operation) {
        (Decision::Allow(allow), Some(operation)) => Ok(Permit {
            operation,
            gathered: Arc::new(gathered),
            allow,
            caller,
            now,
        }),
        (Decision::Allow(_), None) => {
            // Cannot happen: an unknown operation is never allowed. Refuse all the same.
            let deny = Deny {
                reason: bailiwick_decision::Reason::OperationUnmapped,
                missing: None,
                refusal: bailiwick_decision::Refusal::NotFound,
            };
            Err(Box::new(Refused {
                deny,
                operation,
                gathered,
                caller,
                now,
            }))
        }
        (Decision::Deny(deny), operation) => Err(Box::new(Refused {
            deny,
            operation,
            gathered,
            caller,
            now,
        })),
    }
}

impl Permit {
    /// The operation that was allowed.
    pub fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// What the decision rested on.
    pub fn gathered(&self) -> &Gathered {
        &self.gathered
    }

    /// The same, for whoever outlives the permit.
    pub fn gathered_shared(&self) -> Arc<Gathered> {
        self.gathered.clone()
    }

    /// On what the allowance rests.
    pub fn basis(&self) -> Basis {
        self.allow.basis
    }

    /// The terms that the allowance rests on, by the caller's own credential: what an upstream is asked with need not
    /// reach further. `None` where only visitors' rights allow it.
    pub fn used(&self) -> Option<Vec<bailiwick_catalogue::Term>> {
        bailiwick_decision::used(&self.facts())
    }

    /// Whether a condition is still open and must be confirmed before anything acts.
    pub fn is_provisional(&self) -> bool {
        self.allow.provisional
    }

    /// The request.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The instant of the decision.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Who acts; `None` for an anonymous visitor.
    pub fn actor(&self) -> Option<AccountId> {
        self.gathered.principal().and_then(|principal| principal.id)
    }

    /// Who acts, where the operation needs somebody.
    pub fn person(&self) -> Result<AccountId, Fault> {
        self.actor().ok_or_else(|| {
            Fault::new(
                crate::FaultKind::Unauthorized,
                "credential.required",
                "Requires authentication",
            )
        })
    }

    /// The repository that the path names.
    pub fn repository(&self) -> Result<&RepositoryRow, Fault> {
        self.gathered.repository().ok_or_else(Fault::not_found)
    }

    /// The account that owns what the path names.
    pub fn owner(&self) -> Result<&AccountRow, Fault> {
        self.gathered.owner().ok_or_else(Fault::not_found)
    }

    /// The facts of the decision, to ask again or to explain.
    pub fn facts(&self) -> Facts<'_> {
        self.gathered.facts(Some(self.operation), self.now)
    }

    /// The filter that a list of repository things must apply.
    pub fn filter(&self, permission: PermissionId, level: Level) -> Filter<'_> {
        Filter::new(&self.facts(), permission, level)
    }

    /// What plays a part in the request.
    pub fn target(&self, target: Target) -> bailiwick_decision::TargetFacts<'_> {
        self.facts().targets.get(target)
    }

    /// Asks for another operation on the same facts: for a page that shows two things, or a button only where it
    /// would work.
    pub fn also(&self, operation: bailiwick_catalogue::OperationIndex) -> Result<Permit, Box<Refused>> {
        decide(
            bailiwick_catalogue::operation(operation),
            Gathered::clone(&self.gathered),
            self.caller.clone(),
            self.now,
        )
    }

    /// Whether another operation would be allowed on the same facts, once the session is in sudo mode: for a page
    /// that shows a button which asks for the password when it is pressed. It makes no permit.
    pub fn offers(&self, operation: bailiwick_catalogue::OperationIndex) -> bool {
        let mut facts = self
            .gathered
            .facts(bailiwick_catalogue::operation(operation), self.now);
        let confirmed;
        if let CredentialFacts::Session(session, principal) = facts.credential {
            confirmed = SessionFacts {
                sudo_until: self.now.plus_seconds(1),
                ..session.clone()
            };
            facts.credential = CredentialFacts::Session(&confirmed, principal);
        }
        matches!(bailiwick_decision::decide(&facts), Decision::Allow(_))
    }

    /// Decides again now that the open condition is known, on facts gathered anew.
    pub fn confirm(self, gathered: Gathered, workflow: bool, now: Timestamp) -> Result<Permit, Box<Refused>> {
        let conditions = Conditions {
            workflow: if workflow { Known::Yes } else { Known::No },
            ..self.gathered.conditions
        };
        decide(
            Some(self.operation),
            Gathered {
                conditions,
                ..gathered
            },
            self.caller,
            now,
        )
    }
}
