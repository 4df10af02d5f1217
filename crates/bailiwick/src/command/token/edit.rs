//! `token edit`.

use super::{facts, path};
use crate::argument::target::Targets;
use crate::context::Context;
use crate::failure::Failure;
use clap::Args;
use http::Method;
use serde_json::{Map, Value, json};

/// Change a token. What is said about access replaces all of it: an owner left out loses its grant.
#[derive(Args)]
pub struct Edit {
    /// Its id or name
    token: String,
    /// A new name
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// A new description
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    #[command(flatten)]
    targets: Targets,
    /// The scopes of a classic token, all of them; may be repeated
    #[arg(long, value_name = "SCOPE")]
    scope: Vec<String>,
}

impl Edit {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let mut body = Map::new();
        for (name, value) in [("name", &self.name), ("description", &self.description)] {
            if let Some(value) = value {
                body.insert(name.into(), json!(value));
            }
        }
        if !self.targets.is_empty() {
            body.insert("grants".into(), json!(self.targets.grants()?));
        }
        if !self.scope.is_empty() {
            body.insert("scopes".into(), json!(self.scope));
        }
        if body.is_empty() {
            return Err(Failure::Usage(
                "say what changes, for example --name or --permission".into(),
            ));
        }
        let client = context.client()?;
        let path = path(&client, &self.token)?;
        let answer = client.send(Method::PATCH, &path, Some(&Value::Object(body)))?;
        context.show(&answer, facts)
    }
}
