//! `admin upstream add`.

use super::settings::Settings;
use crate::argument::secrets::Secrets;
use crate::client::segment;
use crate::context::Context;
use crate::failure::Failure;
use bailiwick_model::UpstreamKind;
use clap::Args;
use clap::builder::PossibleValuesParser;
use http::Method;
use serde_json::json;

/// Put the gateway before a server.
#[derive(Args)]
pub struct Add {
    /// Its name: small letters, digits and inner hyphens
    name: String,
    /// What it speaks
    #[arg(long, value_parser = kinds())]
    kind: String,
    /// Its base address, or file:/DIRECTORY of bare repositories
    #[arg(long)]
    address: String,
    /// Only observe until this time (RFC 3339): decide and record, refuse nothing
    #[arg(long, value_name = "TIME")]
    observe_until: Option<String>,
    #[command(flatten)]
    settings: Settings,
    #[command(flatten)]
    secrets: Secrets,
}

fn kinds() -> PossibleValuesParser {
    UpstreamKind::ALL
        .iter()
        .map(|kind| kind.word())
        .collect::<Vec<_>>()
        .into()
}

impl Add {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let client = context.client()?;
        let mode = if self.observe_until.is_some() {
            "observe"
        } else {
            "enforce"
        };
        // Read first: a secret that cannot be read leaves nothing half done.
        let secrets = self.secrets.read()?;
        let body = json!({
            "name": self.name, "kind": self.kind, "address": self.address, "mode": mode,
            "observe_until": self.observe_until, "settings": self.settings.read()?,
        });
        let mut answer = client.send(Method::POST, "/admin/upstreams", Some(&body))?;
        if !self.secrets.is_empty() {
            let path = format!("/admin/upstreams/{}/credential", segment(&self.name));
            answer = client.send(Method::PUT, &path, Some(&json!({ "secrets": secrets })))?;
        }
        context.show(&answer, super::facts)
    }
}
