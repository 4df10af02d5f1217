//! The gateway before real servers: what is decided here is what arrives there, and nothing of either side's
//! credentials crosses.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests: a failure is a failed test"
)]

mod corpus;
mod front;
mod git;
mod gitea;
mod recorder;
