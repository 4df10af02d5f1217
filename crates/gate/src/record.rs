//! Stage: record. A refusal of a known credential is durable in the log before it is answered, whether it was decided
//! or the request could not even be read.

use crate::face::Asked;
use crate::headers;
use crate::message::Response;
use crate::passage::Passage;
use crate::pipeline::{Gate, put_cookie};
use crate::refusal::{Protocol, of_description, refusal_status};
use crate::version::ApiVersion;
use bailiwick_authority::{Caller, Credential, Fault, FaultKind, Presented, Refused};
use bailiwick_decision::{Refusal, Stage};
use http::StatusCode;
use std::sync::Arc;

impl Gate {
    /// Turns away a request that was not understood. A credential that it carries is looked at, counted and
    /// recorded all the same, so that probing with a token shows.
    pub(crate) async fn reject(
        &self,
        caller: Caller,
        presented: Presented,
        mut passage: Box<Passage>,
        fault: &Fault,
    ) -> Response {
        let asked = self.asked(&passage);
        let protocol = passage.protocol;
        let mut gathered = match self
            .gather(presented, None, Arc::default(), &caller.request_id)
            .await
        {
            Ok(gathered) => gathered,
            Err(fault) => return self.of_fault(protocol, asked.as_deref(), None, &fault),
        };
        let now = self.authority.now();
        self.count(&mut passage, &mut gathered, caller.address, now);
        let exceeded = gathered.rate_exceeded;
        // Without an operation the decision always refuses; what it tells is whether the credential lives.
        let decided = bailiwick_authority::decide(None, gathered, caller, now);
        self.metrics().decided(false);
        let mut response = match decided {
            Err(refused) if refused.deny.stage() == Stage::Live => {
                self.refused(protocol, passage.request.version, &refused, asked.as_deref())
                    .await
            }
            Err(refused) => {
                let receipt = self
                    .authority
                    .record_unread(&refused, passage.operation, fault.code);
                if let Some(fault) = unrecorded(receipt).await {
                    return self.of_fault(protocol, asked.as_deref(), None, &fault);
                }
                let too_many = exceeded.then(|| {
                    let message = "API rate limit exceeded: wait until the time that X-RateLimit-Reset tells";
                    Fault::new(FaultKind::TooMany, "limits.rate_exceeded", message)
                });
                let fault = too_many.as_ref().unwrap_or(fault);
                self.of_fault(protocol, asked.as_deref(), Some(&refused.gathered), fault)
            }
            Ok(_) => self.of_fault(protocol, asked.as_deref(), None, fault),
        };
        headers::rate(&mut response.headers, &passage.standing);
        response
    }

    /// Records a refusal and writes it.
    pub(crate) async fn refused(
        &self,
        protocol: Protocol,
        version: ApiVersion,
        refused: &Refused,
        asked: Option<&Asked>,
    ) -> Response {
        if let Some(fault) = unrecorded(self.authority.record_refusal(refused)).await {
            return self.of_fault(protocol, asked, None, &fault);
        }
        let visitor = matches!(refused.gathered.credential, Credential::Anonymous);
        let status = refusal_status(protocol, refused.deny.refusal, visitor);
        // SECURITY: who is asked for a credential first is told nothing of whether the thing is there.
        let asked_first = status == StatusCode::UNAUTHORIZED && refused.deny.refusal == Refusal::NotFound;
        let description = if asked_first {
            bailiwick_authority::credential_first()
        } else {
            bailiwick_authority::describe(refused, &self.settings.base_url)
        };
        let drawn = self.turned(protocol, asked, Some(&refused.gathered), status, &description);
        let mut response = drawn.unwrap_or_else(|| of_description(protocol, status, &description));
        match protocol {
            Protocol::Api => headers::api(&mut response.headers, version),
            Protocol::Page => {
                headers::page(&mut response.headers);
                // A cookie that leads nowhere any more would refuse the sign-in page as well.
                // SECURITY: only where it was the cookie that was refused. A link with a credential in its query
                // would sign out whoever follows it.
                let by_cookie = asked.is_none_or(|asked| asked.by_cookie);
                if refused.deny.refusal == Refusal::Unauthorized && !visitor && by_cookie {
                    put_cookie(&mut response, &self.cookies().remove(self.cookies().session));
                }
            }
            Protocol::Git | Protocol::Lfs | Protocol::Registry(_) => {}
        }
        // A hidden thing answers as one that does not exist: nothing more than any 404 has.
        if refused.deny.refusal == Refusal::Forbidden {
            if let Some(operation) = refused.operation {
                headers::accepted(&mut response.headers, operation);
            }
            headers::credential(&mut response.headers, &refused.gathered, refused.operation);
        }
        response
    }
}

/// Waits until a record is durable. A fault if it cannot be: what is not recorded is not answered.
pub(crate) async fn unrecorded(receipt: Option<bailiwick_authority::Receipt>) -> Option<Fault> {
    receipt?.durable().await.err().map(Fault::from)
}
