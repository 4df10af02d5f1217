//! `request approve`.

use super::decision;
use crate::argument::door::Door;
use crate::argument::target::{Permission, permissions};
use crate::context::Context;
use crate::failure::Failure;
use clap::Args;
use serde_json::{Map, json};

/// Approve requests. With --permission or --repository, approve that and no more.
#[derive(Args)]
pub struct Approve {
    /// Their ids
    #[arg(required = true, value_name = "ID")]
    ids: Vec<u64>,
    #[command(flatten)]
    door: Door,
    /// Why, for whoever asked
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Approve only this permission at this level; may be repeated
    #[arg(long, short = 'p', value_name = "NAME=LEVEL")]
    permission: Vec<Permission>,
    /// Approve only this repository; may be repeated
    #[arg(long, short = 'r', value_name = "NAME")]
    repository: Vec<String>,
}

impl Approve {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let mut less = Map::new();
        if !self.permission.is_empty() {
            less.insert("permissions".into(), permissions(&self.permission)?);
        }
        if !self.repository.is_empty() {
            // The owner is known here, so `acme/site` and `site` are the same.
            let name = |full: &String| full.rsplit('/').next().unwrap_or(full).to_owned();
            less.insert("repository_selection".into(), json!("subset"));
            less.insert(
                "repositories".into(),
                json!(self.repository.iter().map(name).collect::<Vec<_>>()),
            );
        }
        if self.ids.len() > 1 && !less.is_empty() {
            return Err(Failure::Usage(
                "approve less than was asked one request at a time".into(),
            ));
        }
        decision::send(
            context,
            &self.door.required()?,
            &self.ids,
            "approve",
            self.reason.as_deref(),
            less,
        )
    }
}
