//! Registries of packages behind the gateway, with the plain clients of each.

mod hangs;
mod inventory;
mod maven;
mod narrowed;
mod npm;
mod nuget;
pub mod oci;
pub mod place;
mod pypi;
mod receiving;
mod turns;
