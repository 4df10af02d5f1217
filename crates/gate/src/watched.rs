//! A request that is being served, until its record: also where its client leaves, which ends its task without a word.

use bailiwick_authority::{Authority, Witness};

/// What is recorded when it is dropped before its end was seen.
pub(crate) struct Watched<'a> {
    authority: &'a Authority,
    /// What is recorded of it.
    pub(crate) witness: Witness,
    served: bool,
}

impl Watched<'_> {
    pub(crate) fn new(authority: &Authority, witness: Witness) -> Watched<'_> {
        Watched {
            authority,
            witness,
            served: false,
        }
    }

    /// There is an answer: its record is whoever has it to make.
    pub(crate) fn served(&mut self) {
        self.served = true;
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        if !self.served {
            self.authority.record_abandoned(&mut self.witness);
        }
    }
}
