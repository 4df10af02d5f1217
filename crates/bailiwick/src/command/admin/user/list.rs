//! `admin user list`.

use crate::context::Context;
use crate::failure::Failure;
use crate::output::Table;
use clap::Args;

/// List people.
#[derive(Args)]
pub struct List {}

impl List {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let users = context.client()?.list("/admin/users", None, usize::MAX)?;
        context.show_list(&users, |users| {
            let columns = [
                ("id", "/id"),
                ("login", "/login"),
                ("name", "/name"),
                ("email", "/email"),
                ("administrator", "/site_admin"),
                ("suspended", "/suspended_at"),
            ];
            Table::of(users, columns).render()
        })
    }
}
