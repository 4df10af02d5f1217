//! What every benchmark shares: measuring one contender, and printing the contenders as one table.
//! The benchmarks themselves live in `benches/`; nothing here is a test of time.

mod grid;
mod measure;
mod spread;
mod table;

pub use grid::Grid;
pub use measure::{Sample, measure};
pub use spread::Spread;
pub use table::{Row, Table};
