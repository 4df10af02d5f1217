//! Requests that no git client sends: each is refused plainly, and moves nothing.

use crate::client::good;
use crate::world::{World, read};
use bailiwick_gate::whole;
use bailiwick_store::audit::{Condition, Match, Query, search};
use bailiwick_wire::pktline;
use flate2::{Compression, write::GzEncoder};
use std::io::Write;

const FETCH: (&str, &str) = ("content-type", "application/x-git-upload-pack-request");
const PUSH: (&str, &str) = ("content-type", "application/x-git-receive-pack-request");
const GZIP: (&str, &str) = ("content-encoding", "gzip");
const READ: &[(&str, &str)] = &[("contents", "read")];
const WRITE: &[(&str, &str)] = &[("contents", "write")];

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

fn fetch_body(head: &str) -> Vec<u8> {
    let mut body = Vec::new();
    pktline::encode(b"command=fetch", &mut body).unwrap();
    body.extend_from_slice(pktline::DELIMITER);
    for line in [
        String::from("no-progress"),
        format!("want {head}\n"),
        String::from("done\n"),
    ] {
        pktline::encode(line.as_bytes(), &mut body).unwrap();
    }
    body.extend_from_slice(pktline::FLUSH);
    body
}

/// The pack in an answer, without its packets: where git cuts them depends on when it writes.
fn pack_of(answer: &[u8]) -> Vec<u8> {
    let (mut at, mut pack) = (0, Vec::new());
    while let Some(head) = answer.get(at..at + 4) {
        let length = usize::from_str_radix(std::str::from_utf8(head).unwrap(), 16).unwrap();
        if let Some([1, data @ ..]) = answer.get(at + 4..at + length) {
            pack.extend_from_slice(data);
        }
        at += length.max(4);
    }
    assert!(pack.starts_with(b"PACK"));
    pack
}

fn push_body(lines: &[String]) -> Vec<u8> {
    let mut body = Vec::new();
    for line in lines {
        pktline::encode(line.as_bytes(), &mut body).unwrap();
    }
    body.extend_from_slice(pktline::FLUSH);
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_typed_and_never_cached() {
    let world = World::new().await;
    let seed = world.seeded("site");
    let head = good(&seed, &["rev-parse", "HEAD"]).trim().to_owned();
    let (_, token) = world.token("bob", &["site"], READ);
    let listing = world
        .send(
            "GET",
            "/acme/site.git/info/refs?service=git-upload-pack",
            &token,
            &[],
            whole(""),
        )
        .await;
    assert_eq!(
        listing.headers()["content-type"],
        "application/x-git-upload-pack-advertisement"
    );
    let v2 = ("git-protocol", "version=2");
    let pack = world
        .send(
            "POST",
            "/acme/site.git/git-upload-pack",
            &token,
            &[FETCH, v2],
            whole(fetch_body(&head)),
        )
        .await;
    assert_eq!(
        pack.headers()["content-type"],
        "application/x-git-upload-pack-result"
    );
    for response in [&listing, &pack] {
        assert_eq!(
            response.headers()["cache-control"],
            "no-cache, max-age=0, must-revalidate"
        );
        assert_eq!(response.headers()["pragma"], "no-cache");
        assert!(response.headers().contains_key("expires"));
    }
    let (_, listed) = read(listing).await;
    assert!(listed.starts_with(b"001e# service=git-upload-pack\n0000"));
    let (_, packed) = read(pack).await;
    assert!(packed.windows(4).any(|window| window == b"PACK"));
    // The same request compressed gets the same pack.
    let body = whole(gzip(&fetch_body(&head)));
    let again = world
        .send(
            "POST",
            "/acme/site.git/git-upload-pack",
            &token,
            &[FETCH, v2, GZIP],
            body,
        )
        .await;
    let (status, again) = read(again).await;
    assert_eq!((status, pack_of(&again)), (200, pack_of(&packed)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_that_was_asked_for_decides() {
    let world = World::new().await;
    let seed = world.seeded("site");
    let head = good(&seed, &["rev-parse", "HEAD"]).trim().to_owned();
    let (_, token) = world.token("bob", &["site"], READ);
    let body = push_body(&[format!("{} {head} refs/heads/x\0report-status", "0".repeat(40))]);
    // Listed for reading, then pushed; and with the media type of a fetch.
    for media_type in [PUSH, FETCH] {
        let answer = world
            .send(
                "POST",
                "/acme/site.git/git-receive-pack",
                &token,
                &[media_type],
                whole(body.clone()),
            )
            .await;
        assert_eq!(answer.status(), 403);
    }
    let (_, writer) = world.token("bob", &["site"], WRITE);
    let answer = world
        .send(
            "POST",
            "/acme/site.git/git-receive-pack",
            &writer,
            &[FETCH],
            whole(body.clone()),
        )
        .await;
    assert_eq!(answer.status(), 400);
    let answer = world
        .send(
            "POST",
            "/acme/site.git/git-upload-pack",
            &writer,
            &[PUSH],
            whole(body),
        )
        .await;
    assert_eq!(answer.status(), 400);
    assert_eq!(
        world
            .send(
                "POST",
                "/acme/site.git/git-upload-pack",
                &writer,
                &[],
                whole("0000")
            )
            .await
            .status(),
        400
    );
    let two = [FETCH, FETCH];
    assert_eq!(
        world
            .send(
                "POST",
                "/acme/site.git/git-upload-pack",
                &writer,
                &two,
                whole("0000")
            )
            .await
            .status(),
        400
    );
    assert_eq!(world.on_disk("site").resolve("x").unwrap(), None);
    for path in [
        "info/refs",
        "info/refs?service=git-upload-archive",
        "HEAD",
        "objects/info/packs",
        "info/refs?service=git-upload-pack&x=1",
    ] {
        let answer = world
            .send("GET", &format!("/acme/site.git/{path}"), &writer, &[], whole(""))
            .await;
        assert_eq!(answer.status(), 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bombs_and_broken_packets_are_refused() {
    let world = World::new().await;
    let seed = world.seeded("site");
    let head = good(&seed, &["rev-parse", "HEAD"]).trim().to_owned();
    let (_, token) = world.token("bob", &["site"], WRITE);
    let upload = "/acme/site.git/git-upload-pack";
    let receive = "/acme/site.git/git-receive-pack";
    // Wanted lines without end, a thousand times smaller on the wire.
    let line = format!("0032want {head}\n");
    let bomb = gzip(line.repeat(400_000).as_bytes());
    for (path, media_type, headers, body, status) in [
        (upload, FETCH, vec![GZIP], bomb.clone(), 413),
        (
            receive,
            PUSH,
            vec![GZIP],
            gzip(format!("0035shallow {head}\n").repeat(400_000).as_bytes()),
            400,
        ),
        (upload, FETCH, vec![GZIP], b"not gzip".to_vec(), 400),
        (
            upload,
            FETCH,
            vec![("content-encoding", "br")],
            b"0000".to_vec(),
            400,
        ),
        (upload, FETCH, vec![], b"zzzz".to_vec(), 400),
        (upload, FETCH, vec![], b"0003".to_vec(), 400),
        (upload, FETCH, vec![], b"ffff".to_vec(), 400),
        (upload, FETCH, vec![], b"0009done".to_vec(), 400),
        (
            upload,
            FETCH,
            vec![("git-protocol", "version=2")],
            b"000bnonsense".to_vec(),
            400,
        ),
        (receive, PUSH, vec![], b"zzzz".to_vec(), 400),
        (receive, PUSH, vec![], b"".to_vec(), 400),
        (receive, PUSH, vec![], b"0010short".to_vec(), 400),
        (
            receive,
            PUSH,
            vec![],
            push_body(&["nothing like a command".into()]),
            400,
        ),
    ] {
        let mut all = vec![media_type];
        all.extend(headers);
        let answer = world.send("POST", path, &token, &all, whole(body.clone())).await;
        let shown = String::from_utf8_lossy(&body[..body.len().min(30)]).into_owned();
        assert_eq!(answer.status(), status, "{path} {shown:?}");
    }
    // The probe before a large push asks for nothing and gets nothing.
    let probe = world.send("POST", receive, &token, &[PUSH], whole("0000")).await;
    assert_eq!(read(probe).await, (200, Vec::new()));
    assert!(world.events("git.push_started").is_empty());
    // It was asked all the same, and that is on record like any read.
    let probed = |world: &World| {
        let query = Query::new(
            vec![Condition::is(Match::Operation("git/receive-pack".into()))],
            100,
        );
        let events = world.store.read(|tx| search(tx, &query)).unwrap();
        events
            .iter()
            .filter(|event| event.outcome.word() == "allowed")
            .count()
            == 1
    };
    world.until(probed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_that_git_refuses_is_recorded_as_such() {
    let world = World::new().await;
    world.seeded("site");
    let (_, token) = world.token("bob", &["site"], WRITE);
    let zero = "0".repeat(40);
    let mut body = push_body(&[format!("{zero} {} refs/heads/x\0report-status", "a".repeat(40))]);
    body.extend_from_slice(b"PACK nothing of the kind");
    let answer = world
        .send(
            "POST",
            "/acme/site.git/git-receive-pack",
            &token,
            &[PUSH],
            whole(body),
        )
        .await;
    let (_, said) = read(answer).await;
    assert!(!String::from_utf8_lossy(&said).contains("ok refs/heads/x"));
    let pushes = world.events("git.push");
    assert_eq!(
        (pushes[0].0.as_str(), pushes[0].1.as_str()),
        ("failed", "push.rejected_by_git")
    );
    // Of an atomic push with one ref that may not move, nothing moves.
    let head = world.on_disk("site").resolve("main").unwrap().unwrap();
    let body = push_body(&[
        format!("{zero} {head} refs/heads/good\0report-status atomic"),
        format!("{zero} {head} refs/bailiwick/own"),
    ]);
    let answer = world
        .send(
            "POST",
            "/acme/site.git/git-receive-pack",
            &token,
            &[PUSH],
            whole(body),
        )
        .await;
    let (_, said) = read(answer).await;
    assert!(
        String::from_utf8_lossy(&said).contains("ng refs/heads/good"),
        "{}",
        String::from_utf8_lossy(&said)
    );
    assert_eq!(world.on_disk("site").resolve("good").unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn hidden_and_unreachable_objects_cannot_be_wanted() {
    let world = World::new().await;
    let seed = world.seeded("site");
    let bare = world.on_disk("site").directory().to_owned();
    let hidden = world.commit(&seed, "README", "hidden\n");
    good(
        &seed,
        &[
            "push",
            "--quiet",
            bare.to_str().unwrap(),
            "HEAD:refs/bailiwick/keep",
        ],
    );
    let (_, token) = world.token("bob", &["site"], READ);
    let mut body = Vec::new();
    pktline::encode(format!("want {hidden} side-band-64k\n").as_bytes(), &mut body).unwrap();
    body.extend_from_slice(b"00000009done\n");
    let answer = world
        .send(
            "POST",
            "/acme/site.git/git-upload-pack",
            &token,
            &[FETCH],
            whole(body),
        )
        .await;
    let (_, said) = read(answer).await;
    assert!(
        !said.windows(4).any(|window| window == b"PACK"),
        "{}",
        String::from_utf8_lossy(&said)
    );
}
