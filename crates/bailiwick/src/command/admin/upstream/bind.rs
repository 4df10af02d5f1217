//! `admin upstream bind`.

use super::unbind::place;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Table, field};
use clap::Args;
use http::Method;
use serde_json::{Map, Value, json};

/// Bind an owner, or a repository (OWNER/NAME), to what it is at a server. A repository that is not known yet is
/// adopted: it gets a row here and stays where it is.
#[derive(Args)]
pub struct Bind {
    /// The server's name
    name: String,
    /// OWNER or OWNER/NAME
    what: String,
    /// What it is called there [default: the same]
    #[arg(long = "as", value_name = "NAME")]
    called: Option<String>,
    /// Its immutable id there
    #[arg(long)]
    id: Option<String>,
    /// Of a repository that is adopted: public, private or internal [default: private]
    #[arg(long)]
    visibility: Option<String>,
    /// Of a repository that is adopted: what it is
    #[arg(long)]
    description: Option<String>,
    /// Of a repository that is adopted: its default branch [default: main]
    #[arg(long)]
    default_branch: Option<String>,
}

impl Bind {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let mut body = Map::new();
        for (key, value) in [
            ("name", self.called),
            ("id", self.id),
            ("visibility", self.visibility),
            ("description", self.description),
            ("default_branch", self.default_branch),
        ] {
            if let Some(value) = value {
                body.insert(key.into(), json!(value));
            }
        }
        let path = place(&self.name, &self.what);
        let answer = context
            .client()?
            .send(Method::PUT, &path, Some(&Value::Object(body)))?;
        context.show(&answer, |bound| {
            let what = if self.what.contains('/') {
                "/full_name"
            } else {
                "/account/login"
            };
            Table::facts(&[
                ("bound", field::text(bound, what)),
                ("upstream", self.name.clone()),
            ])
        })
    }
}
