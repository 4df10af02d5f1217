//! A registry that is not honest: it leads elsewhere, asks for credentials, and answers what nobody asked.

use crate::git::bed::{Scripted, answer};
use crate::registry::place::Place;
use bailiwick_model::{RegistryKind, UpstreamSettings, Visibility};

async fn before(reply: impl Fn(&str, &str) -> Vec<u8> + Send + Sync + 'static) -> (Place, Scripted) {
    let server = Scripted::start(move |request, own| reply(&request.line, own)).await;
    let place = Place::before(
        "npm",
        RegistryKind::Npm,
        server.address.clone(),
        UpstreamSettings::default(),
    )
    .await;
    place.link("site-ui", true, "acme", Some("site"), Visibility::Private);
    (place, server)
}

const JSON: &str = "content-type: application/json\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_leads_nobody_elsewhere() {
    let (place, server) = before(|line, own| match line.split(' ').nth(1).unwrap() {
        "/site-ui" => answer(
            200,
            "content-type: text/html\r\nset-cookie: s=1\r\ncache-control: public, max-age=99\r\n",
            format!(
                "{{\"versions\":{{\"1.0.0\":{{\"dist\":{{\"tarball\":\"{own}/x/site-ui-1.0.0.tgz\"}}}},\
                 \"1.0.1\":{{\"dist\":{{\"tarball\":\"https://evil.example.net/site-ui-1.0.1.tgz\"}}}}}}}}"
            ),
        ),
        "/site-ui/-/site-ui-1.0.0.tgz" => answer(
            200,
            "content-type: text/html\r\ncontent-disposition: inline\r\nx-more: 1\r\n",
            "<script>",
        ),
        "/site-ui/-/site-ui-1.0.1.tgz" => answer(302, "location: https://evil.example.net/x.tgz\r\n", ""),
        "/site-ui/1.0.0" => answer(
            401,
            "www-authenticate: Bearer realm=\"https://evil.example.net\"\r\n",
            "",
        ),
        "/site-ui/1.0.1" => answer(
            200,
            "content-type: application/json\r\ncontent-encoding: gzip\r\n",
            "{}",
        ),
        "/site-ui/1.0.2" => answer(200, JSON, "<html>"),
        "/site-ui/1.0.3" => answer(500, JSON, "{\"error\":\"at /srv/verdaccio/secret\"}"),
        _ => answer(403, JSON, "{\"error\":\"user gateway is not allowed\"}"),
    })
    .await;
    let (_, token) = place.token("bob", Some(&["site"]), &[("packages", "read")]);
    let front = &place.front;
    let led = front.ask("GET", "/-/npm/site-ui", &token, "").await.expect(200);
    for version in ["1.0.0", "1.0.1"] {
        assert_eq!(
            led.json["versions"][version]["dist"]["tarball"],
            format!("{}/site-ui/-/site-ui-{version}.tgz", place.url())
        );
    }
    let head = led.head.to_ascii_lowercase();
    assert!(
        !head.contains("set-cookie") && !head.contains("public") && head.contains("application/json"),
        "{head}"
    );
    let file = front
        .ask("GET", "/-/npm/site-ui/-/site-ui-1.0.0.tgz", &token, "")
        .await
        .expect(200);
    let head = file.head.to_ascii_lowercase();
    assert!(
        !head.contains("text/html") && !head.contains("inline") && !head.contains("x-more"),
        "{head}"
    );
    for (path, status) in [
        ("/-/npm/site-ui/-/site-ui-1.0.1.tgz", 502),
        ("/-/npm/site-ui/1.0.0", 502),
        ("/-/npm/site-ui/1.0.1", 502),
        ("/-/npm/site-ui/1.0.2", 502),
        ("/-/npm/site-ui/1.0.3", 502),
        ("/-/npm/site-ui/1.0.4", 502),
    ] {
        let answer = front.ask("GET", path, &token, "").await;
        assert_eq!(answer.status, status, "{path} {}", answer.head);
        let text = String::from_utf8_lossy(&answer.body);
        assert!(
            !text.contains("evil") && !text.contains("srv") && !text.contains("gateway is"),
            "{text}"
        );
        assert!(!answer.head.to_ascii_lowercase().contains("www-authenticate"));
    }
    assert!(
        server
            .requests()
            .iter()
            .all(|arrived| !arrived.header("authorization").contains(&token))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_registry_refuses_is_on_record_and_is_no_version() {
    let (place, _server) = before(|_, _| answer(409, JSON, "{\"error\":\"there\"}")).await;
    let (id, token) = place.token("bob", Some(&["site"]), &[("packages", "write")]);
    let document = r#"{"_id":"site-ui","name":"site-ui","dist-tags":{"latest":"1.0.0"},
        "versions":{"1.0.0":{"name":"site-ui","version":"1.0.0"}},"_attachments":{"site-ui-1.0.0.tgz":{"data":""}}}"#;
    let answer = place
        .front
        .ask("PUT", "/-/npm/site-ui", &token, document)
        .await
        .expect(409);
    assert!(answer.json["error"].as_str().unwrap().contains("already exists"));
    place.has_told(
        Some(id),
        "packages.package_version_published allowed forwarded site-ui 1.0.0",
    );
    place.has_told(
        Some(id),
        "packages.package_version_published failed registry.conflict site-ui 1.0.0",
    );
    assert_eq!(place.versions("site-ui"), Some(vec![]));
}
