//! What is asked of npm's registries, and what only looks like it.

use super::{file_version, is_tag, is_version, parse};
use crate::registry::{Ask, Asks};
use proptest::prelude::*;

fn asked(method: &str, path: &str) -> Option<(Asks, String)> {
    parse(method, path, None).map(|ask: Ask| {
        let name = ask.package.map_or(String::new(), |name| name.normal);
        (ask.what, name)
    })
}

#[test]
fn every_spelling_of_a_name_is_one_name() {
    for path in ["/@acme/core", "/@acme%2fcore", "/@acme%2Fcore"] {
        assert_eq!(
            asked("GET", path),
            Some((Asks::NpmPackument, "@acme/core".into())),
            "{path}"
        );
    }
    assert_eq!(
        asked("GET", "/left-pad"),
        Some((Asks::NpmPackument, "left-pad".into()))
    );
}

#[test]
fn names_with_two_readings_are_none() {
    for path in [
        "/@acme/..%2f",
        "/@acme%2f..",
        "/@acme%2f%2e%2e",
        "/@acme%252fcore",
        "/@acme%2fcore%2fmore",
        "/@acme%2fa%2Fb",
        "/acme%2fcore",
        "/%40acme/core",
        "/@Acme/core",
        "/Core",
        "/c\u{f6}re",
        "/.core",
        "/_core",
        "/-core",
        "/@acme",
        "/@/core",
        "/@acme/",
        "/@acme/.core",
        "/a..b",
        "/core;x",
        "/core%00",
        "/core%20",
        "/node_modules",
        "/favicon.ico",
        "/@acme//core",
        "//core",
        "/core/",
        "/",
        "/@acme/core/",
        "/@acme\\core",
        "/@acme%5ccore",
    ] {
        assert_eq!(parse("GET", path, None), None, "{path}");
    }
    assert_eq!(parse("GET", &format!("/{}", "a".repeat(215)), None), None);
    assert!(parse("GET", &format!("/{}", "a".repeat(214)), None).is_some());
}

#[test]
fn each_address_asks_one_thing() {
    for (method, path, expected) in [
        ("GET", "/core/1.0.0", Asks::NpmVersion),
        ("GET", "/@acme/core/latest", Asks::NpmVersion),
        ("GET", "/core/-/core-1.0.0.tgz", Asks::NpmTarball),
        ("GET", "/@acme/core/-/core-1.0.0-rc.1.tgz", Asks::NpmTarball),
        ("PUT", "/@acme%2fcore", Asks::NpmReceive),
        ("PUT", "/@acme%2fcore/-rev/3-abc", Asks::NpmReceive),
        ("DELETE", "/core/-rev/3-abc", Asks::NpmUnpublish),
        (
            "DELETE",
            "/core/-/core-1.0.0.tgz/-rev/3-abc",
            Asks::NpmTarballDelete,
        ),
        ("GET", "/-/package/@acme%2fcore/dist-tags", Asks::NpmDistTags),
        ("PUT", "/-/package/@acme/core/dist-tags/next", Asks::NpmDistTagPut),
        ("DELETE", "/-/package/core/dist-tags/next", Asks::NpmDistTagDelete),
        ("GET", "/-/ping", Asks::NpmPing),
        ("GET", "/-/whoami", Asks::NpmWhoami),
        ("GET", "/-/v1/search", Asks::NpmSearch),
        ("POST", "/-/npm/v1/security/advisories/bulk", Asks::NpmAudit),
        ("PUT", "/-/user/org.couchdb.user:bob", Asks::NpmLogin),
    ] {
        assert_eq!(
            asked(method, path).map(|it| it.0),
            Some(expected),
            "{method} {path}"
        );
    }
    for (method, path) in [
        ("GET", "/-/all"),
        ("GET", "/-"),
        ("POST", "/core"),
        ("DELETE", "/core"),
        ("PATCH", "/core"),
        ("PUT", "/core/latest"),
        ("PUT", "/core/1.0.0"),
        ("POST", "/-/package/core/dist-tags"),
        ("GET", "/-/package/core/access"),
        ("GET", "/-/package/core/collaborators"),
        ("GET", "/-/npm/v1/user"),
        ("GET", "/-/npm/v1/tokens"),
        ("PUT", "/-/user/bob"),
        ("GET", "/-/web/detail/core"),
        ("POST", "/-/v1/login"),
        ("GET", "/core/-/core-1.0.0.tgz/"),
        ("GET", "/-/package/core"),
        ("PUT", "/core/-rev/"),
        ("PUT", "/-/package/core/dist-tags/1.0.0"),
        ("DELETE", "/core/-/other-1.0.0.tgz/-rev/1"),
    ] {
        assert_eq!(parse(method, path, None), None, "{method} {path}");
    }
}

#[test]
fn queries_that_are_not_known_ask_nothing() {
    assert!(parse("GET", "/core", Some("write=true")).is_some());
    for query in ["write=true&x=1", "write=1", "rev=1", "x", ""] {
        assert_eq!(parse("GET", "/core", Some(query)), None, "{query}");
    }
    assert_eq!(parse("PUT", "/core", Some("write=true")), None);
}

#[test]
fn a_tarball_is_of_its_own_package() {
    assert_eq!(file_version("@acme/core", "core-1.2.3.tgz"), Some("1.2.3"));
    assert_eq!(
        file_version("core", "core-1.2.3-beta.1+x.tgz"),
        Some("1.2.3-beta.1+x")
    );
    for file in [
        "other-1.0.0.tgz",
        "core-2-1.0.0.tgz",
        "core-extra-1.0.0.tgz",
        "core.tgz",
        "core-.tgz",
        "core-1.0.tgz",
        "core-01.0.0.tgz",
        "core-1.0.0.tar.gz",
        "core-1.0.0.tgz.tgz",
        "%63ore-1.0.0.tgz",
        "core-1.0.0-.tgz",
    ] {
        assert_eq!(file_version("@acme/core", file), None, "{file}");
    }
}

#[test]
fn tags_never_look_like_versions() {
    for tag in ["latest", "next", "v-next", "beta.1"] {
        assert!(is_tag(tag) && !is_version(tag), "{tag}");
    }
    for tag in [
        "1",
        "1.0.0",
        "v1",
        "",
        "-x",
        ".x",
        "__proto__",
        "constructor",
        "a/b",
        "a b",
    ] {
        assert!(!is_tag(tag), "{tag}");
    }
}

proptest! {
    #[test]
    fn what_is_found_is_what_is_written(scope in "[a-z0-9][a-z0-9_-]{0,8}", name in "[a-z0-9][a-z0-9_-]{0,8}",
        slash in prop::sample::select(vec!["/", "%2f", "%2F"])) {
        let path = format!("/@{scope}{slash}{name}");
        let ask = parse("GET", &path, None);
        prop_assert_eq!(ask.and_then(|ask| ask.package).map(|it| it.normal), Some(format!("@{scope}/{name}")));
    }

    #[test]
    fn nothing_that_is_sent_makes_a_panic_or_two_packages(method in "GET|PUT|DELETE", path in "(/([a-z@._%25F-]|%2[fF]){0,10}){0,6}") {
        if let Some(name) = parse(&method, &path, None).and_then(|ask| ask.package) {
            let slashes = usize::from(name.normal.starts_with('@'));
            prop_assert_eq!(name.normal.matches('/').count(), slashes);
            prop_assert!(path.replace("%2f", "/").replace("%2F", "/").contains(&name.normal));
        }
    }
}
