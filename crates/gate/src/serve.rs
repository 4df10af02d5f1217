//! Stage: act with a permit. Reads the body, calls the handler, and writes what it says.

use crate::body::{Incoming, body_limit, read};
use crate::message::Response;
use crate::passage::Passage;
use crate::pipeline::{Gate, log_fault};
use crate::rate::Standing;
use crate::record::unrecorded;
use crate::refusal::Protocol;
use crate::reply::{Reply, whole};
use crate::route::{Answer, Call, Doorway, Handler, Route, StreamCall};
use crate::watched::Watched;
use crate::write::{takes_gzip, write};
use crate::{authorize, headers};
use bailiwick_authority::upstream::place::{Location, is_kept, may_be_kept, upstream_of};
use bailiwick_authority::{Fault, FaultKind, Permit, Refused};
use bailiwick_catalogue::{Anonymous, Door, Operation};
use bailiwick_model::{UpstreamId, UpstreamKind};
use http::{Method, StatusCode, header};

impl Gate {
    /// Serves an allowed request, or answers 501 where nothing here serves it. A second decision, made once the
    /// objects are known, can still refuse.
    pub(crate) async fn serve(
        &self,
        permit: Permit,
        passage: Box<Passage>,
        asked: Option<&crate::face::Asked>,
    ) -> Result<Response, Box<Refused>> {
        let protocol = passage.protocol;
        let operation = permit.operation();
        // SECURITY: from here on the request can reach a server behind; a client that leaves must not take that off the log.
        let mut watched = Watched::new(&self.authority, self.authority.witness(&permit));
        if passage.request.method == Method::HEAD {
            watched.witness.asks_head();
        }
        let gzip = protocol == Protocol::Page && takes_gzip(&passage.request.headers);
        let if_none_match = passage.request.headers.get(header::IF_NONE_MATCH).cloned();
        let for_proxy = passage.asked_by.is_some();
        let mut answer = self.handled(permit, passage).await;
        watched.served();
        let witness = &mut watched.witness;
        if let Err(fault) = &mut answer
            && let Some(refused) = fault.take_refused()
        {
            return Err(refused);
        }
        if let Ok(Reply {
            action: Some(action), ..
        }) = &answer
        {
            witness.name(action);
        }
        if let Err(fault) = &answer {
            log_fault(fault, witness.request_id());
        }
        // Every allowed request leaves a record: a change has written its own with the change itself; one that
        // failed, and every read of a known credential, is recorded here.
        let unsaid = match for_proxy {
            true => None,
            false => redrawn(operation, &answer).or_else(|| not_had(operation, &answer)),
        };
        let receipt = self
            .authority
            .record_outcome(witness, answer.as_ref().err().or(unsaid.as_ref()));
        let gathered = Some(witness.gathered());
        let fault = unrecorded(receipt).await;
        let mut response = match (answer, fault) {
            (_, Some(fault)) | (Err(fault), None) => self.of_fault(protocol, asked, gathered, &fault),
            (Ok(reply), None) if for_proxy => authorize::leave(reply),
            (Ok(reply), None) => write(reply, if_none_match.as_ref(), gzip),
        };
        // A handler's 404 has no more headers than that of a thing the decision hides.
        if response.status != StatusCode::NOT_FOUND {
            headers::credential(&mut response.headers, witness.gathered(), Some(operation));
        }
        Ok(response)
    }

    /// What the handler of a permitted request answers.
    async fn handled(&self, permit: Permit, passage: Box<Passage>) -> Answer {
        match self.route(&permit).await {
            // INVARIANT: whatever another proxy asks about is served by nobody here.
            _ if passage.asked_by.is_some() => self.give_leave(permit, passage).await,
            None => Err(Fault::new(
                FaultKind::NotImplemented,
                "operation.not_served",
                format!(
                    "{} is allowed, but this server does not serve it",
                    permit.operation().id
                ),
            )),
            // In a box, so that what streams is no larger for it.
            Some(Route::Whole(handler)) => Box::pin(self.whole(handler, permit, passage)).await,
            Some(Route::Stream(handler)) => {
                let Passage { request, body, .. } = *passage;
                let body = match body {
                    Incoming::Read(bytes) => whole(bytes),
                    Incoming::Streaming(body) => body,
                };
                handler(StreamCall {
                    authority: self.authority.clone(),
                    permit,
                    request,
                    body,
                })
                .await
            }
        }
    }

    /// What a handler answers that takes the whole body and may block.
    async fn whole(&self, handler: Handler, permit: Permit, passage: Box<Passage>) -> Answer {
        let doorway = self.doorway(passage.standing);
        let Passage {
            mut request, body, ..
        } = *passage;
        // SECURITY: decided on before it came. Whoever held it back would hold leave past the end of a token.
        let withheld = body.is_awaited().then(|| self.authority.witness(&permit));
        request.body = read(body, body_limit(permit.operation())).await?;
        let call = Call {
            authority: self.authority.clone(),
            permit,
            request,
            doorway,
        };
        crate::blocking("handler", move || {
            if let Some(witness) = &withheld {
                call.authority.still_permitted(witness)?;
            }
            handler(call)
        })
        .await
    }

    /// How a permitted request is served. Of what lives at a server behind this one, some things are kept here all the same.
    async fn route(&self, permit: &Permit) -> Option<Route> {
        let operation = permit.operation();
        if may_be_kept(operation)
            && let Some(Location::Of(id)) = upstream_of(permit)
            && let Some(kind) = self.kind_of_upstream(id).await
            && is_kept(operation, kind)
        {
            return self.routes.get(operation.index);
        }
        self.routes.of(permit)
    }

    async fn kind_of_upstream(&self, id: UpstreamId) -> Option<UpstreamKind> {
        Some(crate::upstreams(&self.authority).await.ok()?.get(id)?.kind)
    }

    fn doorway(&self, standing: Standing) -> Doorway {
        Doorway {
            standing,
            metrics: self.metrics().clone(),
            served: self.served.clone(),
            mounts: self.mounts().clone(),
            cookies: self.cookies().clone(),
        }
    }
}

/// A page tells of a change that failed by its form, drawn again: an answer to the browser, a fault to the record.
/// What visitors do too is signing in, which records itself.
fn redrawn(operation: &Operation, answer: &Answer) -> Option<Fault> {
    let Ok(Reply {
        status, action: None, ..
    }) = answer
    else {
        return None;
    };
    let change = operation.door == Door::Page && operation.writes && operation.anonymous == Anonymous::Never;
    let kind = if *status == StatusCode::FORBIDDEN {
        FaultKind::Forbidden
    } else {
        FaultKind::Invalid
    };
    (change && status.is_client_error()).then(|| Fault::new(kind, "form.refused", "the form was refused"))
}

/// A registry's refusal goes to the caller in its own words: an answer to the client, a fault to the record of a read.
// A change that a registry refuses is on record as that by whoever passed it on.
fn not_had(operation: &Operation, answer: &Answer) -> Option<Fault> {
    let Ok(reply) = answer else { return None };
    let refused = reply.status.is_client_error() || reply.status.is_server_error();
    if operation.door != Door::Registry || operation.writes || !refused {
        return None;
    }
    Some(match reply.status {
        StatusCode::NOT_FOUND | StatusCode::GONE => Fault::new(
            FaultKind::NotFound,
            "registry.not_there",
            "the registry has no such package, version or file",
        ),
        _ => Fault::new(
            FaultKind::BadGateway,
            "upstream.refused",
            "the registry does not answer this",
        ),
    })
}
