//! `admin enterprise add`.

use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Table, field};
use clap::Args;
use http::Method;
use serde_json::json;

/// Add an enterprise.
#[derive(Args)]
pub struct Add {
    /// Its slug
    slug: String,
    /// Its first owner
    #[arg(long, value_name = "LOGIN")]
    owner: String,
    /// The name to show [default: the slug]
    #[arg(long)]
    name: Option<String>,
}

impl Add {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let name = self.name.as_ref().unwrap_or(&self.slug);
        let body = json!({"slug": self.slug, "name": name, "owner": self.owner});
        let answer = context
            .client()?
            .send(Method::POST, "/admin/enterprises", Some(&body))?;
        context.show(&answer, |enterprise| {
            Table::facts(&[
                ("enterprise", field::text(enterprise, "/slug")),
                ("id", field::text(enterprise, "/id")),
            ])
        })
    }
}
