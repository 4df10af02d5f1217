//! Decisions for other proxies: a permit is used up by giving another proxy leave to serve what was permitted, and
//! that is recorded. Nothing is served here.

use crate::Authority;
use crate::fault::{Fault, FaultKind};
use crate::permit::Permit;
use crate::record::permit_event;
use bailiwick_model::Event;
use std::net::IpAddr;

/// The other proxy on whose behalf something is decided.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct AskedBy {
    /// Where it is.
    pub address: IpAddr,
    /// How it asks: `nginx`, `forward`, `envoy` or `envoy-grpc`.
    pub protocol: &'static str,
    /// The upstream that it stands before; `None` for what is kept here.
    pub upstream: Option<Box<str>>,
}

impl AskedBy {
    /// Notes in an event that a proxy asked. Whoever refuses gives another reason after it.
    pub(crate) fn put(&self, event: &mut Event) {
        String::from("authorized").clone_into(&mut event.reason);
        let data = &mut event.data;
        data.insert("proxy_address".into(), self.address.to_string().into());
        data.insert("proxy_protocol".into(), self.protocol.into());
        if let Some(upstream) = &self.upstream {
            data.insert("upstream".into(), upstream.as_ref().into());
        }
    }
}

/// What only the gateway can decide or record, since it takes more than the head of the request.
pub fn needs_gateway(what: &str) -> Fault {
    Fault::forbidden(
        "authorize.needs_gateway",
        format!("{what}: it is not decided for other proxies; send it through the gateway"),
    )
}

impl Authority {
    /// Uses a permit up: leave for another proxy to serve what was permitted. A change is durable in the log before the
    /// proxy hears of it; reads are recorded like any other.
    // SECURITY: nobody here sees the request's body or its answer. What depends on either is refused, never allowed.
    pub async fn authorize(&self, permit: Permit) -> Result<(), Fault> {
        if permit.caller().asked_by.is_none() {
            return Err(Fault::internal("authorize.nobody_asked", "no proxy asked for it"));
        }
        if permit.is_provisional() {
            return Err(needs_gateway("what it touches shows only in what is sent"));
        }
        let operation = permit.operation();
        if operation.plants {
            return Err(needs_gateway(
                "it makes something that can itself authenticate, which has to be recorded from the answer",
            ));
        }
        if !operation.writes {
            return Ok(());
        }
        let receipt = self.recorder.durable(permit_event(&permit));
        receipt.durable().await.map_err(|_| {
            Fault::new(
                FaultKind::Unavailable,
                "audit.unavailable",
                "the audit log cannot be written at the moment",
            )
        })
    }
}
