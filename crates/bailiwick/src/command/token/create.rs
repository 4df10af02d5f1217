//! `token create`.

use super::{PATH, reveal};
use crate::argument::expiry::Expiry;
use crate::argument::target::Targets;
use crate::client::segment;
use crate::context::Context;
use crate::failure::Failure;
use clap::Args;
use http::Method;
use serde_json::{Map, Value, json};

/// Make a token; its text is printed once.
#[derive(Args)]
#[command(after_help = "Examples:
  bailiwick token create deploy -r acme/site -p contents=write -p workflows=write --expires 90
  bailiwick token create reader --grant 'acme/site:issues=read' --grant 'bob/*:contents=read'
  bailiwick token create old-tool --classic --scope repo --scope read:org")]
pub struct Create {
    /// Its name, unique among your tokens
    name: String,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// When it ends: days, a date, or none [default: 30 days]
    #[arg(long, value_name = "WHEN")]
    expires: Option<Expiry>,
    #[command(flatten)]
    targets: Targets,
    /// Make a classic token, which reaches everything you reach within its scopes
    #[arg(long, conflicts_with_all = ["owner", "repository", "all_repositories", "permission", "grant"])]
    classic: bool,
    /// A scope of a classic token; may be repeated
    #[arg(long, requires = "classic", value_name = "SCOPE")]
    scope: Vec<String>,
    /// Make it for a service account of the organization --org
    #[arg(long, value_name = "LOGIN", requires = "org")]
    service_account: Option<String>,
    /// The organization that the service account belongs to
    #[arg(long, value_name = "LOGIN", requires = "service_account")]
    org: Option<String>,
}

impl Create {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let mut body = Map::new();
        body.insert("name".into(), json!(self.name));
        if let Some(description) = &self.description {
            body.insert("description".into(), json!(description));
        }
        if let Some(expires) = &self.expires {
            expires.put(&mut body);
        }
        if self.classic {
            body.insert("kind".into(), json!("classic"));
            body.insert("scopes".into(), json!(self.scope));
        } else {
            body.insert("grants".into(), json!(self.targets.grants()?));
        }
        let path = match (&self.org, &self.service_account) {
            (Some(org), Some(login)) => {
                format!(
                    "/orgs/{}/service-accounts/{}/personal-access-tokens",
                    segment(org),
                    segment(login)
                )
            }
            _ => PATH.to_owned(),
        };
        let answer = context
            .client()?
            .send(Method::POST, &path, Some(&Value::Object(body)))?;
        reveal(context, &answer)
    }
}
