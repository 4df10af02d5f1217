//! `service-account add`.

use super::Owner;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Table, field};
use clap::Args;
use http::Method;
use serde_json::{Map, Value, json};

/// Add a service account.
#[derive(Args)]
pub struct Add {
    /// Its login
    login: String,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    #[command(flatten)]
    owner: Owner,
}

impl Add {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let mut body = Map::new();
        body.insert("login".into(), json!(self.login));
        if let Some(description) = &self.description {
            body.insert("description".into(), json!(description));
        }
        let answer = context
            .client()?
            .send(Method::POST, &self.owner.path(), Some(&Value::Object(body)))?;
        context.show(&answer, |account| {
            Table::facts(&[
                ("service account", field::text(account, "/login")),
                ("id", field::text(account, "/id")),
            ])
        })
    }
}
