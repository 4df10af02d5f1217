//! Passwords: from standard input, the environment or the terminal, never from an argument, which other users of
//! the machine can see.

use crate::failure::Failure;
use clap::Args;
use std::io::Read;
use zeroize::Zeroizing;

/// The variable that holds a password where there is no terminal.
const VARIABLE: &str = "BAILIWICK_PASSWORD";

/// Where the password comes from.
#[derive(Args, Clone, Debug, Default)]
pub struct Password {
    /// Read the password from standard input, up to the first line end
    #[arg(long)]
    pub password_stdin: bool,
}

impl Password {
    /// A password that exists.
    pub fn ask(&self, prompt: &str) -> Result<Zeroizing<String>, Failure> {
        match self.given()? {
            Some(password) => Ok(password),
            None => on_terminal(prompt),
        }
    }

    /// A new password, asked for twice on a terminal.
    pub fn choose(&self, login: &str) -> Result<Zeroizing<String>, Failure> {
        if let Some(password) = self.given()? {
            return Ok(password);
        }
        let first = on_terminal(&format!("New password of {login}: "))?;
        if *on_terminal("The same again: ")? != *first {
            return Err(Failure::Usage("the two passwords differ".into()));
        }
        Ok(first)
    }

    fn given(&self) -> Result<Option<Zeroizing<String>>, Failure> {
        if self.password_stdin {
            let mut text = Zeroizing::new(String::new());
            std::io::stdin()
                .take(4096)
                .read_to_string(&mut text)
                .map_err(|error| Failure::local("standard input", error))?;
            let line = text.split(['\n', '\r']).next().unwrap_or_default();
            if line.is_empty() {
                return Err(Failure::Usage("there is no password on standard input".into()));
            }
            return Ok(Some(Zeroizing::new(line.to_owned())));
        }
        Ok(std::env::var(VARIABLE)
            .ok()
            .filter(|text| !text.is_empty())
            .map(Zeroizing::new))
    }
}

fn on_terminal(prompt: &str) -> Result<Zeroizing<String>, Failure> {
    rpassword::prompt_password(prompt)
        .map(Zeroizing::new)
        .map_err(|error| {
            Failure::Usage(format!(
                "no terminal to ask for the password ({error}); use --password-stdin or {VARIABLE}"
            ))
        })
}
