//! Tokens, grants and access requests, policies, sessions.

mod own;
mod session;

use bailiwick_gate::Routes;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    own::register(routes);
    session::register(routes);
}
