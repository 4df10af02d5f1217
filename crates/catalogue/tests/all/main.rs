//! The catalogue's tests, as one binary. The build script's reader is tested here as it is.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "../../src/read/mod.rs"]
#[allow(dead_code, reason = "the build script uses all of it, these tests only some")]
mod read;
#[path = "../../build/same.rs"]
mod same;

use read::{parse, template, trie, words};

mod data;
mod extension;
mod gitea;
mod header;
mod naive;
mod permissions;
mod reference;
mod router;
mod syntax;
