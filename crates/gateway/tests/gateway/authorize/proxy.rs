//! The proxies as programs, each with the example that ships for it, on a port of its own.

use super::Stage;
use crate::front::Answered;
use crate::server::{self, Guarded};
use bailiwick_testkit::program::tool;
use std::ffi::OsStr;
use std::fs;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Where the client is.
pub const CLIENT: &str = "127.0.0.2";
pub const ENVOY_GRPC: &str = include_str!("../../../../../examples/authorize/envoy.yaml");
pub const ENVOY_HTTP: &str = include_str!("../../../../../examples/authorize/envoy-http.yaml");

/// A running proxy.
pub struct Proxy {
    _guard: Guarded,
    address: SocketAddr,
    _directory: tempfile::TempDir,
}

/// An example with the addresses of this test, each of which it has in one of these forms.
fn example(text: &str, there: &[(&str, String)]) -> String {
    there.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "the example has {from}");
        text.replace(from, to)
    })
}

/// Where the example finds the authority, the application and its own port.
fn addresses(asked: SocketAddr, stage: &Stage, port: u16) -> [(&'static str, String); 3] {
    [
        ("127.0.0.1:8417", asked.to_string()),
        ("127.0.0.1:3000", stage.app.address.to_string()),
        (":8080", format!(":{port}")),
    ]
}

impl Proxy {
    fn start(program: impl AsRef<OsStr>, arguments: impl Fn(&Path, u16) -> Vec<String>) -> Proxy {
        let directory = tempfile::Builder::new()
            .prefix("bailiwick-proxy-")
            .tempdir()
            .unwrap();
        let address = server::free();
        let mut command = Command::new(&program);
        command
            .args(arguments(directory.path(), address.port()))
            .env("HOME", directory.path());
        let guard = Guarded::start(&command);
        server::listens(address, &program.as_ref().to_string_lossy());
        Proxy {
            _guard: guard,
            address,
            _directory: directory,
        }
    }

    pub fn nginx(stage: &Stage, asked: SocketAddr) -> Proxy {
        Proxy::start("nginx", |root, port| {
            let example = example(
                include_str!("../../../../../examples/authorize/nginx.conf"),
                &addresses(asked, stage, port),
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

    pub fn caddy(stage: &Stage, asked: SocketAddr) -> Proxy {
        Proxy::start("caddy", |root, port| {
            let example = example(
                include_str!("../../../../../examples/authorize/Caddyfile"),
                &addresses(asked, stage, port),
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

    pub fn traefik(stage: &Stage, asked: SocketAddr) -> Proxy {
        let proxy = Proxy::start(tool("venv/bin/traefik"), |root, port| {
            let [asked, app, _] = addresses(asked, stage, port);
            let example = example(
                include_str!("../../../../../examples/authorize/traefik.yaml"),
                &[asked, app],
            );
            let file = root.join("traefik.yaml");
            fs::write(&file, example).unwrap();
            vec![
                format!("--entrypoints.web.address=127.0.0.1:{port}"),
                format!("--providers.file.filename={}", file.display()),
                "--global.checknewversion=false".into(),
                "--global.sendanonymoususage=false".into(),
            ]
        });
        // It listens before it knows its routers.
        server::until("traefik", || !without_routers(proxy.address));
        proxy
    }

    pub fn envoy(stage: &Stage, asked: SocketAddr, text: &str) -> Proxy {
        Proxy::start(tool("venv/bin/envoy"), |root, port| {
            let of = |port: u16| format!("127.0.0.1, port_value: {port} }}");
            let there = [
                ("127.0.0.1, port_value: 8417 }", of(asked.port())),
                ("127.0.0.1, port_value: 3000 }", of(stage.app.address.port())),
                ("127.0.0.1, port_value: 8080 }", of(port)),
            ];
            let file = root.join("envoy.yaml");
            fs::write(&file, example(text, &there)).unwrap();
            vec![
                "-c".into(),
                file.display().to_string(),
                "--concurrency".into(),
                "1".into(),
                // Others on this machine have nothing to do with it.
                "--disable-hot-restart".into(),
            ]
        })
    }

    /// One request, as these bytes of a target and these headers.
    pub async fn send(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Answered {
        let mut text = format!("{method} {target} HTTP/1.1\r\nhost: api.example\r\n");
        if !headers.iter().any(|(name, _)| *name == "connection") {
            text.push_str("connection: close\r\n");
        }
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        let is_chunked = headers.iter().any(|(name, _)| *name == "transfer-encoding");
        if !body.is_empty() && !is_chunked {
            text.push_str(&format!("content-length: {}\r\n", body.len()));
        }
        text.push_str(&format!("\r\n{body}"));
        // From another address than that which the authority trusts.
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::new(CLIENT.parse().unwrap(), 0)).unwrap();
        let mut stream = socket.connect(self.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut back = Vec::new();
        let read = stream.read_to_end(&mut back);
        let _ = tokio::time::timeout(Duration::from_secs(60), read)
            .await
            .expect("an answer within a minute");
        Answered::read(&back)
    }
}

/// Whether this is Traefik's own answer to what no router takes.
fn without_routers(address: SocketAddr) -> bool {
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let ask = b"GET / HTTP/1.1\r\nhost: api.example\r\nconnection: close\r\n\r\n";
    stream.write_all(ask).unwrap();
    let mut back = String::new();
    stream.read_to_string(&mut back).unwrap();
    back.contains("404 page not found")
}
