//! A request on its way through the stages: what each has found out, for those after it.

use crate::body::Incoming;
use crate::message::Head;
use crate::rate::Standing;
use crate::refusal::Protocol;
use crate::request::{Query, Request};
use crate::version::ApiVersion;
use bailiwick_authority::authorize::AskedBy;
use bailiwick_authority::observe::Foreign;
use bailiwick_catalogue::{Door, Operation};
use bytes::Bytes;
use std::sync::Arc;
use zeroize::Zeroizing;

/// A request on its way through the stages.
pub(crate) struct Passage {
    pub protocol: Protocol,
    pub door: Door,
    /// A credential that is none of ours.
    pub foreign: Option<Foreign>,
    pub operation: Option<&'static Operation>,
    /// What a handler gets of it, in a box from the start: it goes through all that a handler calls.
    pub request: Box<Request>,
    pub body: Incoming,
    pub standing: Standing,
    /// Whether nothing but the session's cookie says who asks.
    pub by_cookie: bool,
    /// The other proxy that asks for the decision alone.
    pub asked_by: Option<Arc<AskedBy>>,
}

impl Passage {
    /// Of a request of which nothing was read.
    pub(crate) fn unread(head: Head, base_url: Arc<str>) -> Passage {
        Passage {
            protocol: Protocol::Api,
            door: Door::Api,
            foreign: None,
            operation: None,
            request: Box::new(Request {
                method: head.method,
                uri: head.uri,
                parameters: Vec::new(),
                query: Query::default(),
                headers: head.headers,
                form: Query::default(),
                csrf: Zeroizing::default(),
                visit: Zeroizing::default(),
                body: Bytes::new(),
                base_url,
                version: ApiVersion::default(),
            }),
            body: Incoming::Read(Bytes::new()),
            standing: Standing::default(),
            by_cookie: false,
            asked_by: None,
        }
    }
}
