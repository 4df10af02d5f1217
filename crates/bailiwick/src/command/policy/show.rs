//! `policy show`.

use super::{PATH, table};
use crate::argument::door::Door;
use crate::context::Context;
use crate::failure::Failure;
use clap::Args;

/// Show what is set, and what holds.
#[derive(Args)]
pub struct Show {
    #[command(flatten)]
    door: Door,
}

impl Show {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let answer = context
            .client()?
            .get(&format!("{}{PATH}", self.door.required()?))?;
        context.show(&answer, table)
    }
}
