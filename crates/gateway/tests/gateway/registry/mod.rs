//! Registries of packages behind the gateway, with the plain clients of each.

mod maven;
mod nuget;
mod oci;
mod place;
