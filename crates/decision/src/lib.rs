//! The pure decision: what a credential may do, why not, and what is missing. No I/O, no clock, no panic;
//! what cannot be understood is a denial with a reason.

pub mod decide;
pub mod effective;
pub mod explain;
pub mod facts;
pub mod filter;
pub mod outcome;
pub mod policy;
pub mod request;

pub use decide::decide;
pub use explain::{Explanation, TermTrace, explain};
pub use facts::{Conditions, CredentialFacts, Facts, Known, TargetFacts, Targets};
pub use filter::Filter;
pub use outcome::{Allow, Basis, Decision, Deny, Missing, Reason, Refusal, Stage};
