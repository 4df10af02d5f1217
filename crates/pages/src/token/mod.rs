//! A person's own tokens: making one, what is shown once after, the list, one token, editing and ending.

mod activity;
mod ask;
mod cancel;
pub mod classic;
pub mod danger;
mod delete;
mod desk;
mod draft;
mod edit;
mod fields;
mod list;
mod minted;
mod new;
mod owner_fields;
pub mod planted;
mod regenerate;
mod template;
mod told;
mod view;

use bailiwick_gate::Routes;
use bailiwick_model::TokenId;

/// Where fine-grained tokens are.
pub const PATH: &str = "/settings/personal-access-tokens";
/// Where a new one is made.
pub const NEW: &str = "/settings/personal-access-tokens/new";
/// Where classic tokens are.
pub const CLASSIC: &str = "/settings/tokens";

/// The page of a token.
pub fn path_of(id: TokenId) -> String {
    format!("{PATH}/{id}")
}

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    activity::register(routes);
    ask::register(routes);
    cancel::register(routes);
    classic::register(routes);
    delete::register(routes);
    edit::register(routes);
    list::register(routes);
    new::register(routes);
    planted::register(routes);
    regenerate::register(routes);
    view::register(routes);
}
