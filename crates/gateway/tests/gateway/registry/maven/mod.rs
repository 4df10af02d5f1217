//! Maven: a plain repository (nginx that takes PUT and DELETE) behind, `mvn` before.

mod bed;
mod client;
mod layout;
mod names;
