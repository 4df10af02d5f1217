//! `admin upstream edit`.

use super::settings::Settings;
use crate::client::segment;
use crate::context::Context;
use crate::failure::Failure;
use clap::Args;
use http::Method;
use serde_json::{Map, Value};

/// Change a server behind the gateway. Another address on another host removes its credentials.
#[derive(Args)]
pub struct Edit {
    /// Its name
    name: String,
    /// A new name
    #[arg(long)]
    rename: Option<String>,
    /// A new address
    #[arg(long)]
    address: Option<String>,
    /// Only observe until this time (RFC 3339): decide and record, refuse nothing
    #[arg(long, value_name = "TIME", conflicts_with = "enforce")]
    observe_until: Option<String>,
    /// Enforce from now on
    #[arg(long)]
    enforce: bool,
    #[command(flatten)]
    settings: Settings,
}

impl Edit {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let mut body = Map::new();
        let mut put = |key: &str, value: Option<String>| {
            if let Some(value) = value {
                body.insert(key.to_owned(), Value::String(value));
            }
        };
        let mode = match (&self.observe_until, self.enforce) {
            (Some(_), _) => Some(String::from("observe")),
            (None, true) => Some(String::from("enforce")),
            (None, false) => None,
        };
        put("name", self.rename);
        put("address", self.address);
        put("mode", mode);
        put("observe_until", self.observe_until);
        body.insert("settings".into(), self.settings.read()?);
        let path = format!("/admin/upstreams/{}", segment(&self.name));
        let answer = context
            .client()?
            .send(Method::PATCH, &path, Some(&Value::Object(body)))?;
        context.show(&answer, super::facts)
    }
}
