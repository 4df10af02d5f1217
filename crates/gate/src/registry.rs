//! Registries of packages at the gate: from what their parsers make of a request to an operation, and from its parameters
//! to the names that are gathered.

use crate::classify::{Intent, Parameters};
use bailiwick_authority::{Names, PackageKey};
use bailiwick_catalogue::{Operation, by_id};
use bailiwick_model::{RegistryKind, UpstreamId};
use bailiwick_wire::registry::{Ask, PackageName, parse};

/// The parameters by which the names of a package travel through the stages: as sent, and in the normal form.
const PACKAGE: (&str, &str) = ("package", "package_normal");
const SOURCE: (&str, &str) = ("source", "source_normal");
const VERSION: &str = "version";
const REGISTRY: &str = "registry";

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
    let mut parameters = ask.parameters;
    for ((sent, normal), name) in [(PACKAGE, ask.package), (SOURCE, ask.source)] {
        if let Some(name) = name {
            parameters.push((sent, name.sent));
            parameters.push((normal, name.normal));
        }
    }
    if let Some(version) = ask.version {
        parameters.push((VERSION, version));
    }
    if let Some(id) = upstream {
        parameters.push((REGISTRY, id.0.to_string()));
    }
    parameters
}

/// What a registry's operation speaks; `None` for operations of other doors.
pub fn kind_of(operation: &Operation) -> Option<RegistryKind> {
    let (kind, _) = operation.id.split_once('/')?;
    RegistryKind::parse(kind).filter(|_| operation.door == bailiwick_catalogue::Door::Registry)
}

/// The names in a request to a registry.
pub(crate) fn names(operation: &Operation, parameters: &[(&'static str, String)]) -> Names {
    let get = |name: &str| {
        let found = parameters.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| value.clone())
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
