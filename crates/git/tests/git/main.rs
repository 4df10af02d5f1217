//! The crate against the system's git: repositories on disk, real packs, a real hook process.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod files;
mod history;
mod objects;
mod outside;
mod push;
mod refs;
mod repositories;
mod transfer;
mod workflows;
mod world;
