//! `role list`.

use super::PATH;
use crate::argument::door::Door;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Table;
use clap::Args;

/// List who approves or audits tokens.
#[derive(Args)]
pub struct List {
    #[command(flatten)]
    door: Door,
}

impl List {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let answer = context
            .client()?
            .get(&format!("{}{PATH}", self.door.required()?))?;
        context.show(&answer, |roles| {
            let roles = roles.as_array().map_or(&[][..], Vec::as_slice);
            Table::of(roles, [("login", "/login"), ("role", "/role")]).render()
        })
    }
}
