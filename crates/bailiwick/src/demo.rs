//! The demo: a data directory with an enterprise, people, repositories and issues to try things on. Everything but
//! the first administrator is made through the public API over loopback HTTP, as any client would.

mod git;
mod history;
mod people;
mod seed;
mod state;
mod token;
mod welcome;

use crate::client::Client;
use crate::client::address::Address;
use crate::client::trust::Trust;
use crate::clock::{SystemClock, SystemRandom};
use crate::config::Config;
use crate::data::DataDirectory;
use crate::failure::Failure;
use crate::output;
use crate::server::{Server, asked_to_stop, open_store, runtime};
use bailiwick_authority::setup;
use http::Method;
use people::Person;
use serde_json::json;
use state::State;
use std::path::{Path, PathBuf};
use std::time::Duration;
use zeroize::Zeroizing;

/// Prepares the directory if it is new, serves it, fills it, and prints what to try.
pub fn run(config: &Config) -> Result<(), Failure> {
    // SECURITY: the passwords are printed; nobody else may reach the door they open.
    if !config.listen.ip().is_loopback() {
        return Err(Failure::Usage(
            "the demo listens on this machine only: its passwords are printed".into(),
        ));
    }
    if config.tls_certificate.is_some() {
        return Err(Failure::Usage(
            "the demo speaks to itself by its own certificate alone: use --tls-self-signed".into(),
        ));
    }
    let directory = DataDirectory::take(&config.data)?;
    let state = State::load_or_make(&directory)?;
    first_administrator(config, &directory, &state)?;
    let data = directory.path().to_owned();
    let runtime = runtime()?;
    let outcome = runtime.block_on(async {
        let server = Server::open(config, directory).await?;
        let scheme = if config.has_tls() { "https" } else { "http" };
        let there = There {
            address: Address::parse(&format!("{scheme}://{}", server.address()))?,
            authority_file: server.authority_file(),
        };
        let base_url = server.base_url().to_owned();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let serving = tokio::spawn(server.run(async move {
            tokio::select! {
                () = asked_to_stop() => {}
                // Also when the sender is dropped: filling failed.
                _ = stopped => {}
            }
        }));
        let filled = tokio::task::spawn_blocking(move || fill(&there, &base_url, &data, state)).await;
        match filled.unwrap_or_else(|error| Err(Failure::local("the demo", error))) {
            Ok(text) => {
                output::bytes(text.as_bytes())?;
                let _ended = serving.await;
                drop(stop);
                Ok(())
            }
            Err(failure) => {
                drop(stop);
                let _ended = serving.await;
                Err(failure)
            }
        }
    });
    runtime.shutdown_timeout(Duration::from_secs(2));
    outcome
}

/// Alice, through the same use case as `admin init`: nobody could sign in to make her.
fn first_administrator(config: &Config, directory: &DataDirectory, state: &State) -> Result<(), Failure> {
    let store = open_store(config, directory)?;
    let failed = |fault: bailiwick_authority::Fault| Failure::local("the demo's first administrator", fault);
    if setup::administrator_exists(&store).map_err(failed)? {
        return Ok(());
    }
    let random = SystemRandom::new().map_err(|error| Failure::local("random bytes", error))?;
    let password = state.password(Person::Alice)?;
    setup::first_administrator(
        &store,
        &config.node,
        &SystemClock,
        &random,
        Person::Alice.login(),
        password,
    )
    .map_err(failed)?;
    Ok(())
}

/// Fills what is not there, makes fresh tokens, and gives the text to print.
fn fill(there: &There, base_url: &str, data: &Path, mut state: State) -> Result<String, Failure> {
    let alice = there.sign_in(Person::Alice, &state)?;
    if !state.is_filled() {
        output::note("filling the demo …");
        seed::everything(there, &alice, &state)?;
        state.filled()?;
    }
    let tokens = token::fresh(there, &alice, &state)?;
    sign_out(&alice)?;
    welcome::text(base_url, data, there.authority_file.as_deref(), &state, &tokens)
}

/// The server as this process reaches it.
struct There {
    address: Address,
    authority_file: Option<PathBuf>,
}

impl There {
    fn client(&self, credential: Option<Zeroizing<String>>) -> Result<Client, Failure> {
        Client::new(
            self.address.clone(),
            credential,
            &Trust::new(self.authority_file.clone()),
        )
    }

    /// A session of a person.
    fn sign_in(&self, person: Person, state: &State) -> Result<Client, Failure> {
        let body = json!({"login": person.login(), "password": state.password(person)?});
        let answer = self
            .client(None)?
            .send(Method::POST, "/sessions", Some(&body))?
            .value()?;
        let text = answer
            .get("token")
            .and_then(|text| text.as_str())
            .unwrap_or_default();
        self.client(Some(Zeroizing::new(text.to_owned())))
    }
}

/// Ends a session.
fn sign_out(client: &Client) -> Result<(), Failure> {
    client.send(Method::DELETE, "/sessions/current", None).map(drop)
}
