//! Pages through the whole gate, in process, as a browser asks for them. A module per part of the pages.

#![allow(
    missing_docs,
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests: a failure is a failed test"
)]

mod admin;
mod audit;
mod audited;
mod browser;
mod directory;
mod enterprise;
mod explain;
mod forged;
#[path = "../../rest/tests/harness.rs"]
mod harness;
mod home;
mod observed;
mod organization;
mod organization_settings;
mod packages;
mod planted;
mod reference;
mod repository;
mod security;
mod sign_in;
mod synchronised;
#[path = "../../rest/tests/teller.rs"]
mod teller;
mod token;
mod token_life;
mod upstream;

/// What the gate in these tests serves: pages, and the API for what pages lead to.
fn register(routes: &mut bailiwick_gate::Routes) {
    bailiwick_rest::register(routes);
    bailiwick_pages::register(routes);
}
