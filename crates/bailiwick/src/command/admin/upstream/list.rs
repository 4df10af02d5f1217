//! `admin upstream list`.

use crate::context::Context;
use crate::failure::Failure;
use crate::output::Table;
use clap::Args;

/// List the servers behind the gateway.
#[derive(Args)]
pub struct List {}

impl List {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let all = context.client()?.list("/admin/upstreams", None, usize::MAX)?;
        context.show_list(&all, |all| {
            let columns = [
                ("name", "/name"),
                ("kind", "/kind"),
                ("address", "/address"),
                ("mode", "/mode"),
                ("secrets", "/credential/secrets"),
                ("owners", "/owners_count"),
                ("repositories", "/repositories_count"),
                ("links", "/links_count"),
            ];
            Table::of(all, columns).render()
        })
    }
}
