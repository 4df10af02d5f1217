//! Endpoint tests through the whole gate, in process. A module mirrors a part of the API's paths.

#![allow(
    missing_docs,
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests: a failure is a failed test"
)]

mod audit;
mod audit_export;
mod audited;
mod checks;
mod content;
mod directory;
mod ended;
mod explained;
mod gitea;
mod harness;
mod issue_parts;
mod issues;
mod meta;
mod mounted;
mod packages;
mod personal_access_tokens;
mod planted;
mod sessions;
mod teller;
mod unread;
mod upstreams;

/// What the gate in these tests serves.
fn register(routes: &mut bailiwick_gate::Routes) {
    bailiwick_rest::register(routes);
}
