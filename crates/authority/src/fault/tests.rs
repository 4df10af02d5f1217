//! A fault whose event was left already stands for no refusal any more: the gate would record it again.

use super::{Fault, FaultKind};
use crate::gather::Gathered;
use crate::permit::{Caller, Refused};
use bailiwick_decision::{Deny, Reason, Refusal};
use bailiwick_model::Timestamp;

fn refused(refusal: Refusal) -> Fault {
    let deny = Deny {
        reason: Reason::LevelTooLow,
        missing: None,
        refusal,
    };
    Fault::from(Box::new(Refused {
        deny,
        operation: None,
        gathered: Gathered::default(),
        caller: Caller::default(),
        now: Timestamp(0),
    }))
}

#[test]
fn what_is_recorded_is_no_refusal_to_record() {
    let mut fault = refused(Refusal::Forbidden).recorded();
    assert!(fault.is_recorded() && fault.take_refused().is_none());
    assert_eq!((fault.kind, fault.code), (FaultKind::Forbidden, "level.too_low"));
    // What is not recorded yet keeps it.
    assert!(refused(Refusal::Forbidden).take_refused().is_some());
    // What may not be known of answers as what is not there.
    let mut hidden = refused(Refusal::NotFound).recorded();
    assert!(hidden.is_recorded() && hidden.take_refused().is_none());
    assert_eq!((hidden.kind, hidden.code), (FaultKind::NotFound, "not_found"));
}
