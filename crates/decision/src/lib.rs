//! The pure decision: what a credential may do, why not, and what is missing. No I/O, no clock, no panic;
//! what cannot be understood is a denial with a reason.

// A new variant must be decided on, never fall into somebody else's arm.
#![deny(clippy::wildcard_enum_match_arm)]

mod could;
pub mod decide;
pub mod effective;
pub mod explain;
pub mod facts;
pub mod filter;
mod grant;
mod live;
pub mod outcome;
mod package;
pub mod policy;
pub mod request;
mod used;
mod visible;

pub use could::could;
pub use decide::decide;
pub use explain::{Explanation, TermTrace, explain};
pub use facts::{Conditions, CredentialFacts, Facts, Known, Narrowed, Package, TargetFacts, Targets};
pub use filter::Filter;
pub use outcome::{Allow, Basis, Decision, Deny, Missing, Reason, Refusal, Stage};
pub use used::used;
