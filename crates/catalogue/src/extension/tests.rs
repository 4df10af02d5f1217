//! What happens when a process has met all the operations that it can hold. Alone in this binary: the table is shared.

use super::{EXTENSION_OPERATIONS_MAX, Extension};
use crate::operation::OperationIndex;
use crate::table::operation;

#[test]
fn a_full_table_refuses_and_keeps_what_it_holds() -> Result<(), crate::FileFaults> {
    let text = |round: usize| -> String {
        (0..EXTENSION_OPERATIONS_MAX)
            .map(|at| format!("r{round}/n{at} GET /{round}/{at}\n  needs live\n  why x\n"))
            .collect()
    };
    let first = Extension::read("full", "f", &text(0))?;
    let refused = (1..40).find_map(|round| Extension::read("full", "f", &text(round)).err());
    let refused = refused.map(|faults| faults.to_string()).unwrap_or_default();
    assert!(refused.contains("restart it to load more"), "{refused}");
    // What is known is still loaded, and leads where it led.
    let again = Extension::read("full", "f", &text(0))?;
    for (one, other) in first.operations().iter().zip(again.operations()) {
        assert_eq!(one.index, other.index);
        assert_eq!(operation(one.index).map(|found| found.id), Some(one.id));
    }
    assert!(operation(OperationIndex(u16::MAX)).is_none());
    Ok(())
}
