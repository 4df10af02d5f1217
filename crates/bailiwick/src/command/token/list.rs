//! `token list`.

use super::PATH;
use crate::client::query;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Table, field};
use clap::Args;

/// List your tokens.
#[derive(Args)]
pub struct List {
    /// Only this kind
    #[arg(long, value_parser = ["fine_grained", "classic"])]
    kind: Option<String>,
}

impl List {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let path = format!("{PATH}{}", query(&[("kind", self.kind.as_deref())]));
        let tokens = context.client()?.list(&path, None, usize::MAX)?;
        context.show_list(&tokens, |tokens| {
            let mut table = Table::new(["id", "name", "kind", "state", "expires", "last used", "owners"]);
            for token in tokens {
                let owners: Vec<String> = field::list(token, "/grants")
                    .iter()
                    .map(|grant| field::text(grant, "/owner/login"))
                    .collect();
                table.row([
                    field::text(token, "/id"),
                    field::text(token, "/name"),
                    field::text(token, "/kind"),
                    field::text(token, "/state"),
                    field::text(token, "/expires_at"),
                    field::text(token, "/last_used_at"),
                    if owners.is_empty() {
                        field::NOTHING.into()
                    } else {
                        owners.join(", ")
                    },
                ]);
            }
            table.render()
        })
    }
}
