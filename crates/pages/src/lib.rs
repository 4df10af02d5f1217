//! The pages that people meet in a browser: decode, call the authority with a permit, render. No rules, no SQL.
//!
//! `look` is the design system that every page is made of; `visit` is what stands around each. Every other module is
//! a part of the pages; its `register` names the operations that it serves.

pub mod access;
pub mod admin;
pub mod asset;
pub mod audit;
pub mod directory;
pub mod done;
pub mod enterprise;
pub mod errors;
pub mod explain;
pub mod home;
pub mod kept;
pub mod look;
pub mod organization;
mod paging;
pub mod reference;
pub mod settings;
pub mod sign_in;
pub mod token;
pub mod turned;
pub mod visit;

use bailiwick_authority::Fault;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use http::header;

/// Every page.
pub fn register(routes: &mut Routes) {
    routes.face_with(turned::face).on(op::WEB_ASSET, serve_asset);
    organization::register(routes);
    directory::register(routes);
    home::register(routes);
    admin::register(routes);
    audit::register(routes);
    enterprise::register(routes);
    explain::register(routes);
    reference::register(routes);
    settings::register(routes);
    sign_in::register(routes);
    token::register(routes);
}

/// What pages link to, for ever under its name.
fn serve_asset(call: Call) -> Answer {
    let (hash, name) = (call.request.parameter("hash"), call.request.parameter("name"));
    let asset = asset::find(hash, name).ok_or_else(Fault::not_found)?;
    Ok(Reply::bytes(asset.content_type, asset.bytes)
        .with(header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
}
