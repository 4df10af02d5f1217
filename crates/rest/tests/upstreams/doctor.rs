//! The doctor before upstreams: what a server tells about itself, and what is said where it tells nothing.

use super::ALL;
use crate::harness::World;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

/// A request: its path, with the method before it where that is not GET, and what it brought as credential and as `Sudo`.
type Asked = (String, Option<String>, Option<String>);
type Answers = fn(&Asked) -> (u16, &'static str, String);

/// A server that answers by a function, and remembers what it was asked.
fn server(answers: Answers) -> (String, Arc<Mutex<Vec<Asked>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let memory = asked.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let Some(Ok(first)) = lines.next() else { continue };
            let mut words = first.split(' ');
            let (method, path) = (words.next().unwrap(), words.next().unwrap());
            let path = match method {
                "GET" => path.to_owned(),
                other => format!("{other} {path}"),
            };
            let (mut credential, mut sudo) = (None, None);
            for line in lines.map_while(Result::ok).take_while(|line| !line.is_empty()) {
                let (name, value) = line.split_once(": ").unwrap();
                match name.to_ascii_lowercase().as_str() {
                    "authorization" => credential = Some(value.to_owned()),
                    "sudo" => sudo = Some(value.to_owned()),
                    _ => {}
                }
            }
            let request = (path, credential, sudo);
            let (status, kind, body) = answers(&request);
            memory.lock().unwrap().push(request);
            let head = format!(
                "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            let _gone = stream.write_all(format!("{head}{body}").as_bytes());
        }
    });
    (address, asked)
}

/// The checks about an upstream, by their word: state and message.
async fn checks(world: &World, session: &str, upstream: &str) -> Vec<(String, String, String)> {
    let answer = world.get("/admin/doctor", session).await.expect(200);
    let all = answer.json["checks"].as_array().unwrap().clone();
    let text = |check: &Value, field: &str| check[field].as_str().unwrap_or("").to_owned();
    all.iter()
        .filter(|check| check["upstream"] == upstream)
        .map(|check| (text(check, "check"), text(check, "state"), text(check, "message")))
        .collect()
}

#[track_caller]
fn has(checks: &[(String, String, String)], check: &str, state: &str, part: &str) {
    let found = checks
        .iter()
        .any(|(word, how, message)| word == check && how == state && message.contains(part));
    assert!(found, "no {check} {state} {part:?} in {checks:#?}");
}

fn gitea(asked: &Asked) -> (u16, &'static str, String) {
    let admin = asked.1.as_deref() == Some("token t0p");
    let body = match (asked.0.as_str(), admin, asked.2.as_deref()) {
        ("/api/v1/version", ..) => json!({"version": "1.24.0"}),
        ("/api/v1/user", true, None) => json!({"id": 1, "login": "root", "is_admin": true}),
        ("/api/v1/user", true, Some("bobby")) => json!({"id": 7, "login": "bobby"}),
        ("/api/v1/user", true, Some("carla")) => json!({"id": 99, "login": "carla"}),
        ("/api/v1/user/keys?limit=1", true, Some("bobby")) => json!([{"id": 1}]),
        ("/api/v1/user/keys?limit=1", true, Some(_)) => json!([]),
        ("/api/v1/repos/acme/elsewhere", ..) => json!({"clone_url": "https://direct.example/acme/x.git"}),
        ("/", ..) => json!({}),
        _ => return (404, "application/json", String::from("{}")),
    };
    (200, "application/json", body.to_string())
}

async fn world_with(kind: &str, address: &str) -> (World, String) {
    let world = World::new();
    let alice = world.session("alice");
    let body = json!({"name": "forge", "kind": kind, "address": address});
    world.call("POST", ALL, &alice, body).await.expect(201);
    (world, alice)
}

#[tokio::test]
async fn a_gitea_is_asked_what_it_can_tell() {
    let (address, asked) = server(gitea);
    let (world, alice) = world_with("gitea", &address).await;
    let before = checks(&world, &alice, "forge").await;
    has(&before, "upstream_credential", "fail", "there is no token");
    let credential = |text: &str| json!({"secrets": {"token": text}});
    let path = "/admin/upstreams/forge/credential";
    world
        .call("PUT", path, &alice, credential("wrong"))
        .await
        .expect(200);
    let wrong = checks(&world, &alice, "forge").await;
    has(&wrong, "upstream_credential", "fail", "refused with status 404");
    world
        .call("PUT", path, &alice, credential("t0p"))
        .await
        .expect(200);
    for (account, login, id) in [
        ("bob", "bobby", "7"),
        ("carol", "carla", "8"),
        ("mallory", "gone", "9"),
    ] {
        let path = format!("/admin/upstreams/forge/links/{account}");
        let body = json!({"login": login, "id": id});
        world.call("PUT", &path, &alice, body).await.expect(201);
    }
    let bind = "/admin/upstreams/forge/repositories/acme/elsewhere";
    world.call("PUT", bind, &alice, json!({})).await.expect(201);
    world
        .mint_approved("bob", "b", &["elsewhere"], json!({"contents": "write"}))
        .await;
    let found = checks(&world, &alice, "forge").await;
    has(&found, "upstream_reachable", "ok", "there is an answer");
    has(&found, "upstream_version", "ok", "1.24.0");
    has(&found, "upstream_credential", "ok", "administrator");
    has(&found, "upstream_links", "fail", "carla");
    has(&found, "upstream_links", "warn", "gone");
    has(&found, "upstream_keys", "warn", "bobby");
    has(&found, "upstream_root_url", "warn", "clone past the gateway");
    has(&found, "upstream_open", "fail", "acme/elsewhere");
    has(&found, "upstream_tokens", "warn", "cannot push");
    has(&found, "upstream_side_doors", "warn", "cannot be seen from here");
    let answer = world.get("/admin/doctor", &alice).await;
    assert!(!answer.text().contains("t0p") && !answer.text().contains("Sudo:"));
    // Whom it stands for is told by name, never by a secret of anybody else.
    let asked = asked.lock().unwrap();
    assert!(
        asked
            .iter()
            .all(|(_, credential, sudo)| sudo.is_none() || credential.is_some())
    );
}

fn git(asked: &Asked) -> (u16, &'static str, String) {
    let refs = asked.0.starts_with("/acme/elsewhere.git/info/refs");
    match (refs, asked.1.as_deref()) {
        (true, Some("Basic dTpw")) => (
            200,
            "application/x-git-upload-pack-advertisement",
            String::from("001e# service=git-upload-pack\n"),
        ),
        (true, _) => (401, "text/plain", String::new()),
        (false, _) => (200, "text/html", String::new()),
    }
}

#[tokio::test]
async fn a_git_server_is_asked_for_what_is_bound() {
    let (address, _) = server(git);
    let (world, alice) = world_with("git", &address).await;
    has(
        &checks(&world, &alice, "forge").await,
        "upstream_credential",
        "warn",
        "nothing is bound",
    );
    let bind = "/admin/upstreams/forge/repositories/acme/elsewhere";
    world.call("PUT", bind, &alice, json!({})).await.expect(201);
    has(
        &checks(&world, &alice, "forge").await,
        "upstream_credential",
        "fail",
        "refused",
    );
    let secrets = json!({"secrets": {"username": "u", "password": "p"}});
    world
        .call("PUT", "/admin/upstreams/forge/credential", &alice, secrets)
        .await
        .expect(200);
    let found = checks(&world, &alice, "forge").await;
    has(&found, "upstream_credential", "ok", "acme/elsewhere can be read");
    assert!(
        !found.iter().any(|(check, ..)| check == "upstream_open"),
        "{found:?}"
    );
}

#[tokio::test]
async fn what_is_not_there_or_not_current_is_told() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (world, alice) = world_with("gitea", &format!("http://{closed}")).await;
    has(
        &checks(&world, &alice, "forge").await,
        "upstream_reachable",
        "fail",
        "cannot be reached",
    );
    let patch = json!({"settings": {"facts_seconds_max": 600}, "mode": "observe", "observe_until": "2026-06-01T00:00:00Z"});
    world
        .call("PATCH", "/admin/upstreams/forge", &alice, patch)
        .await
        .expect(200);
    let found = checks(&world, &alice, "forge").await;
    has(&found, "upstream_facts", "fail", "never synchronised");
    has(&found, "upstream_mode", "warn", "only observed until 2026-06-01");
    let (plain, _) = server(git);
    let body = json!({"name": "other", "kind": "git", "address": plain.replace("http://", "https://")});
    world.call("POST", ALL, &alice, body).await.expect(201);
    has(
        &checks(&world, &alice, "other").await,
        "upstream_tls",
        "fail",
        "TLS with the upstream failed",
    );
}

fn hub(asked: &Asked) -> (u16, &'static str, String) {
    let json = "application/json";
    match (asked.0.as_str(), &asked.1) {
        ("/api/v3/app", Some(claim)) if claim.starts_with("Bearer eyJ") => {
            let app = json!({"id": 9001, "slug": "gate", "permissions": {"metadata": "read"}});
            (200, json, app.to_string())
        }
        ("/api/v3/app", _) => (401, json, "{}".into()),
        _ => (200, "text/html", "<html>".into()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_githubs_app_is_tried() {
    let (address, asked) = server(hub);
    let (world, alice) = world_with("github", &address).await;
    has(
        &checks(&world, &alice, "forge").await,
        "upstream_credential",
        "fail",
        "neither app_id",
    );
    let set = |settings: Value| {
        let patch = json!({"settings": settings});
        world.call("PATCH", "/admin/upstreams/forge", &alice, patch)
    };
    set(json!({"app_id": 9001})).await.expect(200);
    has(
        &checks(&world, &alice, "forge").await,
        "upstream_credential",
        "warn",
        "no private key",
    );
    set(json!({"facts_seconds_max": 600})).await.expect(200);
    has(
        &checks(&world, &alice, "forge").await,
        "upstream_credential",
        "fail",
        "no private key",
    );
    assert!(asked.lock().unwrap().iter().all(|one| one.1.is_none()));
    let key = include_str!("../../../gateway/tests/gateway/github/app.pem");
    for (key, state, part) in [
        (
            "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----",
            "fail",
            "cannot be used",
        ),
        (key, "ok", "the App gate"),
    ] {
        let secrets = json!({"secrets": {"private_key": key}});
        let path = "/admin/upstreams/forge/credential";
        world.call("PUT", path, &alice, secrets).await.expect(200);
        has(
            &checks(&world, &alice, "forge").await,
            "upstream_credential",
            state,
            part,
        );
    }
    has(
        &checks(&world, &alice, "forge").await,
        "upstream_app",
        "warn",
        "members",
    );
    set(json!({"app_id": 9002})).await.expect(200);
    has(
        &checks(&world, &alice, "forge").await,
        "upstream_credential",
        "fail",
        "another App",
    );
}

fn api(asked: &Asked) -> (u16, &'static str, String) {
    match (asked.0.as_str(), asked.1.as_deref()) {
        ("/status", Some("Bearer right")) | ("/open", _) => (200, "text/plain", "ok".into()),
        ("/status", _) => (401, "text/plain", "no".into()),
        _ => (404, "text/plain", "no".into()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_described_api_is_tried_where_it_can_be() {
    let (address, asked) = server(api);
    let world = World::new();
    let alice = world.session("alice");
    let catalogue =
        |path: &str, needs: &str| format!("any/read  GET {path}\n  needs {needs}\n  why anybody may\n");
    let made = json!({"name": "any", "kind": "generic", "address": address,
        "settings": {"catalogue": catalogue("/status", "live"), "headers": ["Authorization: Bearer {secret}"]}});
    world.call("POST", ALL, &alice, made).await.expect(201);
    has(
        &checks(&world, &alice, "any").await,
        "upstream_credential",
        "warn",
        "cannot be tried",
    );
    for (secret, state, part) in [
        ("wrong", "fail", "refused with status 401"),
        ("right", "ok", "/status can be read"),
    ] {
        let secrets = json!({"secrets": {"secret": secret}});
        let path = "/admin/upstreams/any/credential";
        world.call("PUT", path, &alice, secrets).await.expect(200);
        let found = checks(&world, &alice, "any").await;
        has(&found, "upstream_credential", state, part);
        assert!(!format!("{found:?}").contains(secret), "never shown");
    }
    for (path, needs, part) in [
        ("/open", "live", "answers without it as well"),
        ("/status/{thing}", "live", "has no GET"),
        ("/gone", "live", "status 404"),
    ] {
        let patch = json!({"settings": {"catalogue": catalogue(path, needs)}});
        world
            .call("PATCH", "/admin/upstreams/any", &alice, patch)
            .await
            .expect(200);
        asked.lock().unwrap().clear();
        has(
            &checks(&world, &alice, "any").await,
            "upstream_credential",
            "warn",
            part,
        );
        let asked: Vec<String> = asked.lock().unwrap().iter().map(|one| one.0.clone()).collect();
        assert!(asked.iter().all(|one| one == "/" || one == path), "{asked:?}");
    }
}

/// The challenge of a registry: nobody gets anything without `u` and `p`.
fn closed(asked: &Asked) -> (u16, &'static str, String) {
    match (asked.0.as_str(), asked.1.as_deref()) {
        ("/", _) => (200, "text/html", String::new()),
        (_, Some("Basic dTpw")) => match asked.0.as_str() {
            "/v2/" | "/simple/" => (200, "application/json", "{}".into()),
            "/v3/index.json" => (404, "text/plain", String::new()),
            _ => (
                if asked.0.starts_with("POST") { 400 } else { 404 },
                "text/plain",
                String::new(),
            ),
        },
        _ => (401, "text/plain", String::new()),
    }
}

/// A registry that asks nobody.
fn wide_open(asked: &Asked) -> (u16, &'static str, String) {
    match asked.0.as_str() {
        "/" | "/v2/" | "/simple/" | "/v3/index.json" => (200, "application/json", "{}".into()),
        path => (
            if path.starts_with("P") { 400 } else { 404 },
            "text/plain",
            String::new(),
        ),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_is_tried_for_reading_and_for_publishing() {
    let (address, asked) = server(closed);
    for kind in ["oci", "npm", "maven", "pypi"] {
        let (world, alice) = world_with(kind, &address).await;
        let path = "/admin/upstreams/forge/credential";
        let found = checks(&world, &alice, "forge").await;
        has(
            &found,
            "upstream_credential",
            "fail",
            "none is set, and the registry asks",
        );
        for (password, state, part) in [
            ("wrong", "fail", "refuses it with status 401"),
            ("p", "ok", "for publishing"),
        ] {
            let secrets = json!({"secrets": {"username": "u", "password": password}});
            world.call("PUT", path, &alice, secrets).await.expect(200);
            let found = checks(&world, &alice, "forge").await;
            has(&found, "upstream_reachable", "ok", "there is an answer");
            has(&found, "upstream_credential", state, part);
            has(&found, "upstream_side_doors", "warn", "cannot be seen from here");
            assert!(
                !found.iter().any(|(check, ..)| check == "upstream_open"),
                "{kind}: {found:?}"
            );
        }
    }
    // What is asked names what nobody has, and brings nothing.
    let asked = asked.lock().unwrap();
    let changing: std::collections::BTreeSet<&str> = asked
        .iter()
        .map(|one| one.0.as_str())
        .filter(|path| !path.starts_with('/'))
        .collect();
    assert_eq!(
        changing.into_iter().collect::<Vec<_>>(),
        [
            "DELETE /-/package/bailiwick-doctor-none/dist-tags/none",
            "DELETE /bailiwick/doctor/none/0/none-0.pom",
            "POST /",
            "PUT /v2/bailiwick-doctor/none/manifests/none",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_asks_nobody_is_a_side_door() {
    let (address, _) = server(wide_open);
    for kind in ["oci", "npm", "maven", "pypi"] {
        let (world, alice) = world_with(kind, &address).await;
        let found = checks(&world, &alice, "forge").await;
        has(
            &found,
            "upstream_credential",
            "ok",
            "none is set, and the registry asks for none",
        );
        has(&found, "upstream_open", "warn", "no credential before publishing");
        let secrets = json!({"secrets": {"username": "u", "password": "p"}});
        let path = "/admin/upstreams/forge/credential";
        world.call("PUT", path, &alice, secrets).await.expect(200);
        let found = checks(&world, &alice, "forge").await;
        has(&found, "upstream_credential", "warn", "cannot be tried");
    }
    // Files that are there to be read alone.
    let (address, _) = server(|asked| {
        let status = if asked.0.starts_with("DELETE") { 405 } else { 200 };
        (status, "text/plain", String::new())
    });
    let (world, alice) = world_with("maven", &address).await;
    let found = checks(&world, &alice, "forge").await;
    has(&found, "upstream_open", "warn", "can read without a credential");
    // An address at which something else answers.
    let (address, _) = server(api);
    let (world, alice) = world_with("oci", &address).await;
    let found = checks(&world, &alice, "forge").await;
    has(&found, "upstream_credential", "fail", "/v2/ is not there");
}
