//! `admin repo import`.

use crate::client::segment;
use crate::command::repo::{Looks, made, parts};
use crate::context::Context;
use crate::failure::Failure;
use clap::Args;
use http::Method;
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// Make a repository from an existing one: its branches and tags.
#[derive(Args)]
pub struct Import {
    /// The new repository: OWNER/NAME
    repository: String,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    looks: Looks,
    /// Its default branch [default: the source's]
    #[arg(long, value_name = "NAME")]
    default_branch: Option<String>,
}

/// Where the existing one is. A group of their own: a derived group takes in every field beside them.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct Source {
    /// A repository in a directory of the server's machine
    #[arg(long, value_name = "PATH")]
    directory: Option<PathBuf>,
    /// The http or https address of a repository that is readable without a password
    #[arg(long)]
    url: Option<String>,
}

impl Import {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let (owner, name) = parts(&self.repository)?;
        let mut body = Map::new();
        if let Some(directory) = &self.source.directory {
            let path =
                std::path::absolute(directory).map_err(|error| Failure::local(directory.display(), error))?;
            body.insert("directory".into(), json!(path.to_string_lossy()));
        }
        self.looks.put(&mut body);
        for (name, value) in [
            ("url", &self.source.url),
            ("default_branch", &self.default_branch),
        ] {
            if let Some(value) = value {
                body.insert(name.into(), json!(value));
            }
        }
        let path = format!("/admin/repositories/{}/{}/import", segment(owner), segment(name));
        let answer = context
            .client()?
            .send(Method::POST, &path, Some(&Value::Object(body)))?;
        context.show(&answer, made)
    }
}
