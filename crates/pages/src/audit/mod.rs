//! The audit log: of an organization, of an enterprise, and a person's own security log. One set of pages for all
//! three; whose events they show is what the operation names.

mod chart;
mod event;
mod export;
mod log;
mod phrase;
mod search;
mod words;

use crate::visit::Area;
use bailiwick_catalogue::op;
use bailiwick_gate::{Routes, encode};

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_ORG_AUDIT_LOG, log::show)
        .on(op::WEB_ORG_AUDIT_EVENT, event::show)
        .on(op::WEB_ORG_AUDIT_EXPORT, export::send)
        .on(op::WEB_ENTERPRISE_AUDIT_LOG, log::show)
        .on(op::WEB_ENTERPRISE_AUDIT_EVENT, event::show)
        .on(op::WEB_ENTERPRISE_AUDIT_EXPORT, export::send)
        .on(op::WEB_SECURITY_LOG, log::show)
        .on(op::WEB_SECURITY_LOG_EVENT, event::show)
        .on(op::WEB_SECURITY_LOG_EXPORT, export::send);
}

/// Whose log a request names.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Log {
    /// The person's own.
    Own,
    /// An organization's.
    Organization(String),
    /// An enterprise's.
    Enterprise(String),
}

impl Log {
    fn of(request: &bailiwick_gate::Request) -> Log {
        let (org, enterprise) = (request.parameter("org"), request.parameter("enterprise"));
        if !org.is_empty() {
            Log::Organization(org.to_owned())
        } else if !enterprise.is_empty() {
            Log::Enterprise(enterprise.to_owned())
        } else {
            Log::Own
        }
    }

    const fn title(&self) -> &'static str {
        match self {
            Log::Own => "Security log",
            Log::Organization(_) | Log::Enterprise(_) => "Audit log",
        }
    }

    fn area(&self) -> Area<'_> {
        match self {
            Log::Own => Area::Own,
            Log::Organization(login) => Area::Organization(login),
            Log::Enterprise(slug) => Area::Enterprise(slug),
        }
    }

    /// The path of its page.
    fn path(&self) -> String {
        match self {
            Log::Own => String::from("/settings/security-log"),
            Log::Organization(login) => format!("/organizations/{}/settings/audit-log", encode(login)),
            Log::Enterprise(slug) => format!("/enterprises/{}/settings/audit-log", encode(slug)),
        }
    }

    /// The path that searches it.
    fn searching(&self, phrase: &str) -> String {
        format!("{}?phrase={}", self.path(), encode(phrase))
    }
}
