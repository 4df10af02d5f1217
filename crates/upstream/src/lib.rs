//! Reaches the servers behind the gateway: where they are, how they are trusted, and one exchange of request and
//! answer at a time over connections that are kept; and what both sides of the gateway share of a message and its stream.
//! Knows nothing of who asks; adds no credential, follows no redirect.

mod address;
mod answer;
mod body;
mod chunk;
mod client;
mod connection;
mod error;
mod fields;
mod head;
mod name;
mod patience;
mod plain;
mod pool;
mod prepared;
mod probe;
mod send;
mod trust;
mod value;

pub use address::{Address, AddressError};
pub use answer::{Answer, AnswerBody};
pub use client::{Client, Limits};
pub use error::UpstreamError;
pub use fields::Fields;
pub use head::{Outgoing, is_hop_by_hop};
pub use name::header_name;
pub use plain::Plain;
pub use prepared::{Names, Prepared};
pub use probe::{ProbeMethod, Probed};
pub use send::OutgoingBody;
pub use trust::{Pin, Trust, TrustError};
pub use value::{HeaderValue, NoValue};
