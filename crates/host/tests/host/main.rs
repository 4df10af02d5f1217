//! Git and LFS through the whole gate: real git over a loopback listener, and requests that no client would send.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests: a failure is a failed test"
)]

mod audited;
mod client;
mod clone;
mod lfs;
mod push;
mod raw;
mod revoke;
mod still;
mod under_way;
mod world;
