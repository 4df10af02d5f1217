//! For tests only: fixtures, servers and clients.

pub mod postgres;
