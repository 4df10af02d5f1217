//! Git and LFS: nginx with `git http-backend` behind, and this very program in its other role.

pub mod bed;
mod clients;
mod clone;
mod directory;
mod faults;
mod inspect;
mod kept;
mod lfs;
mod mirrors;
mod push;
mod refused;
mod revoke;
pub mod world;
