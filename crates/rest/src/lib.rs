//! The GitHub-shaped REST surface: decode, call the authority with a permit, encode. No rules, no SQL.
//!
//! A module is a noun of the API; its `register` names the operations that it serves.

pub mod admin;
pub mod audit;
pub mod check;
pub mod content;
pub mod directory;
pub mod issue;
pub mod linking;
pub mod meta;
pub mod observation;
pub mod package;
pub mod status;
pub mod token;
pub mod upstream;
pub mod view;

use bailiwick_gate::Routes;

/// Every operation that this surface serves.
pub fn register(routes: &mut Routes) {
    admin::register(routes);
    directory::register(routes);
    content::register(routes);
    audit::register(routes);
    check::register(routes);
    issue::register(routes);
    linking::register(routes);
    meta::register(routes);
    observation::register(routes);
    package::register(routes);
    status::register(routes);
    token::register(routes);
    upstream::register(routes);
}
