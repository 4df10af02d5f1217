//! `token planted`.

use crate::argument::door::Door;
use crate::client::query;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Table;
use clap::Args;
use http::Method;
use serde_json::Value;

/// List what tokens planted, or end one of it.
#[derive(Args)]
pub struct Planted {
    /// Only what the token of this id planted
    #[arg(long, value_name = "ID", conflicts_with_all = ["org", "enterprise"])]
    token: Option<String>,
    /// End the one of this id
    #[arg(long, value_name = "ID", conflicts_with = "token")]
    end: Option<u64>,
    #[command(flatten)]
    door: Door,
}

impl Planted {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        if self.door.enterprise.is_some() {
            let words = "planted credentials are listed for yourself or with --org LOGIN";
            return Err(Failure::Usage(words.into()));
        }
        let owner = self.door.path().unwrap_or_else(|| String::from("/user"));
        let path = format!("{owner}/planted-credentials");
        let client = context.client()?;
        if let Some(id) = self.end {
            let answer = client.send(Method::DELETE, &format!("{path}/{id}"), None)?;
            return context.show(&answer, |one| table(std::slice::from_ref(one)));
        }
        let path = format!("{path}{}", query(&[("token_id", self.token.as_deref())]));
        let all = client.list(&path, None, usize::MAX)?;
        context.show_list(&all, table)
    }
}

/// Planted things, one a line.
pub(super) fn table(items: &[Value]) -> String {
    let columns = [
        ("id", "/id"),
        ("kind", "/kind"),
        ("label", "/label"),
        ("state", "/state"),
        ("owner", "/owner"),
        ("repository", "/repository"),
        ("token", "/token/name"),
        ("problem", "/problem"),
    ];
    Table::of(items, columns).render()
}
