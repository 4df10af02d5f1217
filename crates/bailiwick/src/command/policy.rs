//! `policy`: what an organization or enterprise allows.

mod set;
mod show;

use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Table, field};
use clap::Subcommand;
use serde_json::Value;

/// What an organization or enterprise allows.
#[derive(Subcommand)]
pub enum Policy {
    /// Show what is set, and what holds
    Show(show::Show),
    /// Change settings
    Set(set::Set),
}

impl Policy {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Policy::Show(command) => command.run(context),
            Policy::Set(command) => command.run(context),
        }
    }
}

/// Whose policy it is.
#[derive(clap::Args)]
pub(super) struct Whose {
    /// Your own account, of which only planting can be set
    #[arg(long, conflicts_with_all = ["org", "enterprise"])]
    own: bool,
    #[command(flatten)]
    door: crate::argument::door::Door,
}

impl Whose {
    fn path(&self) -> Result<String, Failure> {
        let owner = if self.own {
            String::from("/user")
        } else {
            self.door.required()?
        };
        Ok(format!("{owner}{PATH}"))
    }
}

/// Where it is, after the owner's path.
const PATH: &str = "/personal-access-token-policy";

/// A setting, and what it takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Takes {
    Truth,
    Days,
    Count,
}

/// Every setting by its key here; a dot leads into the object of a kind.
const SETTINGS: &[(&str, Takes)] = &[
    ("fine_grained.allowed", Takes::Truth),
    ("fine_grained.approval_required", Takes::Truth),
    ("fine_grained.lifetime_days_max", Takes::Days),
    ("fine_grained.lifetime_unlimited", Takes::Truth),
    ("fine_grained.exempt_administrators", Takes::Truth),
    ("classic.allowed", Takes::Truth),
    ("classic.lifetime_days_max", Takes::Days),
    ("classic.lifetime_unlimited", Takes::Truth),
    ("classic.exempt_administrators", Takes::Truth),
    ("several_owners_allowed", Takes::Truth),
    ("owners_need_approval", Takes::Truth),
    ("planting", Takes::Truth),
    ("tokens_per_user_max", Takes::Count),
    ("audit_retention_days", Takes::Days),
];

/// Setting, what was set, what holds and who decided it.
fn table(policy: &Value) -> String {
    let mut table = Table::new(["setting", "set", "holds", "by"]);
    for (key, _) in SETTINGS {
        let pointer = key.replace('.', "/");
        let by = match key.rsplit('.').next().unwrap_or(key) {
            "allowed" => "allowed_by",
            "approval_required" => "approval_by",
            "lifetime_days_max" => "lifetime_by",
            "planting" => "planting_by",
            _ => "",
        };
        let place = pointer
            .rsplit_once('/')
            .map_or(String::new(), |(group, _)| format!("/{group}"));
        let holds = field::text(policy, &format!("/resolved/{pointer}"));
        // What holds without a limit is said in words, not as a dash.
        let unlimited = by == "lifetime_by" && holds == field::NOTHING;
        table.row([
            (*key).to_owned(),
            field::text(policy, &format!("/set/{pointer}")),
            if unlimited {
                String::from("no limit")
            } else {
                holds
            },
            if by.is_empty() {
                field::NOTHING.into()
            } else {
                field::text(policy, &format!("/resolved{place}/{by}"))
            },
        ]);
    }
    table.render()
}

#[cfg(test)]
mod tests;
