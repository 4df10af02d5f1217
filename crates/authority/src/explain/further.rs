//! What is decided besides the operation itself, so that an explanation says what the request would be answered: what the
//! Packages API would ask of a package's registry, and what is received before it is known what it is about.

use super::{
    ExplainInput, Explained, ListedPackage, TermAnswer, allowed, alternatives, may_be_told, owns_resource,
};
use crate::fault::{Fault, FaultKind};
use crate::gather::Gathered;
use crate::package::touch::Touch;
use crate::package::view::{PackageView, deleted, named};
use crate::package::{only, owner_of};
use crate::permit::Permit;
use crate::registry::receive::{could_be_none, is_read_first};
use crate::{Authority, Description};
use bailiwick_catalogue::Operation;
use bailiwick_decision::{Allow, Decision, Explanation};
use bailiwick_model::PrincipalFacts;

impl Authority {
    /// The explanation where a second decision makes it; `None` where the first one, which allowed, is all.
    pub(super) fn further(
        &self,
        (permit, asker): (&Permit, &PrincipalFacts),
        input: &ExplainInput,
        operation: &'static Operation,
        gathered: &Gathered,
        first: &Explanation,
    ) -> Result<Option<Explained>, Fault> {
        let Decision::Allow(allow) = first.decision else {
            return Ok(None);
        };
        if is_read_first(operation) {
            return Ok(Some(self.received(permit, operation, gathered, first, allow)));
        }
        match (Touch::of(operation), &input.listed) {
            (Some(touch), Some(listed)) => self
                .touched((permit, asker), touch, listed, (gathered, first))
                .map(Some),
            (None, _) | (_, None) => Ok(None),
        }
    }

    /// Whoever could publish nothing is refused before anything is received; for everybody else the body decides.
    fn received(
        &self,
        permit: &Permit,
        operation: &'static Operation,
        gathered: &Gathered,
        first: &Explanation,
        allow: Allow,
    ) -> Explained {
        match could_be_none(operation, gathered, permit.now()) {
            Some((operation, deny)) => {
                let denied = Explanation {
                    decision: Decision::Deny(deny),
                    alternatives: Vec::new(),
                };
                self.answer(denied, gathered.clone(), Some(operation), permit, false)
            }
            None => Explained {
                provisional: true,
                ..allowed(&allow, alternatives(first, gathered))
            },
        }
    }

    /// What the registry of a listed package would be asked is decided for the same credential.
    fn touched(
        &self,
        (permit, asker): (&Permit, &PrincipalFacts),
        touch: Touch,
        listed: &ListedPackage,
        (gathered, first): (&Gathered, &Explanation),
    ) -> Result<Explained, Fault> {
        let Some(view) = self.listed(touch, listed, gathered)? else {
            return Ok(nothing());
        };
        let operation = bailiwick_catalogue::operation(touch.at(view.row.kind));
        let names = only(view.key(None), None);
        let mut second = self.gather(&permit.gathered().presented, operation, &names)?;
        second.credential = gathered.credential.clone();
        let own = gathered.principal().and_then(|principal| principal.id) == asker.id;
        // SECURITY: what may not be known is as if it were not there, as in the answer to the request.
        let hidden = !may_be_told(asker, &second) || !(own || owns_resource(asker, &second));
        let explanation = bailiwick_decision::explain(&second.facts(operation, permit.now()));
        match explanation.decision {
            Decision::Allow(allow) => {
                let both = both(
                    &alternatives(first, gathered),
                    &alternatives(&explanation, &second),
                );
                Ok(allowed(&allow, both))
            }
            Decision::Deny(_) if hidden => Ok(nothing()),
            Decision::Deny(_) => Ok(self.answer(explanation, second, operation, permit, false)),
        }
    }

    fn listed(
        &self,
        touch: Touch,
        listed: &ListedPackage,
        gathered: &Gathered,
    ) -> Result<Option<PackageView>, Fault> {
        let Some(kind) = listed.kind else {
            return Ok(None);
        };
        let owner = owner_of(gathered)?;
        let find = if touch.of_deleted() { deleted } else { named };
        match self.store.read(|tx| find(tx, owner.id, kind, &listed.name)) {
            Ok(view) => Ok(Some(view)),
            Err(fault) if fault.kind == FaultKind::NotFound => Ok(None),
            Err(fault) => Err(fault),
        }
    }
}

/// There is no such package, or none that may be known.
fn nothing() -> Explained {
    Explained {
        allowed: false,
        provisional: false,
        basis: None,
        description: Description {
            message: String::from("Not Found"),
            reason: None,
            stage: None,
            missing: None,
            help: None,
        },
        alternatives: Vec::new(),
    }
}

/// Every way to fulfil both.
fn both(first: &[Vec<TermAnswer>], second: &[Vec<TermAnswer>]) -> Vec<Vec<TermAnswer>> {
    let joined = |one: &Vec<TermAnswer>, other: &Vec<TermAnswer>| one.iter().chain(other).cloned().collect();
    first
        .iter()
        .flat_map(|one| second.iter().map(move |other| joined(one, other)))
        .collect()
}
