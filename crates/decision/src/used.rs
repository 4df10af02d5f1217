//! Which terms an allowance rests on: what is asked in the caller's name elsewhere need not reach further.

use crate::decide::{all_of, by_credential};
use crate::facts::{Facts, Known};
use crate::live::not_live;
use bailiwick_catalogue::{Requirement, Term};

/// The terms that count of the first alternative which the credential holds by itself, whatever visitors may do.
/// `None`: it holds none, and is nobody here but a visitor. Terms whose condition is still open count.
pub fn used(facts: &Facts<'_>) -> Option<Vec<Term>> {
    let operation = facts.operation?;
    if not_live(facts).is_some() || by_credential(facts, operation).is_err() {
        return None;
    }
    let alternatives = match operation.requirement {
        Requirement::Live => return Some(Vec::new()),
        Requirement::Closed => return None,
        Requirement::AnyOf(alternatives) => alternatives,
    };
    // As in the decision: an alternative that holds without conditions goes before one that waits for the object.
    let holds = |open: bool| {
        let mut all = alternatives.iter();
        all.find(|terms| all_of(facts, operation, terms) == Ok(open))
    };
    let terms = holds(false).or_else(|| holds(true))?;
    let counts = |term: &&Term| facts.conditions.known(term.when, &facts.targets) != Known::No;
    Some(terms.iter().filter(counts).copied().collect())
}
