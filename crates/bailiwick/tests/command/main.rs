//! The binary as a process against a scripted server: what is asked, what is printed where, and exit codes.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod configuration;
mod directory;
mod exit;
mod login;
mod request;
mod script;
mod token;
mod upstream;
