//! `service-account list`.

use super::Owner;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Table;
use clap::Args;

/// List an organization's service accounts.
#[derive(Args)]
pub struct List {
    #[command(flatten)]
    owner: Owner,
}

impl List {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let accounts = context.client()?.list(&self.owner.path(), None, usize::MAX)?;
        context.show_list(&accounts, |accounts| {
            let columns = [
                ("id", "/id"),
                ("login", "/login"),
                ("description", "/description"),
                ("suspended", "/suspended_at"),
            ];
            Table::of(accounts, columns).render()
        })
    }
}
