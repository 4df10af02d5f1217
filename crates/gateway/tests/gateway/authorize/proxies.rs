//! nginx and Caddy with the examples as they ship, in front of an application that must see what was decided, or nothing.

use super::{Stage, TRUSTED, header};
use crate::front::Answered;
use crate::server::{self, Guarded};
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// A running proxy.
struct Proxy {
    _guard: Guarded,
    address: SocketAddr,
    _directory: tempfile::TempDir,
}

/// An example with the addresses of this test.
fn example(text: &str, stage: &Stage, port: u16) -> String {
    let there = [
        ("127.0.0.1:8417", stage.front.address.to_string()),
        ("127.0.0.1:3000", stage.app.address.to_string()),
        (":8080", format!(":{port}")),
    ];
    there.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "the example has {from}");
        text.replace(from, to)
    })
}

impl Proxy {
    fn start(program: &str, arguments: impl Fn(&Path, u16) -> Vec<String>) -> Proxy {
        let directory = tempfile::Builder::new()
            .prefix("bailiwick-proxy-")
            .tempdir()
            .unwrap();
        let address = server::free();
        let mut command = Command::new(program);
        command
            .args(arguments(directory.path(), address.port()))
            .env("HOME", directory.path());
        let guard = Guarded::start(&command);
        server::listens(address, program);
        Proxy {
            _guard: guard,
            address,
            _directory: directory,
        }
    }

    fn nginx(stage: &Stage) -> Proxy {
        Proxy::start("nginx", |root, port| {
            let example = example(
                include_str!("../../../../../examples/authorize/nginx.conf"),
                stage,
                port,
            );
            let root = root.display();
            let whole = format!(
                "daemon off; master_process off; pid {root}/nginx.pid; error_log {root}/error.log;\n\
                 events {{ worker_connections 128; }}\n\
                 http {{ access_log off; client_body_temp_path {root}/b; proxy_temp_path {root}/p;\n\
                 fastcgi_temp_path {root}/f; uwsgi_temp_path {root}/u; scgi_temp_path {root}/s;\n{example}\n}}\n"
            );
            fs::write(format!("{root}/nginx.conf"), whole).unwrap();
            vec![
                "-c".into(),
                format!("{root}/nginx.conf"),
                "-p".into(),
                root.to_string(),
            ]
        })
    }

    fn caddy(stage: &Stage) -> Proxy {
        Proxy::start("caddy", |root, port| {
            let example = example(
                include_str!("../../../../../examples/authorize/Caddyfile"),
                stage,
                port,
            );
            let file = root.join("Caddyfile");
            fs::write(&file, example).unwrap();
            vec![
                "run".into(),
                "--config".into(),
                file.display().to_string(),
                "--adapter".into(),
                "caddyfile".into(),
            ]
        })
    }

    /// One request, as these bytes of a target and these headers.
    async fn send(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Answered {
        let mut text = format!("{method} {target} HTTP/1.1\r\nhost: api.example\r\nconnection: close\r\n");
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() {
            text.push_str(&format!("content-length: {}\r\n", body.len()));
        }
        text.push_str(&format!("\r\n{body}"));
        let mut stream = tokio::net::TcpStream::connect(self.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut back = Vec::new();
        let read = stream.read_to_end(&mut back);
        let _ = tokio::time::timeout(Duration::from_secs(60), read)
            .await
            .expect("an answer within a minute");
        Answered::read(&back)
    }
}

const LIST: &str = "/api/acme/site/artifacts";
const FILE: &str = "/api/acme/site/artifacts/a";
const READ: &[(&str, &str)] = &[("metadata", "read"), ("packages", "read")];

/// What a client tries to bring along, in every way that the proxies have.
const LIES: &[(&str, &str)] = &[
    ("x-original-uri", "/api/acme/www/artifacts"),
    ("x-original-method", "GET"),
    ("x-forwarded-uri", "/api/acme/www/artifacts"),
    ("x-forwarded-method", "GET"),
    ("x-forwarded-for", "127.0.0.1"),
    ("x-bailiwick-login", "alice"),
    ("x-bailiwick-token-id", "1"),
];

/// The same life before either proxy.
async fn walk(stage: &Stage, proxy: &Proxy, name: &str) {
    let (id, token) = stage.token(READ);
    let bearer = format!("Bearer {token}");
    let own = ("authorization", bearer.as_str());
    let served = proxy
        .send("GET", &format!("{LIST}?page=2"), &[own], "")
        .await
        .expect(200);
    assert_eq!(served.body, b"from the app");
    let arrived = stage.app.take().remove(0);
    assert_eq!(arrived.target, format!("{LIST}?page=2"));
    assert_eq!(arrived.header("x-bailiwick-login"), Some("bob"));
    assert_eq!(
        arrived.header("x-bailiwick-token-id"),
        Some(id.to_string().as_str())
    );
    assert_eq!(
        arrived.header("authorization"),
        None,
        "the token is for the authority alone"
    );
    // What is refused does not arrive, whatever comes with it.
    for (method, target, status) in [
        ("PUT", FILE, 403),
        ("DELETE", FILE, 403),
        ("GET", "/api/acme/secret/artifacts", 404),
        ("GET", "/no/such", 404),
        ("GET", "/api/acme/site/%2e%2e/secret/artifacts", 400),
        ("GET", "/api/acme%2fsite/artifacts", 400),
    ] {
        for lies in [&[][..], LIES] {
            // Of these two the front doors of the proxies may refuse the lies themselves.
            let headers: Vec<_> = lies.iter().copied().chain([own]).collect();
            let body = if method == "PUT" { "bytes" } else { "" };
            let refused = proxy.send(method, target, &headers, body).await;
            let text = String::from_utf8_lossy(&refused.body).into_owned();
            let overridden = !lies.is_empty() && refused.status == 400;
            assert!(
                refused.status == status || overridden,
                "{name}: {method} {target}: {}\n{text}",
                refused.head
            );
            assert!(stage.app.take().is_empty(), "{name}: {method} {target} arrived");
        }
    }
    let refused = proxy.send("PUT", FILE, &[own], "bytes").await.expect(403);
    assert_eq!(refused.reason(), "level.too_low", "{name}: {}", refused.head);
    let nobody = proxy
        .send("GET", LIST, &[("authorization", "Bearer bwk_x")], "")
        .await
        .expect(401);
    assert_eq!(header(&nobody, "www-authenticate"), "Bearer realm=\"Bailiwick\"");
    // A connection that would change its protocol.
    let upgrade = [
        own,
        ("upgrade", "websocket"),
        ("sec-websocket-key", "x"),
        ("sec-websocket-version", "13"),
    ];
    let refused = proxy.send("GET", LIST, &upgrade, "").await.expect(400);
    assert!(!refused.head.is_empty() && stage.app.take().is_empty(), "{name}");
    // A visitor of what is public is nobody, whoever he says he is.
    let visit: Vec<_> = LIES
        .iter()
        .copied()
        .filter(|(name, _)| name.starts_with("x-bailiwick"))
        .collect();
    let _ = proxy
        .send("GET", "/api/acme/www/artifacts", &visit, "")
        .await
        .expect(200);
    let arrived = stage.app.take().remove(0);
    assert_eq!(arrived.header("x-bailiwick-login"), Some("-"), "{name}");
    assert_eq!(arrived.header("x-bailiwick-token-id"), Some("-"), "{name}");
    // A change with its body, once the token may.
    let (_, token) = stage.token(&[("metadata", "read"), ("packages", "write"), ("contents", "read")]);
    let bearer = format!("Bearer {token}");
    let _ = proxy
        .send("PUT", FILE, &[("authorization", &bearer)], "bytes")
        .await
        .expect(200);
    let arrived = stage.app.take().remove(0);
    assert_eq!(
        (arrived.method.as_str(), arrived.body.as_slice()),
        ("PUT", b"bytes".as_slice())
    );
    let events = stage.front.events();
    let event = events
        .iter()
        .rev()
        .find(|event| event.action == "artifacts.artifacts_upload")
        .unwrap();
    assert_eq!(
        event.request_id.as_deref(),
        arrived.header("x-bailiwick-request-id"),
        "{name}"
    );
    assert_eq!(event.address.as_deref(), Some("127.0.0.1"), "{name}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nginx_asks_and_obeys() {
    let stage = Stage::trusting(TRUSTED).await;
    let proxy = Proxy::nginx(&stage);
    walk(&stage, &proxy, "nginx").await;
    // The example overwrites what clients send under the names that count.
    let (_, token) = stage.token(READ);
    let bearer = format!("Bearer {token}");
    let lies: Vec<_> = LIES
        .iter()
        .copied()
        .chain([("authorization", bearer.as_str())])
        .collect();
    let _ = proxy.send("GET", LIST, &lies, "").await.expect(200);
    let arrived = stage.app.take().remove(0);
    assert_eq!(
        (arrived.target.as_str(), arrived.header("x-bailiwick-login")),
        (LIST, Some("bob"))
    );
    assert_eq!(
        (
            arrived.header("x-original-uri"),
            arrived.header("x-original-method")
        ),
        (None, None)
    );
    // The door to the authority is not a door for clients.
    let _ = proxy.send("GET", "/.bailiwick", &lies, "").await.expect(404);
    assert!(stage.app.take().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn caddy_asks_and_obeys() {
    let stage = Stage::trusting(TRUSTED).await;
    let proxy = Proxy::caddy(&stage);
    walk(&stage, &proxy, "caddy").await;
    let (_, token) = stage.token(READ);
    let bearer = format!("Bearer {token}");
    // What only nginx uses is an override to everybody else.
    let headers = [("authorization", bearer.as_str()), ("x-original-uri", "/")];
    let refused = proxy.send("GET", LIST, &headers, "").await.expect(400);
    assert_eq!(refused.reason(), "head.override");
    let headers = [
        ("authorization", bearer.as_str()),
        ("x-forwarded-uri", "/"),
        ("x-forwarded-method", "DELETE"),
    ];
    let _ = proxy.send("GET", LIST, &headers, "").await.expect(200);
    assert_eq!(stage.app.take().remove(0).target, LIST);
}
