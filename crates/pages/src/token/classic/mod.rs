//! Classic tokens: scopes instead of grants, everything that the person reaches instead of chosen repositories.

mod list;
mod new;
mod scopes;
mod view;

use bailiwick_gate::Routes;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    list::register(routes);
    new::register(routes);
    view::register(routes);
}
