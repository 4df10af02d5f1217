//! `token regenerate`.

use super::{path, reveal};
use crate::argument::expiry::Expiry;
use crate::context::Context;
use crate::failure::Failure;
use clap::Args;
use http::Method;
use serde_json::{Map, Value};

/// Replace a token's text; the old one ends at once.
#[derive(Args)]
pub struct Regenerate {
    /// Its id or name
    token: String,
    /// When the new one ends: days, a date, or none [default: 30 days]
    #[arg(long, value_name = "WHEN")]
    expires: Option<Expiry>,
}

impl Regenerate {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let mut body = Map::new();
        if let Some(expires) = &self.expires {
            expires.put(&mut body);
        }
        let client = context.client()?;
        let path = format!("{}/regenerate", path(&client, &self.token)?);
        reveal(
            context,
            &client.send(Method::POST, &path, Some(&Value::Object(body)))?,
        )
    }
}
