//! Uploads: in pieces, at once, gone on with by nobody but who began them, and blobs taken over from other images.

use super::bed::{IMAGE, digest, manifest};
use super::world::{Images, READ, WRITE, request};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::test(flavor = "multi_thread")]
async fn in_pieces_and_at_once() {
    let images = Images::start().await;
    let (id, writer) = images.bob(&["site"], WRITE);
    let uploads = "/v2/acme/site/blobs/uploads/";
    let begun = images.ask("POST", uploads, &writer).await.expect(202);
    let mut at = images.local(begun.header("location"));
    let whole = b"first piece, second piece";
    let mut sent = 0;
    for piece in [&whole[..12], &whole[12..]] {
        let range = format!("{sent}-{}", sent + piece.len() - 1);
        let patch = request("PATCH", &at, &writer)
            .header("content-type", "application/octet-stream")
            .header("content-range", &range)
            .body(piece);
        let answer = images.send(patch).await.expect(202);
        sent += piece.len();
        assert_eq!(answer.header("range"), format!("0-{}", sent - 1));
        at = images.local(answer.header("location"));
        let status = images.ask("GET", &at, &writer).await.expect(204);
        assert_eq!(status.header("range"), format!("0-{}", sent - 1));
        at = images.local(status.header("location"));
    }
    let put = images
        .send(request("PUT", &format!("{at}?digest={}", digest(whole)), &writer))
        .await
        .expect(201);
    let blob = images.local(put.header("location"));
    assert_eq!(images.ask("GET", &blob, &writer).await.expect(200).body, whole);
    // In one request.
    let single = request(
        "POST",
        &format!("{uploads}?digest={}", digest(b"single")),
        &writer,
    )
    .body(&b"single"[..]);
    let put = images.send(single).await.expect(201);
    assert_eq!(
        images
            .ask("GET", &images.local(put.header("location")), &writer)
            .await
            .expect(200)
            .body,
        b"single"
    );
    // Given up.
    let begun = images.ask("POST", uploads, &writer).await.expect(202);
    let at = images.local(begun.header("location"));
    images.ask("DELETE", &at, &writer).await.expect(204);
    images.ask("GET", &at, &writer).await.expect(404);
    // Not what its digest says.
    let wrong = request("POST", &format!("{uploads}?digest={}", digest(b"x")), &writer).body(&b"y"[..]);
    let answer = images.send(wrong).await.expect(400);
    assert_eq!(answer.json()["errors"][0]["code"], "DIGEST_INVALID");
    let uploads = images.events("packages.upload");
    assert!(
        uploads
            .iter()
            .any(|event| event.0 == "allowed" && event.2 == Some(id)),
        "{uploads:?}"
    );
    assert!(uploads.iter().any(|event| event.0 == "failed"), "{uploads:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_belongs_to_whoever_began_it() {
    let images = Images::start().await;
    let (id, first) = images.bob(&["site", "www"], WRITE);
    let (_, second) = images.bob(&["site"], WRITE);
    let (_, carol) = images.world.token("carol", &["site"], WRITE);
    let (_, reader) = images.bob(&["site"], READ);
    let begun = images
        .ask("POST", "/v2/acme/site/blobs/uploads/", &first)
        .await
        .expect(202);
    let at = images.local(begun.header("location"));
    let session = at.rsplit('/').next().unwrap();
    let patch = |path: &str, token: &str| request("PATCH", path, token).body(&b"bytes"[..]);
    for token in [&second, &carol] {
        let answer = images.send(patch(&at, token)).await.expect(404);
        assert_eq!(
            answer.json()["errors"][0]["code"],
            "BLOB_UPLOAD_UNKNOWN",
            "{}",
            answer.text()
        );
        images.ask("DELETE", &at, token).await.expect(404);
        images.ask("GET", &at, token).await.expect(404);
        images
            .send(request("PUT", &format!("{at}?digest={}", digest(b"")), token))
            .await
            .expect(404);
    }
    images.send(patch(&at, &reader)).await.expect(403);
    // Nor of another image, nor at an address that was not handed out.
    images
        .send(patch(&format!("/v2/acme/www/blobs/uploads/{session}"), &first))
        .await
        .expect(404);
    images.send(patch(&format!("{at}A"), &first)).await.expect(404);
    images
        .send(patch(
            "/v2/acme/site/blobs/uploads/00000000-0000-0000-0000-000000000000",
            &first,
        ))
        .await
        .expect(404);
    // A token of docker's flow is the same credential.
    let (narrow, _) = images.login(&first, "repository:acme/site:push").await;
    let went_on = images.send(patch(&at, &narrow)).await.expect(202);
    let at = images.local(went_on.header("location"));
    images.world.revoke(id);
    images.send(patch(&at, &first)).await.expect(401);
    images.send(patch(&at, &narrow)).await.expect(401);
    images.send(patch(&at, &second)).await.expect(404);
    // What the registry calls the upload was told to nobody.
    assert!(!begun.text().contains("_state") && !at.contains("_state"));
    assert_eq!(begun.header("docker-upload-uuid"), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn blobs_are_taken_over_from_what_the_token_reads_alone() {
    let images = Images::start().await;
    let (_, alice) = images.world.token("alice", &["other"], WRITE);
    images.blob(&alice, "acme/other", b"secret").await;
    let (id, bob) = images.bob(&["site", "www"], WRITE);
    images.blob(&bob, "acme/www", b"shared").await;
    let mount =
        |digest: String, from: &str| format!("/v2/acme/site/blobs/uploads/?mount={digest}&from={from}");
    // From where it may be read.
    let put = images
        .ask("POST", &mount(digest(b"shared"), "acme/www"), &bob)
        .await
        .expect(201);
    assert_eq!(put.header("docker-content-digest"), digest(b"shared"));
    // Which is reading it there, and on record as that.
    let read = images.events("packages.download");
    let is_read = |event: &&(String, String, Option<_>, serde_json::Value)| {
        event.0 == "allowed" && event.2 == Some(id) && event.3["package"] == "acme/www"
    };
    assert_eq!(read.iter().filter(is_read).count(), 1, "{read:?}");
    let blob = format!("/v2/acme/site/blobs/{}", digest(b"shared"));
    assert_eq!(images.ask("GET", &blob, &bob).await.expect(200).body, b"shared");
    // From elsewhere: an upload like any other, as where there is no such blob.
    let hidden = images
        .ask("POST", &mount(digest(b"secret"), "acme/other"), &bob)
        .await
        .expect(202);
    let missing = images
        .ask("POST", &mount(digest(b"nothing"), "acme/www"), &bob)
        .await
        .expect(202);
    let nobodys = images
        .ask("POST", &mount(digest(b"secret"), "nobody/x"), &bob)
        .await
        .expect(202);
    let anywhere = format!("/v2/acme/site/blobs/uploads/?mount={}", digest(b"secret"));
    let anywhere = images.ask("POST", &anywhere, &bob).await.expect(202);
    let shape = |answer: &bailiwick_testkit::http::Answer| {
        let mut names: Vec<String> = answer
            .headers
            .iter()
            .map(|(name, _)| name.to_lowercase())
            .collect();
        names.sort();
        (names, answer.body.clone())
    };
    for other in [&missing, &nobodys, &anywhere] {
        assert_eq!(shape(&hidden), shape(other));
    }
    let blob = format!("/v2/acme/site/blobs/{}", digest(b"secret"));
    images.ask("GET", &blob, &bob).await.expect(404);
    let refused = images.world.all_events();
    assert!(
        refused
            .iter()
            .any(|event| event.0 == "packages.download" && event.1 == "refused" && event.3 == Some(id)),
        "the log knows: {refused:?}"
    );
    // A narrowed token takes over from what it was narrowed to.
    let (narrow, _) = images.login(&bob, "repository:acme/site:pull,push").await;
    images.blob(&bob, "acme/www", b"more").await;
    images
        .ask("POST", &mount(digest(b"more"), "acme/www"), &narrow)
        .await
        .expect(202);
    images.blob(&bob, "acme/site", b"mine").await;
    let back = format!(
        "/v2/acme/www/blobs/uploads/?mount={}&from=acme/site",
        digest(b"mine")
    );
    let (narrow, _) = images.login(&bob, "repository:acme/www:pull,push").await;
    images.ask("POST", &back, &narrow).await.expect(202);
    let both = "repository:acme/www:pull,push repository:acme/site:pull";
    let (both, _) = images.login(&bob, both).await;
    images.ask("POST", &back, &both).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_is_no_way_to_a_blob_of_another_image() {
    let images = Images::start().await;
    let (_, alice) = images.world.token("alice", &["other"], WRITE);
    images.blob(&alice, "acme/other", b"secret").await;
    let (_, bob) = images.bob(&["site"], WRITE);
    images.blob(&bob, "acme/site", b"{}").await;
    let bytes = manifest(b"{}", &[b"secret"]);
    let answer = images
        .manifest(&bob, "acme/site", "stolen", IMAGE, &bytes)
        .await
        .expect(404);
    assert_eq!(answer.json()["errors"][0]["code"], "MANIFEST_BLOB_UNKNOWN");
    images
        .ask("GET", "/v2/acme/site/manifests/stolen", &bob)
        .await
        .expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_blob_is_larger_than_the_settings_allow() {
    let images = Images::limited(200_000).await;
    let (_, writer) = images.bob(&["site"], WRITE);
    let uploads = "/v2/acme/site/blobs/uploads/";
    let large = vec![b'x'; 200_001];
    let whole = format!("{uploads}?digest={}", digest(&large));
    let answer = images
        .send(request("POST", &whole, &writer).body(large.clone()))
        .await;
    assert_eq!(answer.status, 413, "{}", answer.text());
    // In pieces it is given up as soon as it is too large.
    let begun = images.ask("POST", uploads, &writer).await.expect(202);
    let mut at = images.local(begun.header("location"));
    let first = images
        .send(request("PATCH", &at, &writer).body(&large[..150_000]))
        .await
        .expect(202);
    at = images.local(first.header("location"));
    let second = images
        .send(request("PATCH", &at, &writer).body(&large[150_000..]))
        .await;
    assert_eq!(second.status, 413, "{}", second.text());
    images.ask("GET", &at, &writer).await.expect(404);
    // Nor with the last piece, of whatever size: all of them together count.
    for (first, rest) in [(150_000, 60_000), (120_000, 100_000)] {
        let begun = images.ask("POST", uploads, &writer).await.expect(202);
        let early = images.local(begun.header("location"));
        let piece = request("PATCH", &early, &writer).body(&large[..first]);
        let piece = images.send(piece).await.expect(202);
        let next = images.local(piece.header("location"));
        let whole = vec![b'x'; first + rest];
        // An address of before says less than there is, and is worth nothing any more.
        let put = format!("{early}?digest={}", digest(&whole));
        let put = images
            .send(request("PUT", &put, &writer).body(&whole[first..]))
            .await;
        assert!((400..500).contains(&put.status), "{}", put.text());
        let put = format!("{next}?digest={}", digest(&whole));
        let put = images
            .send(request("PUT", &put, &writer).body(&whole[first..]))
            .await;
        assert_eq!(put.status, 413, "{first} {rest} {}", put.text());
        images.ask("GET", &next, &writer).await.expect(404);
        let blob = format!("/v2/acme/site/blobs/{}", digest(&whole));
        images.ask("GET", &blob, &writer).await.expect(404);
    }
    // Nor by saying that a piece is one that came before.
    let begun = images.ask("POST", uploads, &writer).await.expect(202);
    let at = images.local(begun.header("location"));
    let piece = request("PATCH", &at, &writer).body(&large[..150_000]);
    let at = images.local(images.send(piece).await.expect(202).header("location"));
    let again = request("PATCH", &at, &writer)
        .header("content-range", "0-99999")
        .body(&large[..100_000]);
    images.send(again).await.expect(413);
    images.ask("GET", &at, &writer).await.expect(404);
    // Nor where its length is told by nobody.
    let begun = images.ask("POST", uploads, &writer).await.expect(202);
    let at = images.local(begun.header("location"));
    let head = format!(
        "PATCH {at} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {writer}\r\n\
         transfer-encoding: chunked\r\n\r\n{:x}\r\n",
        large.len()
    );
    let mut stream = tokio::net::TcpStream::connect(images.world.address)
        .await
        .unwrap();
    let whole = [head.as_bytes(), &large, b"\r\n0\r\n\r\n"].concat();
    // It may be refused before it is there.
    let _ = stream.write_all(&whole).await;
    let mut back = Vec::new();
    let _ = stream.read_to_end(&mut back).await;
    let back = String::from_utf8_lossy(&back);
    assert!(back.starts_with("HTTP/1.1 413"), "{back}");
    images.ask("GET", &at, &writer).await.expect(404);
    // What fits is stored, to the last byte.
    let begun = images.ask("POST", uploads, &writer).await.expect(202);
    let at = images.local(begun.header("location"));
    let piece = request("PATCH", &at, &writer).body(&large[..150_000]);
    let piece = images.send(piece).await.expect(202);
    let at = images.local(piece.header("location"));
    let fits = &large[..200_000];
    let put = format!("{at}?digest={}", digest(fits));
    images
        .send(request("PUT", &put, &writer).body(&fits[150_000..]))
        .await
        .expect(201);
}
