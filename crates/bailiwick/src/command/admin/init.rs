//! `admin init`: the first administrator, while no server runs.

use crate::argument::password::Password;
use crate::argument::settings::{DataArguments, ListenArguments, load};
use crate::clock::{SystemClock, SystemRandom};
use crate::context::Context;
use crate::data::DataDirectory;
use crate::failure::Failure;
use crate::output::{self, Table};
use crate::server::open_store;
use bailiwick_authority::{Fault, FaultKind, setup};
use clap::Args;
use serde_json::json;

/// Make the first administrator of an empty installation; the server must not run.
#[derive(Args)]
pub struct Init {
    /// The login
    #[arg(long, value_name = "NAME")]
    user: String,
    #[command(flatten)]
    password: Password,
    #[command(flatten)]
    data: DataArguments,
}

impl Init {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let config = load(&self.data, &ListenArguments::default())?;
        let directory = DataDirectory::take(&config.data)?;
        let store = open_store(&config, &directory)?;
        if setup::administrator_exists(&store).map_err(failure)? {
            return Err(Failure::Conflict(
                "somebody administers this installation already".into(),
            ));
        }
        let password = self.password.choose(&self.user)?;
        let random = SystemRandom::new().map_err(|error| Failure::local("random bytes", error))?;
        let id =
            setup::first_administrator(&store, &config.node, &SystemClock, &random, &self.user, &password)
                .map_err(failure)?;
        if context.json {
            return output::line(&json!({"id": id.0, "login": self.user, "site_admin": true}).to_string());
        }
        output::bytes(
            Table::facts(&[
                ("administrator", self.user),
                (
                    "next",
                    format!("bailiwick serve --data {}", directory.path().display()),
                ),
            ])
            .as_bytes(),
        )
    }
}

/// What a use case that was called directly says, in the command line's terms.
fn failure(fault: Fault) -> Failure {
    let wrong: Vec<String> = fault
        .errors
        .iter()
        .map(|error| {
            format!(
                "{} {}",
                error.field,
                error.message.as_deref().unwrap_or(error.code)
            )
        })
        .collect();
    match fault.kind {
        FaultKind::Invalid => Failure::Usage(wrong.join("; ")),
        FaultKind::Conflict => Failure::Conflict(fault.message),
        _ => Failure::Local(match fault.source() {
            Some(source) => format!("{}: {source}", fault.message),
            None => fault.message,
        }),
    }
}
