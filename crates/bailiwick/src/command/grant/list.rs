//! `grant list`.

use super::PATH;
use crate::argument::door::Door;
use crate::client::query;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Table, field};
use clap::Args;

/// List the tokens that have access.
#[derive(Args)]
pub struct List {
    #[command(flatten)]
    door: Door,
    /// Only tokens of this person
    #[arg(long, value_name = "LOGIN")]
    owner: Option<String>,
    /// Only tokens with access to this repository
    #[arg(long, value_name = "NAME")]
    repository: Option<String>,
    /// Only tokens with this permission
    #[arg(long, value_name = "NAME")]
    permission: Option<String>,
}

impl List {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let filter = query(&[
            ("owner[]", self.owner.as_deref()),
            ("repository", self.repository.as_deref()),
            ("permission", self.permission.as_deref()),
        ]);
        let path = format!("{}{PATH}{filter}", self.door.required()?);
        let grants = context.client()?.list(&path, None, usize::MAX)?;
        context.show_list(&grants, |grants| {
            let mut table = Table::new([
                "grant",
                "owner",
                "token",
                "repositories",
                "permissions",
                "granted",
                "expires",
                "last used",
            ]);
            for grant in grants {
                table.row([
                    field::text(grant, "/id"),
                    field::text(grant, "/owner/login"),
                    format!(
                        "{} {}",
                        field::text(grant, "/token_id"),
                        field::text(grant, "/token_name")
                    ),
                    crate::command::token::repositories(grant),
                    field::permissions(grant, "/permissions"),
                    field::text(grant, "/access_granted_at"),
                    field::text(grant, "/token_expires_at"),
                    field::text(grant, "/token_last_used_at"),
                ]);
            }
            table.render()
        })
    }
}
