//! Maven: a plain repository (nginx that takes PUT and DELETE) behind, `mvn` before.

pub mod bed;
mod client;
mod layout;
mod names;
