//! What registries of images hand out: tokens of docker's flow, and addresses of uploads. Both are sealed, stand for the
//! credential that asked for them, and are worth nothing without it.

pub mod token;
pub mod upload;

pub use token::{Narrowing, RegistryToken};
