//! Pure parsers from wire formats to intents: pkt-lines, push commands, LFS documents, credentials, proxies' headers.

pub mod credential;
pub mod forwarded;
pub mod header;
pub mod lfs;
pub mod oid;
pub mod phrase;
pub mod pktline;
pub mod push;
pub mod refname;
