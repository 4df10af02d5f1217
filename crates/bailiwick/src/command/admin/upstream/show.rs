//! `admin upstream show`.

use crate::client::segment;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{self, Table};
use clap::Args;
use serde_json::json;

/// Show a server behind the gateway, what is set and can be set there, who is linked to it and what lives there.
#[derive(Args)]
pub struct Show {
    /// The server's name
    name: String,
}

impl Show {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let client = context.client()?;
        let path = format!("/admin/upstreams/{}", segment(&self.name));
        let upstream = client.get(&path)?.value()?;
        let part = |name: &str| client.list(&format!("{path}/{name}"), None, usize::MAX);
        let (links, owners, repositories) = (part("links")?, part("owners")?, part("repositories")?);
        if context.json {
            let all = json!({
                "upstream": upstream, "links": links, "owners": owners, "repositories": repositories,
            });
            return output::line(&all.to_string());
        }
        let links = Table::of(
            &links,
            [
                ("account", "/user/login"),
                ("there", "/login"),
                ("id there", "/id"),
                ("active", "/active"),
                ("switched off by", "/barred"),
                ("secrets", "/secrets"),
            ],
        );
        let owners = Table::of(
            &owners,
            [
                ("owner", "/account/login"),
                ("there", "/name"),
                ("id there", "/id"),
            ],
        );
        let repositories = Table::of(
            &repositories,
            [
                ("repository", "/full_name"),
                ("there", "/name"),
                ("id there", "/id"),
                ("visibility", "/visibility"),
            ],
        );
        let mut text = super::facts(&upstream);
        for table in [super::settings(&upstream), links, owners, repositories] {
            if !table.is_empty() {
                text.push('\n');
                text.push_str(&table.render());
            }
        }
        output::bytes(text.as_bytes())
    }
}
