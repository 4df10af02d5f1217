//! Two that change one thing at once, while the registry hangs at the first: pieces of a blob, versions of a package, and
//! whoever deletes one over GitHub's API.

use super::hangs::hangs;
use super::inventory::{Api, OWNERS_ADMIN};
use super::nuget::feed::{package, push};
use super::oci::bed::digest;
use super::oci::hostile::Fooled;
use super::oci::world::request;
use super::place::{Place, WRITE};
use crate::git::bed::{Scripted, answer};
use bailiwick_model::{RegistryKind, UpstreamSettings, Visibility};
use serde_json::{Value, json};
use std::sync::Arc;

const JSON: &str = "content-type: application/json\r\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pieces_of_a_blob_come_one_after_the_other() {
    let place = "Location: /v2/acme/site/blobs/uploads/1\r\n";
    let (hangs, mut hanging) = hangs();
    let scripted = Scripted::start(move |request, _| match request.line.split(' ').next() {
        Some("GET") => answer(204, &format!("{place}Range: 0-0\r\n"), ""),
        Some("PATCH") => {
            hangs.at_first();
            answer(202, &format!("{place}Range: 0-59\r\n"), "")
        }
        Some("PUT") => answer(201, "Location: /v2/x\r\n", ""),
        _ => answer(202, place, ""),
    })
    .await;
    let limited = |settings: &mut UpstreamSettings| settings.upload_bytes_max = Some(100);
    let fooled = Arc::new(Fooled::by(&scripted, |behind| behind.with(limited)).await);
    let begun = fooled
        .ask("POST", "/v2/acme/site/blobs/uploads/")
        .await
        .expect(202);
    let base = format!("http://{}", fooled.world.address);
    let at = begun.header("location").strip_prefix(&base).unwrap().to_owned();
    let patch = |at: &str| request("PATCH", at, &fooled.token).body(vec![b'x'; 60]);
    let (one, piece) = (fooled.clone(), patch(&at));
    let first = tokio::spawn(async move { one.send(piece).await });
    hanging.has_come().await;
    // Each would get the room that is left.
    let busy = fooled.send(patch(&at)).await.expect(429);
    assert!(busy.text().contains("registry.busy"), "{}", busy.text());
    assert_eq!(busy.header("retry-after"), "10");
    let put = format!("{at}?digest={}", digest(b"whatever"));
    let last = || request("PUT", &put, &fooled.token).body(vec![b'x'; 60]);
    assert_eq!(fooled.send(last()).await.status, 429);
    let asked = scripted.requests();
    assert!(
        !asked.iter().any(|request| request.line.starts_with("PUT")),
        "{asked:?}"
    );
    hanging.goes_on();
    assert_eq!(first.await.unwrap().status, 202);
    assert_eq!(fooled.send(last()).await.status, 201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_version_is_pushed_to_a_feed_by_one_alone() {
    let (hangs, mut hanging) = hangs();
    let feed = Scripted::start(move |request, own| {
        let index = json!({"version": "3.0.0", "resources": [
            {"@id": format!("{own}/container/"), "@type": "PackageBaseAddress/3.0.0"},
            {"@id": format!("{own}/push"), "@type": "PackagePublish/2.0.0"},
        ]});
        match request.line.split(' ').next() {
            Some("PUT") => {
                hangs.at_first();
                answer(201, "", "")
            }
            _ if request.line.contains("/v3/index.json") => answer(200, JSON, index.to_string()),
            _ => answer(404, "", ""),
        }
    })
    .await;
    let settings = UpstreamSettings::default();
    let place = Place::before("nugets", RegistryKind::NuGet, feed.address.clone(), settings).await;
    place.link("acme", false, "acme", Some("site"), Visibility::Private);
    let (_, writer) = place.token("bob", Some(&["site"]), WRITE);
    let (place, sent) = (Arc::new(place), package("Acme.Core", "1.0.0"));
    let (one, token, bytes) = (place.clone(), writer.clone(), sent.clone());
    let first = tokio::spawn(async move { push(&one, &token, &bytes).await });
    hanging.has_come().await;
    let busy = push(&place, &writer, &sent).await.expect(409);
    let said = String::from_utf8_lossy(&busy.body).into_owned();
    assert!(said.contains("package.busy"), "{said}");
    // Another version of it is nobody's turn.
    let other = push(&place, &writer, &package("Acme.Core", "1.0.1")).await;
    assert_eq!(other.status, 201, "{}", other.head);
    hanging.goes_on();
    assert_eq!(first.await.unwrap().status, 201);
    assert_eq!(push(&place, &writer, &sent).await.status, 201);
}

fn core(version: &str) -> Value {
    json!({"name": "core", "version": version, "dist": {}})
}

/// What the registry has of the package.
fn present() -> Value {
    json!({"_id": "core", "name": "core", "_rev": "1-a", "dist-tags": {"latest": "1.0"},
        "versions": {"1.0": core("1.0"), "1.1.0": core("1.1.0")}})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_deletes_a_version_while_its_document_is_written() {
    let publication = json!({"_id": "core", "name": "core", "dist-tags": {"latest": "2.0.0"},
        "versions": {"2.0.0": core("2.0.0")}, "_attachments": {"core-2.0.0.tgz": {"data": ""}}});
    let mut warning = present();
    warning["versions"]["1.1.0"]["deprecated"] = json!("old");
    for document in [publication, warning] {
        let (hangs, mut hanging) = hangs();
        let registry = Scripted::start(move |request, _| {
            if request.line.starts_with("PUT") {
                hangs.at_first();
                return answer(201, JSON, "{}");
            }
            answer(200, JSON, present().to_string())
        })
        .await;
        let (address, settings) = (registry.address.clone(), UpstreamSettings::default());
        let place = Arc::new(Place::before("npm", RegistryKind::Npm, address, settings).await);
        place.put("core");
        let (_, owner) = place.token("alice", None, OWNERS_ADMIN);
        let api = Api::at(place.front.address);
        let number = api.number("/npm/core", &owner, "1.0").await;
        let (one, token, sent) = (place.clone(), owner.clone(), document.to_string());
        let first = tokio::spawn(async move { one.front.ask("PUT", "/-/npm/core", &token, &sent).await });
        hanging.has_come().await;
        // It would be written without what is being added.
        let busy = api.delete("/npm/core", number, &owner).await.expect(429);
        assert!(busy.text().contains("registry.busy"), "{}", busy.text());
        hanging.goes_on();
        assert_eq!(first.await.unwrap().status, 201, "{document}");
        let gone = api.delete("/npm/core", number, &owner).await;
        assert_eq!(gone.status, 204, "{}", gone.text());
    }
}
