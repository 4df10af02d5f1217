//! `admin upstream link`.

use crate::argument::secrets::Secrets;
use crate::client::segment;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Table, field};
use clap::Args;
use http::Method;
use serde_json::{Map, json};

/// Say who a person or service account is at a server. Nothing is ever guessed from names.
#[derive(Args)]
pub struct Link {
    /// The server's name
    name: String,
    /// The account here
    account: String,
    /// The login there
    #[arg(long)]
    login: String,
    /// The immutable id there
    #[arg(long)]
    id: Option<String>,
    /// The account there must not be used
    #[arg(long)]
    inactive: bool,
    #[command(flatten)]
    secrets: Secrets,
}

impl Link {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let path = format!(
            "/admin/upstreams/{}/links/{}",
            segment(&self.name),
            segment(&self.account)
        );
        let mut body = Map::new();
        body.insert("login".into(), json!(self.login));
        body.insert("id".into(), json!(self.id));
        body.insert("active".into(), json!(!self.inactive));
        if !self.secrets.is_empty() {
            body.insert("secrets".into(), self.secrets.read()?);
        }
        let answer = context.client()?.send(Method::PUT, &path, Some(&body.into()))?;
        context.show(&answer, |link| {
            Table::facts(&[
                ("account", field::text(link, "/user/login")),
                ("upstream", field::text(link, "/upstream")),
                ("login there", field::text(link, "/login")),
                ("id there", field::text(link, "/id")),
                ("active", field::text(link, "/active")),
                ("switched off by", field::text(link, "/barred")),
                ("secrets", field::text(link, "/secrets")),
            ])
        })
    }
}
