//! A request on its way through the stages: what each has found out, for those after it.

use crate::body::Incoming;
use crate::classify::Parameters;
use crate::rate::Standing;
use crate::refusal::Protocol;
use crate::request::Query;
use crate::version::ApiVersion;
use bailiwick_authority::authorize::AskedBy;
use bailiwick_authority::observe::Foreign;
use bailiwick_catalogue::{Door, Operation};
use bytes::Bytes;
use http::request::Parts;
use std::sync::Arc;
use zeroize::Zeroizing;

/// A request on its way through the stages.
pub(crate) struct Passage {
    pub protocol: Protocol,
    pub door: Door,
    /// A credential that is none of ours.
    pub foreign: Option<Foreign>,
    pub operation: Option<&'static Operation>,
    pub parameters: Parameters,
    pub parts: Parts,
    pub body: Incoming,
    pub standing: Standing,
    pub version: ApiVersion,
    pub query: Query,
    /// The form that a page of this server sent.
    pub form: Option<Query>,
    /// The guard that forms on an answered page carry; empty at other doors.
    pub csrf: Zeroizing<String>,
    /// The visit that the guard is bound to; empty at other doors.
    pub visit: Zeroizing<String>,
    /// Whether nothing but the session's cookie says who asks.
    pub by_cookie: bool,
    /// The other proxy that asks for the decision alone.
    pub asked_by: Option<Arc<AskedBy>>,
}

impl Passage {
    /// Of a request of which nothing was read.
    pub(crate) fn unread(parts: Parts) -> Passage {
        Passage {
            protocol: Protocol::Api,
            door: Door::Api,
            foreign: None,
            operation: None,
            parameters: Vec::new(),
            parts,
            body: Incoming::Read(Bytes::new()),
            standing: Standing::default(),
            version: ApiVersion::default(),
            query: Query::default(),
            form: None,
            csrf: Zeroizing::default(),
            visit: Zeroizing::default(),
            by_cookie: false,
            asked_by: None,
        }
    }
}
