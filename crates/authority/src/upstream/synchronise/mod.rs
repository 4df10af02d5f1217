//! Directory facts synchronised from an upstream: what it says (`snapshot`), what is here (`current`), what must change
//! (`plan`), whether that is too much at once (`guard`), and the change itself. Reading the upstream is a surface's.

pub mod current;
pub mod guard;
pub mod plan;
pub mod snapshot;

#[cfg(test)]
mod tests;
