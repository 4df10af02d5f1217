//! What every command gets: which server, with which credential, and how answers are printed.

use crate::client::address::{self, Address};
use crate::client::session::SessionFile;
use crate::client::trust::Trust;
use crate::client::{Answer, Client};
use crate::failure::Failure;
use crate::output;
use serde_json::Value;
use std::path::PathBuf;
use zeroize::Zeroizing;

/// The variable whose token is used instead of a session.
const TOKEN_VARIABLE: &str = "BAILIWICK_TOKEN";

/// The surroundings of a command.
pub struct Context {
    server: Option<String>,
    trust: Trust,
    /// Whether answers are printed as they came.
    pub json: bool,
}

impl Context {
    /// With what the command line says.
    pub fn new(server: Option<String>, ca: Option<PathBuf>, json: bool) -> Context {
        Context {
            trust: Trust::new(ca),
            server: server.filter(|text| !text.is_empty()),
            json,
        }
    }

    /// The server: the one that was named, or the one of the last login, or this machine's.
    pub fn address(&self) -> Result<Address, Failure> {
        if let Some(text) = &self.server {
            return Address::parse(text);
        }
        let current = SessionFile::locate()
            .and_then(|file| file.current())
            .unwrap_or_default();
        Address::parse(current.as_deref().unwrap_or(address::DEFAULT))
    }

    /// A client with the credential for the server.
    pub fn client(&self) -> Result<Client, Failure> {
        let address = self.address()?;
        if let Ok(token) = std::env::var(TOKEN_VARIABLE)
            && !token.is_empty()
        {
            return self.at(address, Some(Zeroizing::new(token)));
        }
        match SessionFile::locate()?.get(&address)? {
            Some(session) => self.at(address, Some(session.text)),
            None => Err(Failure::NotSignedIn(format!(
                "not signed in to {address}; sign in with: bailiwick login --server {address}"
            ))),
        }
    }

    /// A client without a credential.
    pub fn visitor(&self) -> Result<Client, Failure> {
        self.at(self.address()?, None)
    }

    /// A client of a server with this credential.
    pub fn at(&self, address: Address, credential: Option<Zeroizing<String>>) -> Result<Client, Failure> {
        Client::new(address, credential, &self.trust)
    }

    /// Prints an answer: as it came, or the text that `human` makes of it.
    pub fn show(&self, answer: &Answer, human: impl FnOnce(&Value) -> String) -> Result<(), Failure> {
        if self.json {
            output::bytes(&answer.body)?;
            return if answer.body.is_empty() || answer.body.ends_with(b"\n") {
                Ok(())
            } else {
                output::line("")
            };
        }
        output::bytes(human(&answer.value()?).as_bytes())
    }

    /// Prints the items of a list.
    pub fn show_list(&self, items: &[Value], human: impl FnOnce(&[Value]) -> String) -> Result<(), Failure> {
        if self.json {
            let text = serde_json::to_string(items).map_err(|error| Failure::local("cannot print", error))?;
            return output::line(&text);
        }
        output::bytes(human(items).as_bytes())
    }

    /// Says that something was done: a note for people, nothing for programs.
    pub fn done(&self, text: &str) {
        if !self.json {
            output::note(text);
        }
    }
}
