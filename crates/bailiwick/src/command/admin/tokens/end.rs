//! `admin tokens end`.

use crate::argument::door::Door;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Table, field};
use clap::Args;
use http::Method;
use serde_json::{Map, Value, json};

/// End every credential that matches, at once, transfers in progress included. Without --org or --enterprise it
/// concerns the whole installation; with one of them, access to its resources.
#[derive(Args)]
pub struct End {
    #[command(flatten)]
    door: Door,
    /// Only this person's
    #[arg(long, value_name = "LOGIN")]
    user: Option<String>,
    /// Only this kind
    #[arg(long, value_parser = ["fine_grained", "classic", "session"])]
    kind: Option<String>,
    /// Only those with access to this organization; not with --org
    #[arg(long, value_name = "LOGIN", conflicts_with = "org")]
    organization: Option<String>,
    /// Only the one with this hash (base64 of SHA-256), as the audit log shows it
    #[arg(long, value_name = "BASE64")]
    hashed_token: Option<String>,
    /// Only this token
    #[arg(long, value_name = "ID")]
    token_id: Option<u64>,
    /// Say that you mean it: 'end tokens'
    #[arg(long, value_name = "WORDS", required = true)]
    confirm: String,
}

impl End {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        if self.confirm != "end tokens" {
            return Err(Failure::Usage(
                "nothing was ended; to confirm: --confirm 'end tokens'".into(),
            ));
        }
        let mut body = Map::new();
        for (name, value) in [
            ("user", &self.user),
            ("kind", &self.kind),
            ("organization", &self.organization),
            ("hashed_token", &self.hashed_token),
        ] {
            if let Some(value) = value {
                body.insert(name.into(), json!(value));
            }
        }
        if let Some(id) = self.token_id {
            body.insert("token_id".into(), json!(id));
        }
        body.insert("confirm".into(), json!(self.confirm));
        let path = match self.door.path() {
            Some(door) => format!("{door}/personal-access-tokens/end"),
            None => String::from("/admin/tokens/end"),
        };
        let answer = context
            .client()?
            .send(Method::POST, &path, Some(&Value::Object(body)))?;
        context.show(&answer, |ended| {
            Table::facts(
                &["tokens", "grants", "sessions", "transfers"]
                    .map(|name| (name, field::text(ended, &format!("/{name}")))),
            )
        })
    }
}
