//! Reading: what arrives is what lies there, whoever may see it, and nothing tells of what is hidden.

use super::bed::{IMAGE, digest};
use super::world::{Images, READ, WRITE, request};
use bailiwick_testkit::http::Request;

#[tokio::test(flavor = "multi_thread")]
async fn manifests_blobs_ranges_and_tags() {
    let images = Images::start().await;
    let (_, writer) = images.bob(&["site"], WRITE);
    let (id, reader) = images.bob(&["site"], READ);
    let layer: Vec<u8> = (0..300_000_u32).map(|at| (at % 251) as u8).collect();
    let named = images.image(&writer, "acme/site/app", "v1", &layer).await;
    images.image(&writer, "acme/site/app", "v2", b"other").await;
    for reference in ["v1", named.as_str()] {
        let path = format!("/v2/acme/site/app/manifests/{reference}");
        let answer = images.send(request("GET", &path, &reader)).await.expect(200);
        assert_eq!(answer.header("docker-content-digest"), named);
        assert_eq!(answer.header("content-type"), IMAGE);
        assert_eq!(digest(&answer.body), named);
        let head = images.send(request("HEAD", &path, &reader)).await.expect(200);
        assert_eq!(head.header("docker-content-digest"), named);
        assert_eq!(head.header("content-length"), answer.body.len().to_string());
    }
    let blob = format!("/v2/acme/site/app/blobs/{}", digest(&layer));
    let whole = images.ask("GET", &blob, &reader).await.expect(200);
    assert!(whole.body == layer, "all of it");
    assert_eq!(whole.header("content-type"), "application/octet-stream");
    let part = images
        .send(request("GET", &blob, &reader).header("range", "bytes=1000-1999"))
        .await
        .expect(206);
    assert_eq!(part.body, layer[1000..2000]);
    assert_eq!(part.header("content-range"), "bytes 1000-1999/300000");
    let beyond = images
        .send(request("GET", &blob, &reader).header("range", "bytes=900000-"))
        .await
        .expect(416);
    assert!(
        beyond.text().contains("RANGE_INVALID") || beyond.body.is_empty(),
        "{}",
        beyond.text()
    );
    let tags = images
        .ask("GET", "/v2/acme/site/app/tags/list", &reader)
        .await
        .expect(200);
    assert_eq!(tags.json()["tags"], serde_json::json!(["v1", "v2"]));
    let missing = images
        .ask("GET", "/v2/acme/site/app/manifests/v9", &reader)
        .await
        .expect(404);
    assert_eq!(missing.json()["errors"][0]["code"], "MANIFEST_UNKNOWN");
    let pulled = images.events("packages.download");
    assert!(
        pulled.iter().any(|event| event.2 == Some(id)),
        "durable before it is answered: {pulled:?}"
    );
    assert!(
        pulled
            .iter()
            .all(|event| event.3.to_string().contains("acme/site/app")),
        "{pulled:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn anybody_pulls_what_is_public() {
    let images = Images::start().await;
    let (_, writer) = images.bob(&["www"], WRITE);
    images.image(&writer, "acme/www", "latest", b"layer").await;
    let blob = format!("/v2/acme/www/blobs/{}", digest(b"layer"));
    assert_eq!(images.ask("GET", &blob, "").await.expect(200).body, b"layer");
    let (visitor, _) = images.login("", "repository:acme/www:pull").await;
    images
        .ask("GET", "/v2/acme/www/manifests/latest", &visitor)
        .await
        .expect(200);
    images
        .ask("GET", "/v2/acme/site/manifests/latest", &visitor)
        .await
        .expect(401);
    images
        .ask("PUT", "/v2/acme/www/manifests/latest", &visitor)
        .await
        .expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_hidden_answers_as_what_is_not_there() {
    let images = Images::start().await;
    let (_, alice) = images.world.token("alice", &["other"], WRITE);
    images.image(&alice, "acme/other", "latest", b"secret").await;
    let (_, bob) = images.bob(&["site"], WRITE);
    let (_, mallory) = images.world.granted("mallory", &[], &[], false);
    let secret = digest(b"secret");
    for token in [bob.as_str(), mallory.as_str(), ""] {
        for (hidden, missing) in [
            (
                "/v2/acme/other/manifests/latest".to_owned(),
                "/v2/acme/nothing/manifests/latest".to_owned(),
            ),
            (
                format!("/v2/acme/other/blobs/{secret}"),
                format!("/v2/acme/nothing/blobs/{secret}"),
            ),
            (
                "/v2/acme/other/tags/list".to_owned(),
                "/v2/acme/nothing/tags/list".to_owned(),
            ),
        ] {
            let plain = |answer: bailiwick_testkit::http::Answer| {
                (answer.status, answer.text().replace("nothing", "other"))
            };
            let one = plain(images.ask("GET", &hidden, token).await);
            let other = plain(images.ask("GET", &missing, token).await);
            assert_eq!(one, other, "{hidden}");
            assert_eq!(one.0, if token.is_empty() { 401 } else { 404 }, "{hidden}");
        }
    }
    // The same bytes are no way in through another image.
    let other = format!("/v2/acme/site/blobs/{secret}");
    let answer = images.ask("GET", &other, &bob).await.expect(404);
    assert_eq!(answer.json()["errors"][0]["code"], "BLOB_UNKNOWN");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_registry_itself_is_closed_to_everybody_else() {
    let images = Images::start().await;
    let direct = bailiwick_testkit::http::Address::parse(&images.registry.address());
    let (_, writer) = images.bob(&["site"], WRITE);
    let request = Request::new("GET", "/v2/").bearer(&writer);
    let answer = tokio::task::spawn_blocking(move || direct.send(&request))
        .await
        .unwrap();
    assert_eq!(answer.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_is_shown_to_whoever_takes_any_type() {
    let images = Images::start().await;
    let (_, writer) = images.bob(&["site"], WRITE);
    let (_, reader) = images.bob(&["site"], READ);
    let named = images.image(&writer, "acme/site/app", "v1", b"layer").await;
    let path = "/v2/acme/site/app/manifests/v1";
    let ask = |accept: &'static str| {
        let request = Request::new("GET", path).bearer(&reader);
        match accept {
            "" => request,
            accept => request.header("accept", accept),
        }
    };
    // Without the header, as curl sends it, and as a browser does.
    for accept in ["", "*/*", "text/html, application/json;q=0.9, */*;q=0.8"] {
        let answer = images.send(ask(accept)).await.expect(200);
        assert_eq!(answer.header("docker-content-digest"), named, "{accept}");
        assert_eq!(answer.header("content-type"), IMAGE, "{accept}");
    }
    // Who takes some types alone is told that this can be why there is nothing.
    for accept in ["application/vnd.oci.image.index.v1+json", "text/plain, */*;q=0"] {
        let answer = images.send(ask(accept)).await.expect(404);
        let error = &answer.json()["errors"][0];
        assert_eq!(error["code"], "MANIFEST_UNKNOWN", "{accept}");
        assert!(error["message"].as_str().unwrap().contains("Accept"), "{error}");
    }
    let missing = images.send(Request::new("GET", "/v2/acme/site/app/manifests/v9").bearer(&reader));
    let missing = missing.await.expect(404);
    assert!(!missing.text().contains("Accept"), "{}", missing.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_on_record_is_one_that_was_answered() {
    let images = Images::start().await;
    let (_, writer) = images.bob(&["site"], WRITE);
    let (id, reader) = images.bob(&["site"], READ);
    images.image(&writer, "acme/site/app", "v1", b"layer").await;
    let there = format!("/v2/acme/site/app/blobs/{}", digest(b"layer"));
    let missing = format!("/v2/acme/site/app/blobs/{}", digest(b"nothing"));
    // As clients ask before they push, and as whoever looks for something.
    images.send(request("HEAD", &there, &reader)).await.expect(200);
    images.send(request("HEAD", &missing, &reader)).await.expect(404);
    images.ask("GET", &missing, &reader).await.expect(404);
    images
        .ask("GET", "/v2/acme/site/app/manifests/v9", &reader)
        .await
        .expect(404);
    // Durable, and everything before it with it.
    images.ask("GET", &there, &reader).await.expect(200);
    let told: Vec<String> = images
        .world
        .all_events()
        .into_iter()
        .filter(|event| event.3 == Some(id) && event.4["package"] == "acme/site/app")
        .map(|event| format!("{} {} {}", event.0, event.1, event.2))
        .collect();
    let expected = [
        "api.request allowed allowed",
        "api.request failed registry.not_there",
        "api.request failed registry.not_there",
        "api.request failed registry.not_there",
        "packages.download allowed allowed",
    ];
    assert_eq!(told, expected);
}
