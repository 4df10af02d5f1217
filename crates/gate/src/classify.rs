//! Stage: wire → operation. What is not understood is unknown, and unknown is refused.

use crate::mount::{Mounts, split_mount};
use crate::refusal::Protocol;
use bailiwick_catalogue::{Door, Match, Operation, OperationIndex, RouteError, op, operation, route};
use bailiwick_model::RegistryKind;
use smol_str::SmolStr;

/// Path parameters by name, decoded once.
pub type Parameters = Vec<(&'static str, SmolStr)>;

/// What a request asks for.
#[derive(Debug)]
pub enum Intent {
    /// An operation of the catalogue.
    Operation(&'static Operation, Parameters),
    /// A Git LFS batch: the body says which of two operations it is.
    LfsBatch(Parameters),
    /// Nothing that the catalogue knows.
    Unknown(Door),
    /// Nothing that a registry of the kind knows, or a name that could be read in two ways.
    UnknownOf(RegistryKind),
    /// A target that two readers could understand differently.
    Ambiguous(Door),
}

impl Intent {
    /// The address space that it is in.
    pub(crate) fn door(&self) -> Door {
        match self {
            Intent::Operation(operation, _) => operation.door,
            Intent::LfsBatch(_) => Door::Git,
            Intent::UnknownOf(_) => Door::Registry,
            Intent::Unknown(door) | Intent::Ambiguous(door) => *door,
        }
    }

    /// Whose shape a refusal of it has.
    pub(crate) fn protocol(&self, asked_by_proxy: bool) -> Protocol {
        match (self.door(), self) {
            (_, Intent::LfsBatch(_)) => Protocol::Lfs,
            (_, Intent::UnknownOf(kind)) => Protocol::Registry(*kind),
            (Door::Registry, Intent::Operation(operation, _)) => {
                crate::registry::kind_of(operation).map_or(Protocol::Api, Protocol::Registry)
            }
            (_, Intent::Operation(operation, _)) if operation.id.starts_with("lfs/") => Protocol::Lfs,
            (Door::Api | Door::Gitea | Door::Root | Door::Mounted | Door::Registry, _) => Protocol::Api,
            (Door::Git, _) => Protocol::Git,
            // Nothing is drawn for another proxy.
            (Door::Page, _) if asked_by_proxy => Protocol::Api,
            (Door::Page, _) => Protocol::Page,
        }
    }
}

const API: &str = "/api/v3";

const GITEA: &str = "/api/v1";

/// Classifies a request by method, raw path and raw query, where these upstreams are mounted.
pub fn classify(method: &str, path: &str, query: Option<&str>, mounts: &Mounts) -> Intent {
    for (prefix, door) in [(API, Door::Api), (GITEA, Door::Gitea)] {
        match path.strip_prefix(prefix) {
            Some("") => return by_router(door, method, "/"),
            Some(rest) if rest.starts_with('/') => return by_router(door, method, rest),
            Some(_) | None => {}
        }
    }
    // SECURITY: before everything that could take `-` for an owner, and nothing below falls through to it.
    if let Some((name, rest)) = split_mount(path) {
        return classify_mounted(method, name, rest, query, mounts);
    }
    // SECURITY: before everything that could take `v2` for an owner; clients of images know no other address.
    if path == "/v2" || path.starts_with("/v2/") {
        return crate::registry::classify(RegistryKind::Oci, None, method, path, query);
    }
    if let Some(git) = git_path(path) {
        return match git {
            Some((owner, name, rest)) => classify_git(method, owner, name, rest, query),
            None => Intent::Ambiguous(Door::Git),
        };
    }
    match by_router(Door::Root, method, path) {
        Intent::Unknown(_) => by_router(Door::Page, method, path),
        known => known,
    }
}

/// A path below a mount is that upstream's alone.
fn classify_mounted(method: &str, name: &str, rest: &str, query: Option<&str>, mounts: &Mounts) -> Intent {
    // A reader that decodes before it looks for the mount would find another one.
    if name.bytes().any(|byte| matches!(byte, b'%' | b';' | b'\\')) {
        return Intent::Ambiguous(Door::Mounted);
    }
    match mounts.look(name, |extension| extension.route(method, rest.as_bytes())) {
        Some(routed) => of_route(Door::Mounted, routed),
        None => match mounts.registry(name) {
            Some(found) => crate::registry::classify(found.kind, Some(found.id), method, rest, query),
            None => Intent::Unknown(Door::Mounted),
        },
    }
}

fn by_router(door: Door, method: &str, path: &str) -> Intent {
    of_route(door, route(door, method, path.as_bytes()))
}

fn of_route(door: Door, routed: Result<Match<'_>, RouteError>) -> Intent {
    match routed {
        Ok(found) => {
            let parameters = found
                .params
                .iter()
                .map(|(name, value)| (name, SmolStr::new(value)))
                .collect();
            known(found.operation, door, parameters)
        }
        Err(RouteError::Ambiguous) => Intent::Ambiguous(door),
        Err(_) => Intent::Unknown(door),
    }
}

fn known(index: OperationIndex, door: Door, parameters: Parameters) -> Intent {
    match operation(index) {
        Some(operation) => Intent::Operation(operation, parameters),
        None => Intent::Unknown(door),
    }
}

/// Splits `/{owner}/{repo}[.git]/{git suffix}`. `None`: not a Git path. `Some(None)`: one with a doubtful name.
fn git_path(path: &str) -> Option<Option<(&str, &str, &str)>> {
    let mut parts = path.strip_prefix('/')?.splitn(3, '/');
    let (owner, name, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let suffix = matches!(
        rest,
        "info/refs" | "git-upload-pack" | "git-receive-pack" | "git-upload-archive" | "HEAD"
    ) || rest.starts_with("info/lfs/")
        || rest.starts_with("objects/");
    if !suffix {
        return None;
    }
    let name = name.strip_suffix(".git").unwrap_or(name);
    let plain = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
    };
    // SECURITY: no decoding here. A name that needs it could be read differently by another layer.
    let dots = |text: &str| matches!(text, "." | "..");
    if plain(owner) && plain(name) && !dots(owner) && !dots(name) {
        Some(Some((owner, name, rest)))
    } else {
        Some(None)
    }
}

fn classify_git(method: &str, owner: &str, name: &str, rest: &str, query: Option<&str>) -> Intent {
    let parameters = vec![("owner", owner.into()), ("repo", name.into())];
    let found = match (method, rest) {
        // HEAD is not GET here: an advertisement without its body serves nobody.
        ("GET", "info/refs") => match query {
            Some("service=git-upload-pack") => Some(op::GIT_UPLOAD_PACK_INFO),
            Some("service=git-receive-pack") => Some(op::GIT_RECEIVE_PACK_INFO),
            // The dumb protocol asks without a service: it would hand out objects file by file.
            _ => None,
        },
        ("POST", "git-upload-pack") if query.is_none() => Some(op::GIT_UPLOAD_PACK),
        ("POST", "git-receive-pack") if query.is_none() => Some(op::GIT_RECEIVE_PACK),
        (_, rest) => return classify_lfs(method, rest, query, parameters),
    };
    match found {
        Some(index) => known(index, Door::Git, parameters),
        None => Intent::Unknown(Door::Git),
    }
}

fn classify_lfs(method: &str, rest: &str, query: Option<&str>, mut parameters: Parameters) -> Intent {
    let Some(path) = rest.strip_prefix("info/lfs/") else {
        return Intent::Unknown(Door::Git);
    };
    let mut segments = path.split('/');
    let parts = (segments.next(), segments.next(), segments.next(), segments.next());
    let index = match (method, parts) {
        ("POST", (Some("objects"), Some("batch"), None, None)) if query.is_none() => {
            return Intent::LfsBatch(parameters);
        }
        ("GET", (Some("objects"), Some(oid), None, None)) if is_lfs_oid(oid) => {
            parameters.push(("oid", oid.into()));
            op::LFS_DOWNLOAD
        }
        ("PUT", (Some("objects"), Some(oid), None, None)) if is_lfs_oid(oid) => {
            parameters.push(("oid", oid.into()));
            op::LFS_UPLOAD
        }
        ("POST", (Some("objects"), Some(oid), Some("verify"), None)) if is_lfs_oid(oid) => {
            parameters.push(("oid", oid.into()));
            op::LFS_VERIFY
        }
        ("GET", (Some("locks"), None, None, None)) => op::LFS_LOCKS_LIST,
        ("POST", (Some("locks"), None, None, None)) => op::LFS_LOCK,
        ("POST", (Some("locks"), Some("verify"), None, None)) => op::LFS_VERIFY_LOCKS,
        ("POST", (Some("locks"), Some(id), Some("unlock"), None)) if is_lock_id(id) => {
            parameters.push(("lock_id", id.into()));
            op::LFS_UNLOCK
        }
        _ => return Intent::Unknown(Door::Git),
    };
    known(index, Door::Git, parameters)
}

/// Numbers here; servers behind the gateway have names of their own for locks.
fn is_lock_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

fn is_lfs_oid(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The operation of an LFS batch, by the `operation` of its body. Anything else is unknown.
pub fn lfs_batch(body: &[u8]) -> Option<&'static Operation> {
    #[derive(serde::Deserialize)]
    struct Batch {
        operation: String,
    }
    let batch: Batch = serde_json::from_slice(body).ok()?;
    match batch.operation.as_str() {
        "download" => operation(op::LFS_BATCH_DOWNLOAD),
        "upload" => operation(op::LFS_BATCH_UPLOAD),
        _ => None,
    }
}
