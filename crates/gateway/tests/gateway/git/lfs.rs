//! LFS before a real LFS server: this very program in its other role, asked with one token of its own.

use super::bed::{Scripted, Wire, answer, noise};
use super::world::{Behind, World, bad, git_with, good, logged, read};
use bailiwick_gate::whole;
use bailiwick_model::UpstreamSettings;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use std::fs;

const WRITE: &[(&str, &str)] = &[("contents", "write")];
const READ: &[(&str, &str)] = &[("contents", "read")];
const JSON: (&str, &str) = ("content-type", "application/vnd.git-lfs+json");

/// The gateway, the host behind it with the wire between, and the host's token.
struct Pair {
    gateway: World,
    host: World,
    wire: Wire,
    secret: String,
}

async fn pair() -> Pair {
    let wire = Wire::open().await;
    let address = format!("http://{}", wire.address);
    let host = World::hosting(address.clone()).await;
    wire.lead_to(host.address);
    let (_, secret) = host.token("alice", &["site", "www", "other"], WRITE);
    assert_ne!(secret, host.token("alice", &["site"], WRITE).1);
    let mut behind = Behind::at(address);
    behind.secrets = vec![("token", secret.clone())];
    let gateway = World::before(behind).await;
    Pair {
        gateway,
        host,
        wire,
        secret,
    }
}

fn oid(bytes: &[u8]) -> String {
    let digest = digest(&SHA256, bytes);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn post(world: &World, path: &str, token: &str, body: &Value) -> (u16, Value) {
    let answer = world
        .send("POST", path, token, &[JSON], whole(body.to_string()))
        .await;
    let (status, bytes) = read(answer).await;
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

async fn batch(world: &World, token: &str, operation: &str, bytes: &[u8]) -> (u16, Value) {
    let body = json!({
        "operation": operation,
        "transfers": ["basic", "tus"],
        "objects": [{"oid": oid(bytes), "size": bytes.len()}],
        "ref": {"name": "refs/heads/main"},
    });
    post(world, "/acme/site.git/info/lfs/objects/batch", token, &body).await
}

async fn put(world: &World, token: &str, path: &str, bytes: &[u8]) -> u16 {
    let answer = world.send("PUT", path, token, &[], whole(bytes.to_vec())).await;
    answer.status().as_u16()
}

/// Path and query of an address that was handed out.
fn path_of(offered: &Value, purpose: &str) -> String {
    let href = offered["objects"][0]["actions"][purpose]["href"].as_str();
    let href = href.unwrap_or_else(|| panic!("no {purpose} in {offered}"));
    href.splitn(4, '/').nth(3).map(|path| format!("/{path}")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn git_lfs_pushes_pulls_and_locks() {
    let pair = pair().await;
    let world = &pair.gateway;
    let flows = [("contents", "write"), ("workflows", "write")];
    let (id, token) = world.token("bob", &["site"], &flows);
    let url = world.url(&token, "acme/site.git");
    let copy = world.path("copy");
    fs::create_dir(&copy).unwrap();
    good(&copy, &["init", "--quiet", "--initial-branch=main"]);
    good(&copy, &["remote", "add", "origin", &url]);
    good(&copy, &["lfs", "install", "--local"]);
    good(&copy, &["config", "lfs.locksverify", "true"]);
    good(&copy, &["lfs", "track", "--lockable", "*.bin"]);
    let bytes = noise(3 << 20);
    fs::write(copy.join("big.bin"), &bytes).unwrap();
    fs::write(copy.join("empty.bin"), b"").unwrap();
    good(&copy, &["add", "."]);
    good(&copy, &["commit", "--quiet", "-m", "one"]);
    let said = git_with(
        &copy,
        &[("GIT_CURL_VERBOSE", "1"), ("GIT_TRACE", "1")],
        &["push", "origin", "main"],
    );
    assert!(said.good, "{}", said.err);
    assert!(!said.err.contains(&pair.secret));
    let stored = bailiwick_git::LfsOid::parse(&oid(&bytes)).unwrap();
    assert_eq!(
        pair.host.on_disk("site").lfs_size(&stored).unwrap(),
        Some(bytes.len() as u64)
    );

    let again = world.path("again");
    let environment = [("GIT_LFS_SKIP_SMUDGE", "1")];
    let cloned = git_with(
        world.directory.path(),
        &environment,
        &["clone", "--quiet", &url, again.to_str().unwrap()],
    );
    assert!(cloned.good, "{}", cloned.err);
    good(&again, &["lfs", "install", "--local"]);
    good(&again, &["lfs", "pull"]);
    assert_eq!(fs::read(again.join("big.bin")).unwrap(), bytes);

    good(&copy, &["lfs", "lock", "big.bin"]);
    let listed = good(&copy, &["lfs", "locks"]);
    assert!(listed.contains("big.bin"), "{listed}");
    let error = bad(&copy, &["lfs", "lock", "big.bin"]);
    assert!(error.contains("already") || error.contains("lock"), "{error}");
    good(&copy, &["lfs", "unlock", "big.bin"]);
    assert_eq!(good(&copy, &["lfs", "locks"]), "");

    // Neither side's credential has crossed.
    for request in pair.wire.requests() {
        assert_eq!(request.header("authorization"), format!("Bearer {}", pair.secret));
        assert!(request.line.contains(" /team/website.git/"), "{}", request.line);
    }
    assert!(!String::from_utf8_lossy(&pair.wire.bytes()).contains(&token));
    let log = logged();
    assert!(!log.contains(&token) && !log.contains(&pair.secret));
    let all = world.all_events();
    assert!(all.iter().all(|event| event.3 == Some(id)), "{all:?}");
    for (action, outcomes) in [
        ("git_lfs.upload", &["allowed"][..]),
        ("git_lfs.lock", &["allowed", "allowed", "failed"]),
        ("git_lfs.unlock", &["allowed"]),
    ] {
        let found: Vec<String> = world.events(action).into_iter().map(|event| event.0).collect();
        assert_eq!(found, outcomes, "{action}: {all:?}");
    }
    world
        .until(|world| !world.events("git_lfs.download").is_empty())
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_lead_here_and_carry_nothing() {
    let pair = pair().await;
    let world = &pair.gateway;
    let (id, token) = world.token("bob", &["site"], WRITE);
    let (_, reads) = world.token("bob", &["site"], READ);
    let (_, other) = world.token("bob", &["www"], WRITE);
    let bytes = noise(300_000);
    let object = oid(&bytes);
    let (status, missing) = batch(world, &token, "download", &bytes).await;
    assert_eq!(
        (status, &missing["objects"][0]["error"]["code"]),
        (200, &json!(404))
    );
    let (status, offered) = batch(world, &token, "upload", &bytes).await;
    assert_eq!(status, 200);
    let base = format!("/acme/site.git/info/lfs/objects/{object}");
    let at = format!("{base}?size={}", bytes.len());
    assert_eq!(
        offered["objects"][0]["actions"],
        json!({
            "upload": {"href": format!("http://{}{at}", world.address)},
            "verify": {"href": format!("http://{}{base}/verify", world.address)},
        })
    );
    let verify = json!({"oid": object, "size": bytes.len()});
    let verify_at = format!("{base}/verify");
    assert_eq!(post(world, &verify_at, &token, &verify).await.0, 404);
    // Download against upload, A against B, and nobody.
    for (who, wanted) in [(&reads, 403), (&other, 404), (&String::new(), 401)] {
        let got = put(world, who, &at, &bytes).await;
        assert!(
            got == wanted || (wanted == 401 && got == 404),
            "{got} for {wanted}"
        );
    }
    let before = pair.wire.requests().len();
    for (path, wrong) in [
        (at.clone(), bytes[1..].to_vec()),
        (at.clone(), [&bytes[..299_999], b"x".as_slice()].concat()),
        (at.clone(), [&bytes[..], b"x"].concat()),
        (base.clone(), bytes.clone()),
        (format!("{base}?size=-1"), bytes.clone()),
        (format!("{base}?size=99999999999999999999"), bytes.clone()),
        (format!("{base}?size=299999"), bytes.clone()),
    ] {
        let got = put(world, &token, &path, &wrong).await;
        assert!(got == 422 || got == 400, "{path}: {got}");
    }
    let stored = bailiwick_git::LfsOid::parse(&object).unwrap();
    assert_eq!(pair.host.on_disk("site").lfs_size(&stored).unwrap(), None);
    assert!(pair.wire.requests().len() > before);
    assert_eq!(put(world, &token, &at, &bytes).await, 200);
    assert_eq!(post(world, &verify_at, &token, &verify).await.0, 200);
    let short = json!({"oid": object, "size": 3});
    assert_ne!(post(world, &verify_at, &token, &short).await.0, 200);
    // It is there now: nothing is left to send, and what is sent all the same is looked at.
    let (_, again) = batch(world, &token, "upload", &bytes).await;
    assert_eq!(again["objects"][0].get("actions"), None);
    assert_eq!(put(world, &token, &at, &bytes).await, 200);
    assert_eq!(put(world, &token, &at, &bytes[1..]).await, 422);

    let (_, offered) = batch(world, &reads, "download", &bytes).await;
    let path = path_of(&offered, "download");
    let (status, got) = read(world.send("GET", &path, &reads, &[], whole("")).await).await;
    assert_eq!((status, got), (200, bytes.clone()));
    let range = [("range", "bytes=10-19")];
    let answer = world.send("GET", &path, &reads, &range, whole("")).await;
    assert_eq!(answer.headers()["content-range"], "bytes 10-19/300000");
    let (status, got) = read(answer).await;
    assert_eq!((status, got.as_slice()), (206, &bytes[10..20]));
    // A batch for A used on B: here B is another repository, and there it has no such object.
    let elsewhere = path.replace("/site.git/", "/www.git/");
    let (status, _) = read(world.send("GET", &elsewhere, &other, &[], whole("")).await).await;
    assert_eq!(status, 404);
    assert!(world.send("GET", &path, &other, &[], whole("")).await.status() == 404);
    // Revoked between the batch and the object.
    world.revoke(id);
    assert_eq!(
        world.send("GET", &path, &token, &[], whole("")).await.status(),
        401
    );
    assert_eq!(put(world, &token, &at, &bytes).await, 401);
    assert!(!offered.to_string().contains(&pair.secret) && !offered.to_string().contains("header"));
}

/// An LFS server whose objects lie where `href` says, `{own}` being its own address.
async fn keeping(href: &'static str, object: &'static [u8]) -> Scripted {
    Scripted::start(move |request, own| {
        if !request.line.contains("objects/batch") {
            return answer(200, "content-type: text/html\r\n", object);
        }
        let asked: Value = serde_json::from_slice(&request.body).unwrap();
        let mut one = asked["objects"][0].clone();
        let href = href.replace("{own}", own);
        let action =
            json!({"href": href, "header": {"X-Signed": "yes", "Host": "evil", "Content-Length": "7"}});
        one["actions"] = json!({"download": action, "upload": action});
        let body = json!({"transfer": "basic", "objects": [one]}).to_string();
        answer(200, "content-type: application/vnd.git-lfs+json\r\n", body)
    })
    .await
}

async fn downloaded(world: &World, token: &str, bytes: &[u8]) -> (u16, String) {
    let (status, offered) = batch(world, token, "download", bytes).await;
    assert_eq!(status, 200, "{offered}");
    let path = path_of(&offered, "download");
    let answer = world.send("GET", &path, token, &[], whole("")).await;
    let status = answer.status().as_u16();
    match http_body_util::BodyExt::collect(answer.into_body()).await {
        Ok(body) => (status, String::from_utf8_lossy(&body.to_bytes()).into_owned()),
        Err(error) => (status, format!("broken: {error}")),
    }
}

async fn before(address: &str, follow: &[&str]) -> (World, String) {
    let behind = Behind {
        address: address.to_owned(),
        settings: UpstreamSettings {
            follow: follow.iter().map(|one| (*one).to_owned()).collect(),
            ..UpstreamSettings::default()
        },
        secrets: vec![("username", "u".into()), ("password", "p-secret".into())],
    };
    let world = World::before(behind).await;
    let (_, token) = world.token("bob", &["site"], WRITE);
    (world, token)
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_are_fetched_from_named_hosts_alone() {
    const BASIC: &str = "Basic dTpwLXNlY3JldA==";
    let storage = Scripted::start(|_, _| answer(200, "", "hello")).await;
    let leaked: &'static str = Box::leak(format!("{}/bucket/x?sig=1", storage.address).into_boxed_str());
    // At the upstream itself: its credential, the headers of the offer, and none that would break the message.
    let own = keeping("{own}/store/x?sig=1", b"hello").await;
    let (world, token) = before(&own.address, &[]).await;
    assert_eq!(downloaded(&world, &token, b"hello").await, (200, "hello".into()));
    // The batch, the same again for the one object, and the object.
    let requests = own.requests();
    assert_eq!(requests.len(), 3);
    assert_eq!(requests[2].line, "GET /store/x?sig=1 HTTP/1.1");
    assert_eq!(requests[2].header("authorization"), BASIC);
    assert_eq!(requests[2].header("x-signed"), "yes");
    assert!(!requests[2].header("host").contains("evil"));
    assert_eq!(requests[2].header("content-length"), "");
    // Wrong bytes are never the whole object, whatever their length.
    for wrong in [b"hellO".as_slice(), b"hell", b"hello!", b""] {
        let own = keeping("{own}/store/x", wrong).await;
        let (world, token) = before(&own.address, &[]).await;
        let (_, text) = downloaded(&world, &token, b"hello").await;
        assert!(text.starts_with("broken"), "{wrong:?}: {text}");
    }
    // At a host that is named: the headers of the offer alone.
    let there = keeping(leaked, b"").await;
    let (world, token) = before(&there.address, &[&storage.address]).await;
    assert_eq!(downloaded(&world, &token, b"hello").await, (200, "hello".into()));
    let requests = storage.requests();
    assert_eq!((requests.len(), requests[0].header("authorization")), (1, ""));
    assert_eq!(requests[0].header("x-signed"), "yes");
    // Anywhere else, or out of the upstream's own base: nobody is asked.
    let (world, token) = before(&there.address, &[]).await;
    let (status, text) = downloaded(&world, &token, b"hello").await;
    assert_eq!(status, 502, "{text}");
    assert!(text.contains("address that is not followed") && !text.contains("bucket"));
    assert_eq!(storage.requests().len(), 1);
    for href in [
        "file:///etc/passwd",
        "/store/x",
        "{own}/../x",
        "{own}/a/%2e%2E/x",
        "{own}@evil.example/x",
        "",
    ] {
        let own = keeping(href, b"hello").await;
        let (world, token) = before(&own.address, &[]).await;
        assert_eq!(downloaded(&world, &token, b"hello").await.0, 502, "{href}");
        assert_eq!(own.requests().len(), 2, "{href}");
    }
    // A redirect is followed by the same rule.
    let target = storage.address.clone();
    let moved = Scripted::start(move |request, own| {
        if request.line.starts_with("GET") {
            return answer(302, &format!("location: {target}/bucket/y\r\n"), "");
        }
        let asked: Value = serde_json::from_slice(&request.body).unwrap();
        let mut one = asked["objects"][0].clone();
        one["actions"] = json!({"download": {"href": format!("{own}/store/x")}});
        answer(200, "", json!({"objects": [one]}).to_string())
    })
    .await;
    let (world, token) = before(&moved.address, &[&storage.address]).await;
    assert_eq!(downloaded(&world, &token, b"hello").await, (200, "hello".into()));
    assert_eq!(storage.requests()[1].header("authorization"), "");
    let (world, token) = before(&moved.address, &[]).await;
    assert_eq!(downloaded(&world, &token, b"hello").await.0, 502);
    assert_eq!(storage.requests().len(), 2);
}
