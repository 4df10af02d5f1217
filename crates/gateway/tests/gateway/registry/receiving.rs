//! What is received before it is decided on: few at a time of one credential and of one person, none of whoever could
//! publish nothing, and whatever one sends, others are let in.

use crate::front::{Answered, Front};
use crate::registry::place::{Place, READ, WRITE};
use bailiwick_model::limit::{RECEIVED_MAX, RECEIVED_OF_ACCOUNT_MAX, RECEIVED_OF_TOKEN_MAX};
use bailiwick_model::{RegistryKind, UpstreamSettings, Visibility};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Where each kind takes what it receives first, and as what.
const DOORS: [(RegistryKind, &str, &str); 3] = [
    (
        RegistryKind::NuGet,
        "PUT /-/there/api/v2/package",
        "multipart/form-data; boundary=b",
    ),
    (
        RegistryKind::PyPi,
        "POST /-/there/",
        "multipart/form-data; boundary=b",
    ),
    (RegistryKind::Npm, "PUT /-/there/core", "application/json"),
];

/// A request that has begun, whose body is awaited, and does not come.
struct Sending(TcpStream);

/// Begins to send a body of this length. An answer, where the server does not want to have it.
async fn begins(front: &Front, door: &str, kind: &str, token: &str) -> Result<Sending, Answered> {
    let mut stream = TcpStream::connect(front.address).await.unwrap();
    let head = format!(
        "{door} HTTP/1.1\r\nhost: front\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\
         content-type: {kind}\r\ncontent-length: 4\r\nexpect: 100-continue\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut back = Vec::new();
    while !back.ends_with(b"\r\n\r\n") {
        back.push(stream.read_u8().await.unwrap());
    }
    if back.starts_with(b"HTTP/1.1 100") {
        return Ok(Sending(stream));
    }
    stream.read_to_end(&mut back).await.unwrap();
    Err(Answered::read(&back))
}

impl Sending {
    /// Sends the rest, which is no package.
    async fn ends(mut self) -> Answered {
        self.0.write_all(b"none").await.unwrap();
        let mut back = Vec::new();
        self.0.read_to_end(&mut back).await.unwrap();
        Answered::read(&back)
    }
}

impl Sending {
    /// Sends nothing more, and is answered all the same.
    async fn answered(mut self) -> Answered {
        let mut back = Vec::new();
        let read = self.0.read_to_end(&mut back);
        let soon = std::time::Duration::from_secs(30);
        tokio::time::timeout(soon, read).await.unwrap().unwrap();
        Answered::read(&back)
    }
}

async fn place(kind: RegistryKind) -> Place {
    let address = String::from("http://127.0.0.1:9");
    let place = Place::before("there", kind, address, UpstreamSettings::default()).await;
    place.link("core", true, "acme", Some("site"), Visibility::Private);
    place
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_keeps_others_from_being_received() {
    for (registry, door, kind) in DOORS {
        let place = place(registry).await;
        let front = &place.front;
        let (id, first) = place.token("bob", Some(&["site"]), WRITE);
        let (_, alice) = place.token("alice", Some(&["site"]), WRITE);
        let mut held = Vec::new();
        for _ in 0..RECEIVED_OF_TOKEN_MAX {
            held.push(begins(front, door, kind, &first).await.ok().unwrap());
        }
        let refused = begins(front, door, kind, &first).await.err().unwrap().expect(429);
        let said = String::from_utf8_lossy(&refused.body).into_owned();
        assert!(said.contains("registry.busy"), "{said}");
        let head = refused.head.to_ascii_lowercase();
        assert!(head.contains("retry-after: 10"), "{head}");
        let name = if registry == RegistryKind::Npm {
            "core"
        } else {
            "-"
        };
        let line = format!("packages.receive failed registry.busy {name} -");
        place.has_told(Some(id), &line);
        // Other tokens of the same person have what is left of the person's share.
        for _ in RECEIVED_OF_TOKEN_MAX..RECEIVED_OF_ACCOUNT_MAX {
            let (_, more) = place.token("bob", Some(&["site"]), WRITE);
            held.push(begins(front, door, kind, &more).await.ok().unwrap());
        }
        let (_, more) = place.token("bob", Some(&["site"]), WRITE);
        begins(front, door, kind, &more).await.err().unwrap().expect(429);
        let sent = async |token| {
            let sending = begins(front, door, kind, token).await.ok().unwrap();
            sending.ends().await
        };
        sent(&alice).await.expect(400);
        // Whatever became of one, its place is free.
        held.remove(0).ends().await.expect(400);
        sent(&first).await.expect(400);
    }
}

/// A place for each that a token may have, which must be free.
async fn all_are_free(place: &Place, door: &str, kind: &str, token: &str) {
    let mut held = Vec::new();
    for _ in 0..RECEIVED_OF_TOKEN_MAX {
        held.push(begins(&place.front, door, kind, token).await.ok().unwrap());
    }
    begins(&place.front, door, kind, token)
        .await
        .err()
        .unwrap()
        .expect(429);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_is_given_back_by_every_way_out() {
    for (registry, door, kind) in DOORS {
        let place = place(registry).await;
        let front = &place.front;
        let (_, token) = place.token("bob", Some(&["site"]), WRITE);
        // More than is taken, as it is announced.
        let authorization = format!("Bearer {token}");
        for _ in 0..=RECEIVED_OF_TOKEN_MAX {
            let head = format!(
                "{door} HTTP/1.1\r\nhost: front\r\nconnection: close\r\nauthorization: {authorization}\r\n\
                 content-type: {kind}\r\ncontent-length: 999999999999\r\n\r\n"
            );
            Answered::read(&front.raw(head.as_bytes()).await).expect(413);
        }
        // A client that leaves.
        let mut held = Vec::new();
        for _ in 0..RECEIVED_OF_TOKEN_MAX {
            held.push(begins(front, door, kind, &token).await.ok().unwrap());
        }
        drop(held);
        let mut free = false;
        for _ in 0..5_000 {
            free = begins(front, door, kind, &token).await.is_ok();
            if free {
                break;
            }
        }
        assert!(free, "{door}: nobody noticed that the client has left");
    }
    // A registry that cannot be reached.
    let place = place(RegistryKind::Npm).await;
    let (_, door, kind) = DOORS[2];
    let (_, token) = place.token("bob", Some(&["site"]), WRITE);
    let document = r#"{"_id":"core","name":"core","dist-tags":{"latest":"1.0.0"},
        "versions":{"1.0.0":{"name":"core","version":"1.0.0"}},"_attachments":{"core-1.0.0.tgz":{"data":""}}}"#;
    for _ in 0..=RECEIVED_OF_TOKEN_MAX {
        let failed = place.front.ask("PUT", "/-/there/core", &token, document).await;
        assert!(matches!(failed.status, 502..=504), "{}", failed.head);
    }
    all_are_free(&place, door, kind, &token).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_together_send_so_many_at_a_time() {
    let mut place = place(RegistryKind::Npm).await;
    let (_, door, kind) = DOORS[2];
    let mut people = vec!["alice", "bob", "carol", "dave", "erin", "frank"];
    for login in ["grace", "heidi", "ivan"] {
        let id = place.front.writes_to_site(login);
        place.front.accounts.insert(login, id);
        people.push(login);
    }
    let last = people.pop().unwrap();
    let mut held = Vec::new();
    for login in people {
        for _ in 0..RECEIVED_OF_ACCOUNT_MAX / RECEIVED_OF_TOKEN_MAX {
            let (_, token) = place.token(login, Some(&["site"]), WRITE);
            for _ in 0..RECEIVED_OF_TOKEN_MAX {
                held.push(begins(&place.front, door, kind, &token).await.ok().unwrap());
            }
        }
    }
    assert_eq!(held.len(), RECEIVED_MAX);
    let (id, token) = place.token(last, Some(&["site"]), WRITE);
    let refused = begins(&place.front, door, kind, &token).await.err().unwrap();
    let head = refused.expect(503).head.to_ascii_lowercase();
    assert!(head.contains("retry-after: 10"), "{head}");
    place.has_told(Some(id), "packages.receive failed registry.busy core -");
    held.pop().unwrap().ends().await.expect(400);
    let sending = begins(&place.front, door, kind, &token).await.ok().unwrap();
    sending.ends().await.expect(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_could_publish_nothing_sends_nothing() {
    for (registry, door, kind) in DOORS {
        let place = place(registry).await;
        let front = &place.front;
        for permissions in [
            READ,
            &[("contents", "write")],
            &[("organization_packages", "read")],
        ] {
            let (id, token) = place.token("alice", None, permissions);
            let refused = begins(front, door, kind, &token).await.err().unwrap().expect(403);
            let said = String::from_utf8_lossy(&refused.body).into_owned();
            assert!(said.contains("packages") && said.contains("write"), "{said}");
            let told = place.told();
            let is_refused = |line: &str| line.contains(" refused level.too_low ");
            assert!(
                told.iter().any(|(line, by)| *by == Some(id) && is_refused(line)),
                "{told:#?}"
            );
        }
        // Where it may publish is seen when it is there.
        for permissions in [WRITE, &[("organization_packages", "write")]] {
            let (_, token) = place.token("alice", None, permissions);
            let begun = begins(front, door, kind, &token).await;
            if registry == RegistryKind::Npm && permissions != WRITE {
                begun.err().unwrap().expect(403);
            } else {
                begun.ok().unwrap().ends().await.expect(400);
            }
        }
        begins(front, door, kind, "bwk_none")
            .await
            .err()
            .unwrap()
            .expect(401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_ends_ends_what_it_sends() {
    for (registry, door, kind) in DOORS {
        let place = place(registry).await;
        let (id, token) = place.token("bob", Some(&["site"]), WRITE);
        let sending = begins(&place.front, door, kind, &token).await.ok().unwrap();
        place.revoke(id);
        sending.answered().await.expect(403);
        // And its place is free, as is the person's.
        for _ in 0..RECEIVED_OF_TOKEN_MAX {
            let (_, token) = place.token("bob", Some(&["site"]), WRITE);
            let sending = begins(&place.front, door, kind, &token).await.ok().unwrap();
            sending.ends().await.expect(400);
        }
    }
}
