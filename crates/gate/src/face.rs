//! How refusals and faults look at the pages' door. The gate decides and records; the pages only draw.

use crate::headers;
use crate::message::Response;
use crate::page::{Guard, masked};
use crate::passage::Passage;
use crate::pipeline::Gate;
use crate::refusal::{Protocol, of_fault, status};
use crate::reply::Reply;
use crate::request::Query;
use crate::write::write;
use bailiwick_authority::{Credential, Description, Fault, Gathered};
use bailiwick_wire::credential::carries_in_query;
use http::{Method, StatusCode};
use std::sync::Arc;
use zeroize::Zeroizing;

/// An answer of the gate itself that a page draws.
pub struct Turned<'a> {
    /// The status that it must have, unless it leads elsewhere.
    pub status: StatusCode,
    /// What is said: from the decision, or from a fault.
    pub description: &'a Description,
    /// The person who is signed in, as far as the credential was good.
    pub login: Option<&'a str>,
    /// What was asked.
    pub asked: &'a Asked,
}

/// What a browser asked, kept to come back to it.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The method.
    pub method: Method,
    /// Path and query.
    pub target: String,
    /// The form that was sent, so that nothing typed is lost. Only one that a page of this server sent.
    // SECURITY: what another site made a browser send must not come back as what the person had typed.
    pub form: Option<Query>,
    /// The guard for forms on the drawn page.
    pub csrf: Zeroizing<String>,
    /// The visit that guards are bound to.
    pub(crate) visit: Zeroizing<String>,
    /// Whether nothing but the session's cookie said who asks.
    pub(crate) by_cookie: bool,
    /// The server's address as clients write it.
    pub base_url: Arc<str>,
}

/// Draws an answer of the gate.
pub type Face = fn(&Turned<'_>) -> Reply;

impl Passage {
    /// What was asked at the pages' door.
    pub(crate) fn asked(&self, base_url: &Arc<str>) -> Asked {
        let uri = &self.request.uri;
        // SECURITY: a credential in a query must not be repeated in an address that the page leads to.
        let target = match uri.query().filter(|query| !carries_in_query(query)) {
            Some(query) => format!("{}?{query}", uri.path()),
            None => uri.path().to_owned(),
        };
        Asked {
            method: self.request.method.clone(),
            target,
            // INVARIANT: a form that a page of this server sent holds its guard, so it is never empty.
            form: Some(&self.request.form)
                .filter(|form| !form.pairs().is_empty())
                .cloned(),
            csrf: self.request.csrf.clone(),
            visit: self.request.visit.clone(),
            by_cookie: self.by_cookie,
            base_url: base_url.clone(),
        }
    }
}

impl Gate {
    /// The answer to a fault, drawn where people see it.
    pub(crate) fn of_fault(
        &self,
        protocol: Protocol,
        asked: Option<&Asked>,
        gathered: Option<&Gathered>,
        fault: &Fault,
    ) -> Response {
        let description = Description {
            message: fault.message.clone(),
            reason: Some(fault.code),
            stage: None,
            missing: None,
            help: None,
        };
        match self.turned(protocol, asked, gathered, status(fault.kind), &description) {
            Some(response) => response,
            None => of_fault(protocol, fault),
        }
    }

    /// Draws a page, where the door has them.
    pub(crate) fn turned(
        &self,
        protocol: Protocol,
        asked: Option<&Asked>,
        gathered: Option<&Gathered>,
        status: StatusCode,
        description: &Description,
    ) -> Option<Response> {
        let (Protocol::Page, Some(face), Some(asked)) = (protocol, self.routes.face(), asked) else {
            return None;
        };
        let session = match gathered.map(|gathered| &gathered.credential) {
            Some(Credential::Session(_, person)) if status != StatusCode::UNAUTHORIZED => Some(person),
            _ => None,
        };
        let visitors;
        let asked = if status == StatusCode::UNAUTHORIZED {
            // Who is asked to sign in has no session any more, and the form that does it comes back without one.
            let guard = Guard::of(&asked.visit, None);
            visitors = Asked {
                csrf: masked(&self.authority, &guard),
                ..asked.clone()
            };
            &visitors
        } else {
            asked
        };
        let reply = face(&Turned {
            status,
            description,
            login: session.map(|person| person.row.login.as_str()),
            asked,
        });
        let mut response = write(reply, None, false);
        headers::page(&mut response.headers);
        Some(response)
    }
}
