//! Stage: observe. A request that brings nothing of ours, and is about an upstream that is only observed, passes to it
//! with what its caller brought. It is an outcome of the one pipeline, after the names were gathered: no second door.

use crate::body::Incoming;
use crate::headers;
use crate::message::Response;
use crate::passage::Passage;
use crate::pipeline::{Gate, log_fault};
use crate::rate::Bucket;
use crate::refusal::{Protocol, challenge};
use crate::reply::whole;
use crate::route::ObservedCall;
use crate::write::write;
use bailiwick_authority::observe::{Asked, Observed};
use bailiwick_authority::{Caller, Credential, Fault, FaultKind, Gathered};
use bailiwick_catalogue::Door;
use http::{Method, StatusCode};

impl Gate {
    /// Whether a request passes to an observed upstream.
    // SECURITY: what is ours, good or bad, is decided as always; so is everything whose target is not at an upstream that
    // is observed at this instant.
    pub(crate) async fn observed(
        &self,
        gathered: &Gathered,
        caller: &Caller,
        passage: &mut Passage,
    ) -> Result<Option<Observed>, Fault> {
        let nothing_of_ours = match gathered.credential {
            Credential::Anonymous => passage.foreign.is_none(),
            Credential::Unknown => passage.foreign.is_some(),
            Credential::Token(..) | Credential::Session(..) => false,
        };
        // What no operation describes passes as well, to be told of, but not by every method that there is.
        let usual = matches!(
            passage.request.method,
            Method::GET | Method::HEAD | Method::POST | Method::PUT | Method::PATCH | Method::DELETE
        );
        // An answer to another proxy lets nothing pass that was not decided.
        if !nothing_of_ours
            || passage.asked_by.is_some()
            || !usual
            || !matches!(passage.door, Door::Api | Door::Gitea | Door::Git)
            || self.routes.observed().is_none()
            || !self.authority.may_observe(self.authority.now())
        {
            return Ok(None);
        }
        let (door, operation, foreign) = (passage.door, passage.operation, passage.foreign.take());
        let (gathered, caller) = (gathered.clone(), caller.clone());
        let authority = self.authority.clone();
        crate::blocking("observe", move || {
            let asked = Asked {
                door,
                operation,
                gathered: &gathered,
                caller: &caller,
            };
            authority.observed(&asked, foreign)
        })
        .await
    }

    /// Passes an observed request on.
    pub(crate) async fn pass_on(
        &self,
        observed: Observed,
        caller: Caller,
        passage: Box<Passage>,
    ) -> Response {
        let (protocol, version) = (passage.protocol, passage.request.version);
        let foreign = observed.foreign().is_some();
        let bucket = Bucket::Address(caller.address);
        // SECURITY: the upstream sees this server's address alone, and could not tell who tries credentials. Those it
        // vouched for are not held up by those it refused.
        let tried = foreign && !self.authority.is_vouched(&observed);
        let answer = match self.routes.observed() {
            _ if tried && self.rate.count(bucket, 0, self.authority.now()).exceeded() => Err(Fault::new(
                FaultKind::TooMany,
                "limits.rate_exceeded",
                "too many bad credentials came from this address: wait an hour",
            )),
            None => Err(Fault::not_found()),
            Some(handler) => {
                let Passage { request, body, .. } = *passage;
                let body = match body {
                    Incoming::Read(bytes) => whole(bytes),
                    Incoming::Streaming(body) => body,
                };
                handler(ObservedCall {
                    authority: self.authority.clone(),
                    observed,
                    request,
                    body,
                })
                .await
            }
        };
        let mut response = match answer {
            Ok(reply) => write(reply, None, false),
            Err(fault) => {
                log_fault(&fault, &caller.request_id);
                self.of_fault(protocol, None, None, &fault)
            }
        };
        if foreign && response.status == StatusCode::UNAUTHORIZED {
            self.metrics().bad_credential();
            self.rate.count(bucket, 1, self.authority.now());
        }
        challenge(protocol, &mut response);
        if protocol == Protocol::Api {
            headers::api(&mut response.headers, version);
        }
        response
    }
}
