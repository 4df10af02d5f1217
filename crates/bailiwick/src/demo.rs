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
use std::path::Path;
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
    let directory = DataDirectory::take(&config.data)?;
    let state = State::load_or_make(&directory)?;
    first_administrator(config, &directory, &state)?;
    let data = directory.path().to_owned();
    let runtime = runtime()?;
    let outcome = runtime.block_on(async {
        let server = Server::open(config, directory).await?;
        let address = Address::parse(&format!("http://{}", server.address()))?;
        let base_url = server.base_url().to_owned();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let serving = tokio::spawn(server.run(async move {
            tokio::select! {
                () = asked_to_stop() => {}
                // Also when the sender is dropped: filling failed.
                _ = stopped => {}
            }
        }));
        let filled = tokio::task::spawn_blocking(move || fill(&address, &base_url, &data, state)).await;
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
fn fill(address: &Address, base_url: &str, data: &Path, mut state: State) -> Result<String, Failure> {
    let alice = sign_in(address, Person::Alice, &state)?;
    if !state.is_filled() {
        output::note("filling the demo …");
        seed::everything(address, &alice, &state)?;
        state.filled()?;
    }
    let tokens = token::fresh(address, &alice, &state)?;
    sign_out(&alice)?;
    welcome::text(base_url, data, &state, &tokens)
}

/// A session of a person.
fn sign_in(address: &Address, person: Person, state: &State) -> Result<Client, Failure> {
    let body = json!({"login": person.login(), "password": state.password(person)?});
    let visitor = Client::new(address.clone(), None)?;
    let answer = visitor.send(Method::POST, "/sessions", Some(&body))?.value()?;
    let text = answer
        .get("token")
        .and_then(|text| text.as_str())
        .unwrap_or_default();
    Client::new(address.clone(), Some(Zeroizing::new(text.to_owned())))
}

/// Ends a session.
fn sign_out(client: &Client) -> Result<(), Failure> {
    client.send(Method::DELETE, "/sessions/current", None).map(drop)
}
