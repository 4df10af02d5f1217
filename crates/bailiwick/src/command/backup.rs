//! `backup`: a consistent copy, made by the server while it runs, on the server's machine.

use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Table, field};
use clap::Args;
use http::Method;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Write a consistent copy of the server's data while it runs.
#[derive(Args)]
pub struct Backup {
    /// A new path on the server's machine; a relative one is taken from the present directory
    path: PathBuf,
}

impl Backup {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let path =
            std::path::absolute(&self.path).map_err(|error| Failure::local(self.path.display(), error))?;
        let body = json!({"path": path.to_string_lossy()});
        let answer = context
            .client()?
            .send(Method::POST, "/admin/backup", Some(&body))?;
        context.show(&answer, |value| match value {
            Value::Object(fields) => Table::facts(
                &fields
                    .iter()
                    .map(|(name, value)| (name.as_str(), field::words(value)))
                    .collect::<Vec<_>>(),
            ),
            _ => format!("{}\n", path.display()),
        })
    }
}
