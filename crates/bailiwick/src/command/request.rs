//! `request`: requests for access, one's own and those to decide.

mod approve;
mod cancel;
mod decision;
mod deny;
mod list;
mod show;

use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Table, field};
use clap::Subcommand;
use serde_json::Value;

/// Requests for access.
#[derive(Subcommand)]
pub enum Request {
    /// List your own requests, or those that an organization or enterprise decides
    List(list::List),
    /// Show one request
    Show(show::Show),
    /// Approve requests, also less than was asked
    Approve(approve::Approve),
    /// Deny requests
    Deny(deny::Deny),
    /// Take your own request back
    Cancel(cancel::Cancel),
}

impl Request {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Request::List(command) => command.run(context),
            Request::Show(command) => command.run(context),
            Request::Approve(command) => command.run(context),
            Request::Deny(command) => command.run(context),
            Request::Cancel(command) => command.run(context),
        }
    }
}

/// Where one's own requests are.
const OWN: &str = "/user/personal-access-token-requests";
/// Where an organization's or enterprise's are, after its path.
const DECIDED: &str = "/personal-access-token-requests";

/// One request in full.
fn facts(request: &Value) -> String {
    let mut lines = vec![
        ("request", field::text(request, "/id")),
        ("state", field::text(request, "/state")),
        ("from", field::text(request, "/owner/login")),
        (
            "token",
            format!(
                "{} {}",
                field::text(request, "/token_id"),
                field::text(request, "/token_name")
            ),
        ),
        ("expires", field::text(request, "/token_expires_at")),
        ("repositories", super::token::repositories(request)),
        ("permissions", field::permissions(request, "/permissions")),
        ("reason", field::text(request, "/reason")),
        ("created", field::text(request, "/created_at")),
    ];
    if field::text(request, "/decided_at") != field::NOTHING {
        lines.push(("decided", field::text(request, "/decided_at")));
        lines.push(("decided by", field::text(request, "/decided_by/login")));
        lines.push(("because", field::text(request, "/decision_reason")));
    }
    Table::facts(&lines)
}
