//! End to end: the real program, over real sockets, with the clients that people use. A module is a story.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that finds something else than it expects must fail"
)]

mod audit;
mod browser;
mod carriers;
mod clients;
mod directory;
mod git;
mod leaks;
mod newcomer;
mod openapi;
mod oracle;
mod paths;
mod proxies;
mod smuggling;
mod tls;
mod walk_through;
mod workflows;
mod world;
