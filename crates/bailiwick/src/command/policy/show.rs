//! `policy show`.

use super::{Whose, table};
use crate::context::Context;
use crate::failure::Failure;
use clap::Args;

/// Show what is set, and what holds.
#[derive(Args)]
pub struct Show {
    #[command(flatten)]
    whose: Whose,
}

impl Show {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let answer = context.client()?.get(&self.whose.path()?)?;
        context.show(&answer, table)
    }
}
