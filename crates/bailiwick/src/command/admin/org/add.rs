//! `admin org add`.

use crate::client::segment;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Table, field};
use clap::Args;
use http::Method;
use serde_json::{Map, Value, json};

/// Add an organization.
#[derive(Args)]
pub struct Add {
    /// The login
    login: String,
    /// Its first owner
    #[arg(long, value_name = "LOGIN")]
    owner: String,
    /// The name to show
    #[arg(long)]
    name: Option<String>,
    /// Put it into this enterprise
    #[arg(long, value_name = "SLUG")]
    enterprise: Option<String>,
}

impl Add {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let client = context.client()?;
        let mut body = Map::new();
        body.insert("login".into(), json!(self.login));
        body.insert("admin".into(), json!(self.owner));
        if let Some(name) = &self.name {
            body.insert("profile_name".into(), json!(name));
        }
        let answer = client.send(Method::POST, "/admin/organizations", Some(&Value::Object(body)))?;
        if let Some(slug) = &self.enterprise {
            let path = format!(
                "/admin/enterprises/{}/organizations/{}",
                segment(slug),
                segment(&self.login)
            );
            client.send(Method::PUT, &path, None)?;
        }
        context.show(&answer, |org| {
            Table::facts(&[
                ("organization", field::text(org, "/login")),
                ("id", field::text(org, "/id")),
            ])
        })
    }
}
