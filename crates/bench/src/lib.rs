//! What every benchmark shares: measuring one contender, and printing the contenders as one table.
//! The benchmarks themselves live in `benches/`; nothing here is a test of time.

mod measure;
mod table;

pub use measure::{Sample, measure};
pub use table::{Row, Table};
