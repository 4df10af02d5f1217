//! The floor: one hash look-up by token and repository, and one bit. It knows no expiry, policy, role or reason.

use crate::world::{Asking, PERMISSIONS, World};
use std::collections::HashMap;

/// The permissions of each token at each repository as bits.
pub struct Floor(HashMap<(usize, usize), u64>);

impl Floor {
    /// The same grants.
    pub fn new(world: &World) -> Floor {
        let bits = (1_u64 << PERMISSIONS) - 1;
        let pairs = (0..world.tokens).flat_map(|token| world.selected(token).map(move |id| (token, id)));
        Floor(pairs.map(|pair| (pair, bits)).collect())
    }

    /// The same question.
    pub fn ask(&self, asking: &Asking) -> bool {
        self.0
            .get(&(asking.token, asking.repository))
            .is_some_and(|bits| bits >> asking.permission & 1 == 1)
    }
}
