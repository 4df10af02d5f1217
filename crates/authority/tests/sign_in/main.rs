//! Signing in, second factors, passkeys, sudo mode, sessions, setting up and upkeep: the use cases on a real store.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that finds something else than it expects must fail"
)]

mod authenticator;
mod passkeys;
mod passwords;
mod second_factor;
mod sessions;
mod setup;
mod sweep;
mod world;
