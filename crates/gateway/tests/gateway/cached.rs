//! What an upstream says of keeping its answers, to those who got them by a credential and to those who did not.

use crate::front::{Answered, Behind, Front};
use crate::git::bed::{Arrived, Scripted, answer};
use crate::registry::place::Place;
use bailiwick_model::{RegistryKind, UpstreamKind, UpstreamSettings, Visibility};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn no_shared_cache_keeps_what_a_credential_opened() {
    let server = Scripted::start(|_, _| {
        let head = "cache-control: public, max-age=600\r\nsurrogate-control: max-age=600\r\n";
        answer(200, head, "bytes")
    })
    .await;
    let behind = Behind::new("artifacts", UpstreamKind::Generic, server.address.clone());
    let front = Front::before(vec![behind]).await;
    let (_, reader) = front.token("bob", &[("acme", Some(&["site"]), &[("packages", "read")])]);
    for (path, token, public) in [
        ("/-/artifacts/api/acme/site/artifacts/a", reader.as_str(), false),
        // What anybody reads is asked for as a visitor does, whoever asks.
        ("/-/artifacts/api/acme/www/artifacts/a", "", true),
        ("/-/artifacts/api/acme/www/artifacts/a", &reader, true),
    ] {
        let told = front.ask("GET", path, token, "").await.expect(200);
        let head = told.head.to_ascii_lowercase();
        assert_eq!(head.contains("cache-control: public"), public, "{path} {head}");
        assert_eq!(head.contains("cache-control: private"), !public, "{path} {head}");
        assert_eq!(head.contains("surrogate-control"), public, "{path} {head}");
    }
}

/// A server of each kind at once, which would let everybody keep everything.
fn generous(request: &Arrived, own: &str) -> Vec<u8> {
    let target = request.line.split(' ').nth(1).unwrap();
    let index = json!({"version": "3.0.0", "resources": [
        {"@id": format!("{own}/container/"), "@type": "PackageBaseAddress/3.0.0"},
        {"@id": format!("{own}/about/"), "@type": "RegistrationsBaseUrl/3.6.0"},
    ]});
    let (kind, body) = match target {
        "/v3/index.json" => ("application/json", index.to_string()),
        "/simple/core/" => ("text/html", String::from("<html><body></body></html>")),
        _ => (
            "application/json",
            json!({"versions": {}, "items": []}).to_string(),
        ),
    };
    let head = format!(
        "content-type: {kind}\r\ncache-control: public, max-age=600\r\nexpires: Thu, 01 Jan 2099 00:00:00 GMT\r\n\
         surrogate-control: max-age=600\r\ncdn-cache-control: max-age=600\r\nage: 1\r\n"
    );
    answer(200, &head, body)
}

#[track_caller]
fn is_unshared(told: &Answered, path: &str) {
    let head = told.head.to_ascii_lowercase();
    let private = head.contains("cache-control: private") || head.contains("cache-control: no-store");
    assert!(private && !head.contains("public"), "{path} {head}");
    for name in ["expires:", "surrogate-control", "cdn-cache-control", "\r\nage:"] {
        assert!(!head.contains(name), "{path} {head}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_door_lets_a_shared_cache_keep_what_a_credential_opened() {
    let server = Scripted::start(generous).await;
    let front = Front::before(vec![
        Behind::new("octo", UpstreamKind::GitHub, server.address.clone()),
        Behind::new("forge", UpstreamKind::Gitea, server.address.clone()),
    ])
    .await;
    let read: &[(&str, &str)] = &[
        ("metadata", "read"),
        ("issues", "read"),
        ("pull_requests", "read"),
    ];
    let (_, reader) = front.token("alice", &[("hub", None, read), ("labs", None, read)]);
    for path in ["/api/v3/repos/hub/kit/issues", "/api/v1/repos/labs/rocket/issues"] {
        let told = front.ask("GET", path, &reader, "").await.expect(200);
        is_unshared(&told, path);
    }
    let image = "/v2/acme/site/manifests/latest";
    let blob = format!("/v2/acme/site/blobs/sha256:{}", "0".repeat(64));
    for (kind, name, paths) in [
        (
            RegistryKind::Oci,
            "acme/site",
            [image, blob.as_str(), "/v2/acme/site/tags/list"],
        ),
        (
            RegistryKind::Npm,
            "core",
            [
                "/-/there/core",
                "/-/there/core/-/core-1.0.0.tgz",
                "/-/there/core/1.0.0",
            ],
        ),
        (
            RegistryKind::Maven,
            "com.acme",
            [
                "/-/there/com/acme/app/1.0/app-1.0.jar",
                "/-/there/com/acme/app/1.0/app-1.0.pom.sha1",
                "/-/there/com/acme/app/maven-metadata.xml",
            ],
        ),
        (
            RegistryKind::NuGet,
            "core",
            [
                "/-/there/v3/flat/core/index.json",
                "/-/there/v3/flat/core/1.0.0/core.1.0.0.nupkg",
                "/-/there/v3/registration/core/index.json",
            ],
        ),
        (
            RegistryKind::PyPi,
            "core",
            [
                "/-/there/simple/core/",
                "/-/there/packages/core-1.0.tar.gz",
                "/-/there/packages/core-1.0-py3-none-any.whl",
            ],
        ),
    ] {
        let settings = UpstreamSettings::default();
        let place = Place::before("there", kind, server.address.clone(), settings).await;
        let exact = kind != RegistryKind::Maven;
        place.link(name, exact, "acme", Some("site"), Visibility::Private);
        let (_, token) = place.token("bob", Some(&["site"]), &[("packages", "read")]);
        for path in paths {
            let told = place.front.ask("GET", path, &token, "").await.expect(200);
            is_unshared(&told, path);
        }
    }
}
