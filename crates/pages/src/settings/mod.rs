//! A person's own settings: how they sign in, and where they are signed in.

pub mod linked;
mod linking;
mod picture;
pub mod security;
pub mod sessions;

use bailiwick_gate::Routes;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    security::register(routes);
    sessions::register(routes);
    linked::register(routes);
    linking::register(routes);
}
