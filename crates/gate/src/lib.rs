//! The only door. Every request passes the same stages, one file each:
//! listen → classify → identify → gather → decide → record → serve(permit).

mod api_key;
mod arrival;
mod authorize;
mod bare;
mod beside;
mod blocking;
mod body;
pub mod classify;
mod connection;
pub mod described;
pub mod face;
mod gather;
mod gitea;
pub use gather::{names, needs_body};
mod headers;
pub mod identify;
mod intake;
mod joined;
pub mod listen;
pub mod message;
pub mod metrics;
mod mount;
mod observe;
pub mod page;
mod passage;
pub mod pipeline;
pub mod rate;
mod record;
pub mod refusal;
mod registry;
pub use registry::kind_of;
pub mod reply;
pub mod request;
pub mod route;
mod serve;
pub mod tls;
mod upstream_header;
pub mod version;
mod watched;
mod write;

pub use bailiwick_upstream::{Fields, HeaderValue};
pub use blocking::{blocking, upstreams};
pub use body::read_body;
pub use face::{Asked, Face, Turned};
pub use listen::{ListenSettings, serve_listener};
pub use message::{Head, Received, Response};
pub use mount::{MountedRegistry, MountedTwice, Mounts, split_mount};
pub use page::Cookies;
pub use pipeline::{Gate, GateSettings};
pub use reply::{Body, Reply, ReplyBody, encode, is_local_path, produced, streamed, whole};
pub use request::{Page, Query, Request, parse_json};
pub use route::{
    Answer, AnswerFuture, AuthorizeCall, Call, Doorway, ObservedCall, Route, Routes, StreamCall,
};
pub use tls::{Pair, PairError, Tls};
pub use upstream_header::upstream_header;
pub use version::ApiVersion;
