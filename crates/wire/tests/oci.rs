//! The registry's addresses, scopes and manifests: what is understood, what must not be, and that what is written to a
//! registry is read there as it was understood here.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use bailiwick_wire::oci::{
    Actions, Ask, Call, Challenge, Digest, ManifestFault, Name, Reference, Scope, Start, Tag, label,
    parse_manifest, parse_scopes, read,
};
use proptest::prelude::*;

const A: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const B: &str = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn digest(text: &str) -> Digest {
    Digest::parse(text).unwrap()
}

fn of(name_text: &str, call: Call) -> Option<Ask> {
    Some(Ask::Of(name(name_text), call))
}

#[test]
fn every_call_of_the_specification_is_understood() {
    let a = || digest(A);
    let tag = |text: &str| Reference::Tag(Tag::parse(text).unwrap());
    let app = "acme/site/app";
    for (method, path, query, expected) in [
        ("GET", "/v2/".to_owned(), None, Some(Ask::Ping)),
        ("GET", "/v2".to_owned(), None, Some(Ask::Ping)),
        (
            "GET",
            "/v2/token".to_owned(),
            Some("service=x&scope=y"),
            Some(Ask::Token),
        ),
        ("POST", "/v2/token".to_owned(), None, Some(Ask::Token)),
        ("GET", "/v2/_catalog".to_owned(), Some("n=5"), Some(Ask::Catalog)),
        (
            "GET",
            format!("/v2/{app}/manifests/latest"),
            None,
            of(app, Call::ManifestGet(tag("latest"))),
        ),
        (
            "GET",
            format!("/v2/{app}/manifests/{A}"),
            None,
            of(app, Call::ManifestGet(Reference::Digest(a()))),
        ),
        (
            "PUT",
            format!("/v2/{app}/manifests/v1.0"),
            None,
            of(app, Call::ManifestPut(tag("v1.0"))),
        ),
        (
            "DELETE",
            format!("/v2/{app}/manifests/v1"),
            None,
            of(app, Call::ManifestDelete(tag("v1"))),
        ),
        (
            "GET",
            format!("/v2/{app}/blobs/{A}"),
            None,
            of(app, Call::BlobGet(a())),
        ),
        (
            "DELETE",
            format!("/v2/{app}/blobs/{A}"),
            None,
            of(app, Call::BlobDelete(a())),
        ),
        (
            "POST",
            format!("/v2/{app}/blobs/uploads/"),
            None,
            of(app, Call::UploadStart(Start::Session)),
        ),
        (
            "POST",
            format!("/v2/{app}/blobs/uploads/"),
            Some("digest=sha256%3Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
            of(app, Call::UploadStart(Start::Whole(a()))),
        ),
        (
            "POST",
            format!("/v2/{app}/blobs/uploads/"),
            Some(
                "mount=sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa&from=acme%2Fsecret",
            ),
            of(
                app,
                Call::UploadStart(Start::Mount(a(), Some(name("acme/secret")))),
            ),
        ),
        (
            "GET",
            format!("/v2/{app}/blobs/uploads/s-1_2.x"),
            None,
            of(app, Call::UploadStatus("s-1_2.x".into())),
        ),
        (
            "PATCH",
            format!("/v2/{app}/blobs/uploads/s"),
            None,
            of(app, Call::UploadChunk("s".into())),
        ),
        (
            "DELETE",
            format!("/v2/{app}/blobs/uploads/s"),
            None,
            of(app, Call::UploadCancel("s".into())),
        ),
        (
            "PUT",
            format!("/v2/{app}/blobs/uploads/s"),
            Some("digest=sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa&_state=x"),
            of(app, Call::UploadFinish("s".into(), a())),
        ),
        (
            "GET",
            format!("/v2/{app}/tags/list"),
            Some("n=10&last=v1"),
            of(
                app,
                Call::Tags {
                    count: Some(10),
                    last: Tag::parse("v1"),
                },
            ),
        ),
        (
            "GET",
            format!("/v2/{app}/referrers/{A}"),
            Some("artifactType=application%2Fx%2By"),
            of(
                app,
                Call::Referrers {
                    digest: a(),
                    artifact_type: Some("application/x+y".into()),
                },
            ),
        ),
    ] {
        assert_eq!(read(method, &path, query), expected, "{method} {path} {query:?}");
    }
}

#[test]
fn whatever_two_readers_could_read_differently_is_unknown() {
    let long = "a/".repeat(200);
    for path in [
        "/v2/../manifests/latest".to_owned(),
        "/v2/acme/../secret/manifests/latest".to_owned(),
        "/v2/acme//site/manifests/latest".to_owned(),
        "/v2//acme/manifests/latest".to_owned(),
        "/v2/acme/%2e%2e/manifests/latest".to_owned(),
        "/v2/acme%2Fsecret/manifests/latest".to_owned(),
        "/v2/acme/site%20/manifests/latest".to_owned(),
        "/v2/Acme/site/manifests/latest".to_owned(),
        "/v2/acme/SITE/manifests/latest".to_owned(),
        "/v2/acme/s\u{456}te/manifests/latest".to_owned(),
        "/v2/acme/ſite/manifests/latest".to_owned(),
        "/v2/acme/site./manifests/latest".to_owned(),
        "/v2/acme/.site/manifests/latest".to_owned(),
        "/v2/acme/a..b/manifests/latest".to_owned(),
        "/v2/acme/a___b/manifests/latest".to_owned(),
        "/v2/acme/a._b/manifests/latest".to_owned(),
        "/v2/acme/-site/manifests/latest".to_owned(),
        "/v2/acme/site;x=y/manifests/latest".to_owned(),
        "/v2/acme\\site/manifests/latest".to_owned(),
        "/v2/acme/site/manifests/latest/".to_owned(),
        "/v2/acme/site/manifests/".to_owned(),
        "/v2/acme/site/manifests/.hidden".to_owned(),
        "/v2/acme/site/manifests/a%2fb".to_owned(),
        "/v2/manifests/latest".to_owned(),
        // A name that holds the word of a call is another one for who reads from the front.
        "/v2/acme/manifests/x/manifests/latest".to_owned(),
        "/v2/acme/blobs/uploads/manifests/latest".to_owned(),
        "/v2/acme/tags/manifests/latest".to_owned(),
        format!("/v2/{long}x/manifests/latest"),
        format!("/v2/acme/site/manifests/{}", "t".repeat(129)),
        format!("/v2/acme/site/blobs/{}", A.to_uppercase()),
        "/v2/acme/site/blobs/sha256:abc".to_owned(),
        "/v2/acme/site/blobs/md5:d41d8cd98f00b204e9800998ecf8427e".to_owned(),
        "/v2/acme/site/blobs/latest".to_owned(),
        "/v2/acme/site/blobs/uploads".to_owned(),
        "/v2/acme/site/tags/list/".to_owned(),
        "/v2/acme/site/_catalog".to_owned(),
        "/v2/token/".to_owned(),
        "/v2//".to_owned(),
        "/v1/acme/site/manifests/latest".to_owned(),
    ] {
        assert_eq!(read("GET", &path, None), None, "{path}");
    }
    let uploads = "/v2/acme/site/blobs/uploads/";
    for (method, path, query) in [
        ("POST", uploads, Some("digest=x")),
        ("POST", uploads, Some("mount=latest&from=acme/x")),
        ("POST", uploads, Some("from=../x")),
        ("POST", uploads, Some("from=Acme/x")),
        ("POST", uploads, Some("from=a/x&from=a/y")),
        ("GET", uploads, None),
        ("PUT", uploads, None),
        ("PUT", "/v2/acme/site/blobs/uploads/s", None),
        ("PUT", "/v2/acme/site/blobs/uploads/s", Some("digest=latest")),
        ("POST", "/v2/acme/site/blobs/uploads/s", None),
        ("PATCH", "/v2/acme/site/blobs/uploads/..", None),
        ("PATCH", "/v2/acme/site/blobs/uploads/a%2f", None),
        ("POST", "/v2/acme/site/manifests/latest", None),
        ("PATCH", "/v2/acme/site/manifests/latest", None),
        ("PUT", "/v2/acme/site/tags/list", None),
        ("DELETE", "/v2/acme/site/tags/list", None),
        ("PUT", "/v2/token", None),
        ("DELETE", "/v2/_catalog", None),
        ("PUT", "/v2/", None),
        ("GET", "/v2/acme/site/tags/list", Some("n=-1")),
        ("GET", "/v2/acme/site/tags/list", Some("n=1&n=2")),
        ("GET", "/v2/acme/site/tags/list", Some("last=%ff")),
    ] {
        assert_eq!(read(method, path, query), None, "{method} {path} {query:?}");
    }
}

#[test]
fn scopes_are_read_and_what_is_unknown_grants_nothing() {
    let granted = |texts: &[&str]| -> Vec<String> {
        parse_scopes(texts.iter().copied())
            .iter()
            .map(Scope::to_string)
            .collect()
    };
    assert_eq!(
        granted(&["repository:acme/site:pull,push", "repository:acme/site:delete"]),
        ["repository:acme/site:pull,push,delete"]
    );
    assert_eq!(
        granted(&["repository:acme/a:pull repository:acme/b:*"]),
        ["repository:acme/a:pull", "repository:acme/b:pull,push,delete"]
    );
    let nothing: [&str; 0] = [];
    for text in [
        "registry:catalog:*",
        "repository(plugin):acme/site:pull",
        "repository:Acme/site:pull",
        "repository:acme/../x:pull",
        "repository:evil.example:5000/x:pull",
        "repository:acme/site:",
        "repository:acme/site:admin",
        "repository:acme/site",
        "",
    ] {
        assert_eq!(granted(&[text]), nothing, "{text}");
    }
    let many: Vec<String> = (0..100).map(|at| format!("repository:acme/a{at}:pull")).collect();
    assert_eq!(parse_scopes(many.iter().map(String::as_str)).len(), 32);
    let both = Actions::parse("pull,push").and(Actions::parse("push,delete"));
    assert_eq!(both.words(), "push");
}

#[test]
fn a_challenge_holds_nothing_that_ends_a_quotation() {
    let challenge = Challenge {
        realm: "https://bw.example/v2/token".into(),
        service: "bw\".example\r\nX: y".into(),
        scope: Some("repository:acme/site:pull".into()),
        error: Some("insufficient_scope"),
    };
    assert_eq!(
        challenge.value(),
        "Bearer realm=\"https://bw.example/v2/token\",service=\"bw.exampleX: y\",\
         scope=\"repository:acme/site:pull\",error=\"insufficient_scope\""
    );
}

fn image(layer: &str) -> String {
    format!(
        r#"{{"schemaVersion":2,"mediaType":"{IMAGE}","config":{{"mediaType":"c","digest":"{A}","size":2}},"layers":[{layer}]}}"#
    )
}

#[test]
fn manifests_tell_what_they_refer_to() {
    let layer = format!(r#"{{"mediaType":"l","digest":"{B}","size":7,"annotations":{{"Config":"x"}}}}"#);
    let read = parse_manifest(image(&layer).as_bytes(), IMAGE).unwrap();
    assert_eq!(read.config.unwrap().digest, digest(A));
    assert_eq!(
        (read.layers[0].digest.clone(), read.layers[0].size),
        (digest(B), 7)
    );
    let index = format!(
        r#"{{"schemaVersion":2,"manifests":[{{"mediaType":"{IMAGE}","digest":"{A}","size":1,"platform":{{"os":"linux"}}}}],
        "subject":{{"mediaType":"{IMAGE}","digest":"{B}","size":1}},"annotations":{{"k":"v"}}}}"#
    );
    let read = parse_manifest(index.as_bytes(), INDEX).unwrap();
    assert_eq!(read.manifests[0].digest, digest(A));
    assert_eq!(read.subject.unwrap().digest, digest(B));
    assert_eq!(read.annotations["k"], "v");
}

#[test]
fn manifests_that_can_be_read_in_two_ways_are_refused() {
    use ManifestFault::{Ambiguous, Foreign, Keys, Shape, TooLarge, Type};
    let plain = format!(r#"{{"mediaType":"l","digest":"{B}","size":7}}"#);
    let layers = |more: &str| image(&plain).replacen("\"layers\"", &format!("{more},\"layers\""), 1);
    let of_layer = |fields: &str| {
        image(&format!(
            r#"{{"mediaType":"l","digest":"{B}","size":7,{fields}}}"#
        ))
    };
    for (what, text, expected) in [
        ("not JSON", "{".to_owned(), Shape),
        ("a list", "[]".to_owned(), Shape),
        ("twice", layers(r#""layers":[]"#), Keys),
        ("other case", layers(r#""Layers":[]"#), Keys),
        ("long s", layers(r#""layerſ":[]"#), Keys),
        ("other case within", of_layer(r#""Digest":"x""#), Keys),
        ("twice within", of_layer(&format!(r#""digest":"{A}""#)), Keys),
        (
            "foreign",
            of_layer(r#""urls":["https://evil.example/x"]"#),
            Foreign,
        ),
        (
            "foreign in no list",
            of_layer(r#""urls":"https://evil.example/x""#),
            Foreign,
        ),
        (
            "URLs in other case",
            of_layer(r#""URLs":["https://evil.example/x"]"#),
            Keys,
        ),
        (
            "foreign by its type",
            image(&plain.replace(
                "\"l\"",
                "\"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip\"",
            )),
            Foreign,
        ),
        ("an image and an index", layers(r#""manifests":[]"#), Ambiguous),
        (
            "an image of the first schema",
            layers(r#""fsLayers":[]"#),
            Ambiguous,
        ),
        ("another type", image(&plain).replacen(IMAGE, INDEX, 1), Type),
        ("no version", image(&plain).replacen("2", "1", 1), Shape),
        ("no digest", image(r#"{"mediaType":"l","size":7}"#), Shape),
        ("a bad digest", image(&plain.replace(B, "sha256:b")), Shape),
        ("a negative size", image(&plain.replace('7', "-7")), Shape),
        ("no layers", image(&plain).replacen("layers", "lairs", 1), Shape),
        (
            "many layers",
            image(&vec![plain.clone(); 600].join(",")),
            TooLarge,
        ),
        (
            "deep",
            layers(&format!("\"x\":{}{}", "[".repeat(60), "]".repeat(60))),
            TooLarge,
        ),
    ] {
        assert_eq!(parse_manifest(text.as_bytes(), IMAGE), Err(expected), "{what}");
    }
    for media_type in [
        "application/vnd.docker.distribution.manifest.v1+prettyjws",
        "application/json",
        "application/vnd.oci.image.manifest.v1+json; charset=utf-8",
        "",
    ] {
        assert_eq!(
            parse_manifest(image(&plain).as_bytes(), media_type),
            Err(Type),
            "{media_type}"
        );
    }
    let large = format!("{}{}", image(&plain), " ".repeat(4 << 20));
    assert_eq!(parse_manifest(large.as_bytes(), IMAGE), Err(TooLarge));
}

#[test]
fn labels_are_read_where_there_is_one() {
    let name = "org.opencontainers.image.source";
    let config = format!(r#"{{"config":{{"Labels":{{"{name}":"https://bw/acme/site"}}}}}}"#);
    assert_eq!(
        label(config.as_bytes(), name).as_deref(),
        Some("https://bw/acme/site")
    );
    let twice = format!(r#"{{"config":{{"Labels":{{"{name}":"a","{name}":"b"}}}}}}"#);
    assert_eq!(label(twice.as_bytes(), name), None);
    for config in ["{}", "[]", "x", r#"{"config":{"Labels":null}}"#] {
        assert_eq!(label(config.as_bytes(), name), None, "{config}");
    }
}

/// The specification's grammar for a component, as a generator.
fn component() -> impl Strategy<Value = String> {
    "[a-z0-9]{1,4}((\\.|_|__|-{1,3})[a-z0-9]{1,4}){0,2}"
        .prop_filter("reserved", |text| Name::parse(text).is_some())
}

proptest! {
    #[test]
    fn what_is_written_is_read_as_the_same(
        parts in prop::collection::vec(component(), 1..5),
        tag in "[a-zA-Z0-9_][a-zA-Z0-9._-]{0,20}",
        hex in "[0-9a-f]{64}",
        which in 0_usize..9,
    ) {
        let text = parts.join("/");
        let digest = digest(&format!("sha256:{hex}"));
        let reference = Reference::parse(&tag).unwrap();
        let (method, call) = match which {
            0 => ("GET", Call::ManifestGet(reference)),
            1 => ("PUT", Call::ManifestPut(Reference::Digest(digest))),
            2 => ("DELETE", Call::ManifestDelete(reference)),
            3 => ("GET", Call::BlobGet(digest)),
            4 => ("POST", Call::UploadStart(Start::Whole(digest))),
            5 => ("POST", Call::UploadStart(Start::Mount(digest, Some(name("acme/other"))))),
            6 => ("GET", Call::Tags { count: Some(7), last: Tag::parse(&tag) }),
            7 => ("GET", Call::Referrers { digest, artifact_type: Some(String::from("a/b+c")) }),
            _ => ("POST", Call::UploadStart(Start::Session)),
        };
        let target = call.target(&name(&text)).unwrap();
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target.as_str(), None),
        };
        prop_assert_eq!(read(method, path, query), Some(Ask::Of(name(&text), call)));
    }

    #[test]
    fn whatever_is_understood_is_written_as_it_came(path in "/v2/[a-z./_:%-]{0,40}(/manifests/|/blobs/|/tags/)[a-z0-9.:/%]{0,12}") {
        if let Some(Ask::Of(name, call)) = read("GET", &path, None) {
            prop_assert_eq!(call.target(&name), Some(path));
        }
    }

    #[test]
    fn no_bytes_break_the_parsers(bytes in prop::collection::vec(any::<u8>(), 0..200), text in ".{0,80}") {
        let _ = parse_manifest(&bytes, IMAGE);
        let _ = label(&bytes, "x");
        let _ = read("GET", &text, Some(&text));
        let _ = parse_scopes([text.as_str()].into_iter());
    }
}
