//! `logout`: ends the session at the server, then forgets it here.

use crate::client::session::SessionFile;
use crate::context::Context;
use crate::failure::Failure;
use clap::Args;
use http::Method;

/// End the session.
#[derive(Args)]
pub struct Logout {}

impl Logout {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let address = context.address()?;
        let file = SessionFile::locate()?;
        let Some(session) = file.get(&address)? else {
            return Err(Failure::NotSignedIn(format!("not signed in to {address}")));
        };
        let client = context.at(address.clone(), Some(session.text))?;
        match client.send(Method::DELETE, "/sessions/current", None) {
            // A session that has ended already is what was asked for.
            Err(failure) if failure.code() != 3 => return Err(failure),
            _ => {}
        }
        file.remove(&address)?;
        context.done(&format!("{} is signed out of {address}", session.login));
        Ok(())
    }
}
