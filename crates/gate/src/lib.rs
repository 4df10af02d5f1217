//! The only door. Every request passes the same stages, one file each:
//! listen → identify → classify → gather → decide → record → serve(permit).

mod body;
pub mod classify;
mod gather;
pub use gather::names;
mod headers;
pub mod identify;
pub mod listen;
pub mod metrics;
pub mod pipeline;
pub mod rate;
pub mod refusal;
pub mod reply;
pub mod request;
pub mod route;
mod serve;
pub mod version;

pub use listen::{ListenSettings, serve_listener};
pub use pipeline::{Gate, GateSettings};
pub use reply::{Body, Reply, ReplyBody, encode, produced, streamed, whole};
pub use request::{Page, Query, Request, parse_json};
pub use route::{Answer, AnswerFuture, Call, Doorway, Route, Routes, StreamCall};
pub use version::ApiVersion;
