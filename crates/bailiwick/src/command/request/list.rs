//! `request list`.

use super::{DECIDED, OWN};
use crate::argument::door::Door;
use crate::client::query;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Table, field};
use clap::Args;

/// List your own requests, or those that an organization or enterprise decides.
#[derive(Args)]
pub struct List {
    #[command(flatten)]
    door: Door,
    /// Only requests of this person; only with --org or --enterprise
    #[arg(long, value_name = "LOGIN")]
    owner: Option<String>,
    /// Only requests for this repository; only with --org or --enterprise
    #[arg(long, value_name = "NAME")]
    repository: Option<String>,
    /// Only requests for this permission; only with --org or --enterprise
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
        let path = match self.door.path() {
            Some(door) => format!("{door}{DECIDED}{filter}"),
            None if filter.is_empty() => OWN.to_owned(),
            None => return Err(Failure::Usage("filters need --org or --enterprise".into())),
        };
        let requests = context.client()?.list(&path, None, usize::MAX)?;
        context.show_list(&requests, |requests| {
            let mut table = Table::new([
                "id",
                "state",
                "from",
                "token",
                "repositories",
                "permissions",
                "created",
                "reason",
            ]);
            for request in requests {
                table.row([
                    field::text(request, "/id"),
                    // GitHub's list holds pending ones only, and so names no state.
                    match field::text(request, "/state").as_str() {
                        field::NOTHING => String::from("pending"),
                        state => state.to_owned(),
                    },
                    field::text(request, "/owner/login"),
                    field::text(request, "/token_name"),
                    crate::command::token::repositories(request),
                    field::permissions(request, "/permissions"),
                    field::text(request, "/created_at"),
                    field::text(request, "/reason"),
                ]);
            }
            table.render()
        })
    }
}
