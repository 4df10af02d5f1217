//! Signing in and out, and proving again that it is you.

pub mod login;
pub mod sudo;

use bailiwick_gate::{Reply, Routes};
use http::header;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    login::register(routes);
    sudo::register(routes);
}

/// The answer with a cookie set or removed.
fn with_cookie(reply: Reply, cookie: &str) -> Reply {
    reply.with(header::SET_COOKIE, cookie)
}
