//! What registries of images hand out: tokens of docker's flow, and addresses of uploads. Both are sealed, stand for the
//! credential that asked for them, and are worth nothing without it. Beside them, who may have what received.

pub mod receive;
pub mod token;
pub mod upload;

pub use receive::Place;
pub(crate) use receive::Places;
pub use token::{Narrowing, RegistryToken};
