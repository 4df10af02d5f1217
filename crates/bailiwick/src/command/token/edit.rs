//! `token edit`.

use super::{facts, kept, path};
use crate::argument::target::{Targets, piece};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::field;
use clap::Args;
use http::Method;
use serde_json::{Map, Value, json};

/// Change a token. What is said about access replaces all of it: an owner left out loses its grant. --add adds to it.
#[derive(Args)]
#[command(after_help = "Examples:
  bailiwick token edit 12 --add acme/site:packages=write
  bailiwick token edit deploy -p contents=read -p issues=write")]
pub struct Edit {
    /// Its id or name
    token: String,
    /// A new name
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// A new description
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Add to what it has, in one piece: acme/site:packages=write; may be repeated
    #[arg(long, value_name = "OWNER[/REPOSITORIES]:PERMISSIONS",
        conflicts_with_all = ["owner", "enterprise", "repository", "all_repositories", "permission", "grant"])]
    add: Vec<String>,
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
        if !self.scope.is_empty() {
            body.insert("scopes".into(), json!(self.scope));
        }
        if body.is_empty() && self.targets.is_empty() && self.add.is_empty() {
            return Err(Failure::Usage(
                "say what changes, for example --name, --permission or --add".into(),
            ));
        }
        let client = context.client()?;
        let path = path(&client, &self.token)?;
        let mut change = Vec::new();
        if !self.targets.is_empty() || !self.add.is_empty() {
            let token = client.send(Method::GET, &path, None)?.value()?;
            let before = kept::kept(&token);
            let after = self.wanted(&before)?;
            change = kept::change(&before, &after);
            body.insert("grants".into(), json!(after));
        }
        let answer = client.send(Method::PATCH, &path, Some(&Value::Object(body)))?;
        for line in change.into_iter().chain(kept::waiting(&answer.value()?)) {
            context.done(&line);
        }
        context.show(&answer, facts)
    }

    /// Every grant that the token shall have.
    fn wanted(&self, before: &[Value]) -> Result<Vec<Value>, Failure> {
        if !self.add.is_empty() {
            let mut wanted = before.to_vec();
            for text in &self.add {
                kept::add(&mut wanted, self.reasoned(piece(text)?));
            }
            return Ok(wanted);
        }
        if !self.targets.is_of_nobody() {
            return self.targets.grants();
        }
        let [only] = before else {
            let owners: Vec<String> = before.iter().map(|grant| field::text(grant, "/owner")).collect();
            return Err(Failure::Usage(match owners.as_slice() {
                [] => "the token has no owner yet: say whose resources it is for: --owner LOGIN".into(),
                owners => format!(
                    "the token has several owners ({}): say which --owner, and every other owner's grant ends; \
                     or add to what it has with --add OWNER/REPOSITORY:PERMISSION=LEVEL",
                    owners.join(", ")
                ),
            }));
        };
        let mut targets = self.targets.clone();
        let login = |kind: &str| only.get(kind).and_then(Value::as_str).map(str::to_owned);
        (targets.owner, targets.enterprise) = (login("owner"), login("enterprise"));
        let mut wanted = targets.grants()?;
        // Of the one owner that it has, what is not said stays as it is.
        if let Some(fields) = wanted.first_mut().and_then(Value::as_object_mut) {
            let keep: &[&str] = match (self.targets.selects(), self.targets.permission.is_empty()) {
                (false, false) => &["repository_selection", "repositories"],
                (true, true) => &["permissions"],
                _ => &[],
            };
            for name in keep {
                match only.get(*name) {
                    Some(value) => drop(fields.insert((*name).to_owned(), value.clone())),
                    None => drop(fields.remove(*name)),
                }
            }
        }
        Ok(wanted)
    }

    fn reasoned(&self, mut grant: Value) -> Value {
        if let (Some(reason), Some(fields)) = (&self.targets.reason, grant.as_object_mut()) {
            fields.insert("reason".into(), json!(reason));
        }
        grant
    }
}
