//! `audit verify`: checks the chains of the log in a data directory, without the server. The exit code is 1 when
//! one is broken.

use crate::argument::settings::{DataArguments, ListenArguments, load};
use crate::context::Context;
use crate::data::DataDirectory;
use crate::failure::Failure;
use crate::output::{self, Table};
use crate::server::open_store;
use bailiwick_store::audit::{self, Head, Verified};
use bailiwick_store::{Store, StoreError};
use clap::Args;
use serde_json::{Value, json};
use std::process::ExitCode;

/// Check that no event of the log was changed, removed or added; the server must not run.
#[derive(Args)]
pub struct Verify {
    #[command(flatten)]
    data: DataArguments,
}

/// A node's chain and what is known of it.
pub type Chain = (Head, Verified);

impl Verify {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let config = load(&self.data, &ListenArguments::default())?;
        let directory = DataDirectory::take_existing(&config.data)?;
        let store = open_store(&config, &directory)?;
        let chains = chains(&store).map_err(|error| Failure::local("the audit log", error))?;
        let sound = chains.iter().all(|(_, verified)| verified.broken.is_none());
        if context.json {
            let nodes: Vec<Value> = chains.iter().map(json_of).collect();
            output::line(&json!({"sound": sound, "nodes": nodes}).to_string())?;
        } else {
            let mut table = Table::new(["node", "events", "last", "hash of the last", "result"]);
            for (head, verified) in &chains {
                table.row([
                    head.node.clone(),
                    verified.events.to_string(),
                    head.position.to_string(),
                    head.hash.base64(),
                    match verified.broken {
                        None => String::from("sound"),
                        Some(at) => format!("BROKEN at {}: {:?}", at.position, at.fault),
                    },
                ]);
            }
            output::bytes(table.render().as_bytes())?;
        }
        Ok(if sound {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}

/// Every node's chain, checked from its first event.
pub fn chains(store: &Store) -> Result<Vec<Chain>, StoreError> {
    store.read(|tx| {
        let heads = audit::heads(tx)?;
        heads
            .into_iter()
            .map(|head| {
                let verified = audit::verify(tx, &head.node, 0)?;
                Ok((head, verified))
            })
            .collect()
    })
}

fn json_of((head, verified): &Chain) -> Value {
    json!({
        "node": head.node,
        "events": verified.events,
        "position": head.position,
        "hash": head.hash.base64(),
        "broken_at": verified.broken.map(|at| at.position),
        "fault": verified.broken.map(|at| format!("{:?}", at.fault).to_lowercase()),
    })
}
