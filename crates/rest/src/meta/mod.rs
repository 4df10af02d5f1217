//! What the server says of itself: addresses, versions, the caller's rate, the catalogue, health and figures.

mod openapi;
mod overview;
mod server;

use bailiwick_gate::Routes;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    openapi::register(routes);
    overview::register(routes);
    server::register(routes);
}
