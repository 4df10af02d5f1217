//! `login`: a person's session in the terminal, also into sudo mode.

use crate::argument::code;
use crate::argument::password::Password;
use crate::client::address::Address;
use crate::client::session::{Session, SessionFile};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{self, Table, field};
use clap::Args;
use http::Method;
use serde_json::json;
use std::io::{BufRead, IsTerminal};
use zeroize::Zeroizing;

/// Sign in and keep the session for the other commands.
#[derive(Args)]
pub struct Login {
    /// Who signs in [default: whoever did last, otherwise asked for]
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// Confirm the password of the present session, as changes of tokens and policies ask for
    #[arg(long)]
    sudo: bool,
    #[command(flatten)]
    password: Password,
}

impl Login {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let address = context.address()?;
        let file = SessionFile::locate()?;
        let former = file.get(&address)?;
        if self.sudo
            && let Some(session) = former
        {
            if self
                .user
                .as_ref()
                .is_some_and(|user| !user.eq_ignore_ascii_case(&session.login))
            {
                return Err(Failure::Usage(format!(
                    "{} is signed in; leave --sudo out to sign in as another",
                    session.login
                )));
            }
            return self.confirm(context, address, session);
        }
        let login = match self.user.clone().or(former.map(|session| session.login)) {
            Some(login) => login,
            None => ask_login()?,
        };
        if !address.is_loopback() && !address.is_secure() {
            output::note("warning: plain HTTP: whoever is on the way can read the password");
        }
        let password = self
            .password
            .ask(&format!("Password of {login} at {address}: "))?;
        let client = context.at(address.clone(), None)?;
        let mut body = json!({"login": login, "password": password.as_str()});
        let answer = match client.send(Method::POST, "/sessions", Some(&body)) {
            Err(failure) if failure.reason() == Some("two_factor.required") => {
                if let Some(fields) = body.as_object_mut() {
                    fields.insert("otp".into(), json!(code::ask(&login)?.as_str()));
                }
                client.send(Method::POST, "/sessions", Some(&body))?
            }
            other => other?,
        };
        let mut value = answer.value()?;
        let text = value
            .as_object_mut()
            .and_then(|fields| fields.shift_remove("token"));
        let Some(text) = text.as_ref().and_then(|text| text.as_str()) else {
            return Err(Failure::Unreachable(
                "the server's answer holds no session".into(),
            ));
        };
        let login = field::text(&value, "/login");
        let session = Session {
            login: login.clone(),
            text: Zeroizing::new(text.to_owned()),
        };
        let expires_at = value.get("expires_at").cloned().unwrap_or_default();
        file.put(&address, &session, &expires_at)?;
        if context.json {
            // The session's text is kept, not shown.
            return output::line(&value.to_string());
        }
        output::bytes(
            Table::facts(&[
                ("signed in", format!("{login} at {address}")),
                ("until", field::text(&value, "/expires_at")),
                ("sudo until", field::text(&value, "/sudo_until")),
                ("kept in", file.path().display().to_string()),
            ])
            .as_bytes(),
        )
    }

    fn confirm(&self, context: &Context, address: Address, session: Session) -> Result<(), Failure> {
        let password = self
            .password
            .ask(&format!("Password of {} at {address}: ", session.login))?;
        let client = context.at(address, Some(session.text))?;
        let body = json!({"password": password.as_str()});
        let answer = client.send(Method::POST, "/sessions/sudo", Some(&body))?;
        context.show(&answer, |value| {
            Table::facts(&[("sudo until", field::text(value, "/sudo_until"))])
        })
    }
}

fn ask_login() -> Result<String, Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::Usage("say who signs in: --user NAME".into()));
    }
    output::note("User name:");
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|error| Failure::local("standard input", error))?;
    match line.trim() {
        "" => Err(Failure::Usage("say who signs in: --user NAME".into())),
        login => Ok(login.to_owned()),
    }
}
