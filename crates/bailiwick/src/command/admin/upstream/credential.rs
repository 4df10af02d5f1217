//! `admin upstream credential`.

use crate::argument::secrets::Secrets;
use crate::client::segment;
use crate::context::Context;
use crate::failure::Failure;
use clap::Args;
use http::Method;
use serde_json::json;

/// Set the credential of a server: every secret of it at once. The next request uses it.
#[derive(Args)]
pub struct Credential {
    /// The server's name
    name: String,
    /// Remove the credential
    #[arg(long)]
    clear: bool,
    #[command(flatten)]
    secrets: Secrets,
}

impl Credential {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        if self.clear != self.secrets.is_empty() {
            return Err(Failure::Usage(
                "name the secrets (--secret-file, --secret-env, --secret-ask), or --clear to remove them"
                    .into(),
            ));
        }
        let path = format!("/admin/upstreams/{}/credential", segment(&self.name));
        let body = json!({ "secrets": self.secrets.read()? });
        let answer = context.client()?.send(Method::PUT, &path, Some(&body))?;
        context.show(&answer, super::facts)
    }
}
