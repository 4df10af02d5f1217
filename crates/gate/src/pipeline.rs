//! The stages in order for one request, and what surrounds them: metrics and common headers.

use crate::body::{Incoming, body_limit, read};
use crate::classify::{Intent, Parameters, classify, lfs_batch};
use crate::listen::{HeadError, check_head};
use crate::metrics::Metrics;
use crate::rate::{Bucket, RateLimiter, Standing};
use crate::refusal::{Protocol, of_description, of_fault, refusal_status};
use crate::reply::{Body, whole};
use crate::request::Query;
use crate::route::Routes;
use crate::version::ApiVersion;
use crate::{gather, headers, identify};
use bailiwick_authority::{
    Authority, Caller, Credential, Fault, FaultKind, Names, Permit, Presented, Refused,
};
use bailiwick_catalogue::{Door, Operation, OperationIndex};
use bailiwick_decision::{Refusal, Stage};
use bailiwick_model::limit;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header, request::Parts};
use std::net::IpAddr;
use std::sync::Arc;

/// Settings of the gate.
#[derive(Clone, Debug)]
pub struct GateSettings {
    /// The server's address as clients write it, without a slash at the end. Never taken from `Host`.
    pub base_url: Arc<str>,
    /// Requests per hour and token; 0 is unlimited.
    pub rate_token_per_hour: u32,
    /// Requests per hour and anonymous address; 0 is unlimited.
    pub rate_anonymous_per_hour: u32,
}

/// The only door.
pub struct Gate {
    pub(crate) authority: Arc<Authority>,
    pub(crate) routes: Routes,
    pub(crate) settings: GateSettings,
    pub(crate) served: Arc<[OperationIndex]>,
    rate: RateLimiter,
    metrics: Arc<Metrics>,
}

/// A request on its way through the stages.
pub(crate) struct Passage {
    pub protocol: Protocol,
    pub operation: Option<&'static Operation>,
    pub parameters: Parameters,
    pub parts: Parts,
    pub body: Incoming,
    pub standing: Standing,
    pub version: ApiVersion,
    pub query: Query,
}

impl Gate {
    /// The door with its handlers.
    pub fn new(authority: Arc<Authority>, routes: Routes, settings: GateSettings) -> Gate {
        let rate = RateLimiter::new(settings.rate_token_per_hour, settings.rate_anonymous_per_hour);
        let mut served: Vec<OperationIndex> = routes.operations().collect();
        served.sort_unstable();
        Gate {
            authority,
            routes,
            settings,
            served: served.into(),
            rate,
            metrics: Arc::new(Metrics::default()),
        }
    }

    /// The counters.
    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }

    /// The handlers.
    pub fn routes(&self) -> &Routes {
        &self.routes
    }

    /// Answers one request.
    pub async fn answer(&self, peer: Option<IpAddr>, request: Request<Body>) -> Response<Body> {
        let started = std::time::Instant::now();
        let head = request.method() == Method::HEAD;
        let caller = Caller {
            request_id: self.authority.request_id(),
            address: peer,
            user_agent: user_agent(request.headers()),
        };
        let request_id = caller.request_id.clone();
        let mut response = self.pass(caller, request).await;
        headers::common(response.headers_mut(), &request_id);
        if head {
            *response.body_mut() = whole(Bytes::new());
        }
        self.metrics
            .answered(response.status().as_u16(), started.elapsed());
        response
    }

    async fn pass(&self, caller: Caller, request: Request<Body>) -> Response<Body> {
        let (mut parts, body) = request.into_parts();
        let path = parts.uri.path().to_owned();
        let target_bytes = path.len() + parts.uri.query().map_or(0, str::len);
        if let Err(error) = check_head(&parts.headers, target_bytes) {
            return of_fault(Protocol::Api, &head_fault(error));
        }
        let presented = identify::identify(&self.authority, &parts.headers, parts.uri.query());
        identify::strip(&mut parts.headers);
        let method = if parts.method == Method::HEAD {
            "GET"
        } else {
            parts.method.as_str()
        };
        let intent = classify(method, &path, parts.uri.query());
        let door = door_of(&intent);
        let mut protocol = match door {
            Door::Api | Door::Root => Protocol::Api,
            Door::Git => Protocol::Git,
        };
        let mut passage_body = Incoming::Streaming(body);
        let (operation, parameters) = match intent {
            Intent::Operation(operation, parameters) => {
                if operation.id.starts_with("lfs/") {
                    protocol = Protocol::Lfs;
                }
                (Some(operation), parameters)
            }
            Intent::LfsBatch(parameters) => {
                protocol = Protocol::Lfs;
                match read(passage_body, limit::JSON_BODY_BYTES_MAX).await {
                    Ok(bytes) => {
                        let operation = lfs_batch(&bytes);
                        passage_body = Incoming::Read(bytes);
                        (operation, parameters)
                    }
                    Err(fault) => return of_fault(protocol, &fault),
                }
            }
            Intent::Unknown(_) => (None, Vec::new()),
            Intent::Ambiguous(_) => {
                let fault = Fault::new(
                    FaultKind::BadRequest,
                    "path.ambiguous",
                    "the path can be read in two ways; write it plainly",
                );
                return of_fault(protocol, &fault);
            }
        };
        if door == Door::Api && parts.method == Method::OPTIONS {
            return preflight();
        }
        let Some(query) = Query::parse(parts.uri.query()) else {
            return of_fault(
                protocol,
                &Fault::new(
                    FaultKind::BadRequest,
                    "query.encoding",
                    "the query is not valid UTF-8",
                ),
            );
        };
        let version = match version(&parts) {
            Ok(version) => version,
            Err(fault) => return of_fault(protocol, &fault),
        };
        if let Some(operation) = operation
            && gather::needs_body(operation)
        {
            match read(passage_body, body_limit(operation)).await {
                Ok(bytes) => passage_body = Incoming::Read(bytes),
                Err(fault) => return of_fault(protocol, &fault),
            }
        }
        let names = match (operation, &passage_body) {
            (Some(operation), Incoming::Read(bytes)) => gather::names(operation, &parameters, bytes),
            (Some(operation), Incoming::Streaming(_)) => gather::names(operation, &parameters, &[]),
            (None, _) => Names::default(),
        };
        let names = Arc::new(names);
        self.decide(
            caller,
            presented,
            names,
            Passage {
                protocol,
                operation,
                parameters,
                parts,
                body: passage_body,
                standing: Standing {
                    limit: 0,
                    used: 0,
                    reset: 0,
                },
                version,
                query,
            },
        )
        .await
    }

    /// Gather, decide, record, and on to serving.
    async fn decide(
        &self,
        caller: Caller,
        presented: Presented,
        names: Arc<Names>,
        mut passage: Passage,
    ) -> Response<Body> {
        let warm = self.authority.gather_warm(&presented, passage.operation, &names);
        let gathered = match warm {
            Some(gathered) => Ok(gathered),
            None => {
                self.metrics.cold();
                let authority = self.authority.clone();
                let operation = passage.operation;
                let cold =
                    tokio::task::spawn_blocking(move || authority.gather(&presented, operation, &names))
                        .await;
                cold.unwrap_or_else(|error| Err(Fault::internal("gather", error)))
            }
        };
        let mut gathered = match gathered {
            Ok(gathered) => gathered,
            // SECURITY: facts that cannot be loaded are a refusal, visibly and never an allowance.
            Err(fault) => {
                log_fault(&fault, &caller.request_id);
                let fault = Fault::new(
                    FaultKind::Unavailable,
                    "facts.unavailable",
                    "the facts for a decision cannot be loaded at the moment",
                );
                return of_fault(passage.protocol, &fault);
            }
        };
        let now = self.authority.now();
        let (bucket, bad) = bucket(&gathered.credential, caller.address);
        if bad {
            self.metrics.bad_credential();
        }
        let free = passage.protocol != Protocol::Api
            || passage
                .operation
                .is_some_and(|operation| operation.id == "rate-limit/get" || operation.door == Door::Root);
        passage.standing = self.rate.count(bucket, u32::from(!free), now);
        gathered.rate_exceeded = passage.standing.exceeded();
        let visitor = matches!(gathered.credential, Credential::Anonymous);
        let mut response = match bailiwick_authority::decide(passage.operation, gathered, caller, now) {
            Ok(permit) => {
                self.authority.touch(&permit.gathered().credential, now);
                self.metrics.decided(true);
                return self.allowed(permit, passage).await;
            }
            Err(refused) => {
                self.metrics.decided(false);
                // A credential that is over was presented, not used.
                if refused.deny.stage() != Stage::Live {
                    self.authority.touch(&refused.gathered.credential, now);
                }
                self.refused(passage.protocol, passage.version, &refused, visitor)
                    .await
            }
        };
        headers::rate(response.headers_mut(), &passage.standing);
        response
    }

    async fn allowed(&self, permit: Permit, passage: Passage) -> Response<Body> {
        let (protocol, version, standing) = (passage.protocol, passage.version, passage.standing);
        let gathered = permit.gathered().clone();
        let operation = permit.operation();
        let visitor = matches!(gathered.credential, Credential::Anonymous);
        let mut response = match self.serve(permit, passage).await {
            Ok(response) => response,
            Err(refused) => {
                self.metrics.decided(false);
                let mut response = self.refused(protocol, version, &refused, visitor).await;
                headers::rate(response.headers_mut(), &standing);
                return response;
            }
        };
        // A handler's 404 has no more headers than that of a thing the decision hides.
        let found = response.status() != http::StatusCode::NOT_FOUND;
        let all = response.headers_mut();
        if protocol == Protocol::Api {
            headers::api(all, version);
            headers::rate(all, &standing);
            if found {
                headers::accepted(all, operation);
            }
        }
        if found {
            headers::credential(all, &gathered, Some(operation));
        }
        response
    }

    /// Records a refusal and writes it.
    async fn refused(
        &self,
        protocol: Protocol,
        version: ApiVersion,
        refused: &Refused,
        visitor: bool,
    ) -> Response<Body> {
        if let Some(receipt) = self.authority.record_refusal(refused)
            && receipt.durable().await.is_err()
        {
            let fault = Fault::new(
                FaultKind::Unavailable,
                "audit.unavailable",
                "the audit log cannot be written at the moment",
            );
            return of_fault(protocol, &fault);
        }
        let description = bailiwick_authority::describe(refused, &self.settings.base_url);
        let status = refusal_status(protocol, refused.deny.refusal, visitor);
        let mut response = of_description(protocol, status, &description);
        if protocol == Protocol::Api {
            headers::api(response.headers_mut(), version);
        }
        // A hidden thing answers as one that does not exist: nothing more than any 404 has.
        if refused.deny.refusal == Refusal::Forbidden {
            if let Some(operation) = refused.operation {
                headers::accepted(response.headers_mut(), operation);
            }
            headers::credential(response.headers_mut(), &refused.gathered, refused.operation);
        }
        response
    }
}

fn door_of(intent: &Intent) -> Door {
    match intent {
        Intent::Operation(operation, _) => operation.door,
        Intent::LfsBatch(_) => Door::Git,
        Intent::Unknown(door) | Intent::Ambiguous(door) => *door,
    }
}

fn bucket(credential: &Credential, address: Option<IpAddr>) -> (Bucket, bool) {
    match credential {
        Credential::Anonymous => (Bucket::Address(address), false),
        Credential::Unknown => (Bucket::Address(address), true),
        Credential::Token(token, _) => (Bucket::Token(token.facts.id.0), false),
        Credential::Session(session, _) => (Bucket::Session(session.facts.id.0), false),
    }
}

fn head_fault(error: HeadError) -> Fault {
    match error {
        HeadError::Framing => Fault::new(FaultKind::BadRequest, "head.framing", "ambiguous message length"),
        HeadError::TooLong => Fault::new(
            FaultKind::TooLarge,
            "head.target_too_long",
            "the request target is too long",
        ),
        HeadError::Override => Fault::new(
            FaultKind::BadRequest,
            "head.override",
            "headers that override the method or the path are not accepted",
        ),
    }
}

fn user_agent(headers: &http::HeaderMap) -> Option<String> {
    let text = headers.get(header::USER_AGENT)?.to_str().ok()?;
    Some(text.chars().take(200).collect())
}

fn version(parts: &Parts) -> Result<ApiVersion, Fault> {
    let mut values = parts.headers.get_all("x-github-api-version").iter();
    let Some(value) = values.next() else {
        return Ok(ApiVersion::default());
    };
    let known = value
        .to_str()
        .ok()
        .and_then(ApiVersion::parse)
        .filter(|_| values.next().is_none());
    known.ok_or_else(|| {
        Fault::new(
            FaultKind::BadRequest,
            "version.unknown",
            "X-GitHub-Api-Version is not a supported version: use 2022-11-28 or 2026-03-10",
        )
    })
}

fn preflight() -> Response<Body> {
    let mut response = Response::new(whole(Bytes::new()));
    *response.status_mut() = StatusCode::NO_CONTENT;
    let all = response.headers_mut();
    headers::api(all, ApiVersion::default());
    for (name, value) in [
        (
            "access-control-allow-headers",
            "Authorization, Content-Type, If-Match, If-Modified-Since, If-None-Match, If-Unmodified-Since, Accept-Encoding, X-GitHub-OTP, X-Requested-With, User-Agent, X-GitHub-Api-Version",
        ),
        ("access-control-allow-methods", "GET, POST, PATCH, PUT, DELETE"),
        ("access-control-max-age", "86400"),
    ] {
        all.insert(name, http::HeaderValue::from_static(value));
    }
    response
}

/// Writes the private half of a fault to the log.
pub(crate) fn log_fault(fault: &Fault, request_id: &str) {
    if matches!(fault.kind, FaultKind::Internal | FaultKind::Unavailable) {
        let source = fault.source().map(ToString::to_string).unwrap_or_default();
        tracing::error!(code = fault.code, source, request_id, "request failed");
    }
}
