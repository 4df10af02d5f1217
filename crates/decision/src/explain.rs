//! Why: the decision with the fate of every term of every alternative.

use crate::decide::{decide, missing, role_suffices, term_fails};
use crate::facts::{Facts, Known};
use crate::outcome::{Decision, Missing, Reason};
use bailiwick_catalogue::Requirement;

/// What became of one term.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TermTrace {
    /// What the term asks for.
    pub term: Missing,
    /// Whether it counts in this request.
    pub counts: Known,
    /// Why it fails; `None` if it holds.
    pub fails: Option<Reason>,
    /// Whether the person's own role suffices, whatever the credential holds.
    pub role_suffices: bool,
}

/// The decision and its reasons.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Explanation {
    /// What was decided.
    pub decision: Decision,
    /// Every alternative of the requirement with its terms.
    pub alternatives: Vec<Vec<TermTrace>>,
}

/// Decides and explains. What of it may be told to whom is the caller's business.
pub fn explain(facts: &Facts<'_>) -> Explanation {
    let mut alternatives = Vec::new();
    if let Some(operation) = facts.operation
        && let Requirement::AnyOf(sets) = operation.requirement
    {
        for terms in sets {
            alternatives.push(
                terms
                    .iter()
                    .map(|term| TermTrace {
                        term: missing(term),
                        counts: facts.conditions.known(term.when, &facts.targets),
                        fails: term_fails(facts, operation, term),
                        role_suffices: role_suffices(facts, term),
                    })
                    .collect(),
            );
        }
    }
    Explanation {
        decision: decide(facts),
        alternatives,
    }
}
