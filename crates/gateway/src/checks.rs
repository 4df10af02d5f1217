//! What must hold of a request before it is passed on: that the upstream will read in it what was decided on.

use crate::{fault, heads};
use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::{Account, Basis, Fault, FaultKind, Gathered, Named, Permit};
use bailiwick_catalogue::{Door, Operation, PermissionKind, Target, permission_by_id};
use bailiwick_gate::Request;
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::{Scope, Selection, TokenKind, UpstreamId, UpstreamKind};
use http::header;

/// The start of a door's paths.
pub const fn prefix(door: Door) -> &'static str {
    match door {
        Door::Api => "/api/v3",
        Door::Gitea => "/api/v1",
        // A mount depends on the upstream: `bailiwick_gate::split_mount` takes it off.
        Door::Git | Door::Root | Door::Page | Door::Mounted | Door::Registry => "",
    }
}

/// Refuses what the upstream would answer beyond the caller's grant: its answers cannot be filtered here.
// SECURITY: a list of an upstream shows whatever the person may see there, and a token may see less.
pub fn bounded(permit: &Permit) -> Result<(), Fault> {
    let operation = permit.operation();
    // A visitor's answer holds nothing that is not everybody's.
    let visitor = match operation.door {
        Door::Gitea => permit.basis() == Basis::Anonymous,
        Door::Api | Door::Git | Door::Root | Door::Page | Door::Mounted | Door::Registry => {
            is_visitor(permit)
        }
    };
    if !operation.spans || visitor {
        return Ok(());
    }
    let gathered = permit.gathered();
    let named = [Target::Repository, Target::Organization].map(|target| gathered.named(target));
    let owner = named.into_iter().find_map(|named| match named {
        Named::Repository(_, owner) | Named::Account(owner) => Some(owner),
        Named::Absent | Named::Missing | Named::Enterprise(_) => None,
    });
    let Some(owner) = owner.filter(|_| !follows_a_person(operation)) else {
        return Err(fault::spans(None));
    };
    // A session selects nothing: what the person may see is what the upstream filters by.
    let Some(token) = gathered.token() else {
        return Ok(());
    };
    if token.facts.kind == TokenKind::Classic {
        let private = operation.door != Door::Api || token.facts.scopes.contains(Scope::Repo);
        return if private { Ok(()) } else { Err(fault::spans(None)) };
    }
    let here = ResourceOwner::Account(owner.row.id);
    let mut grants = token.facts.grants.iter();
    if grants.any(|grant| grant.owner == here && grant.active && grant.selection == Selection::All) {
        return Ok(());
    }
    Err(fault::spans(Some(&owner.row.login)))
}

/// Whether the upstream is asked as a visitor asks, whoever the caller is.
// SECURITY: what is allowed without a look at the caller's grants must not be answered with the caller's rights there:
// the answer would be about whatever the person sees, or about a thing that has stopped being public meanwhile.
pub fn is_visitor(permit: &Permit) -> bool {
    match permit.basis() {
        Basis::Grants | Basis::Scopes | Basis::Session => false,
        Basis::Anonymous | Basis::Live => permit.used().is_none_or(|terms| terms.is_empty()),
    }
}

/// Whether an operation is about what a person did or marked, wherever that is: at every owner.
pub fn follows_a_person(operation: &Operation) -> bool {
    let mut terms = operation.terms().peekable();
    // Nothing was asked of any grant.
    terms.peek().is_none()
        || terms.any(|term| {
            permission_by_id(term.permission)
                .is_none_or(|permission| permission.kind == PermissionKind::Account)
        })
}

/// Refuses what the upstream could read differently.
pub fn of_call(permit: &Permit, request: &Request, upstream: &Upstream) -> Result<(), Fault> {
    of_request(permit.gathered(), Some(permit.operation()), request, upstream)
}

/// The same of a request without a permit, for what would be refused.
pub fn of_request(
    gathered: &Gathered,
    operation: Option<&Operation>,
    request: &Request,
    upstream: &Upstream,
) -> Result<(), Fault> {
    if hides_escapes(request.uri.path()) {
        return Err(Fault::new(
            FaultKind::BadRequest,
            "path.ambiguous",
            "the path can be read in two ways; write it plainly",
        ));
    }
    // SECURITY: no enterprise is bound to one of an upstream: the same name is another enterprise there.
    let named = operation.and_then(|operation| bailiwick_catalogue::names(operation.index).enterprise);
    if named.is_some() {
        return Err(Fault::new(
            FaultKind::NotImplemented,
            "upstream.enterprise",
            "what names an enterprise is not passed on to an upstream",
        ));
    }
    // SECURITY: a form can carry what a query can, a credential or a name to act as; and nobody needs one here.
    let brings = |kind: &[u8]| {
        request.headers.get_all(header::CONTENT_TYPE).any(|value| {
            let start = value.as_bytes().get(..kind.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(kind))
        })
    };
    let forms = brings(b"application/x-www-form-urlencoded");
    // GitHub's API takes JSON and files; a part of a form is nothing that anybody here has read.
    let parts = upstream.kind == UpstreamKind::GitHub && brings(b"multipart/");
    if let Some((_, comparison)) = request.parameters.iter().find(|(name, _)| *name == "basehead")
        && operation.is_some_and(|operation| operation.door == Door::Api)
    {
        let theirs = gathered.repository().and_then(|row| row.upstream_name.as_deref());
        let owner = theirs
            .and_then(|name| name.split_once('/'))
            .map_or("", |(owner, _)| owner);
        heads::check_comparison(comparison, owner)?;
    }
    if forms || parts {
        return Err(Fault::new(
            FaultKind::Invalid,
            "body.form",
            "forms are not passed on to an upstream; send JSON",
        ));
    }
    let gitea = operation.is_some_and(|operation| operation.door == Door::Gitea);
    // What the request leaves unsaid is said by neither name: the account that acts, the repository of the path.
    if !(gitea && gathered.names.destination == Some(Account::Own)) {
        lives_there(gathered.named(Target::Destination), upstream.id)?;
    }
    if !gathered.names.second_unsaid {
        lives_there(gathered.named(Target::SecondRepository), upstream.id)?;
    }
    Ok(())
}

/// Whether a path holds escapes within escapes.
// SECURITY: it was decided on as decoded once. Behind a server that decodes twice, or a proxy before it that decodes as
// well, `%252e%252e` leads out of the repository.
fn hides_escapes(path: &str) -> bool {
    if !path.contains('%') {
        return false;
    }
    let mut rest = path.as_bytes();
    while let Some(at) = rest.windows(3).position(|three| three == b"%25") {
        rest = rest.get(at + 3..).unwrap_or_default();
        // A digit can be written as an escape itself.
        let digit = |bytes: &[u8]| {
            bytes
                .first()
                .is_some_and(|byte| byte.is_ascii_hexdigit() || *byte == b'%')
        };
        if digit(rest) && digit(rest.get(1..).unwrap_or_default()) {
            return true;
        }
    }
    false
}

/// What a body names was decided on under our names; the upstream reads the same text. Both must mean the same thing.
fn lives_there(named: &Named, upstream: UpstreamId) -> Result<(), Fault> {
    let same = match named {
        Named::Absent => true,
        Named::Account(owner) => {
            let theirs = owner.row.upstream_name.as_deref();
            owner.row.upstream_id == Some(upstream)
                && theirs.is_some_and(|theirs| theirs.eq_ignore_ascii_case(&owner.row.login))
        }
        Named::Repository(repository, _) => {
            let theirs = repository.row.upstream_name.as_deref();
            repository.row.upstream_id == Some(upstream)
                && theirs.is_some_and(|theirs| theirs.eq_ignore_ascii_case(&repository.full_name))
        }
        Named::Missing | Named::Enterprise(_) => false,
    };
    if same {
        return Ok(());
    }
    Err(Fault::new(
        FaultKind::Invalid,
        "upstream.elsewhere",
        "the body names something that does not live at the same upstream, or has another name there",
    ))
}

/// Whether a call may touch a workflow file. Only where the path alone tells is it ever no.
pub fn may_touch_workflow(operation: &Operation, request: &Request) -> bool {
    if !operation.path.contains("/contents/") {
        return true;
    }
    let path = request
        .parameters
        .iter()
        .find(|(name, _)| matches!(*name, "path" | "filepath"))
        .map_or("", |(_, path)| path.as_str());
    is_workflow(path)
}

/// Whether a path lies where workflows do. Case is ignored: some upstreams keep files where it does not count.
fn is_workflow(path: &str) -> bool {
    let path = path.trim_start_matches('/').to_ascii_lowercase();
    path.is_empty()
        || [".github", ".gitea", ".forgejo"].iter().any(|directory| {
            path.strip_prefix(directory).is_some_and(|rest| {
                rest.is_empty() || rest == "/workflows" || rest.starts_with("/workflows/")
            })
        })
}

#[cfg(test)]
mod tests {
    use super::{hides_escapes, is_workflow};

    #[test]
    fn escapes_within_escapes_are_found() {
        for path in [
            "/a/%252e",
            "/%25%32e",
            "/%252%65",
            "/%25252e",
            "/%25%25",
            "/a%25b%252F",
        ] {
            assert!(hides_escapes(path), "{path}");
        }
        for path in ["/a/%2e", "/100%25", "/100%25/b", "/100%25-x", "/a%25", "/%25z1"] {
            assert!(!hides_escapes(path), "{path}");
        }
    }

    #[test]
    fn workflows_are_told_by_their_path() {
        for path in [
            ".github/workflows/ci.yml",
            ".gitea/workflows/x",
            ".GitHub/Workflows/ci.yml",
            ".github/workflows",
            "/.github/workflows/a",
            ".github",
            "",
        ] {
            assert!(is_workflow(path), "{path}");
        }
        for path in [
            "README.md",
            ".github/CODEOWNERS",
            "docs/.github/workflows/x",
            ".github/workflows2/x",
        ] {
            assert!(!is_workflow(path), "{path}");
        }
    }
}
