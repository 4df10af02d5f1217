//! What organizations and enterprises show alike of requests, grants and policies: drawing only, from plain inputs.
//! The pages themselves are in `organization` and `enterprise`.

pub mod approve_form;
pub mod diff;
pub mod incident_form;
pub mod listing;
pub mod place;
pub mod planted;
pub mod policy_form;
mod policy_typed;
pub mod request_view;
pub mod rights;
pub mod token_view;

pub use place::Place;
pub use rights::{Reach, Rights};
