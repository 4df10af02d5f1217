//! `repo create`.

use super::{Looks, made};
use crate::client::segment;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::field;
use clap::Args;
use http::Method;
use serde_json::{Map, Value, json};

/// Make a repository.
#[derive(Args)]
pub struct Create {
    /// The repository: OWNER/NAME, or NAME for one of your own
    repository: String,
    #[command(flatten)]
    looks: Looks,
    /// Its default branch
    #[arg(long, value_name = "NAME")]
    default_branch: Option<String>,
    /// Begin it with a commit that holds a README, so that it can be cloned at once
    #[arg(long)]
    readme: bool,
}

impl Create {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let client = context.client()?;
        let (path, name) = match self.repository.split_once('/') {
            None => (String::from("/user/repos"), self.repository.as_str()),
            Some((owner, name)) => {
                let own = field::text(&client.get("/user")?.value()?, "/login");
                let path = match own.eq_ignore_ascii_case(owner) {
                    true => String::from("/user/repos"),
                    false => format!("/orgs/{}/repos", segment(owner)),
                };
                (path, name)
            }
        };
        let mut body = Map::new();
        body.insert("name".into(), json!(name));
        self.looks.put(&mut body);
        if let Some(branch) = self.default_branch {
            body.insert("default_branch".into(), json!(branch));
        }
        if self.readme {
            body.insert("auto_init".into(), json!(true));
        }
        let answer = client.send(Method::POST, &path, Some(&Value::Object(body)))?;
        context.show(&answer, made)
    }
}
