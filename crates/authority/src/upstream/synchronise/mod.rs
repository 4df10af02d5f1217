//! Directory facts synchronised from an upstream: what it says (`snapshot`), what is here (`current`), what must change
//! (`plan`), whether that is too much at once (`guard`), and the change itself. Reading the upstream is a surface's.

mod apply;
pub mod ask;
pub mod current;
mod doctor;
pub mod guard;
mod load;
pub mod plan;
mod run;
mod show;
pub mod snapshot;
pub mod state;

pub(crate) use ask::Asks;
pub(crate) use doctor::checks;
pub use load::Scope;
pub use run::Work;
pub(crate) use show::HooksRefused;
pub use show::SynchronisationView;

#[cfg(test)]
mod tests;
