//! For tests only: a running server, a client that sends exactly the bytes it is told, the programs people use, and a
//! private PostgreSQL cluster. Everything panics with the reason, since a test without its means must fail loudly.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "for tests only: what does not work must fail the test that uses it"
)]

pub mod http;
pub mod postgres;
pub mod program;
pub mod server;
pub mod tls;

pub use http::{Address, Answer, Request};
pub use program::Ran;
pub use server::Server;
