//! What goes wrong with an upstream, as faults: precise about what to do, silent about what the upstream said.

use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::{Fault, FaultKind};
use bailiwick_upstream::UpstreamError;

/// The fault of an exchange that failed.
#[cold]
pub fn of_error(upstream: &Upstream, error: &UpstreamError) -> Fault {
    // The caller learns what kind of failure it was; addresses and the system's words are for the log.
    tracing::warn!(upstream = upstream.name, code = error.code(), %error, "an exchange with an upstream failed");
    let name = &upstream.name;
    let (kind, message) = match error {
        UpstreamError::ConnectTimedOut | UpstreamError::AnswerTimedOut => (
            FaultKind::GatewayTimeout,
            format!("the upstream {name} did not answer in time"),
        ),
        UpstreamError::BodyBroken => (FaultKind::BadRequest, String::from("the body ended early")),
        UpstreamError::Unreachable(_) | UpstreamError::Tls(_) => (
            FaultKind::BadGateway,
            format!("the upstream {name} cannot be reached"),
        ),
        UpstreamError::Reset(_) => (
            FaultKind::BadGateway,
            format!("the upstream {name} ended the connection without an answer"),
        ),
        UpstreamError::Malformed(_) => (
            FaultKind::BadGateway,
            format!("the upstream {name} answered in a way that cannot be passed on"),
        ),
        UpstreamError::TooLarge => (
            FaultKind::BadGateway,
            format!("the answer of the upstream {name} is larger than its limit"),
        ),
    };
    Fault::new(kind, error.code(), message).because(error.to_string())
}

/// The upstream refuses the credential that the gateway brings: a matter for administrators, not for the caller.
#[cold]
pub fn credential_refused(upstream: &Upstream) -> Fault {
    tracing::error!(
        upstream = upstream.name,
        "an upstream refuses the gateway's credential"
    );
    Fault::new(
        FaultKind::BadGateway,
        "upstream.credential_refused",
        format!(
            "the upstream {} does not accept the credential that the gateway has for it; an administrator can set a new one",
            upstream.name
        ),
    )
}

/// There is no credential with which this caller could be represented.
#[cold]
pub fn not_linked(upstream: &Upstream) -> Fault {
    Fault::forbidden(
        "upstream.not_linked",
        format!(
            "your account is not linked to one at the upstream {}; link it in the settings, or ask an administrator",
            upstream.name
        ),
    )
}

/// What is asked for has another name at the upstream than is known here.
#[cold]
pub fn renamed(upstream: &Upstream) -> Fault {
    Fault::conflict(
        "upstream.renamed",
        format!(
            "this has another name at the upstream {} by now; an administrator can synchronise it, or bind it again",
            upstream.name
        ),
    )
}

/// What is asked for is not there, or not for the one who asks.
#[cold]
pub fn hidden(upstream: &Upstream) -> Fault {
    Fault::new(
        FaultKind::NotFound,
        "upstream.not_found",
        format!(
            "the upstream {} has no such repository, or hides it from the account that stands for you",
            upstream.name
        ),
    )
}

/// A login there is somebody else's by now.
#[cold]
pub fn somebody_else(upstream: &Upstream) -> Fault {
    Fault::conflict(
        "upstream.somebody_else",
        format!(
            "this account's name at the upstream {} is somebody else's by now; an administrator can synchronise it, or \
             link or bind it again",
            upstream.name
        ),
    )
}

/// The link has ended, or never came to be.
#[cold]
pub fn link_again(upstream: &Upstream) -> Fault {
    Fault::forbidden(
        "upstream.link_ended",
        format!(
            "the upstream {} no longer accepts that your account is linked; link it again in the settings",
            upstream.name
        ),
    )
}

/// The account there is switched off.
#[cold]
pub fn inactive(upstream: &Upstream) -> Fault {
    Fault::forbidden(
        "upstream.inactive",
        format!(
            "your account at the upstream {} is not active; your linked accounts in the settings tell why",
            upstream.name
        ),
    )
}

/// The upstream knows nobody of the name that is linked.
#[cold]
pub fn unknown(upstream: &Upstream) -> Fault {
    Fault::forbidden(
        "upstream.unknown_person",
        format!(
            "the upstream {} no longer knows the account that stands for you; link it again, or ask an administrator",
            upstream.name
        ),
    )
}

/// Nothing in the request tells which server behind the gateway is meant.
#[cold]
pub fn not_one(several: bool) -> Fault {
    if several {
        return Fault::new(
            FaultKind::BadRequest,
            "upstream.ambiguous",
            "several servers behind this one could be meant: name an owner or a repository",
        );
    }
    Fault::new(
        FaultKind::NotImplemented,
        "upstream.none",
        "no server behind this one speaks this API",
    )
}

/// What is kept here is not asked for in the language of a server behind the gateway.
#[cold]
pub fn kept_here() -> Fault {
    Fault::new(
        FaultKind::NotImplemented,
        "upstream.kept_here",
        "this is kept here and not at a server behind this one: ask for it below /api/v3",
    )
}

/// The answer would tell of more than the caller's grant holds, and nobody here could take that out of it.
#[cold]
pub fn spans(owner: Option<&str>) -> Fault {
    let help = match owner {
        Some(owner) => format!(
            "ask with a token whose grant at {owner} selects all repositories, or ask for one of them"
        ),
        None => String::from("ask for one owner or one repository by its name instead"),
    };
    Fault::forbidden(
        "upstream.spans",
        format!("the server behind this one would answer with more than was decided on; {help}"),
    )
}

/// The upstream has no credential that this needs.
#[cold]
pub fn no_credential(upstream: &Upstream, what: &str) -> Fault {
    Fault::new(
        FaultKind::BadGateway,
        "upstream.no_credential",
        format!(
            "the upstream {} has no {what}; an administrator can set it",
            upstream.name
        ),
    )
}
