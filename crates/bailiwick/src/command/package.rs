//! `package`: packages of an organization or one's own, at registries behind the gateway.

use crate::client::segment;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Table, field};
use clap::{Args, Subcommand, ValueEnum};
use http::Method;
use serde_json::{Map, Value, json};

/// Packages at registries behind the server.
#[derive(Subcommand)]
pub enum Package {
    /// List packages
    List(List),
    /// Change who may read a package, or the repository that it belongs to
    Edit(Edit),
}

impl Package {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Package::List(command) => command.run(context),
            Package::Edit(command) => command.run(context),
        }
    }
}

/// `/orgs/ORG/packages`, or one's own.
fn packages(organization: Option<&str>) -> String {
    organization.map_or_else(
        || String::from("/user/packages"),
        |login| format!("/orgs/{}/packages", segment(login)),
    )
}

/// List packages.
#[derive(Args)]
pub struct List {
    /// Of an organization instead of your own
    #[arg(long)]
    org: Option<String>,
}

impl List {
    fn run(self, context: &Context) -> Result<(), Failure> {
        let all = context
            .client()?
            .list(&packages(self.org.as_deref()), None, usize::MAX)?;
        context.show_list(&all, |all: &[Value]| {
            let columns = [
                ("type", "/package_type"),
                ("name", "/name"),
                ("repository", "/repository/full_name"),
                ("visibility", "/visibility"),
                ("versions", "/version_count"),
                ("updated", "/updated_at"),
            ];
            Table::of(all, columns).render()
        })
    }
}

/// What a package is.
#[derive(Clone, Copy, ValueEnum)]
enum Type {
    /// A container image
    Container,
    /// An npm package
    Npm,
    /// A Maven artifact
    Maven,
    /// A NuGet package
    Nuget,
    /// A Python package
    Pypi,
}

impl Type {
    const fn word(self) -> &'static str {
        match self {
            Type::Container => "container",
            Type::Npm => "npm",
            Type::Maven => "maven",
            Type::Nuget => "nuget",
            Type::Pypi => "pypi",
        }
    }
}

/// Who may read what belongs to an owner as a whole.
#[derive(Clone, Copy, ValueEnum)]
enum Visible {
    /// Everybody
    Public,
    /// Those alone who are allowed to
    Private,
}

/// Change who may read a package, or the repository that it belongs to.
#[derive(Args)]
pub struct Edit {
    /// What it is
    #[arg(value_enum)]
    kind: Type,
    /// Its name, as `package list` shows it
    name: String,
    /// Of an organization instead of your own
    #[arg(long)]
    org: Option<String>,
    /// Who may read it, if it belongs to the owner as a whole
    #[arg(long, value_enum)]
    visibility: Option<Visible>,
    /// The repository of the same owner that it belongs to
    #[arg(long, conflicts_with = "no_repository")]
    repository: Option<String>,
    /// It belongs to the owner as a whole
    #[arg(long)]
    no_repository: bool,
}

impl Edit {
    fn run(self, context: &Context) -> Result<(), Failure> {
        let mut body = Map::new();
        if let Some(visible) = self.visibility {
            let word = match visible {
                Visible::Public => "public",
                Visible::Private => "private",
            };
            body.insert("visibility".into(), json!(word));
        }
        if self.repository.is_some() || self.no_repository {
            body.insert("repository".into(), json!(self.repository));
        }
        let path = format!(
            "{}/{}/{}",
            packages(self.org.as_deref()),
            self.kind.word(),
            segment(&self.name)
        );
        let answer = context.client()?.send(Method::PATCH, &path, Some(&body.into()))?;
        context.show(&answer, |package| {
            Table::facts(&[
                ("name", field::text(package, "/name")),
                ("owner", field::text(package, "/owner/login")),
                ("repository", field::text(package, "/repository/full_name")),
                ("visibility", field::text(package, "/visibility")),
            ])
        })
    }
}
