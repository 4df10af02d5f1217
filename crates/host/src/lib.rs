//! The Git and LFS surface over HTTP.
