//! What is looked at for Gitea's door alone, since Gitea looks at it: its own ways to act as somebody else, and bodies
//! of a kind whose fields it would read as such. The names that bodies hold are read in `body`.

mod body;
mod part;

pub(crate) use body::{limit, names, reads_body};

use crate::request::Request;
use bailiwick_authority::{Fault, FaultKind};
use bailiwick_catalogue::{Operation, OperationIndex, op};
use bailiwick_upstream::Fields;
use http::header;

/// Uploads, which may come as a form with one part.
const UPLOADS: [OperationIndex; 3] = [
    op::GITEA_ISSUE_CREATE_ISSUE_ATTACHMENT,
    op::GITEA_ISSUE_CREATE_ISSUE_COMMENT_ATTACHMENT,
    op::GITEA_REPO_CREATE_RELEASE_ATTACHMENT,
];

/// How a request's body is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// No type is named.
    None,
    /// JSON.
    Json,
    /// Bytes that are no form, where the operation takes such.
    Raw,
    /// A form of one part, with its boundary.
    Upload(String),
}

/// Checks the head of a request at Gitea's door, and gives the kind of its body.
// SECURITY: Gitea lets an administrator's credential act as whomever the request names: a header `Sudo`, and before it
// a field `sudo` of the query or of a form, whatever the method. The gateway acts with such a credential.
pub(crate) fn check(request: &Request, operation: Option<&Operation>) -> Result<Kind, Fault> {
    let sudo = "acting as somebody else is not possible here: leave `sudo` out";
    if request.headers.contains_key("sudo") {
        return Err(Fault::new(FaultKind::BadRequest, "head.sudo", sudo));
    }
    let named = |name: &str| name.trim().eq_ignore_ascii_case("sudo");
    if request.query.pairs().iter().any(|(name, _)| named(name)) {
        return Err(Fault::new(FaultKind::BadRequest, "query.sudo", sudo));
    }
    // SECURITY: older readers part a query here as well, and would find another field behind it.
    if request.uri.query().is_some_and(|query| query.contains(';')) {
        return Err(Fault::new(
            FaultKind::BadRequest,
            "query.ambiguous",
            "the query can be read in two ways; write a semicolon as %3B",
        ));
    }
    kind(&request.headers, operation).ok_or_else(|| {
        Fault::new(
            FaultKind::BadRequest,
            "body.media_type",
            "this type of body is not accepted here: send application/json",
        )
    })
}

/// Whether a body is said to be JSON.
pub(crate) fn says_json(headers: &Fields) -> bool {
    kind(headers, None) == Some(Kind::Json)
}

/// The kind of a body by its type; `None` for one that may not come here.
fn kind(headers: &Fields, operation: Option<&Operation>) -> Option<Kind> {
    let mut types = headers.get_all(header::CONTENT_TYPE);
    let Some(value) = types.next() else {
        return Some(Kind::None);
    };
    if types.next().is_some() {
        return None;
    }
    let text = value.to_str().ok()?;
    let (essence, parameter) = match text.split_once(';') {
        Some((essence, parameter)) => (essence, Some(parameter.trim())),
        None => (text, None),
    };
    let index = operation.map(|operation| operation.index);
    match essence.trim().to_ascii_lowercase().as_str() {
        "application/json" => utf8(parameter).then_some(Kind::Json),
        "text/plain" if index == Some(op::GITEA_RENDER_MARKDOWN_RAW) => utf8(parameter).then_some(Kind::Raw),
        "application/octet-stream" if index == Some(op::GITEA_REPO_CREATE_RELEASE_ATTACHMENT) => {
            parameter.is_none().then_some(Kind::Raw)
        }
        "multipart/form-data" if index.is_some_and(|index| UPLOADS.contains(&index)) => {
            part::boundary(parameter?).map(Kind::Upload)
        }
        _ => None,
    }
}

/// Nothing, or the one encoding that JSON has. Other parameters could make it another type for another reader.
fn utf8(parameter: Option<&str>) -> bool {
    parameter.is_none_or(|text| {
        let text = text.to_ascii_lowercase();
        matches!(text.as_str(), "charset=utf-8" | "charset=\"utf-8\"")
    })
}

/// Checks a body that was read whole, before anything of it is decided on.
pub(crate) fn check_body(kind: &Kind, operation: &Operation, body: &[u8]) -> Result<(), Fault> {
    match kind {
        Kind::Upload(boundary) if part::is_single(boundary, body) => Ok(()),
        Kind::Upload(_) => Err(Fault::new(
            FaultKind::BadRequest,
            "body.parts",
            "the form must hold one part, a file named attachment, and nothing else",
        )),
        Kind::None | Kind::Json | Kind::Raw => body::check(*kind == Kind::Json, operation, body),
    }
}

#[cfg(test)]
mod tests;
