//! Bodies that come after their token was revoked: whoever held one back does nothing with it, at any registry or API.

use crate::front::{Answered, Behind, Front};
use crate::git::bed::{Scripted, answer};
use crate::registry::oci::bed::{IMAGE, digest, manifest};
use crate::registry::place::{Place, WRITE};
use bailiwick_model::{RegistryKind, TokenId, UpstreamKind, UpstreamSettings, Visibility};
use bailiwick_store::{Tx, token};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What is read whole before it is passed on, in bytes.
const WHOLE_BYTES: usize = 64 << 10;

/// Sends a request whose body is awaited, revokes its token, and sends the body.
async fn withheld(
    front: &Front,
    (line, kind): (&str, &str),
    (id, text): (TokenId, &str),
    body: &[u8],
) -> Answered {
    let mut stream = TcpStream::connect(front.address).await.unwrap();
    let head = format!(
        "{line} HTTP/1.1\r\nhost: front\r\nconnection: close\r\nauthorization: Bearer {text}\r\n\
         content-type: {kind}\r\ncontent-length: {}\r\nexpect: 100-continue\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut back = Vec::new();
    while !back.ends_with(b"\r\n\r\n") {
        back.push(stream.read_u8().await.unwrap());
    }
    let told = String::from_utf8_lossy(&back).into_owned();
    assert!(told.starts_with("HTTP/1.1 100"), "{line}: {told}");
    let revoke = |tx: &mut Tx<'_>| token::revoke(tx, id, "test", front.now());
    assert!(front.store.write(revoke).unwrap());
    // What is passed on as it comes breaks off by itself, whether more of it comes or not.
    if body.len() <= WHOLE_BYTES {
        stream.write_all(body).await.unwrap();
    }
    let mut back = Vec::new();
    let soon = std::time::Duration::from_secs(30);
    let read = tokio::time::timeout(soon, stream.read_to_end(&mut back)).await;
    read.expect("an answer").unwrap();
    Answered::read(&back)
}

/// What a server was asked to change.
fn changes(server: &Scripted) -> Vec<String> {
    let lines = server.requests().into_iter().map(|request| request.line);
    lines
        .filter(|line| !line.starts_with("GET ") && !line.starts_with("HEAD "))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_published_by_a_token_that_ended_meanwhile() {
    let image = manifest(b"{}", &[]);
    for (kind, name, line, content_type, body) in [
        (
            RegistryKind::Oci,
            "acme/site",
            "PUT /v2/acme/site/manifests/latest",
            IMAGE,
            image.as_slice(),
        ),
        (
            RegistryKind::Npm,
            "core",
            "PUT /-/there/-/package/core/dist-tags/latest",
            "application/json",
            b"\"1.0.0\"",
        ),
        (
            RegistryKind::Maven,
            "com.acme:app",
            "PUT /-/there/com/acme/app/1.0/app-1.0.jar",
            "application/octet-stream",
            b"jar",
        ),
        (
            RegistryKind::Maven,
            "com.acme:app",
            "PUT /-/there/com/acme/app/maven-metadata.xml",
            "application/xml",
            b"<metadata/>",
        ),
    ] {
        let server = Scripted::start(|request, _| match request.line.split(' ').next() {
            Some("HEAD") if request.line.contains("/v2/") => answer(200, "", ""),
            Some("HEAD" | "GET") => answer(404, "", ""),
            _ => answer(201, "", ""),
        })
        .await;
        let settings = UpstreamSettings::default();
        let place = Place::before("there", kind, server.address.clone(), settings).await;
        place.link(name, true, "acme", Some("site"), Visibility::Private);
        let (id, token) = place.token("bob", Some(&["site"]), WRITE);
        let call = (line, content_type);
        let refused = withheld(&place.front, call, (id, &token), body).await.expect(403);
        let said = String::from_utf8_lossy(&refused.body).into_owned();
        assert!(said.contains("token.revoked"), "{line}: {said}");
        assert_eq!(changes(&server), Vec::<String>::new(), "{line}");
        let events = place.front.events();
        let is_told = |reason: &str| {
            let mut all = events.iter().filter(|event| event.token_id == Some(id));
            all.any(|event| event.reason == reason)
        };
        assert!(is_told("token.revoked"), "{line}: {:?}", place.told());
        // The same by one that is good is taken.
        let (_, token) = place.token("bob", Some(&["site"]), WRITE);
        let authorization = format!("Bearer {token}");
        let headers = [
            ("authorization", authorization.as_str()),
            ("content-type", content_type),
        ];
        let (method, path) = line.split_once(' ').unwrap();
        let taken = place.front.send(method, path, &headers, body).await.status;
        assert_eq!(taken, 201, "{line}");
        assert_eq!(changes(&server).len(), 1, "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_piece_of_a_blob_comes_by_one() {
    let place_there = "Location: /v2/acme/site/blobs/uploads/1\r\nRange: 0-0\r\n";
    let server = Scripted::start(move |request, _| match request.line.split(' ').next() {
        Some("PUT") => answer(201, "", ""),
        _ => answer(202, place_there, ""),
    })
    .await;
    let settings = UpstreamSettings::default();
    let place = Place::before("images", RegistryKind::Oci, server.address.clone(), settings).await;
    place.link("acme/site", true, "acme", Some("site"), Visibility::Private);
    let front = &place.front;
    for (verb, rest) in [
        ("PATCH", String::new()),
        ("PUT", format!("?digest={}", digest(b"piece"))),
    ] {
        let (id, token) = place.token("bob", Some(&["site"]), WRITE);
        let begun = front
            .ask("POST", "/v2/acme/site/blobs/uploads/", &token, "")
            .await;
        let head = begun.expect(202).head;
        let at = head
            .lines()
            .find_map(|line| line.strip_prefix("location: "))
            .unwrap();
        let at = at.strip_prefix(&format!("http://{}", front.address)).unwrap();
        let line = format!("{verb} {at}{rest}");
        let call = (line.as_str(), "application/octet-stream");
        let refused = withheld(front, call, (id, &token), b"piece").await.expect(403);
        assert!(
            String::from_utf8_lossy(&refused.body).contains("token.revoked"),
            "{verb}"
        );
    }
    assert!(changes(&server).iter().all(|line| line.starts_with("POST ")));
}

#[tokio::test(flavor = "multi_thread")]
async fn git_and_its_large_files_are_asked_for_nothing() {
    let server = Scripted::start(|_, _| answer(201, "content-type: application/json\r\n", "{}")).await;
    let front = Front::before(vec![Behind::new(
        "forge",
        UpstreamKind::Gitea,
        server.address.clone(),
    )])
    .await;
    let lfs = "application/vnd.git-lfs+json";
    let oid = "0".repeat(64);
    let batch = format!("{{\"operation\":\"upload\",\"objects\":[{{\"oid\":\"{oid}\",\"size\":1}}]}}");
    let verify = format!("POST /labs/rocket.git/info/lfs/objects/{oid}/verify");
    let object = format!("{{\"oid\":\"{oid}\",\"size\":1}}");
    let wants = "0011command=fetch0000";
    for (line, kind, body) in [
        ("POST /labs/rocket.git/info/lfs/locks", lfs, "{\"path\":\"a\"}"),
        ("POST /labs/rocket.git/info/lfs/locks/1/unlock", lfs, "{}"),
        ("POST /labs/rocket.git/info/lfs/objects/batch", lfs, &batch),
        (&verify, lfs, &object),
        (
            "POST /labs/rocket.git/git-upload-pack",
            "application/x-git-upload-pack-request",
            wants,
        ),
    ] {
        let writes: &[(&str, &str)] = &[("metadata", "read"), ("contents", "write")];
        let (id, token) = front.token("alice", &[("labs", None, writes)]);
        let refused = withheld(&front, (line, kind), (id, &token), body.as_bytes()).await;
        let said = String::from_utf8_lossy(&refused.body).into_owned();
        // What a batch is, its body says: it is decided on after that has come.
        let status = if line.ends_with("/batch") { 401 } else { 403 };
        assert_eq!(refused.status, status, "{line}: {said}");
        assert!(said.contains("token.revoked"), "{line}: {said}");
    }
    assert_eq!(changes(&server), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_api_hears_of_it() {
    let server = Scripted::start(|_, _| answer(201, "content-type: application/json\r\n", "{}")).await;
    let front = Front::before(vec![
        Behind::new("octo", UpstreamKind::GitHub, server.address.clone()),
        Behind::new("forge", UpstreamKind::Gitea, server.address.clone()),
        Behind::new("artifacts", UpstreamKind::Generic, server.address.clone()),
    ])
    .await;
    let writes: &[(&str, &str)] = &[
        ("metadata", "read"),
        ("issues", "write"),
        ("packages", "write"),
        ("contents", "read"),
    ];
    let large = format!("{{\"title\":\"{}\"}}", "x".repeat(100_000));
    for line in [
        "POST /api/v3/repos/hub/kit/issues",
        "POST /api/v1/repos/labs/rocket/issues",
        "PUT /-/artifacts/api/acme/site/artifacts/a",
    ] {
        for body in ["{\"title\":\"x\"}", &large] {
            let granted = || {
                front.token(
                    "alice",
                    &[
                        ("hub", None, writes),
                        ("labs", None, writes),
                        ("acme", None, writes),
                    ],
                )
            };
            let (id, token) = granted();
            let call = (line, "application/json");
            let told = withheld(&front, call, (id, &token), body.as_bytes())
                .await
                .expect(403);
            assert!(
                String::from_utf8_lossy(&told.body).contains("no longer"),
                "{line}"
            );
            assert!(
                front
                    .events()
                    .iter()
                    .any(|event| { event.token_id == Some(id) && event.reason == "token.revoked" })
            );
            let (_, token) = granted();
            let (method, path) = line.split_once(' ').unwrap();
            let _ = front.ask(method, path, &token, body).await.expect(201);
        }
    }
    // What came whole by good tokens, and no more of it.
    let whole = server
        .requests()
        .into_iter()
        .filter(|request| !request.line.starts_with("GET "));
    assert_eq!(whole.count(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_kept_here_changes_by_it() {
    let front = Front::before(Vec::new()).await;
    let writes: &[(&str, &str)] = &[("metadata", "read"), ("contents", "write")];
    let granted = || front.token("alice", &[("acme", None, writes)]);
    let line = "POST /acme/site.git/info/lfs/locks";
    let lfs = "application/vnd.git-lfs+json";
    let lock = b"{\"path\":\"a\"}";
    let (id, token) = granted();
    let refused = withheld(&front, (line, lfs), (id, &token), lock)
        .await
        .expect(403);
    let said = String::from_utf8_lossy(&refused.body).into_owned();
    assert!(said.contains("token.revoked"), "{said}");
    let told =
        |event: &bailiwick_store::EventRow| event.token_id == Some(id) && event.reason == "token.revoked";
    assert!(front.events().iter().any(told));
    // The path is free: by a good token it is locked.
    let (_, token) = granted();
    let authorization = format!("Bearer {token}");
    let headers = [("authorization", authorization.as_str()), ("content-type", lfs)];
    let (method, path) = line.split_once(' ').unwrap();
    let locked = front.send(method, path, &headers, lock).await;
    assert_eq!(locked.status, 201, "{}", String::from_utf8_lossy(&locked.body));
}
