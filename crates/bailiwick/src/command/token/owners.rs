//! `token owners`.

use super::PATH;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Table;
use clap::Args;

/// List whose resources a token can be for, and why not the others'.
#[derive(Args)]
pub struct Owners {}

impl Owners {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let owners = context
            .client()?
            .list(&format!("{PATH}/owners"), None, usize::MAX)?;
        context.show_list(&owners, |owners| {
            Table::of(
                owners,
                [
                    ("login", "/login"),
                    ("type", "/type"),
                    ("selectable", "/selectable"),
                    ("approval", "/approval_required"),
                    ("days at most", "/lifetime_days_max"),
                    ("repositories", "/repository_selection"),
                    ("why not", "/message"),
                ],
            )
            .render()
        })
    }
}
