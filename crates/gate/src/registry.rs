//! Registries of packages at the gate: from what their parsers make of a request to an operation, and from its parameters
//! to the names that are gathered.

use crate::body::{Incoming, read};
use crate::classify::{Intent, Parameters};
use crate::message::Response;
use crate::passage::Passage;
use crate::refusal::Protocol;
use crate::reply::{Body, encode};
use bailiwick_authority::{Credential, Fault, Names, PackageKey, Presented};
use bailiwick_catalogue::{Operation, by_id};
use bailiwick_model::{RegistryKind, UpstreamId};
use bailiwick_upstream::HeaderValue;
use bailiwick_wire::oci::{Challenge, TOKEN_PATH, TokenForm};
use bailiwick_wire::registry::{Ask, Asks, PackageName, parse};
use http::{StatusCode, header};
use smol_str::{SmolStr, ToSmolStr as _};

/// The parameters by which the names of a package travel through the stages: as sent, and in the normal form.
const PACKAGE: (&str, &str) = ("package", "package_normal");
const SOURCE: (&str, &str) = ("source", "source_normal");
const VERSION: &str = "version";
const REGISTRY: &str = "registry";
/// The largest form by which a token is asked for, in bytes.
const FORM_BYTES_MAX: usize = 16 << 10;

/// Classifies a request to a registry.
pub(crate) fn classify(
    kind: RegistryKind,
    upstream: Option<UpstreamId>,
    method: &str,
    path: &str,
    query: Option<&str>,
) -> Intent {
    let Some(ask) = parse(kind, method, path, query) else {
        return Intent::UnknownOf(kind);
    };
    match by_id(ask.what.id()) {
        Some(operation) => Intent::Operation(operation, parameters(ask, upstream)),
        None => Intent::UnknownOf(kind),
    }
}

fn parameters(ask: Ask, upstream: Option<UpstreamId>) -> Parameters {
    let parameters = ask.parameters.into_iter();
    let mut parameters: Parameters = parameters.map(|(name, value)| (name, value.into())).collect();
    for ((sent, normal), name) in [(PACKAGE, ask.package), (SOURCE, ask.source)] {
        if let Some(name) = name {
            parameters.push((sent, name.sent.into()));
            parameters.push((normal, name.normal.into()));
        }
    }
    if let Some(version) = ask.version {
        parameters.push((VERSION, version.into()));
    }
    if let Some(id) = upstream {
        parameters.push((REGISTRY, id.0.to_smolstr()));
    }
    parameters
}

/// What a registry's operation speaks; `None` for operations of other doors.
pub fn kind_of(operation: &Operation) -> Option<RegistryKind> {
    let (kind, _) = operation.id.split_once('/')?;
    RegistryKind::parse(kind).filter(|_| operation.door == bailiwick_catalogue::Door::Registry)
}

/// The names in a request to a registry.
pub(crate) fn names(operation: &Operation, parameters: &[(&'static str, SmolStr)]) -> Names {
    let get = |name: &str| {
        let found = parameters.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| value.to_string())
    };
    let upstream = get(REGISTRY).and_then(|text| text.parse().ok()).map(UpstreamId);
    let package = kind_of(operation).zip(get(PACKAGE.0)).zip(get(PACKAGE.1));
    Names {
        registry: upstream,
        package: package.map(|((registry, sent), normal)| PackageKey {
            registry,
            upstream,
            name: PackageName { normal, sent },
            version: get(VERSION),
        }),
        ..Names::default()
    }
}

/// Whether a request to a registry is counted in its credential's rate: asking for a token of docker's flow is. It decides
/// once for each scope, while what the token then opens is passed on like Git, and costs the registry behind.
// A visitor's token is for what everybody may pull, and clients ask for one before each pull: addresses are not counted,
// nor is what is none of ours, which would use up the visitors' share of everybody behind one address.
pub(crate) fn is_counted(operation: Option<&Operation>, credential: &Credential) -> bool {
    matches!(credential, Credential::Token(..) | Credential::Session(..))
        && operation
            .and_then(|operation| Asks::of(operation.id))
            .is_some_and(|asks| matches!(asks, Asks::OciToken | Asks::OciTokenForm))
}

/// A body whose form was read, where it can carry a credential.
pub(crate) struct FormRead {
    /// What is left for the handler: of a form, the scopes.
    pub body: Incoming,
    /// The form.
    pub form: Option<TokenForm>,
    /// Why it could not be read.
    pub fault: Option<Fault>,
}

/// Reads the form of docker's token flow before the credential is looked for, since that is in it.
// SECURITY: nothing of the credential goes on to the handler.
pub(crate) async fn read_form(intent: &Intent, body: Body) -> FormRead {
    let untouched = |body| FormRead {
        body,
        form: None,
        fault: None,
    };
    let body = Incoming::Streaming(body);
    match intent {
        Intent::Operation(operation, _) if operation.id == Asks::OciTokenForm.id() => {}
        _ => return untouched(body),
    }
    match read(body, FORM_BYTES_MAX).await {
        Err(fault) => FormRead {
            fault: Some(fault),
            ..untouched(Incoming::Read(bytes::Bytes::new()))
        },
        Ok(bytes) => {
            let form = TokenForm::parse(&bytes);
            let scopes: Vec<String> = form
                .scopes
                .iter()
                .map(|scope| format!("scope={}", encode(scope)))
                .collect();
            FormRead {
                form: Some(form),
                ..untouched(Incoming::Read(scopes.join("&").into()))
            }
        }
    }
}

/// What a client of images is told that brings no credential, or one that does not reach this: where tokens are, and
/// which scope to ask for. `None` at every other door.
pub(crate) fn challenge(
    base_url: &str,
    passage: &Passage,
    (presented, narrowed): (Presented, bool),
) -> Option<String> {
    if passage.protocol != Protocol::Registry(RegistryKind::Oci) {
        return None;
    }
    let get = |name: &str| {
        let found = passage.request.parameters.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| value.as_str())
    };
    let actions = match passage.operation.and_then(|operation| Asks::of(operation.id)) {
        Some(Asks::OciManifestDelete | Asks::OciBlobDelete) => "delete",
        Some(Asks::OciManifestGet | Asks::OciBlobGet | Asks::OciTags | Asks::OciReferrers) | None => "pull",
        Some(_) => "pull,push",
    };
    let mut scopes = Vec::new();
    scopes.extend(get(PACKAGE.1).map(|name| format!("repository:{name}:{actions}")));
    scopes.extend(get(SOURCE.1).map(|name| format!("repository:{name}:pull")));
    let challenge = Challenge {
        realm: format!("{base_url}{TOKEN_PATH}"),
        service: base_url.split("//").last().unwrap_or_default().to_owned(),
        scope: (!scopes.is_empty()).then(|| scopes.join(" ")),
        error: match presented {
            _ if narrowed => Some("insufficient_scope"),
            Presented::Nothing => None,
            Presented::Garbage | Presented::Digest(_) => Some("invalid_token"),
        },
    };
    Some(challenge.value())
}

/// Puts a challenge into an answer that asks for a credential.
pub(crate) fn challenged(response: &mut Response, challenge: Option<String>) {
    if response.status == StatusCode::UNAUTHORIZED
        && let Some(challenge) = challenge
        && let Ok(value) = HeaderValue::from_str(&challenge)
    {
        response.headers.insert(header::WWW_AUTHENTICATE, value);
    }
}

#[cfg(test)]
mod tests {
    use super::{classify, kind_of, names};
    use crate::classify::Intent;
    use bailiwick_catalogue::{Door, OPERATIONS, by_id};
    use bailiwick_model::{RegistryKind, UpstreamId};
    use bailiwick_wire::registry::Asks;

    #[test]
    fn everything_that_can_be_asked_is_an_operation_and_the_other_way_round() {
        for asks in Asks::ALL {
            let operation = by_id(asks.id()).unwrap();
            assert_eq!(operation.door, Door::Registry, "{}", operation.id);
            assert!(kind_of(operation).is_some(), "{}", operation.id);
        }
        for operation in OPERATIONS.iter().filter(|one| one.door == Door::Registry) {
            assert!(Asks::of(operation.id).is_some(), "{}", operation.id);
        }
        assert_eq!(kind_of(by_id("packages/list-packages-for-user").unwrap()), None);
    }

    #[test]
    fn names_come_through_as_they_were_made_out() {
        let id = Some(UpstreamId(7));
        let path = "/simple/Acme_Core/";
        let Intent::Operation(operation, parameters) = classify(RegistryKind::PyPi, id, "GET", path, None)
        else {
            panic!("unknown")
        };
        let found = names(operation, &parameters);
        let package = found.package.unwrap();
        assert_eq!((found.registry, package.upstream), (id, id));
        assert_eq!(package.name.normal, "acme-core");
        assert_eq!(package.name.sent, "Acme_Core");
        assert_eq!(package.registry, RegistryKind::PyPi);
        assert!(matches!(
            classify(RegistryKind::Oci, None, "GET", "/v2/A/manifests/1", None),
            Intent::UnknownOf(RegistryKind::Oci)
        ));
    }
}
