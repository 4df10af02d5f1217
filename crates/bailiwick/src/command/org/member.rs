//! `org member`: members and owners of an organization.

use crate::client::segment;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Table, field};
use clap::{Args, Subcommand};
use http::Method;
use serde_json::{Value, json};

/// Members and owners of an organization.
#[derive(Subcommand)]
pub enum Member {
    /// Make somebody a member or an owner, at once: there are no invitations
    #[command(visible_alias = "add")]
    Set(Set),
    /// End somebody's membership
    Remove(Remove),
    /// List members and owners
    List(List),
}

impl Member {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Member::Set(command) => command.run(context),
            Member::Remove(command) => command.run(context),
            Member::List(command) => command.run(context),
        }
    }
}

/// The word of a role in the API.
const OWNER: &str = "admin";

/// Make somebody a member or an owner.
#[derive(Args)]
pub struct Set {
    /// The organization
    organization: String,
    /// The person
    login: String,
    /// What they are there
    #[arg(long, value_parser = ["member", "owner"], default_value = "member")]
    role: String,
}

impl Set {
    fn run(self, context: &Context) -> Result<(), Failure> {
        let path = format!(
            "/orgs/{}/memberships/{}",
            segment(&self.organization),
            segment(&self.login)
        );
        let role = if self.role == "owner" { OWNER } else { "member" };
        let body = json!({"role": role});
        let answer = context.client()?.send(Method::PUT, &path, Some(&body))?;
        context.show(&answer, |membership| {
            Table::facts(&[
                ("organization", field::text(membership, "/organization/login")),
                ("person", field::text(membership, "/user/login")),
                ("role", role_word(&field::text(membership, "/role")).to_owned()),
            ])
        })
    }
}

fn role_word(word: &str) -> &str {
    if word == OWNER { "owner" } else { word }
}

/// End somebody's membership.
#[derive(Args)]
pub struct Remove {
    /// The organization
    organization: String,
    /// The person
    login: String,
}

impl Remove {
    fn run(self, context: &Context) -> Result<(), Failure> {
        let path = format!(
            "/orgs/{}/memberships/{}",
            segment(&self.organization),
            segment(&self.login)
        );
        context.client()?.send(Method::DELETE, &path, None)?;
        context.done(&format!(
            "{} belongs to {} no more",
            self.login, self.organization
        ));
        Ok(())
    }
}

/// List members and owners.
#[derive(Args)]
pub struct List {
    /// The organization
    organization: String,
}

impl List {
    fn run(self, context: &Context) -> Result<(), Failure> {
        let client = context.client()?;
        let mut all = Vec::new();
        // The list itself does not say who is what.
        for (word, role) in [(OWNER, "owner"), ("member", "member")] {
            let path = format!("/orgs/{}/members?role={word}", segment(&self.organization));
            for mut person in client.list(&path, None, usize::MAX)? {
                if let Some(fields) = person.as_object_mut() {
                    fields.insert("role".into(), json!(role));
                }
                all.push(person);
            }
        }
        context.show_list(&all, |all: &[Value]| {
            Table::of(all, [("login", "/login"), ("role", "/role")]).render()
        })
    }
}
