//! Check suites and check runs: what outside services find in a commit.

mod input;
pub mod run;
pub mod suite;

pub use input::{AnnotationInput, OutputInput, RunInput};
