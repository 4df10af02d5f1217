//! `admin user add`.

use crate::argument::password::Password;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Table, field};
use clap::Args;
use http::Method;
use serde_json::{Map, Value, json};

/// Add a person.
#[derive(Args)]
pub struct Add {
    /// The login
    login: String,
    /// The mail address
    #[arg(long)]
    email: Option<String>,
    /// The name to show
    #[arg(long)]
    name: Option<String>,
    /// Let them administer the installation
    #[arg(long)]
    site_administrator: bool,
    /// Without a password: they cannot sign in until one is set
    #[arg(long, conflicts_with = "password_stdin")]
    no_password: bool,
    #[command(flatten)]
    password: Password,
}

impl Add {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let client = context.client()?;
        let mut body = Map::new();
        body.insert("login".into(), json!(self.login));
        for (name, value) in [("email", &self.email), ("name", &self.name)] {
            if let Some(value) = value {
                body.insert(name.into(), json!(value));
            }
        }
        if self.site_administrator {
            body.insert("site_administrator".into(), json!(true));
        }
        if !self.no_password {
            body.insert(
                "password".into(),
                json!(self.password.choose(&self.login)?.as_str()),
            );
        }
        let answer = client.send(Method::POST, "/admin/users", Some(&Value::Object(body)))?;
        context.show(&answer, |user| {
            Table::facts(&[
                ("user", field::text(user, "/login")),
                ("id", field::text(user, "/id")),
            ])
        })
    }
}
