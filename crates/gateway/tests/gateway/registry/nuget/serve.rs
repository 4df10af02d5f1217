//! Who may read, publish and delete which packages, and which addresses a client is told.

use super::feed::{Feed, package, place, push};
use crate::registry::place::{ADMIN, READ, WRITE, holds_none};
use bailiwick_testkit::http::base64;

const FLAT: &str = "/-/nugets/v3/flat/acme.core/1.0.0/acme.core.1.0.0.nupkg";

#[tokio::test(flavor = "multi_thread")]
async fn reading_publishing_and_deleting_take_a_level_each() {
    let feed = Feed::start().await;
    let place = place(&feed).await;
    let (read_id, reader) = place.token("bob", Some(&["site"]), READ);
    let (write_id, writer) = place.token("bob", Some(&["site"]), WRITE);
    let (_, elsewhere) = place.token("bob", Some(&["www"]), WRITE);
    let (admin_id, admin) = place.token("alice", Some(&["site"]), ADMIN);
    let front = &place.front;
    let sent = package("Acme.Core", "1.0");

    let refused = push(&place, &reader, &sent).await.expect(403);
    let said = String::from_utf8_lossy(&refused.body).into_owned();
    assert!(said.contains("packages") && said.contains("write"), "{said}");
    // Clients show the line of the status, and nothing else.
    assert!(
        refused.head.lines().next().unwrap().contains("write"),
        "{}",
        refused.head
    );
    push(&place, &elsewhere, &sent).await.expect(404);
    push(&place, "", &sent).await.expect(401);
    push(&place, "bwk_wrong", &sent).await.expect(401);
    assert!(feed.asked().is_empty() && feed.holds().is_empty());

    push(&place, &writer, &sent).await.expect(201);
    assert_eq!(feed.holds(), ["acme.core 1.0 true"]);
    feed.packages.lock().unwrap().clear();
    let sent = package("Acme.Core", "1.0.0");
    push(&place, &writer, &sent).await.expect(201);
    assert_eq!(feed.holds(), ["acme.core 1.0.0 true"]);
    assert_eq!(feed.packages.lock().unwrap().values().next().unwrap().0, sent);
    let again = push(&place, &writer, &sent).await.expect(409);
    assert!(String::from_utf8_lossy(&again.body).contains("package.version_exists"));

    assert_eq!(front.ask("GET", FLAT, &reader, "").await.expect(200).body, sent);
    let versions = front
        .ask("GET", "/-/nugets/v3/flat/acme.core/index.json", &reader, "")
        .await
        .expect(200);
    assert_eq!(versions.json["versions"][0], "1.0.0");
    front.ask("GET", FLAT, &elsewhere, "").await.expect(404);
    front.ask("GET", FLAT, "", "").await.expect(401);

    let path = "/-/nugets/api/v2/package/Acme.Core/1.0";
    for method in ["DELETE", "POST"] {
        for token in [&reader, &writer] {
            front.ask(method, path, token, "").await.expect(403);
        }
    }
    front
        .ask("DELETE", "/-/nugets/api/v2/package/Acme.Core/1.0.0", &admin, "")
        .await
        .expect(204);
    assert_eq!(feed.holds(), ["acme.core 1.0.0 false"]);
    assert_eq!(place.versions("acme.core").unwrap(), Vec::<String>::new());
    front.ask("POST", path, &admin, "").await.expect(204);
    assert_eq!(feed.holds(), ["acme.core 1.0.0 true"]);
    assert_eq!(place.versions("acme.core").unwrap(), ["1.0.0"]);

    place.revoke(write_id);
    feed.asked();
    push(&place, &writer, &package("Acme.Core", "2.0.0"))
        .await
        .expect(401);
    assert!(feed.asked().is_empty());
    for (id, line) in [
        (
            read_id,
            "packages.package_version_published refused level.too_low - -",
        ),
        (
            write_id,
            "packages.package_version_published allowed forwarded acme.core 1.0.0",
        ),
        (
            write_id,
            "packages.package_published allowed allowed acme.core 1.0.0",
        ),
        (read_id, "packages.download allowed allowed acme.core 1.0.0"),
        (
            admin_id,
            "packages.package_version_deleted allowed forwarded acme.core 1.0.0",
        ),
        (
            admin_id,
            "packages.package_version_restored allowed forwarded acme.core 1.0.0",
        ),
    ] {
        place.has_told(Some(id), line);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_credential_however_it_is_carried() {
    let feed = Feed::start().await;
    let place = place(&feed).await;
    let (_, writer) = place.token("bob", Some(&["site"]), WRITE);
    let (_, other) = place.token("bob", Some(&["site"]), WRITE);
    let basic = format!("Basic {}", base64(format!("any:{writer}").as_bytes()));
    let (bearer, others) = (format!("Bearer {writer}"), format!("Bearer {other}"));
    let path = "/-/nugets/v3/flat/acme.core/index.json";
    for (headers, good) in [
        (vec![("x-nuget-apikey", writer.as_str())], true),
        (vec![("authorization", basic.as_str())], true),
        (
            vec![
                ("authorization", basic.as_str()),
                ("x-nuget-apikey", writer.as_str()),
            ],
            true,
        ),
        (vec![("authorization", bearer.as_str())], true),
        (
            vec![
                ("authorization", others.as_str()),
                ("x-nuget-apikey", writer.as_str()),
            ],
            false,
        ),
        (
            vec![
                ("x-nuget-apikey", writer.as_str()),
                ("x-nuget-apikey", other.as_str()),
            ],
            false,
        ),
        (vec![("x-nuget-apikey", "")], false),
        (
            vec![("x-nuget-apikey", "wrong"), ("authorization", bearer.as_str())],
            false,
        ),
    ] {
        let status = place.front.send("GET", path, &headers, b"").await.status;
        assert_eq!(status, if good { 404 } else { 401 }, "{headers:?}");
    }
    let queried = format!("{path}?api_key={writer}");
    assert!(matches!(
        place.front.send("GET", &queried, &[], b"").await.status,
        400 | 401 | 404
    ));
    // Elsewhere the header is nothing at all.
    let there = [("x-nuget-apikey", writer.as_str())];
    let status = place
        .front
        .send(
            "GET",
            "/acme/site.git/info/refs?service=git-upload-pack",
            &there,
            b"",
        )
        .await
        .status;
    assert_eq!(status, 401);
    for asked in feed.recorder.take() {
        assert_eq!(asked.header("x-nuget-apikey"), None);
        holds_none(&asked.raw, &[&writer, &other]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_address_leads_here() {
    let feed = Feed::start().await;
    let place = place(&feed).await;
    let (_, writer) = place.token("alice", Some(&["site", "www"]), WRITE);
    let (_, stranger) = place.front.token("mallory", &[]);
    for id in ["Acme.Core", "Open.Core"] {
        push(&place, &writer, &package(id, "1.0.0")).await.expect(201);
    }
    let (home, there) = (place.url(), feed.recorder.url());
    // The index is everybody's; what it names is not.
    for token in ["", &stranger, &writer] {
        let index = place
            .front
            .ask("GET", "/-/nugets/v3/index.json", token, "")
            .await
            .expect(200);
        let kinds: Vec<&str> = index.json["resources"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["@type"].as_str().unwrap())
            .collect();
        assert!(
            kinds.contains(&"PackageBaseAddress/3.0.0") && kinds.contains(&"PackagePublish/2.0.0"),
            "{kinds:?}"
        );
        assert!(
            kinds.contains(&"RegistrationsBaseUrl/3.6.0")
                && !kinds
                    .iter()
                    .any(|kind| kind.contains("Search") || kind.contains("Symbol")),
            "{kinds:?}"
        );
        holds_none(&index.body, &[&there, "elsewhere.example.com"]);
    }
    for (id, token, status) in [
        ("acme.core", "", 401),
        ("acme.core", &stranger, 404),
        ("acme.core", &writer, 200),
        ("open.core", "", 200),
    ] {
        let path = format!("/-/nugets/v3/registration/{id}/index.json");
        let told = place.front.ask("GET", &path, token, "").await.expect(status);
        holds_none(&told.body, &[&there]);
        if status == 200 {
            let package = &told.json["items"][0]["items"][0]["packageContent"];
            assert_eq!(package, &format!("{home}/v3/flat/{id}/1.0.0/{id}.1.0.0.nupkg"));
        }
    }
    for path in ["query", "autocomplete"] {
        let status = place
            .front
            .ask("GET", &format!("/-/nugets/v3/{path}?q=a"), &writer, "")
            .await
            .status;
        assert!(matches!(status, 403 | 404), "{path}: {status}");
    }
}
