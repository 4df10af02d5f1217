//! Addresses, versions, forms, descriptions and archives: what is one thing, and what could be two.

mod archive;

use super::form::{begin, boundary, end};
use super::nuspec::read;
use super::{normal, parse, version};
use crate::registry::Asks;
use proptest::prelude::*;

fn asked(method: &str, path: &str) -> Option<(Asks, Option<String>, Option<String>)> {
    let ask = parse(method, path, None)?;
    Some((ask.what, ask.package.map(|name| name.normal), ask.version))
}

#[test]
fn every_address_is_one_thing() {
    for (method, path, what, name, version) in [
        ("GET", "/v3/index.json", Asks::NuGetIndex, None, None),
        ("GET", "/v3/query", Asks::NuGetSearch, None, None),
        ("GET", "/v3/autocomplete", Asks::NuGetSearch, None, None),
        (
            "GET",
            "/v3/flat/acme.core/index.json",
            Asks::NuGetVersions,
            Some("acme.core"),
            None,
        ),
        (
            "GET",
            "/v3/flat/acme.core/1.0.0/acme.core.1.0.0.nupkg",
            Asks::NuGetDownload,
            Some("acme.core"),
            Some("1.0.0"),
        ),
        (
            "GET",
            "/v3/flat/acme.core/1.0.0-rc.1/acme.core.nuspec",
            Asks::NuGetDownload,
            Some("acme.core"),
            Some("1.0.0-rc.1"),
        ),
        (
            "GET",
            "/v3/registration/acme/index.json",
            Asks::NuGetRegistration,
            Some("acme"),
            None,
        ),
        (
            "GET",
            "/v3/registration/acme/page/1.0.0/2.0.0.json",
            Asks::NuGetRegistration,
            Some("acme"),
            None,
        ),
        (
            "GET",
            "/v3/registration/acme/1.0.0.json",
            Asks::NuGetRegistration,
            Some("acme"),
            Some("1.0.0"),
        ),
        ("PUT", "/api/v2/package", Asks::NuGetReceive, None, None),
        ("PUT", "/api/v2/package/", Asks::NuGetReceive, None, None),
        (
            "DELETE",
            "/api/v2/package/Acme.Core/1.0",
            Asks::NuGetDelete,
            Some("acme.core"),
            Some("1.0.0"),
        ),
        (
            "POST",
            "/api/v2/package/Acme.Core/1.0.0",
            Asks::NuGetRelist,
            Some("acme.core"),
            Some("1.0.0"),
        ),
    ] {
        let expected = Some((what, name.map(str::to_owned), version.map(str::to_owned)));
        assert_eq!(asked(method, path), expected, "{method} {path}");
    }
    assert!(parse("GET", "/v3/query", Some("q=acme")).is_some());
}

#[test]
fn other_addresses_are_nothing() {
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/v3"),
        ("GET", "/v3/index.json/"),
        ("GET", "/V3/index.json"),
        ("POST", "/v3/index.json"),
        // In another case, or another form of the same version.
        ("GET", "/v3/flat/Acme.Core/index.json"),
        ("GET", "/v3/flat/acme.core/1.0/acme.core.1.0.nupkg"),
        ("GET", "/v3/flat/acme.core/01.0.0/acme.core.01.0.0.nupkg"),
        ("GET", "/v3/flat/acme.core/1.0.0-RC/acme.core.1.0.0-RC.nupkg"),
        ("GET", "/v3/flat/acme.core/1.0.0+b/acme.core.1.0.0+b.nupkg"),
        // Another file than the one that was decided on.
        ("GET", "/v3/flat/acme.core/1.0.0/other.1.0.0.nupkg"),
        ("GET", "/v3/flat/acme.core/1.0.0/acme.core.2.0.0.nupkg"),
        ("GET", "/v3/flat/acme.core/1.0.0/readme"),
        ("GET", "/v3/flat/acme.core/1.0.0/"),
        ("GET", "/v3/flat/acme.core"),
        ("GET", "/v3/flat/acme.core/../other/index.json"),
        ("GET", "/v3/flat/acme%2ecore/index.json"),
        ("GET", "/v3/flat/\u{430}cme/index.json"),
        ("GET", "/v3/flat/acme..core/index.json"),
        ("GET", "/v3/registration/acme/page/1.0.0/2.0.json"),
        ("GET", "/v3/registration/acme/other.json"),
        ("GET", "/v3/registration/Acme/index.json"),
        ("GET", "/api/v2/package/acme/1.0.0"),
        ("POST", "/api/v2/package"),
        ("PUT", "/api/v2/package//"),
        ("PUT", "/api/v2/symbolpackage"),
        ("PUT", "/api/v2/package/acme/1.0.0"),
        ("DELETE", "/api/v2/package/acme"),
        ("DELETE", "/api/v2/package/acme/x"),
        ("DELETE", "/api/v2/package/acme/1.0.0/"),
        ("DELETE", "/api/v2/package/ac me/1.0.0"),
        ("DELETE", "/api/v2/package/acme/1.0.0/more"),
    ] {
        assert_eq!(asked(method, path), None, "{method} {path}");
    }
    for query in ["", "a=b", "hardDelete=true"] {
        for (method, path) in [
            ("PUT", "/api/v2/package"),
            ("DELETE", "/api/v2/package/a/1.0.0"),
            ("GET", "/v3/index.json"),
        ] {
            assert_eq!(parse(method, path, Some(query)), None, "{method} {path}?{query}");
        }
    }
}

#[test]
fn ids_are_small_letters_and_ascii() {
    assert_eq!(normal("Acme.Core_2-x").as_deref(), Some("acme.core_2-x"));
    for text in [
        "",
        ".a",
        "a.",
        "a..b",
        "a.-b",
        "-a",
        "a b",
        "a/b",
        "\u{e9}",
        "\u{212a}elvin",
        "a\0",
        &"a".repeat(101),
    ] {
        assert_eq!(normal(text), None, "{text:?}");
    }
}

#[test]
fn versions_have_one_form() {
    for (text, expected) in [
        ("1", "1.0.0"),
        ("1.0", "1.0.0"),
        ("01.2.003", "1.2.3"),
        ("1.2.3.0", "1.2.3"),
        ("1.2.3.4", "1.2.3.4"),
        ("1.0.0-RC.1", "1.0.0-rc.1"),
        ("1.0.0+build.5", "1.0.0"),
        ("1.0.0-a-b+c-d", "1.0.0-a-b"),
    ] {
        assert_eq!(version::normal(text).as_deref(), Some(expected), "{text}");
    }
    for text in [
        "",
        "v1",
        "1.",
        ".1",
        "1..2",
        "1.2.3.4.5",
        "1.0.0-",
        "1.0.0-a..b",
        "1.0.0+",
        "1.0.0-\u{e9}",
        "1.-2",
        "+1",
        "99999999999",
        "1.0.0/..",
        "1 ",
    ] {
        assert_eq!(version::normal(text), None, "{text:?}");
    }
}

#[test]
fn a_form_holds_one_part() {
    assert_eq!(boundary("multipart/form-data; boundary=abc"), Some("abc"));
    assert_eq!(boundary("Multipart/Form-Data; Boundary=\"a-b c\""), None);
    assert_eq!(boundary("multipart/form-data; boundary=\"a-b:c\""), Some("a-b:c"));
    for text in [
        "application/octet-stream",
        "multipart/form-data",
        "multipart/mixed; boundary=abc",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=abc; boundary=def",
        "multipart/form-data; charset=utf-8; boundary=abc",
    ] {
        assert_eq!(boundary(text), None, "{text}");
    }
    let head = b"--abc\r\nContent-Disposition: form-data; name=package; filename=package.nupkg\r\n\r\nPK";
    assert_eq!(begin(head, "abc"), Some(head.len() - 2));
    for head in [
        &b"\r\n--abc\r\nContent-Disposition: form-data\r\n\r\n"[..],
        b"--abcd\r\nContent-Disposition: form-data\r\n\r\n",
        b"--abc\r\n\r\n",
        b"--abc\r\nContent-Disposition: attachment\r\n\r\n",
        b"--abc\r\nContent-Disposition: form-data\r\nContent-Disposition: form-data\r\n\r\n",
        b"--abc\r\nContent-Disposition: form-data\r\nContent-Transfer-Encoding: base64\r\n\r\n",
        b"--abc\r\nContent-Disposition: form-data\r\n",
        b"PK\x03\x04",
    ] {
        assert_eq!(begin(head, "abc"), None, "{}", String::from_utf8_lossy(head));
    }
    assert_eq!(end(b"PK..\r\n--abc--\r\n", "abc"), Some(11));
    assert_eq!(end(b"PK..\r\n--abc--", "abc"), Some(9));
    for tail in [
        &b"PK..\r\n--abc\r\n"[..],
        b"PK..--abc--\r\n",
        b"PK..\r\n--abc--\r\nmore",
        b"",
    ] {
        assert_eq!(end(tail, "abc"), None, "{}", String::from_utf8_lossy(tail));
    }
}

fn described(metadata: &str) -> Option<(String, String)> {
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<package xmlns=\"urn:x\"><metadata>{metadata}</metadata></package>"
    );
    read(text.as_bytes()).map(|read| (read.normal, read.version))
}

const PLAIN: &str = "<id>Acme.Core</id><version>1.0</version>";

#[test]
fn descriptions_tell_id_and_version_once() {
    let plain = Some(("acme.core".to_owned(), "1.0.0".to_owned()));
    for around in [
        "{}",
        "{}<description>a &amp; b <![CDATA[<id>x</id>]]></description>",
        "<!-- a comment --><authors>a</authors>{}<dependencies><dependency id=\"id\" version=\"2\" /></dependencies>",
        "{}<releaseNotes>\n</releaseNotes><group><id>other</id></group>",
    ] {
        assert_eq!(described(&around.replace("{}", PLAIN)), plain, "{around}");
    }
    let marked =
        format!("\u{feff}<package><metadata minClientVersion=\"3\">{PLAIN}</metadata><files/></package>\n");
    assert!(read(marked.as_bytes()).is_some());
    assert_eq!(read(marked.as_bytes()).unwrap().id, "Acme.Core");
}

#[test]
fn descriptions_with_two_readings_are_none() {
    for metadata in [
        "",
        "<id>acme</id>",
        "<version>1</version>",
        "<id>a</id><id>b</id><version>1</version>",
        "<id>a</id><ID>b</ID><version>1</version>",
        "<id>a</id><x:id>b</x:id><version>1</version>",
        "<id xmlns=\"urn:y\">a</id><version>1</version>",
        "<id>a<!-- -->b</id><version>1</version>",
        "<id><![CDATA[a]]></id><version>1</version>",
        "<id>&#97;</id><version>1</version>",
        "<id>a&amp;b</id><version>1</version>",
        "<id><b>a</b></id><version>1</version>",
        "<id> a </id><version>1</version>",
        "<id>\u{430}cme</id><version>1</version>",
        "<id></id><version>1</version>",
        "<id/><version>1</version>",
        "<id>a</id><version>x</version>",
        "<id>a</id><version>1</version></metadata><metadata>",
        "<id>a</id><version>1</version></metadata><Metadata><id>b</id></Metadata><metadata>",
        "<id>a</id><version>1</version></metadata></package><package><metadata>",
        "<id>a</id><version>1</version></wrong>",
    ] {
        assert_eq!(described(metadata), None, "{metadata}");
    }
    for text in [
        format!("<!DOCTYPE package [<!ENTITY x \"y\">]><package><metadata>{PLAIN}</metadata></package>"),
        format!("<?xml version=\"1.0\" encoding=\"utf-16\"?><package><metadata>{PLAIN}</metadata></package>"),
        format!("<?xml version=\"1.0\" encoding=\"utf-7\"?><package><metadata>{PLAIN}</metadata></package>"),
        format!("<other><metadata>{PLAIN}</metadata></other>"),
        format!("<x:package><metadata>{PLAIN}</metadata></x:package>"),
        format!("<package><metadata>{PLAIN}</metadata>"),
        format!("text<package><metadata>{PLAIN}</metadata></package>"),
        format!("<package>{PLAIN}</package>"),
        format!(
            "<package><metadata>{}{PLAIN}{}</metadata></package>",
            "<a>".repeat(100),
            "</a>".repeat(100)
        ),
        String::new(),
    ] {
        assert_eq!(read(text.as_bytes()), None, "{text}");
    }
    let wide: Vec<u8> = format!("<package><metadata>{PLAIN}</metadata></package>")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(read(&wide), None);
    assert_eq!(
        read(b"<package><metadata><id>a\xff</id><version>1</version></metadata></package>"),
        None
    );
}

proptest! {
    /// What is a version is one for good, and nothing in it leads out of an address.
    #[test]
    fn normal_versions_stay_so(text in "[0-9]{1,3}(\\.[0-9]{1,3}){0,4}(-[a-zA-Z0-9.-]{0,8})?(\\+[a-z.]{0,4})?") {
        if let Some(normal) = version::normal(&text) {
            prop_assert_eq!(version::normal(&normal), Some(normal.clone()));
            prop_assert!(!normal.contains("..") && !normal.contains('/') && !normal.contains('+'));
            let path = format!("/v3/flat/acme/{normal}/acme.{normal}.nupkg");
            prop_assert!(parse("GET", &path, None).is_some());
        }
    }

    /// Whatever comes as a description is read or not, and what is read is plain.
    #[test]
    fn descriptions_are_plain(text in "(<(/)?(package|metadata|id|version|x:id|!--)( a='b')?(/)?>|acme|1.0|&amp;|-->|<!\\[CDATA\\[|\\]\\]>| ){0,16}") {
        for text in [text.clone(), format!("<package><metadata>{text}</metadata></package>")] {
            if let Some(described) = read(text.as_bytes()) {
                prop_assert_eq!(normal(&described.id), Some(described.normal));
            }
        }
    }
}
