//! Who may read, write and delete which files, and what stays as it was.

use super::bed::{Repository, place, place_with};
use crate::front::Behind;
use crate::git::bed::{Bed, PASSWORD};
use crate::registry::place::{ADMIN, Place, READ, WRITE, holds_none};
use bailiwick_model::{RegistryKind, UpstreamKind, UpstreamSettings, Visibility};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const JAR: &str = "/-/jars/com/acme/app/1.0/app-1.0.jar";
const AT: &str = "com/acme/app/1.0/app-1.0.jar";

#[tokio::test(flavor = "multi_thread")]
async fn reading_publishing_and_deleting_take_a_level_each() {
    let repository = Repository::start().await;
    let place = place(&repository).await;
    let (read_id, reader) = place.token("bob", Some(&["site"]), READ);
    let (write_id, writer) = place.token("bob", Some(&["site"]), WRITE);
    let (_, elsewhere) = place.token("bob", Some(&["www"]), WRITE);
    let (admin_id, admin) = place.token("alice", Some(&["site"]), ADMIN);
    let (_, bobs_admin) = place.token("bob", Some(&["site"]), ADMIN);
    let front = &place.front;

    let refused = front.ask("PUT", JAR, &reader, "jar").await.expect(403);
    let said = String::from_utf8_lossy(&refused.body);
    assert!(said.contains("packages") && said.contains("write"), "{said}");
    front.ask("PUT", JAR, &elsewhere, "jar").await.expect(404);
    front.ask("PUT", JAR, "", "jar").await.expect(401);
    assert!(repository.wire.take().is_empty() && repository.files().is_empty());
    front.ask("PUT", JAR, &writer, "jar").await.expect(201);
    assert_eq!(repository.file(AT).as_deref(), Some(&b"jar"[..]));
    for asked in repository.wire.take() {
        assert_eq!(asked.header("authorization"), Bed::authorization(), "{asked:?}");
    }

    assert_eq!(front.ask("GET", JAR, &reader, "").await.expect(200).body, b"jar");
    let head = front.ask("HEAD", JAR, &reader, "").await.expect(200);
    assert!(
        head.body.is_empty() && head.head.to_lowercase().contains("content-length: 3"),
        "{}",
        head.head
    );
    front.ask("GET", JAR, &elsewhere, "").await.expect(404);
    let asked = front
        .ask("GET", JAR, "", "")
        .await
        .expect(401)
        .head
        .to_lowercase();
    assert!(asked.contains("www-authenticate: basic"), "{asked}");
    // Any user name, the token as the password: as `settings.xml` has it.
    let basic = bailiwick_testkit::http::base64(format!("whoever:{reader}").as_bytes());
    let basic = format!("Basic {basic}");
    let headers = [("authorization", basic.as_str())];
    front.send("GET", JAR, &headers, b"").await.expect(200);

    for token in [&reader, &writer, &bobs_admin] {
        front.ask("DELETE", JAR, token, "").await.expect(403);
    }
    assert!(repository.file(AT).is_some());
    front.ask("DELETE", JAR, &admin, "").await.expect(204);
    assert!(repository.file(AT).is_none());
    front.ask("GET", JAR, &reader, "").await.expect(404);

    place.revoke(write_id);
    repository.wire.take();
    front.ask("PUT", JAR, &writer, "jar").await.expect(401);
    assert!(repository.wire.take().is_empty());

    for (id, line) in [
        (
            read_id,
            "packages.package_version_published refused level.too_low com.acme:app 1.0",
        ),
        (
            write_id,
            "packages.package_version_published allowed forwarded com.acme:app 1.0",
        ),
        (
            write_id,
            "packages.package_published allowed allowed com.acme:app 1.0",
        ),
        (read_id, "packages.download allowed allowed com.acme:app 1.0"),
        (
            admin_id,
            "packages.package_version_deleted allowed forwarded com.acme:app 1.0",
        ),
    ] {
        place.has_told(Some(id), line);
    }
    holds_none(&repository.wire.bytes(), &[&reader, &writer, &admin]);
    holds_none(&asked.into_bytes(), &[PASSWORD]);
}

#[tokio::test(flavor = "multi_thread")]
async fn releases_stay_as_they_were_published() {
    let repository = Repository::start().await;
    let place = place(&repository).await;
    let (_, writer) = place.token("bob", Some(&["site"]), WRITE);
    let (_, admin) = place.token("alice", Some(&["site"]), ADMIN);
    let front = &place.front;
    let pom = "/-/jars/com/acme/app/1.0/app-1.0.pom";
    for path in [
        JAR.to_owned(),
        format!("{JAR}.sha1"),
        format!("{JAR}.asc"),
        pom.to_owned(),
    ] {
        front.ask("PUT", &path, &writer, "first").await.expect(201);
        // Not over it, not by a part of it, and not by a condition.
        let again = front.ask("PUT", &path, &writer, "second").await.expect(409);
        assert!(String::from_utf8_lossy(&again.body).contains("package.version_exists"));
        let authorization = format!("Bearer {writer}");
        for (name, value) in [
            ("if-match", "*"),
            ("if-none-match", "*"),
            ("range", "bytes=9-"),
            ("if-modified-since", "Tue, 10 Mar 2099 12:00:00 GMT"),
        ] {
            let headers = [("authorization", authorization.as_str()), (name, value)];
            front.send("PUT", &path, &headers, b"second").await.expect(409);
        }
        for name in ["content-range", "content-encoding"] {
            let headers = [("authorization", authorization.as_str()), (name, "bytes 0-5/6")];
            front.send("PUT", &path, &headers, b"second").await.expect(400);
        }
        let at = path.strip_prefix("/-/jars/").unwrap();
        assert_eq!(repository.file(at).as_deref(), Some(&b"first"[..]), "{path}");
    }
    assert_eq!(place.versions("com.acme:app"), Some(vec!["1.0".to_owned()]));
    // Written again and again: what snapshots and metadata are.
    for path in [
        "/-/jars/com/acme/app/1.1-SNAPSHOT/app-1.1-SNAPSHOT.jar",
        "/-/jars/com/acme/app/1.1-SNAPSHOT/maven-metadata.xml",
        "/-/jars/com/acme/app/maven-metadata.xml",
        "/-/jars/com/acme/app/maven-metadata.xml.sha1",
        "/-/jars/com/acme/maven-metadata.xml",
    ] {
        front.ask("PUT", path, &writer, "first").await.expect(201);
        front.ask("PUT", path, &writer, "second").await.expect(204);
        assert_eq!(
            front.ask("GET", path, &writer, "").await.expect(200).body,
            b"second",
            "{path}"
        );
    }
    // A version goes with its description, and can be published again then.
    front.ask("DELETE", JAR, &admin, "").await.expect(204);
    assert_eq!(place.versions("com.acme:app").unwrap(), ["1.0", "1.1-SNAPSHOT"]);
    front.ask("DELETE", pom, &admin, "").await.expect(204);
    assert_eq!(place.versions("com.acme:app").unwrap(), ["1.1-SNAPSHOT"]);
    front.ask("PUT", JAR, &writer, "third").await.expect(201);
    assert_eq!(place.versions("com.acme:app").unwrap(), ["1.0", "1.1-SNAPSHOT"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_once_one_publishes() {
    let repository = Repository::start().await;
    let place = place(&repository).await;
    let (_, writer) = place.token("bob", Some(&["site"]), WRITE);
    let front = &place.front;
    let asked = (0..8).map(|number| {
        let (writer, body) = (&writer, number.to_string());
        async move { front.ask("PUT", JAR, writer, &body).await.status }
    });
    let mut statuses = Vec::new();
    let mut tasks: Vec<_> = asked.map(Box::pin).collect();
    std::future::poll_fn(|context| {
        tasks.retain_mut(|task| match task.as_mut().poll(context) {
            std::task::Poll::Ready(status) => {
                statuses.push(status);
                false
            }
            std::task::Poll::Pending => true,
        });
        if tasks.is_empty() {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    let good = statuses.iter().filter(|status| **status == 201).count();
    let busy = statuses.iter().filter(|status| **status == 409).count();
    assert_eq!((good, busy), (1, 7), "{statuses:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_large_is_refused_before_it_is_there() {
    let repository = Repository::start().await;
    let settings = UpstreamSettings {
        upload_bytes_max: Some(10),
        ..UpstreamSettings::default()
    };
    let place = place_with(&repository, settings).await;
    let (_, writer) = place.token("bob", Some(&["site"]), WRITE);
    let front = &place.front;
    front.ask("PUT", JAR, &writer, "eleven chars").await.expect(413);
    // Without a length nobody knows before it is too much.
    let chunked = format!(
        "PUT {JAR} HTTP/1.1\r\nhost: front\r\nconnection: close\r\nauthorization: Bearer {writer}\r\n\
         transfer-encoding: chunked\r\n\r\nc\r\neleven chars\r\n0\r\n\r\n"
    );
    let answer = crate::front::Answered::read(&front.raw(chunked.as_bytes()).await);
    assert!(answer.status >= 400, "{}", answer.head);
    assert!(repository.files().is_empty());
    front.ask("PUT", JAR, &writer, "ten chars.").await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_that_runs_ends_with_its_token() {
    const LARGE: &str = "com/acme/large/1.0/large-1.0.jar";
    let repository = Repository::start().await;
    let place = place(&repository).await;
    let (_, writer) = place.token("bob", Some(&["site"]), WRITE);
    let (id, reader) = place.token("bob", Some(&["site"]), READ);
    let front = &place.front;
    front
        .ask("PUT", &format!("/-/jars/{LARGE}"), &writer, "jar")
        .await
        .expect(201);
    let bytes = 256 << 20;
    let file = std::fs::File::create(repository.directory.path().join("files").join(LARGE)).unwrap();
    file.set_len(bytes as u64).unwrap();
    let mut stream = tokio::net::TcpStream::connect(front.address).await.unwrap();
    let asked = format!(
        "GET /-/jars/{LARGE} HTTP/1.1\r\nhost: front\r\nconnection: close\r\nauthorization: Bearer {reader}\r\n\r\n"
    );
    stream.write_all(asked.as_bytes()).await.unwrap();
    let mut begin = vec![0; 64 << 10];
    stream.read_exact(&mut begin).await.unwrap();
    let begin = String::from_utf8_lossy(&begin).to_lowercase();
    // Whatever the registry says of itself, no cache on the way keeps what a token opened.
    assert!(begin.contains("cache-control: private"), "{begin:.600}");
    place.revoke(id);
    let mut came = 0;
    let mut piece = vec![0; 1 << 20];
    while let Ok(count @ 1..) = stream.read(&mut piece).await {
        came += count;
    }
    assert!(came < bytes / 2, "{came}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_being_written_ends_with_its_token() {
    let repository = Repository::start().await;
    let place = place(&repository).await;
    for path in [JAR, "/-/jars/com/acme/app/maven-metadata.xml"] {
        let (id, writer) = place.token("bob", Some(&["site"]), WRITE);
        let mut stream = tokio::net::TcpStream::connect(place.front.address).await.unwrap();
        let head = format!(
            "PUT {path} HTTP/1.1\r\nhost: front\r\nconnection: close\r\nauthorization: Bearer {writer}\r\n\
             content-length: 1000000\r\nexpect: 100-continue\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut back = Vec::new();
        while !back.ends_with(b"\r\n\r\n") {
            back.push(stream.read_u8().await.unwrap());
        }
        assert!(back.starts_with(b"HTTP/1.1 100"), "{path}");
        stream.write_all(&[b'x'; 1000]).await.unwrap();
        place.revoke(id);
        // It sends nothing more, and is answered all the same.
        let mut back = Vec::new();
        let soon = std::time::Duration::from_secs(30);
        let read = tokio::time::timeout(soon, stream.read_to_end(&mut back)).await;
        read.expect("an answer").unwrap();
        let told = crate::front::Answered::read(&back).expect(403);
        assert!(
            String::from_utf8_lossy(&told.body).contains("token.revoked"),
            "{path}"
        );
        assert!(repository.files().is_empty(), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stale_facts_of_where_the_owner_lives_open_no_package() {
    let repository = Repository::start().await;
    let address = format!("http://{}", repository.wire.address);
    let forge = Behind::new("forge", UpstreamKind::Gitea, String::from("http://127.0.0.1:9"))
        .with(|settings| settings.facts_seconds_max = Some(3600));
    let settings = UpstreamSettings::default();
    let place = Place::beside("jars", RegistryKind::Maven, address, settings, vec![forge]).await;
    place.link("com.acme", false, "acme", Some("site"), Visibility::Private);
    let (_, writer) = place.token("bob", Some(&["site"]), WRITE);
    let answer = place.front.ask("PUT", JAR, &writer, "jar").await.expect(503);
    assert!(answer.head.contains("too old") || String::from_utf8_lossy(&answer.body).contains("too old"));
    place.front.ask("GET", JAR, &writer, "").await.expect(503);
    assert!(repository.wire.take().is_empty() && repository.files().is_empty());
    // Nor are they listed or shown, whatever is kept here of them.
    place.put("com.acme:kept");
    let (_, reader) = place.token("bob", None, &[("organization_packages", "read")]);
    for path in [
        "?package_type=maven",
        "/maven/com.acme:kept",
        "/maven/com.acme:kept/versions",
    ] {
        let path = format!("/api/v3/orgs/acme/packages{path}");
        let answer = place.front.ask("GET", &path, &reader, "").await.expect(503);
        assert_eq!(answer.reason(), "upstream.facts_stale", "{path}");
    }
    // Of whoever could not see them anyway nothing shows.
    let (_, other) = place.token("bob", Some(&["site"]), WRITE);
    let path = "/api/v3/orgs/acme/packages/maven/com.acme:kept";
    place.front.ask("GET", path, &other, "").await.expect(403);
}
