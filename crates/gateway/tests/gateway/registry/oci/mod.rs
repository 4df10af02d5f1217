//! Images: docker-registry behind, skopeo and buildah before, and requests that no client sends.

#![allow(
    unused_must_use,
    reason = "tests: of many answers nothing but the status counts, which `expect` looks at"
)]

pub mod bed;
mod clients;
mod elsewhere;
pub mod hostile;
mod login;
mod names;
mod pull;
mod push;
mod revoke;
mod untold;
mod upload;
pub mod world;
