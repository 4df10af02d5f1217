//! Enterprises: which ones a person owns, the overview, policies, the inventory of tokens. Requests at the enterprise
//! itself and incidents have the pages that organizations have.

mod inventory;
mod inventory_filter;
mod list;
mod overview;
mod policy;
mod token;

pub use list::row;

use bailiwick_gate::Routes;

/// The operations of this area.
pub fn register(routes: &mut Routes) {
    inventory::register(routes);
    list::register(routes);
    overview::register(routes);
    policy::register(routes);
    token::register(routes);
}
