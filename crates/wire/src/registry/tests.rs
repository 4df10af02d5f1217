//! What holds for every protocol.

use super::{Asks, above, parse, query, segments};
use bailiwick_model::RegistryKind;
use proptest::prelude::*;

#[test]
fn ids_lead_back_to_what_is_asked() {
    for asks in Asks::ALL {
        assert_eq!(Asks::of(asks.id()), Some(*asks));
    }
    assert_eq!(Asks::of("oci/manifest"), None);
}

#[test]
fn prefixes_end_at_a_boundary_alone() {
    assert_eq!(
        above(RegistryKind::Oci, "acme/site/web"),
        ["acme/site/web", "acme/site", "acme"]
    );
    assert_eq!(
        above(RegistryKind::Maven, "com.acme.app:core"),
        ["com.acme.app:core", "com.acme.app", "com.acme", "com"]
    );
    assert_eq!(above(RegistryKind::NuGet, "acme.core"), ["acme.core", "acme"]);
    assert_eq!(above(RegistryKind::PyPi, "acme-core"), ["acme-core", "acme"]);
    assert_eq!(above(RegistryKind::Npm, "@acme/core"), ["@acme/core", "@acme"]);
    assert_eq!(above(RegistryKind::NuGet, ".x"), [".x"]);
}

#[test]
fn paths_with_two_readings_are_none() {
    for path in [
        "", "v2", "//", "/v2/", "/v2//a", "/v2/../a", "/v2/./a", "/a\\b", "/a;b", "/a b", "/\u{e9}", "/a?b",
        "/a#b",
    ] {
        assert_eq!(segments(path), None, "{path:?}");
    }
    assert_eq!(segments("/v2/acme/site"), Some(vec!["v2", "acme", "site"]));
}

#[test]
fn queries_are_decoded_once_and_names_are_there_once() {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(query(None), Some(Vec::new()));
    assert_eq!(
        query(Some("a=%2562&b")),
        Some(vec![pair("a", "%62"), pair("b", "")])
    );
    assert_eq!(query(Some("from=a&%66rom=b")), None);
    assert_eq!(query(Some("a=%ff")), None);
}

proptest! {
    /// Whatever comes, a package's name that is found is plain: no parser lets a path out that another reader could
    /// take for a different package.
    #[test]
    fn names_that_are_found_are_plain(kind in prop::sample::select(RegistryKind::ALL), method in "GET|PUT|POST|DELETE|PATCH",
        path in "(/v2)?(/([a-zA-Z0-9._@%~:-]|%2[fFeE]|é){0,12}){0,6}/?", raw in prop::option::of("[a-z=&%/.:0-9]{0,30}")) {
        if let Some(ask) = parse(kind, &method, &path, raw.as_deref()) {
            for name in ask.package.iter().chain(&ask.source) {
                prop_assert!(name.normal.is_ascii() && !name.normal.is_empty());
                prop_assert!(!name.normal.contains("..") && !name.normal.contains("//") && !name.normal.contains('%'));
                prop_assert!(!name.normal.starts_with('/') && !name.normal.ends_with('/'));
            }
        }
    }
}
