//! The laws of plans, on random directories, with a naive world in which plans are carried out.

mod cases;
mod laws;
mod world;
