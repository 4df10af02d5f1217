//! `service-account tokens`.

use super::Owner;
use crate::client::segment;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Table;
use clap::Args;

/// List the tokens of a service account.
#[derive(Args)]
pub struct Tokens {
    /// Its login
    login: String,
    #[command(flatten)]
    owner: Owner,
}

impl Tokens {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let path = format!(
            "{}/{}/personal-access-tokens",
            self.owner.path(),
            segment(&self.login)
        );
        let tokens = context.client()?.list(&path, None, usize::MAX)?;
        context.show_list(&tokens, |tokens| {
            let columns = [
                ("id", "/id"),
                ("name", "/name"),
                ("state", "/state"),
                ("expires", "/expires_at"),
                ("last used", "/last_used_at"),
            ];
            Table::of(tokens, columns).render()
        })
    }
}
