//! The Git and LFS surface over HTTP: decodes requests, streams both ways, and lets the authority act. It decides
//! nothing; handlers exist for permits alone.

pub mod body;
pub mod client;
pub mod fetch;
mod lfs;
pub mod message;
pub mod push;

use bailiwick_catalogue::op;
use bailiwick_gate::Routes;

/// Registers every Git and LFS operation.
pub fn register(routes: &mut Routes) {
    routes
        .stream(op::GIT_UPLOAD_PACK_INFO, fetch::advertise)
        .stream(op::GIT_RECEIVE_PACK_INFO, push::advertise)
        .stream(op::GIT_UPLOAD_PACK, fetch::upload_pack)
        .stream(op::GIT_RECEIVE_PACK, push::receive_pack);
    lfs::register(routes);
}
