//! What is asked of Python's indexes, whose a file is, and what a page lists.

use super::{canonical, file_name, files_of, page_of, parse, spelled};
use crate::registry::Asks;
use proptest::prelude::*;

#[test]
fn pages_are_at_one_address_and_files_are_their_projects() {
    let moved = |path: &str| {
        let ask = parse("GET", path, None)?;
        assert_eq!(ask.what, Asks::PyPiSimple);
        assert_eq!(ask.package?.normal, "acme-core");
        Some(ask.parameters.iter().any(|(name, _)| *name == "moved"))
    };
    assert_eq!(moved("/simple/acme-core/"), Some(false));
    for path in [
        "/simple/acme-core",
        "/simple/Acme_Core/",
        "/simple/acme.core/",
        "/simple/acme--core/",
    ] {
        assert_eq!(moved(path), Some(true), "{path}");
    }
    let file = parse("GET", "/packages/Acme_Core-1.0.tar.gz", None).unwrap();
    assert_eq!(
        (
            file.what,
            file.package.unwrap().normal.as_str(),
            file.version.as_deref()
        ),
        (Asks::PyPiFile, "acme-core", Some("1.0"))
    );
    assert!(parse("GET", "/packages/a/b/acme-1.0-py3-none-any.whl", None).is_some());
    assert_eq!(parse("POST", "/", None).unwrap().what, Asks::PyPiReceive);
    for path in ["/simple", "/simple/"] {
        assert_eq!(parse("GET", path, None).unwrap().what, Asks::PyPiIndex);
    }
}

#[test]
fn what_is_not_known_asks_nothing() {
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/packages/"),
        ("GET", "/packages"),
        ("GET", "/acme/json"),
        ("POST", "/RPC2"),
        ("GET", "/simple/..%2facme/"),
        ("GET", "/simple/acme%2d/"),
        ("GET", "/simple//"),
        ("GET", "/simple/acme/x/"),
        ("GET", "/simple/\u{e4}cme/"),
        ("GET", "/simple/-acme/"),
        ("GET", "/packages/../acme-1.0.tar.gz"),
        ("GET", "/packages/.x/acme-1.0.tar.gz"),
        ("GET", "/packages/acme-1.0.tar.gz/"),
        ("GET", "/packages/acme-1.0.exe"),
        ("DELETE", "/packages/acme-1.0.tar.gz"),
        ("PUT", "/simple/acme/"),
        ("POST", "/simple/acme/"),
        ("GET", "/packages/acme%2d1.0.tar.gz"),
        ("POST", "//"),
    ] {
        assert_eq!(parse(method, path, None), None, "{method} {path}");
    }
    assert_eq!(parse("POST", "/", Some(":action=file_upload")), None);
}

#[test]
fn a_file_is_of_one_project_or_of_none() {
    for (file, name, version) in [
        ("acme-1.0.tar.gz", "acme", "1.0"),
        ("acme_core-1.0.0rc1.tar.gz", "acme-core", "1.0.0rc1"),
        ("acme-core-1.0.zip", "acme-core", "1.0"),
        ("acme_core-1.0-py3-none-any.whl", "acme-core", "1.0"),
        ("acme-1.0-1-py3-none-any.whl", "acme", "1.0"),
        (
            "Acme.Core-2!1.0+local.1-cp311-cp311-manylinux_2_17_x86_64.whl",
            "acme-core",
            "2!1.0+local.1",
        ),
        ("acme-1.0.tar.gz.metadata", "acme", "1.0"),
        ("acme-1.0.tar.gz.asc", "acme", "1.0"),
    ] {
        let found = file_name(file).unwrap_or_else(|| panic!("{file}"));
        assert_eq!(
            (found.name.normal.as_str(), found.version.as_str()),
            (name, version),
            "{file}"
        );
    }
    for file in [
        "acme-2-1.0.tar.gz",
        "acme-2fa-1.0.tar.gz",
        "acme-1-2.tar.gz",
        "acme-1.0-win-2.0.tar.gz",
        "acme-1.0-rc1.tar.gz",
        "acme.tar.gz",
        "acme-.tar.gz",
        "-1.0.tar.gz",
        "acme-x.tar.gz",
        "acme-1.0.egg",
        "acme-1.0",
        "acme-v1.0.tar.gz",
        "acme-core-1.0-py3-none-any.whl",
        "acme-1.0-x-py3-none-any.whl",
        "acme-1.0-py3-none.whl",
        "acme-1.0-py3--any.whl",
        "acme-1.0.TAR.GZ",
        "acme-1.0.tar.gz.asc.asc",
        "../acme-1.0.tar.gz",
        "acme-1..0.tar.gz",
        "a\u{301}cme-1.0.zip",
    ] {
        assert_eq!(file_name(file), None, "{file}");
    }
}

#[test]
fn a_version_is_spelled_as_its_file_spells_it() {
    let told = |file: &str| spelled(file, "1").map(|one| (one.name, one.index, one.version));
    let is = |name: &str, index: &str, version: &str| {
        Some((name.to_owned(), index.to_owned(), version.to_owned()))
    };
    assert_eq!(told("acme_core-1.0.tar.gz"), is("acme_core", "1.0", "1.0"));
    assert_eq!(told("Acme.Core-1-py3-none-any.whl"), is("Acme.Core", "1", "1"));
    assert_eq!(
        told("acme-1.0.0-2-py3-none-any.whl"),
        is("acme", "1.0.0-2", "1.0.0")
    );
    for file in [
        "acme-1.1.tar.gz",
        "acme-2-1.0.tar.gz",
        "acme-1.0-beta.tar.gz",
        "acme-final.tar.gz",
        "acme.tar.gz",
        "acme-1.0.exe",
    ] {
        assert_eq!(told(file), None, "{file}");
    }
}

#[test]
fn two_spellings_of_a_version_are_one() {
    for (one, other) in [
        ("1.0", "1.0.0"),
        ("1.0-1", "1.0.post1"),
        ("v1.0", "1"),
        ("1.0-RC.1", "1.0rc1"),
        ("1.0alpha", "1a0"),
        ("1.0.dev", "1.0.dev0"),
        ("0!1.0", "1.0"),
        ("1.0+Ubuntu-01", "1.0+ubuntu.1"),
        ("1.0c1", "1.0rc1"),
        ("01.02", "1.2"),
    ] {
        assert!(canonical(one).is_some(), "{one}");
        assert_eq!(canonical(one), canonical(other), "{one} {other}");
    }
    for (one, other) in [
        ("1.0", "1.1"),
        ("1.0", "1.0.post0"),
        ("1!1", "1"),
        ("1.0", "1.0+a"),
        ("1.0a1", "1.0b1"),
    ] {
        assert_ne!(canonical(one), canonical(other));
    }
    for text in [
        "",
        "x",
        "1.",
        "1..0",
        "1.0-",
        "1.0+",
        "1.0+a..b",
        "1.0 ",
        "1.0/2",
        "1.0-x",
        "1.0rc1rc2",
        "\u{661}",
    ] {
        assert_eq!(canonical(text), None, "{text}");
    }
}

#[test]
fn a_page_lists_the_projects_own_files_and_leads_here() {
    let page = r##"<html><body><a href="../../packages/acme-1.0.tar.gz#sha256=ab12">x</a>
        <A href='no'>n</A><a class=x href="/packages/acme-1.1-py3-none-any.whl#md5=00" data-requires-python="&gt;=3.8"
        onclick="alert(1)" data-yanked>y</a><a href="https://there/packages/acme-2.0.tar.gz">z</a>
        <a href="https://evil.example.net/packages/acme-3.0.tar.gz">z</a><a href="/packages/other-1.0.tar.gz">o</a>
        <a href="/packages/../acme-4.0.tar.gz">o</a><a href="/packages/acme-5.0.tar.gz#sha256=%22">o</a>
        <a href="javascript:acme-6.0.tar.gz">j</a><a href="/packages/acme-1.0-win-2.0.tar.gz">o</a><a href="/elsewhere/acme-7.0.zip">"##;
    let below = |address: &str| match address.strip_prefix("https://there") {
        Some(rest) => Some(rest.to_owned()),
        None => address.starts_with('/').then(|| address.to_owned()),
    };
    let files = files_of(page, "acme", &below);
    let listed: Vec<(&str, Option<&str>)> = files
        .iter()
        .map(|file| (file.file.as_str(), file.sum.as_deref()))
        .collect();
    assert_eq!(
        listed,
        [
            ("acme-1.0.tar.gz", Some("sha256=ab12")),
            ("acme-1.1-py3-none-any.whl", Some("md5=00")),
            ("acme-2.0.tar.gz", None),
            ("acme-5.0.tar.gz", None),
        ]
    );
    let made = page_of("acme", "https://bw/-/pypi", &files);
    assert!(made.contains(
        r##"<a href="https://bw/-/pypi/packages/acme-1.0.tar.gz#sha256=ab12">acme-1.0.tar.gz</a>"##
    ));
    assert!(made.contains(r#"data-requires-python="&gt;=3.8" data-yanked="">"#));
    assert!(!made.contains("evil") && !made.contains("onclick") && !made.contains("other"));
    assert_eq!(
        files_of(&made, "acme", &|it| it
            .strip_prefix("https://bw/-/pypi")
            .map(str::to_owned)),
        files
    );
}

proptest! {
    #[test]
    fn a_found_file_is_named_after_its_project(file in "[a-zA-Z0-9._-]{0,14}-[0-9a-z.-]{1,8}(\\.tar\\.gz|-py3-none-any\\.whl|\\.zip)") {
        if let Some(found) = file_name(&file) {
            prop_assert!(file.starts_with(&found.name.sent));
            prop_assert_eq!(file.get(found.name.sent.len()..found.name.sent.len() + 1), Some("-"));
            prop_assert!(file[found.name.sent.len() + 1..].starts_with(&found.version));
            prop_assert!(canonical(&found.version).is_some());
        }
    }

    #[test]
    fn canonical_is_canonical(text in "(v)?[0-9]{1,3}(\\.[0-9]{1,2}){0,3}([._-]?(a|rc|post|dev)[0-9]{0,2}){0,2}(\\+[a-z0-9.]{1,5})?") {
        if let Some(form) = canonical(&text) {
            prop_assert_eq!(canonical(&form), Some(form.clone()));
        }
    }

    #[test]
    fn pages_of_anything_are_read(page in "(<a |href=|[\"'>&#;/a-z.=-]|packages/acme-1.0.zip){0,40}") {
        for file in files_of(&page, "acme", &|it| Some(it.to_owned())) {
            prop_assert!(file_name(&file.file).is_some_and(|found| found.name.normal == "acme"));
        }
    }
}
