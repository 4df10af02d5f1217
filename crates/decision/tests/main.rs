//! The decision against its naive model, its laws, and its matrix.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "clippy's exception for tests stops at the helpers of an integration test"
)]

mod asked;
mod cast;
mod explain;
mod law;
mod matrix;
mod package;
mod policy;
mod question;
mod reference;
mod request;
mod role;
mod strategy;
mod tightening;
