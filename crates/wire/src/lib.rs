//! Pure parsers from wire formats to intents: pkt-lines, push commands, LFS documents, credentials.

pub mod credential;
pub mod header;
pub mod lfs;
pub mod oid;
pub mod phrase;
pub mod pktline;
pub mod push;
pub mod refname;
