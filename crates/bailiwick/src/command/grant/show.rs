//! `grant show`.

use super::PATH;
use crate::argument::door::Door;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Table, field};
use clap::Args;

/// Show the access of one token.
#[derive(Args)]
pub struct Show {
    /// The grant's id
    id: u64,
    #[command(flatten)]
    door: Door,
}

impl Show {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let answer = context
            .client()?
            .get(&format!("{}{PATH}/{}", self.door.required()?, self.id))?;
        context.show(&answer, |grant| {
            Table::facts(&[
                ("grant", field::text(grant, "/id")),
                ("owner", field::text(grant, "/owner/login")),
                (
                    "token",
                    format!(
                        "{} {}",
                        field::text(grant, "/token_id"),
                        field::text(grant, "/token_name")
                    ),
                ),
                ("repositories", crate::command::token::repositories(grant)),
                ("permissions", field::permissions(grant, "/permissions")),
                ("granted", field::text(grant, "/access_granted_at")),
                ("expires", field::text(grant, "/token_expires_at")),
                ("last used", field::text(grant, "/token_last_used_at")),
            ])
        })
    }
}
