//! Registries that lie, ask for other credentials, lead elsewhere or tell too much.

use super::bed::{IMAGE, digest, manifest};
use super::world::{WRITE, behind, request};
use crate::git::bed::{Arrived, PASSWORD, Scripted, answer};
use crate::git::world::{Behind, World};
use crate::registry::hangs::hangs;
use bailiwick_model::{RegistryKind, UpstreamKind};
use bailiwick_store::{StoreError, package};
use bailiwick_testkit::http::{Address, Answer, Request};
use std::sync::Arc;

pub struct Fooled {
    pub world: World,
    address: Address,
    pub token: String,
}

impl Fooled {
    pub async fn by(scripted: &Scripted, change: impl FnOnce(Behind) -> Behind) -> Fooled {
        let world = World::before(Behind::at(String::from("http://127.0.0.1:9"))).await;
        let behind = change(behind(scripted.address.clone()));
        world.add("images", UpstreamKind::Oci, &behind);
        let (_, token) = world.token("bob", &["site"], WRITE);
        Fooled {
            address: Address::parse(&format!("http://{}", world.address)),
            token,
            world,
        }
    }

    pub async fn ask(&self, method: &str, path: &str) -> Answer {
        self.send(request(method, path, &self.token)).await
    }

    pub async fn send(&self, request: Request) -> Answer {
        let address = self.address;
        tokio::task::spawn_blocking(move || address.send(&request))
            .await
            .unwrap()
    }
}

impl Fooled {
    /// The digests of acme/site that are noted as there.
    fn known(&self) -> Vec<String> {
        let digests = self.world.store.read(|tx| {
            let rows = package::of_kind(tx, RegistryKind::Oci, "acme/site")?;
            let mut versions = package::versions(tx, rows[0].id)?;
            versions.retain(|version| version.deleted_at.is_none());
            let names = versions.into_iter().map(|version| version.name);
            Ok::<_, StoreError>(names.collect())
        });
        digests.unwrap()
    }

    fn manifest(&self, tag: &str, bytes: &[u8]) -> Request {
        request("PUT", &format!("/v2/acme/site/manifests/{tag}"), &self.token)
            .header("content-type", IMAGE)
            .body(bytes)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_realm_of_the_registrys_own_reaches_nobody() {
    let scripted = Scripted::start(|_, _| {
        let realm = "WWW-Authenticate: Bearer realm=\"http://evil.example/token\",service=\"evil\"\r\n";
        answer(
            401,
            realm,
            "{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"at evil.example\"}]}",
        )
    })
    .await;
    let fooled = Fooled::by(&scripted, |behind| behind).await;
    for (method, path) in [
        ("GET", "/v2/acme/site/manifests/latest".to_owned()),
        ("GET", format!("/v2/acme/site/blobs/{}", digest(b"x"))),
        ("POST", "/v2/acme/site/blobs/uploads/".to_owned()),
        ("GET", "/v2/acme/site/tags/list".to_owned()),
    ] {
        let answer = fooled.ask(method, &path).await.expect(502);
        assert_eq!(answer.header("www-authenticate"), "");
        assert!(
            !format!("{:?}{}", answer.headers, answer.text()).contains("evil"),
            "{}",
            answer.text()
        );
    }
    // Without a credential of the gateway's own it is the same.
    let fooled = Fooled::by(&scripted, |mut behind| {
        behind.secrets.clear();
        behind
    })
    .await;
    let answer = fooled
        .ask("GET", "/v2/acme/site/manifests/latest")
        .await
        .expect(502);
    assert!(!format!("{:?}{}", answer.headers, answer.text()).contains("evil"));
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_are_followed_nowhere_else() {
    for location in [
        "http://evil.example/v2/acme/site/blobs/uploads/1",
        "//evil.example/v2/x",
        "/elsewhere/1",
        "/v2/../x",
        "",
    ] {
        let header = format!("Location: {location}\r\nRange: 0-0\r\n");
        let scripted = Scripted::start(move |_, _| answer(202, &header, "")).await;
        let fooled = Fooled::by(&scripted, |behind| behind).await;
        fooled
            .ask("POST", "/v2/acme/site/blobs/uploads/")
            .await
            .expect(502);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stores_of_blobs_are_asked_without_a_credential() {
    let store = Scripted::start(|_, _| answer(200, "content-type: text/html\r\n", "from the store")).await;
    let at = format!("{}/bucket/blob?signature=x", store.address);
    let scripted =
        Scripted::start(move |_: &Arrived, _: &str| answer(307, &format!("Location: {at}\r\n"), "")).await;
    let blob = format!("/v2/acme/site/blobs/{}", digest(b"from the store"));
    // Only to hosts that the settings name.
    let fooled = Fooled::by(&scripted, |behind| behind).await;
    fooled.ask("GET", &blob).await.expect(502);
    assert!(store.requests().is_empty());
    let host = store.address.clone();
    let fooled = Fooled::by(&scripted, |behind| {
        behind.with(|settings| settings.follow = vec![host])
    })
    .await;
    let came = fooled.ask("GET", &blob).await.expect(200);
    assert_eq!(came.body, b"from the store");
    assert_eq!(came.header("content-type"), "application/octet-stream");
    let asked = store.requests();
    assert!(
        asked
            .iter()
            .all(|request| request.header("authorization").is_empty()),
        "{asked:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_tell_nothing_of_the_registry() {
    for (status, body, expected, code) in [
        (
            404,
            format!(
                "{{\"errors\":[{{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"{PASSWORD} in /var/x\",\"detail\":{{\"p\":\"/var/x\"}}}}]}}"
            ),
            404,
            "MANIFEST_UNKNOWN",
        ),
        (404, format!("<html>{PASSWORD}</html>"), 404, "NAME_UNKNOWN"),
        (
            500,
            format!("{{\"errors\":[{{\"code\":\"UNKNOWN\",\"message\":\"{PASSWORD}\"}}]}}"),
            502,
            "",
        ),
        (
            403,
            format!("{{\"errors\":[{{\"code\":\"DENIED\",\"message\":\"{PASSWORD}\"}}]}}"),
            403,
            "DENIED",
        ),
        (429, String::from("x"), 429, "TOOMANYREQUESTS"),
    ] {
        let text = body.clone();
        let scripted = Scripted::start(move |_, _| answer(status, "set-cookie: a=b\r\n", &text)).await;
        let fooled = Fooled::by(&scripted, |behind| behind).await;
        let answer = fooled
            .ask("GET", "/v2/acme/site/manifests/latest")
            .await
            .expect(expected);
        let said = format!("{:?}{}", answer.headers, answer.text());
        assert!(
            !said.contains(PASSWORD) && !said.contains("/var/x") && !said.contains("a=b"),
            "{said}"
        );
        assert!(
            code.is_empty() || answer.json()["errors"][0]["code"] == code,
            "{said}"
        );
        let arrived = scripted.requests();
        assert!(!arrived[0].header("authorization").contains(&fooled.token));
        assert!(!crate::git::world::logged().contains(&fooled.token));
        drop(fooled.world);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_stores_something_else_is_not_believed() {
    let other = digest(b"other");
    let scripted = Scripted::start(
        move |request: &Arrived, _: &str| match request.line.split(' ').next() {
            Some("POST") => answer(202, "Location: /v2/acme/site/blobs/uploads/1?_state=x\r\n", ""),
            _ => answer(
                201,
                &format!("Docker-Content-Digest: {other}\r\nLocation: /v2/x\r\n"),
                "",
            ),
        },
    )
    .await;
    let fooled = Fooled::by(&scripted, |behind| behind).await;
    let path = format!("/v2/acme/site/blobs/uploads/?digest={}", digest(b"mine"));
    fooled
        .send(request("POST", &path, &fooled.token).body(&b"mine"[..]))
        .await
        .expect(502);
    let arrived = scripted.requests();
    assert!(
        arrived[1]
            .line
            .starts_with("PUT /v2/acme/site/blobs/uploads/1?_state=x&digest=sha256%3A"),
        "{}",
        arrived[1].line
    );
    let bytes = super::bed::manifest(b"{}", &[]);
    let put = request("PUT", "/v2/acme/site/manifests/latest", &fooled.token)
        .header("content-type", IMAGE)
        .body(bytes);
    fooled.send(put).await.expect(502);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_tags_are_led_home() {
    let scripted = Scripted::start(|request: &Arrived, own: &str| {
        let link = match request.line.contains("last=") {
            false => format!("Link: <{own}/v2/acme/site/tags/list?n=1&last=v1>; rel=\"next\"\r\n"),
            true => String::from(
                "Link: <http://evil.example/v2/acme/site/tags/list?n=1&last=v2>; rel=\"next\"\r\n",
            ),
        };
        answer(200, &link, "{\"name\":\"acme/site\",\"tags\":[\"v1\"]}")
    })
    .await;
    let fooled = Fooled::by(&scripted, |behind| behind).await;
    let first = fooled.ask("GET", "/v2/acme/site/tags/list?n=1").await.expect(200);
    let here = format!("http://{}", fooled.world.address);
    let next = format!("<{here}/v2/acme/site/tags/list?n=1&last=v1>; rel=\"next\"");
    assert_eq!(first.header("link"), next);
    let second = fooled
        .ask("GET", "/v2/acme/site/tags/list?n=1&last=v1")
        .await
        .expect(200);
    assert_eq!(second.header("link"), "");
    let arrived = scripted.requests();
    assert!(
        arrived[1]
            .line
            .starts_with("GET /v2/acme/site/tags/list?n=1&last=v1 "),
        "{}",
        arrived[1].line
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_that_may_be_stored_is_known_whatever_the_registry_says() {
    for (status, known) in [(500, true), (400, false), (404, false), (201, true)] {
        let scripted = Scripted::start(
            move |request: &Arrived, _| match request.line.starts_with("PUT") {
                true => answer(status, "", ""),
                false => answer(200, "", ""),
            },
        )
        .await;
        let fooled = Fooled::by(&scripted, |behind| behind).await;
        let bytes = manifest(b"{}", &[]);
        let put = request("PUT", "/v2/acme/site/manifests/v1", &fooled.token)
            .header("content-type", IMAGE)
            .body(&bytes[..]);
        let told = fooled.send(put).await.status;
        assert_eq!(told == 201, status == 201, "{told}");
        let expected = if known { vec![digest(&bytes)] } else { vec![] };
        assert_eq!(fooled.known(), expected, "{status}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_registry_that_hangs_at_one_manifest_holds_up_no_other() {
    let (hangs, mut hanging) = hangs();
    let scripted = Scripted::start(move |request: &Arrived, _| {
        if !request.line.starts_with("PUT") {
            return answer(200, "", "");
        }
        let status = if hangs.at_first() { 400 } else { 201 };
        answer(status, "", "")
    })
    .await;
    let fooled = Arc::new(Fooled::by(&scripted, |behind| behind).await);
    let bytes = manifest(b"{}", &[]);
    let (one, sent) = (fooled.clone(), bytes.clone());
    let first = tokio::spawn(async move { one.send(one.manifest("v1", &sent)).await });
    hanging.has_come().await;
    // Nobody waits for the same.
    let busy = fooled.send(fooled.manifest("v1", &bytes)).await.expect(429);
    assert_eq!(busy.header("retry-after"), "10");
    assert!(busy.text().contains("registry.busy"), "{}", busy.text());
    assert_eq!(busy.json()["errors"][0]["code"], "TOOMANYREQUESTS");
    let told = fooled.world.all_events();
    let is_busy = |event: &&(String, String, String, _, _)| event.1 == "failed" && event.2 == "registry.busy";
    assert_eq!(told.iter().filter(is_busy).count(), 1, "{told:?}");
    // The same bytes under another tag are stored meanwhile, and stay known when the first are not taken.
    fooled.send(fooled.manifest("v2", &bytes)).await.expect(201);
    hanging.goes_on();
    first.await.unwrap().expect(400);
    assert_eq!(fooled.known(), [digest(&bytes)]);
    fooled.send(fooled.manifest("v1", &bytes)).await.expect(201);
}
