//! `admin upstream package`: whose packages of a registry are.

use crate::client::segment;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Table, field};
use clap::{Args, Subcommand, ValueEnum};
use http::Method;
use serde_json::{Map, Value, json};

/// Whose the packages of a registry are.
#[derive(Subcommand)]
pub enum Package {
    /// Say whose a package is, or all whose names begin so
    Link(Link),
    /// End a link; packages that were published under it stay whose they are
    Unlink(Unlink),
    /// List the links of a registry
    Links(Links),
    /// List the packages that are known, and whose each is
    List(List),
    /// Forget whose a package is, so that links and rules decide anew
    Forget(Forget),
}

impl Package {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Package::Link(command) => command.run(context),
            Package::Unlink(command) => command.run(context),
            Package::Links(command) => command.run(context),
            Package::List(command) => command.run(context),
            Package::Forget(command) => command.run(context),
        }
    }
}

/// Say whose a package is, or all whose names begin so.
#[derive(Args)]
pub struct Link {
    /// The registry's name
    registry: String,
    /// The name: `acme/web`, `@acme/web`, `com.acme:web`, `Acme.Web`
    package: String,
    /// An owner, or `owner/name` of a repository
    whose: String,
    /// The name and whatever is below it: `com.acme`, `@acme`
    #[arg(long)]
    prefix: bool,
    /// Who may read what belongs to the owner as a whole
    #[arg(long, value_enum, default_value_t = Visible::Private)]
    visibility: Visible,
}

/// Who may read a package.
#[derive(Clone, Copy, ValueEnum)]
enum Visible {
    /// Everybody
    Public,
    /// Those alone who are allowed to
    Private,
}

impl Link {
    fn run(self, context: &Context) -> Result<(), Failure> {
        let mut body = Map::new();
        body.insert("name".into(), json!(self.package));
        body.insert("prefix".into(), json!(self.prefix));
        match self.whose.split_once('/') {
            Some((owner, repository)) => {
                body.insert("owner".into(), json!(owner));
                body.insert("repository".into(), json!(repository));
            }
            None => {
                body.insert("owner".into(), json!(self.whose));
            }
        }
        let visibility = match self.visibility {
            Visible::Public => "public",
            Visible::Private => "private",
        };
        body.insert("visibility".into(), json!(visibility));
        let path = format!("/admin/upstreams/{}/package-links", segment(&self.registry));
        let answer = context.client()?.send(Method::POST, &path, Some(&body.into()))?;
        context.show(&answer, |link| {
            Table::facts(&[
                ("id", field::text(link, "/id")),
                ("name", field::text(link, "/name")),
                ("and below", field::text(link, "/prefix")),
                ("owner", field::text(link, "/owner/login")),
                ("repository", field::text(link, "/repository")),
                ("visibility", field::text(link, "/visibility")),
            ])
        })
    }
}

/// End a link.
#[derive(Args)]
pub struct Unlink {
    /// The registry's name
    registry: String,
    /// The link's id
    id: u64,
}

impl Unlink {
    fn run(self, context: &Context) -> Result<(), Failure> {
        let path = format!(
            "/admin/upstreams/{}/package-links/{}",
            segment(&self.registry),
            self.id
        );
        context.client()?.send(Method::DELETE, &path, None)?;
        context.done(&format!("the link {} has ended", self.id));
        Ok(())
    }
}

/// List the links of a registry.
#[derive(Args)]
pub struct Links {
    /// The registry's name
    registry: String,
}

impl Links {
    fn run(self, context: &Context) -> Result<(), Failure> {
        let path = format!("/admin/upstreams/{}/package-links", segment(&self.registry));
        shown(
            context,
            &path,
            [
                ("id", "/id"),
                ("name", "/name"),
                ("and below", "/prefix"),
                ("owner", "/owner/login"),
                ("repository", "/repository"),
                ("visibility", "/visibility"),
            ],
        )
    }
}

/// List the packages that are known.
#[derive(Args)]
pub struct List {
    /// The registry's name
    registry: String,
}

impl List {
    fn run(self, context: &Context) -> Result<(), Failure> {
        let path = format!("/admin/upstreams/{}/packages", segment(&self.registry));
        shown(
            context,
            &path,
            [
                ("id", "/id"),
                ("name", "/name"),
                ("owner", "/owner/login"),
                ("repository", "/repository"),
                ("visibility", "/visibility"),
                ("known by", "/how"),
                ("versions", "/version_count"),
            ],
        )
    }
}

fn shown<const N: usize>(context: &Context, path: &str, columns: [(&str, &str); N]) -> Result<(), Failure> {
    let all = context.client()?.list(path, None, usize::MAX)?;
    context.show_list(&all, |all: &[Value]| Table::of(all, columns).render())
}

/// Forget whose a package is.
#[derive(Args)]
pub struct Forget {
    /// The registry's name
    registry: String,
    /// The package's id
    id: u64,
}

impl Forget {
    fn run(self, context: &Context) -> Result<(), Failure> {
        let path = format!(
            "/admin/upstreams/{}/packages/{}",
            segment(&self.registry),
            self.id
        );
        context.client()?.send(Method::DELETE, &path, None)?;
        context.done(&format!("whose the package {} is, is decided anew", self.id));
        Ok(())
    }
}
