//! Tokens, grants and access requests, policies, sessions.

mod ask;
mod classic;
mod explain;
mod grant;
mod incident;
mod inventory;
pub mod own;
pub mod planted;
mod policy;
mod request;
mod session;

use bailiwick_gate::Routes;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    ask::register(routes);
    explain::register(routes);
    classic::register(routes);
    grant::register(routes);
    incident::register(routes);
    inventory::register(routes);
    own::register(routes);
    planted::register(routes);
    policy::register(routes);
    request::register(routes);
    session::register(routes);
}
