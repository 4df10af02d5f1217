//! The table of handlers. A route cannot be registered without naming its operation, and a handler gets a
//! permit or is not called.

use crate::metrics::Metrics;
use crate::rate::Standing;
use crate::reply::{Body, Reply};
use crate::request::Request;
use bailiwick_authority::observe::Observed;
use bailiwick_authority::{Authority, Fault, Permit};
use bailiwick_catalogue::OperationIndex;
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// What the door itself knows, for the endpoints that tell of it.
#[derive(Clone)]
pub struct Doorway {
    /// How the rate of the caller's credential stands.
    pub standing: Standing,
    /// The counters.
    pub metrics: Arc<Metrics>,
    /// Every operation that is served, in the catalogue's order.
    pub served: Arc<[OperationIndex]>,
    /// The mounted upstreams.
    pub mounts: Arc<crate::mount::Mounts>,
    /// The names and attributes of the server's cookies.
    pub cookies: crate::page::Cookies,
}

impl Doorway {
    /// The guard of forms on a page that answers a sign-in: bound to the session that has just begun.
    pub fn guard(
        &self,
        authority: &Authority,
        request: &Request,
        session: &str,
    ) -> zeroize::Zeroizing<String> {
        let guard = crate::page::Guard::of(&request.visit, Some(session));
        crate::page::masked(authority, &guard)
    }
}

/// A decided request whose body is whole; handled on a thread that may block.
pub struct Call {
    /// The use cases.
    pub authority: Arc<Authority>,
    /// Leave to do it.
    pub permit: Permit,
    /// The request.
    pub request: Box<Request>,
    /// The door's own figures.
    pub doorway: Doorway,
}

/// A decided request whose body still streams in.
pub struct StreamCall {
    /// The use cases.
    pub authority: Arc<Authority>,
    /// Leave to do it.
    pub permit: Permit,
    /// The request; its `body` is empty.
    pub request: Box<Request>,
    /// The streaming body.
    pub body: Body,
}

/// A handler's answer.
pub type Answer = Result<Reply, Fault>;
/// A handler of whole requests.
pub type Handler = fn(Call) -> Answer;
/// The future of a streaming handler.
pub type AnswerFuture = Pin<Box<dyn Future<Output = Answer> + Send>>;
/// A handler of streams.
pub type StreamHandler = fn(StreamCall) -> AnswerFuture;

/// A request that passes to an observed upstream: without a permit, with what its caller brought.
pub struct ObservedCall {
    /// The use cases.
    pub authority: Arc<Authority>,
    /// What is observed.
    pub observed: Observed,
    /// The request; its `body` is empty.
    pub request: Box<Request>,
    /// The body, streaming or read.
    pub body: Body,
}

/// A handler of observed requests.
pub type ObservedHandler = fn(ObservedCall) -> AnswerFuture;

/// A decided request that another proxy will serve: its head alone, and no answer to it.
pub struct AuthorizeCall {
    /// The use cases.
    pub authority: Arc<Authority>,
    /// Leave to do it.
    pub permit: Permit,
    /// The request, as the proxy tells of it.
    pub request: Box<Request>,
    /// The upstream that the proxy stands before; `None` for what is kept here.
    pub upstream: Option<Box<str>>,
}

/// What gives other proxies leave.
pub type AuthorizeHandler = fn(AuthorizeCall) -> AnswerFuture;

/// How an operation is served.
#[derive(Clone, Copy)]
pub enum Route {
    /// With the whole body.
    Whole(Handler),
    /// With a streaming body.
    Stream(StreamHandler),
}

/// Handlers by operation. What is not here is decided and recorded, and then answered 501.
#[derive(Default)]
pub struct Routes {
    handlers: HashMap<OperationIndex, Route, foldhash::fast::RandomState>,
    face: Option<crate::face::Face>,
    behind: Option<StreamHandler>,
    observed: Option<ObservedHandler>,
    authorizing: Option<AuthorizeHandler>,
}

impl Routes {
    /// No handlers.
    pub fn new() -> Routes {
        Routes::default()
    }

    /// Serves an operation.
    pub fn on(&mut self, operation: OperationIndex, handler: Handler) -> &mut Routes {
        self.handlers.insert(operation, Route::Whole(handler));
        self
    }

    /// Serves an operation whose body streams.
    pub fn stream(&mut self, operation: OperationIndex, handler: StreamHandler) -> &mut Routes {
        self.handlers.insert(operation, Route::Stream(handler));
        self
    }

    /// Draws the gate's own answers at the pages' door.
    pub fn face_with(&mut self, face: crate::face::Face) -> &mut Routes {
        self.face = Some(face);
        self
    }

    /// What draws the gate's own answers at the pages' door.
    pub fn face(&self) -> Option<crate::face::Face> {
        self.face
    }

    /// Serves whatever lives at a server behind the gateway.
    pub fn behind_with(&mut self, handler: StreamHandler) -> &mut Routes {
        self.behind = Some(handler);
        self
    }

    /// Passes observed requests on. Without it nothing is observed.
    pub fn observed_with(&mut self, handler: ObservedHandler) -> &mut Routes {
        self.observed = Some(handler);
        self
    }

    /// Gives other proxies leave to serve what was permitted. Without it none gets any.
    pub fn authorize_with(&mut self, handler: AuthorizeHandler) -> &mut Routes {
        self.authorizing = Some(handler);
        self
    }

    /// What gives other proxies leave.
    pub(crate) fn authorizing(&self) -> Option<AuthorizeHandler> {
        self.authorizing
    }

    /// What passes observed requests on.
    pub(crate) fn observed(&self) -> Option<ObservedHandler> {
        self.observed
    }

    /// How a permitted request is served: here, or where its target lives.
    pub(crate) fn of(&self, permit: &Permit) -> Option<Route> {
        match bailiwick_authority::upstream::place::upstream_of(permit) {
            Some(_) => self.behind.map(Route::Stream),
            None => self.get(permit.operation().index),
        }
    }

    /// How an operation is served.
    pub fn get(&self, operation: OperationIndex) -> Option<Route> {
        self.handlers.get(&operation).copied()
    }

    /// Every operation that is served.
    pub fn operations(&self) -> impl Iterator<Item = OperationIndex> + '_ {
        self.handlers.keys().copied()
    }
}
