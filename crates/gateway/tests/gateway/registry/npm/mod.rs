//! npm before Verdaccio: the plain client, and what no client would send.

pub mod bed;
mod clients;
mod hostile;
mod outside;
