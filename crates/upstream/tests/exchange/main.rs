//! The client of servers behind the gateway against servers that behave, lie, hang and hang up: on real sockets.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests: a failure is a failed test"
)]

mod caller;
mod fences;
mod framing;
mod lies;
mod reuse;
mod server;
mod slow;
mod streams;
mod tls;
mod together;
