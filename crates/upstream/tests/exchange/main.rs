//! The client of servers behind the gateway against servers that behave, lie, hang and hang up: on real sockets.

mod caller;
mod fences;
mod framing;
mod lies;
mod reuse;
mod server;
mod slow;
mod streams;
mod tls;
mod together;
