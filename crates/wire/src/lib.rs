//! Pure parsers from wire formats to intents: pkt-lines, push commands, LFS documents, credentials, proxies' headers,
//! Envoy's checks.

pub mod credential;
pub mod ext_authz;
pub mod forwarded;
pub mod header;
pub mod lfs;
pub mod maven;
pub mod multipart;
pub mod npm;
pub mod nuget;
pub mod oci;
pub mod oid;
pub mod phrase;
pub mod pktline;
pub mod protobuf;
pub mod push;
pub mod pypi;
pub mod refname;
pub mod registry;
