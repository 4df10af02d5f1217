//! The stages in order for one request, and what surrounds them: metrics and common headers.

use crate::arrival::Arrived;
use crate::face::Asked;
use crate::message::{Received, Response};
use crate::metrics::Metrics;
use crate::mount::Mounts;
use crate::page::Cookies;
use crate::passage::Passage;
use crate::rate::{Bucket, RateLimiter};
use crate::refusal::Protocol;
use crate::reply::Body;
use crate::route::Routes;
use crate::{authorize, headers, registry};
use bailiwick_authority::{Authority, Caller, Fault, FaultKind, Gathered, Names, Permit, Presented};
use bailiwick_catalogue::{Door, Operation, OperationIndex};
use bailiwick_decision::{Basis, Stage};
use bailiwick_model::Timestamp;
use bailiwick_upstream::{Fields, HeaderValue};
use bailiwick_wire::forwarded::{self, Network};
use http::{Method, header};
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
    /// The proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// Whether browsers are told to come back over TLS alone.
    pub strict_transport: bool,
}

/// The only door.
pub struct Gate {
    pub(crate) authority: Arc<Authority>,
    pub(crate) routes: Routes,
    pub(crate) settings: GateSettings,
    pub(crate) served: Arc<[OperationIndex]>,
    mounts: Arc<Mounts>,
    cookies: Cookies,
    // Which other proxies may ask for decisions.
    pub(crate) askers: Vec<Network>,
    pub(crate) asker_lines: authorize::Lines,
    pub(crate) rate: RateLimiter,
    metrics: Arc<Metrics>,
}

impl Gate {
    /// The door with its handlers.
    pub fn new(authority: Arc<Authority>, routes: Routes, settings: GateSettings) -> Gate {
        let rate = RateLimiter::new(settings.rate_token_per_hour, settings.rate_anonymous_per_hour);
        let mut served: Vec<OperationIndex> = routes.operations().collect();
        served.sort_unstable();
        let cookies = Cookies::of(&settings.base_url);
        Gate {
            cookies,
            authority,
            routes,
            settings,
            served: served.into(),
            mounts: Arc::default(),
            askers: Vec::new(),
            asker_lines: authorize::Lines::default(),
            rate,
            metrics: Arc::new(Metrics::default()),
        }
    }

    /// The same, which decides for other proxies that ask from these addresses.
    pub fn asked_from(mut self, peers: Vec<Network>) -> Gate {
        self.askers = peers;
        self
    }

    /// The counters.
    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }

    /// The names and attributes of the server's cookies.
    pub fn cookies(&self) -> &Cookies {
        &self.cookies
    }

    /// The mounted upstreams, to look at and to replace.
    pub fn mounts(&self) -> &Arc<Mounts> {
        &self.mounts
    }

    /// The handlers.
    pub fn routes(&self) -> &Routes {
        &self.routes
    }

    /// Whether a peer is a proxy whose word on its client's address is taken.
    pub fn is_proxy(&self, peer: IpAddr) -> bool {
        forwarded::held(&self.settings.trusted_proxies, peer)
    }

    /// The address that a request is counted and recorded under.
    pub(crate) fn client(&self, peer: IpAddr, headers: &Fields) -> IpAddr {
        if !self.is_proxy(peer) {
            return peer.to_canonical();
        }
        let values = headers.get_all("x-forwarded-for");
        forwarded::client(
            peer,
            values.map(HeaderValue::as_bytes),
            &self.settings.trusted_proxies,
        )
    }

    /// Answers one request.
    pub async fn answer(&self, peer: Option<IpAddr>, request: impl Into<Received>) -> Response {
        let request = request.into();
        let started = std::time::Instant::now();
        let head = &request.head;
        let is_head = head.method == Method::HEAD;
        let caller = Caller {
            request_id: self.authority.request_id(self.authority.now()),
            address: peer.map(|peer| self.client(peer, &head.headers)),
            user_agent: headers::user_agent(&head.headers),
            asked_by: None,
        };
        let request_id = headers::request_id(&caller.request_id);
        let mut response = if authorize::is_call(head.uri.path()) {
            Box::pin(self.authorize(peer, caller, request)).await
        } else {
            self.pass(caller, request).await
        };
        headers::common(&mut response.headers, request_id);
        if self.settings.strict_transport {
            headers::strict_transport(&mut response.headers);
        }
        if is_head {
            response.body = Body::default();
        }
        self.metrics.answered(response.status.as_u16(), started.elapsed());
        response
    }

    /// The stages, for a request that came here and for one that another proxy asks about.
    // Each step is a future of its own: what one of them needed takes no room while the next waits for a server.
    pub(crate) async fn pass(&self, caller: Caller, request: Received) -> Response {
        let Arrived {
            passage,
            presented,
            names,
            challenge,
            visit,
        } = self.arrive(&caller, request).await;
        let preflight =
            matches!(passage.door, Door::Api | Door::Gitea) && passage.request.method == Method::OPTIONS;
        let mut response = match names {
            Ok(_) if preflight => headers::preflight(),
            Ok(names) => self.decide(caller, presented, names, passage).await,
            Err(fault) => Box::pin(self.reject(caller, presented, passage, &fault)).await,
        };
        registry::challenged(&mut response, challenge);
        if let Some(visit) = visit {
            put_cookie(&mut response, &self.cookies.set(self.cookies.visit, &visit));
        }
        response
    }

    /// Looks up what the request names, from the cache or the store.
    pub(crate) async fn gather(
        &self,
        presented: Presented,
        operation: Option<&'static Operation>,
        names: Arc<Names>,
        request_id: &str,
    ) -> Result<Gathered, Fault> {
        if let Some(gathered) = self.authority.gather_warm(&presented, operation, &names) {
            return Ok(gathered);
        }
        self.metrics.cold();
        let authority = self.authority.clone();
        let gathered = crate::blocking("gather", move || authority.gather(&presented, operation, &names));
        // SECURITY: facts that cannot be loaded are a refusal, visibly and never an allowance.
        gathered.await.map_err(|fault| {
            log_fault(&fault, request_id);
            Fault::new(
                FaultKind::Unavailable,
                "facts.unavailable",
                "the facts for a decision cannot be loaded at the moment",
            )
        })
    }

    /// Counts a request in its credential's rate.
    pub(crate) fn count(
        &self,
        passage: &mut Passage,
        gathered: &mut Gathered,
        address: Option<IpAddr>,
        now: Timestamp,
    ) {
        let (bucket, bad) = Bucket::of(&gathered.credential, address);
        if bad {
            self.metrics.bad_credential();
        }
        let free = !registry::is_counted(passage.operation, &gathered.credential)
            && (passage.protocol != Protocol::Api
                || passage.operation.is_some_and(|operation| {
                    operation.id == "rate-limit/get" || operation.door == Door::Root
                }));
        passage.standing = self.rate.count(bucket, u32::from(!free), now);
        gathered.rate_exceeded = passage.standing.exceeded();
    }

    /// What a browser asked, where a page may have to come back to it.
    pub(crate) fn asked(&self, passage: &Passage) -> Option<Box<Asked>> {
        (passage.protocol == Protocol::Page).then(|| Box::new(passage.asked(&self.settings.base_url)))
    }

    /// Gather, decide, record, and on to serving.
    async fn decide(
        &self,
        caller: Caller,
        presented: Presented,
        names: Arc<Names>,
        passage: Box<Passage>,
    ) -> Response {
        match self.permitted(caller, presented, names, passage).await {
            Ok((permit, passage)) => self.allowed(permit, passage).await,
            Err(response) => response,
        }
    }

    /// The permit for a request, or the answer to one that gets none.
    async fn permitted(
        &self,
        caller: Caller,
        presented: Presented,
        names: Arc<Names>,
        mut passage: Box<Passage>,
    ) -> Result<(Permit, Box<Passage>), Response> {
        let found = self
            .gather(presented, passage.operation, names, &caller.request_id)
            .await;
        let failed = |passage: &Passage, fault: &Fault| {
            self.of_fault(passage.protocol, self.asked(passage).as_deref(), None, fault)
        };
        let mut gathered = found.map_err(|fault| failed(&passage, &fault))?;
        match self.observed(&gathered, &caller, &mut passage).await {
            Ok(None) => {}
            Ok(Some(observed)) => return Err(Box::pin(self.pass_on(observed, caller, passage)).await),
            Err(fault) => return Err(failed(&passage, &fault)),
        }
        let now = self.authority.now();
        self.count(&mut passage, &mut gathered, caller.address, now);
        let decided = bailiwick_authority::decide(passage.operation, gathered, caller, now);
        self.metrics.decided(decided.is_ok());
        match decided {
            Ok(permit) => {
                self.authority
                    .touch(&permit.gathered().credential, permit.caller(), now);
                Ok((permit, passage))
            }
            Err(refused) => {
                // A credential that is over was presented, not used.
                if refused.deny.stage() != Stage::Live {
                    self.authority
                        .touch(&refused.gathered.credential, &refused.caller, now);
                }
                let asked = self.asked(&passage);
                let refused = self.refused(
                    passage.protocol,
                    passage.request.version,
                    &refused,
                    asked.as_deref(),
                );
                let mut response = Box::pin(refused).await;
                headers::rate(&mut response.headers, &passage.standing);
                Err(response)
            }
        }
    }

    async fn allowed(&self, permit: Permit, passage: Box<Passage>) -> Response {
        let asked = self.asked(&passage);
        let (protocol, version, standing) = (passage.protocol, passage.request.version, passage.standing);
        let asked_by_proxy = passage.asked_by.is_some();
        // What anybody may see, anybody may keep.
        let opened = permit.basis() != Basis::Anonymous;
        let operation = permit.operation();
        let mut response = match self.serve(permit, passage, asked.as_deref()).await {
            Ok(response) => response,
            Err(refused) => {
                self.metrics.decided(false);
                let mut response =
                    Box::pin(self.refused(protocol, version, &refused, asked.as_deref())).await;
                headers::rate(&mut response.headers, &standing);
                return response;
            }
        };
        if opened && matches!(operation.door, Door::Api | Door::Gitea | Door::Mounted) {
            headers::unshared(&mut response.headers);
        }
        // A handler's 404 has no more headers than that of a thing the decision hides, here as where it was served.
        let found = response.status != http::StatusCode::NOT_FOUND;
        let all = &mut response.headers;
        match protocol {
            // A proxy is told what it may want to pass on.
            _ if asked_by_proxy => headers::accepted(all, operation),
            // An upstream's own API is not GitHub's: it has its own versions and media types.
            Protocol::Api if operation.door == Door::Mounted => {
                headers::rate(all, &standing);
                if found {
                    headers::accepted(all, operation);
                }
            }
            Protocol::Api => {
                headers::api(all, version);
                headers::rate(all, &standing);
                if found {
                    headers::accepted(all, operation);
                }
            }
            Protocol::Page => headers::page(all),
            Protocol::Registry(_) => headers::unshared(all),
            Protocol::Git | Protocol::Lfs => {}
        }
        response
    }
}

pub(crate) fn put_cookie(response: &mut Response, cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers.append(header::SET_COOKIE, value);
    }
}

/// Writes the private half of a fault to the log.
pub(crate) fn log_fault(fault: &Fault, request_id: &str) {
    let told = matches!(
        fault.kind,
        FaultKind::Internal | FaultKind::Unavailable | FaultKind::BadGateway | FaultKind::GatewayTimeout
    );
    if told {
        let source = cause(fault);
        tracing::error!(code = fault.code, source, request_id, "request failed");
    }
}

/// What a fault came from; where nothing lies behind it, what was told says it all.
fn cause(fault: &Fault) -> String {
    fault
        .source()
        .map_or_else(|| fault.message.clone(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::{Fault, FaultKind, cause};

    #[test]
    fn the_log_names_the_cause_of_every_fault() {
        let told = || Fault::new(FaultKind::BadGateway, "upstream.unreachable", "cannot be reached");
        assert_eq!(cause(&told()), "cannot be reached");
        assert_eq!(cause(&told().because("connection refused")), "connection refused");
    }
}
