//! Decisions for other proxies. What a trusted proxy tells of its request is made a request again, which goes through the
//! very same stages; what comes out is the decision alone. Nothing is served here.

mod grpc;
mod original;
mod told;

pub(crate) use told::Lines;

use crate::blocking::upstreams;
use crate::message::{Head, Received, Response};
use crate::passage::Passage;
use crate::pipeline::Gate;
use crate::refusal::{Protocol, ReasonCode, of_fault};
use crate::reply::{Body, Reply};
use crate::route::{Answer, AuthorizeCall};
use crate::{gather, gitea, headers, identify};
use bailiwick_authority::authorize::{AskedBy, needs_gateway};
use bailiwick_authority::upstream::place::is_own;
use bailiwick_authority::{Caller, Fault, FaultKind, Permit};
use bailiwick_catalogue::{Door, op};
use bailiwick_upstream::HeaderValue;
use bailiwick_wire::{ext_authz, forwarded};
use http::{HeaderName, Method, StatusCode, header};
use original::Original;
use std::net::IpAddr;
use std::sync::Arc;

/// Where calls are made. No upstream can be mounted there: the catalogue refuses the name.
const PREFIX: &str = "/-/authorize";

const X_BAILIWICK_REQUEST_ID: HeaderName = HeaderName::from_static("x-bailiwick-request-id");
const X_BAILIWICK_STATUS: HeaderName = HeaderName::from_static("x-bailiwick-status");
const X_BAILIWICK_REASON: HeaderName = HeaderName::from_static("x-bailiwick-reason");
const X_BAILIWICK_REFUSAL: HeaderName = HeaderName::from_static("x-bailiwick-refusal");

/// How another proxy asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Dialect {
    /// nginx's `auth_request`.
    Nginx,
    /// `forwardAuth` of Traefik and `forward_auth` of Caddy.
    Forward,
    /// Envoy's `ext_authz` over HTTP.
    Envoy,
    /// Envoy's `ext_authz` over gRPC.
    EnvoyGrpc,
}

impl Dialect {
    const fn word(self) -> &'static str {
        match self {
            Dialect::Nginx => "nginx",
            Dialect::Forward => "forward",
            Dialect::Envoy => "envoy",
            Dialect::EnvoyGrpc => "envoy-grpc",
        }
    }
}

/// Whether a path is that of a call for a decision.
pub(crate) fn is_call(path: &str) -> bool {
    path == ext_authz::PATH
        || path
            .strip_prefix(PREFIX)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The mark of an answer that gives leave.
// SECURITY: made in `leave` alone, which only follows a permit. Any other answer, whatever its status, refuses.
#[derive(Clone, Copy, Debug)]
struct Leave;

/// Writes what a handler says that gives leave.
pub(crate) fn leave(reply: Reply) -> Response {
    let mut response = crate::write::write(reply, None, false);
    response.extensions.insert(Leave);
    response
}

impl Gate {
    /// Whether a peer is another proxy that may ask for decisions.
    pub(crate) fn is_asker(&self, peer: IpAddr) -> bool {
        forwarded::held(&self.askers, peer)
    }

    /// Answers a call for a decision.
    pub(crate) async fn authorize(
        &self,
        peer: Option<IpAddr>,
        caller: Caller,
        request: Received,
    ) -> Response {
        let grpc = request.head.uri.path() == ext_authz::PATH;
        // SECURITY: who is connected, and nothing that anybody sends.
        let connected = peer.map(|peer| peer.to_canonical());
        let Some(peer) = connected.filter(|peer| self.is_asker(*peer)) else {
            return self.untrusted(connected, caller, request).await;
        };
        if grpc {
            return self.check(peer, caller, request).await;
        }
        let Received { head, body } = request;
        let request_id = caller.request_id.clone();
        let call = original::Call::of(head.uri.path());
        let dialect = call.as_ref().ok().map(|call| call.dialect);
        let stands = async {
            let call = call?;
            self.stands_before(peer, call.upstream).await?;
            Ok::<_, Fault>(call)
        };
        let made = stands.await.and_then(|call| {
            original::of_call(self, peer, &call, &head, &body).map(|original| (call.dialect, original))
        });
        let response = match made {
            Ok((dialect, original)) => self.decided(peer, dialect, original, caller).await,
            Err(fault) => self.turned_away(caller, head, &fault).await,
        };
        concluded(response, dialect, &request_id).await
    }

    /// Refuses whoever is not trusted, in the form in which it asks, so that its operator sees why.
    async fn untrusted(&self, peer: Option<IpAddr>, caller: Caller, request: Received) -> Response {
        let fault = Fault::forbidden(
            "authorize.untrusted_peer",
            "decisions are made for trusted proxies alone: add the address of yours to `authorize_trusted_peers`, and \
             start the server again",
        );
        self.asker_lines
            .write(self.authority.now().seconds(), (peer, false), &fault);
        let head = request.head;
        let request_id = caller.request_id.clone();
        let path = head.uri.path().to_owned();
        let response = self.turned_away(caller, head, &fault).await;
        if path == ext_authz::PATH {
            let response = concluded(response, Some(Dialect::EnvoyGrpc), &request_id).await;
            return grpc::answer(response).await;
        }
        let dialect = original::Call::of(&path).ok().map(|call| call.dialect);
        concluded(response, dialect, &request_id).await
    }

    /// Whether the upstream is known that a trusted proxy says it stands before. Its operator hears of it by the log as
    /// well: all that its clients see is that nothing is served.
    async fn stands_before(&self, peer: IpAddr, name: Option<&str>) -> Result<(), Fault> {
        let Some(name) = name else {
            return Ok(());
        };
        if upstreams(&self.authority).await?.named(name).is_some() {
            return Ok(());
        }
        let fault = Fault::forbidden(
            "authorize.upstream",
            format!(
                "no upstream {name} can be used here: the proxy names one of `bailiwick admin upstream list` in the \
                 address of its call, or a hyphen for what is kept on this server"
            ),
        );
        self.asker_lines
            .write(self.authority.now().seconds(), (Some(peer), true), &fault);
        Err(fault)
    }

    /// Puts a request through the stages as if it had come here.
    async fn decided(&self, peer: IpAddr, dialect: Dialect, original: Original, caller: Caller) -> Response {
        let Original {
            head,
            client,
            upstream,
        } = original;
        let caller = Caller {
            request_id: caller.request_id,
            address: Some(client),
            user_agent: headers::user_agent(&head.headers),
            asked_by: Some(Arc::new(AskedBy {
                address: peer,
                protocol: dialect.word(),
                upstream,
            })),
        };
        let body = Body::default();
        // In a box, so that requests of others are no larger for it.
        Box::pin(self.pass(caller, Received { head, body })).await
    }

    /// Refuses a call of which nothing is decided. A credential with it is counted and recorded all the same.
    async fn turned_away(&self, caller: Caller, mut head: Head, fault: &Fault) -> Response {
        let query = head.uri.query();
        let identified = identify::identify(
            &self.authority,
            (Door::Api, Protocol::Api),
            &head.headers,
            query,
            self.cookies(),
            None,
        );
        identify::strip(&mut head.headers);
        let passage = Box::new(Passage::unread(head, self.settings.base_url.clone()));
        let response = self.reject(caller, identified.presented, passage, fault).await;
        // The refusal says what is wrong with the call, whatever the credential is worth.
        match response.status {
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => response,
            _ => of_fault(Protocol::Api, fault),
        }
    }

    /// Uses a permit up for another proxy.
    pub(crate) async fn give_leave(&self, permit: Permit, passage: Box<Passage>) -> Answer {
        let upstream = passage
            .asked_by
            .as_ref()
            .and_then(|asked_by| asked_by.upstream.clone());
        let request = passage.request;
        match self.routes.authorizing() {
            None => Err(Fault::new(
                FaultKind::NotImplemented,
                "operation.not_served",
                "this server decides nothing for other proxies",
            )),
            Some(handler) => {
                handler(AuthorizeCall {
                    authority: self.authority.clone(),
                    permit,
                    request,
                    upstream,
                })
                .await
            }
        }
    }
}

/// Refuses what the head of a request does not decide, before anything is decided.
// SECURITY: the proxy shows no body. What would be read of one would be read as nothing.
pub(crate) fn by_its_head(passage: &Passage, batch: bool) -> Result<(), Fault> {
    let pushes = [op::GIT_RECEIVE_PACK_INFO, op::GIT_RECEIVE_PACK];
    let Some(operation) = passage.operation else {
        return if batch {
            Err(needs_gateway("a batch says in its body what it is"))
        } else {
            Ok(())
        };
    };
    let own = match operation.door {
        Door::Page | Door::Root => true,
        // An upstream's, whatever its file calls it.
        Door::Mounted => false,
        Door::Api | Door::Gitea | Door::Git | Door::Registry => is_own(operation.id),
    };
    if own {
        return Err(Fault::forbidden(
            "authorize.own",
            "this is about this server's own things, which no other serves",
        ));
    }
    // A publication names its package in its body as well, and an image's parts are looked at as they pass.
    if operation.door == Door::Registry {
        return Err(needs_gateway("packages are served through the gateway alone"));
    }
    if pushes.contains(&operation.index) {
        return Err(needs_gateway("a push says in its body what it moves"));
    }
    if gather::needs_body(operation) {
        return Err(needs_gateway("its body names what it touches"));
    }
    // A form could carry a name to act as, and a type that the proxy keeps to itself could be that of a form.
    let written = matches!(passage.request.method, Method::POST | Method::PUT | Method::PATCH);
    if operation.door == Door::Gitea && written && !gitea::says_json(&passage.request.headers) {
        return Err(needs_gateway("its body is not said to be JSON"));
    }
    Ok(())
}

/// What a proxy over HTTP is answered.
async fn concluded(response: Response, dialect: Option<Dialect>, request_id: &str) -> Response {
    let mut response = checked(response);
    let status = response.status;
    let reason = response.extensions.get::<ReasonCode>().cloned();
    let headers = &mut response.headers;
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(X_BAILIWICK_REQUEST_ID, id);
    }
    if status.is_success() {
        // To Envoy nothing but 200 is leave.
        if dialect == Some(Dialect::Envoy) {
            response.status = StatusCode::OK;
        }
        return response;
    }
    if status == StatusCode::UNAUTHORIZED {
        headers.insert_missing(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static("Bearer realm=\"Bailiwick\""),
        );
    }
    headers.insert(X_BAILIWICK_STATUS, HeaderValue::from(u64::from(status.as_u16())));
    if let Some(Ok(reason)) = reason.map(|ReasonCode(reason)| HeaderValue::from_str(&reason)) {
        headers.insert(X_BAILIWICK_REASON, reason);
    }
    if dialect != Some(Dialect::Nginx) {
        return response;
    }
    // `auth_request` drops the body, knows 401 and 403 alone, and turns all else into a 500; its configuration reads the
    // headers.
    let (mut response, refusal) = told::in_a_header(response).await;
    if let Some(refusal) = refusal {
        response.headers.insert(X_BAILIWICK_REFUSAL, refusal);
    }
    if status.is_client_error() && status != StatusCode::UNAUTHORIZED {
        response.status = StatusCode::FORBIDDEN;
    }
    response
}

/// An answer that gives leave, or refuses.
fn checked(response: Response) -> Response {
    let status = response.status;
    let refuses = status.is_client_error() || status.is_server_error();
    if refuses || (status.is_success() && response.extensions.get::<Leave>().is_some()) {
        return response;
    }
    let message = "this is not decided for other proxies";
    of_fault(Protocol::Api, &Fault::forbidden("authorize.not_decided", message))
}

#[cfg(test)]
mod tests;
