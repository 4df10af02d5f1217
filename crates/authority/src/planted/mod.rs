//! What tokens planted at servers behind the gateway: things that can themselves authenticate and would outlive the
//! token. They are recorded under it when they are made, listed for its holder and the resource owner, and ended.

pub(crate) mod end;
mod kinds;
mod list;
mod record;

pub use end::{Ender, Ending, Unended};
pub use list::PlantedView;

#[cfg(test)]
mod tests;
