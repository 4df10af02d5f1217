//! The gateway before real servers: what is decided here is what arrives there, and nothing of either side's
//! credentials crosses.

#![allow(
    missing_docs,
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests: a failure is a failed test"
)]

mod authorize;
#[path = "../../../pages/tests/browser.rs"]
mod browser;
mod cached;
#[path = "../../../host/tests/host/client.rs"]
mod client;
mod corpus;
mod front;
mod git;
mod gitea;
mod github;
#[path = "../../../rest/tests/harness.rs"]
mod harness;
mod observe;
mod recorder;
mod registry;
mod server;
#[path = "../../../host/tests/host/still.rs"]
mod still;
mod synchronise;
#[path = "../../../host/tests/host/under_way.rs"]
mod under_way;
mod withheld;

/// What the gate in these tests serves.
fn register(routes: &mut bailiwick_gate::Routes) {
    bailiwick_rest::register(routes);
    bailiwick_pages::register(routes);
    bailiwick_gateway::register(routes);
}
