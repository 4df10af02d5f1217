//! A plain repository as people run them: nginx with WebDAV's PUT and DELETE and an account of its own, behind a wire that
//! keeps every byte; and the gate before it with groups that are linked.

use crate::git::bed::{PASSWORD, USER, Wire, guarded};
use crate::registry::place::Place;
use bailiwick_model::{RegistryKind, UpstreamSettings, Visibility};
use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

pub struct Repository {
    pub directory: tempfile::TempDir,
    guard: Child,
    pub wire: Wire,
}

impl Drop for Repository {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
    }
}

impl Repository {
    pub async fn start() -> Repository {
        let directory = tempfile::Builder::new()
            .prefix("bailiwick-maven-")
            .tempdir()
            .unwrap();
        let root = directory.path();
        for name in ["files", "tmp"] {
            fs::create_dir(root.join(name)).unwrap();
        }
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        fs::write(root.join("passwords"), format!("{USER}:{{PLAIN}}{PASSWORD}\n")).unwrap();
        fs::write(root.join("nginx.conf"), config(root, port)).unwrap();
        let mut nginx = Command::new("nginx");
        nginx.arg("-c").arg(root.join("nginx.conf")).arg("-p").arg(root);
        let guard = guarded(&nginx);
        let there = SocketAddr::from(([127, 0, 0, 1], port));
        let began = Instant::now();
        while TcpStream::connect(there).is_err() {
            assert!(
                began.elapsed() < Duration::from_secs(60),
                "nginx does not start: `cargo xtask install` installs it"
            );
            std::thread::sleep(Duration::from_millis(10));
        }
        Repository {
            directory,
            guard,
            wire: Wire::before(there).await,
        }
    }

    /// What lies at a path.
    pub fn file(&self, path: &str) -> Option<Vec<u8>> {
        fs::read(self.directory.path().join("files").join(path)).ok()
    }

    /// Every file that lies there.
    pub fn files(&self) -> Vec<String> {
        let root = self.directory.path().join("files");
        let (mut found, mut left) = (Vec::new(), vec![root.clone()]);
        while let Some(directory) = left.pop() {
            for entry in fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    left.push(path);
                } else {
                    found.push(path.strip_prefix(&root).unwrap().display().to_string());
                }
            }
        }
        found.sort();
        found
    }
}

fn config(root: &Path, port: u16) -> String {
    let root = root.display();
    format!(
        "daemon off; master_process off; pid {root}/nginx.pid; error_log {root}/error.log;\n\
         events {{ worker_connections 128; }}\n\
         http {{\n\
         access_log off; client_max_body_size 0; client_body_temp_path {root}/tmp/b; proxy_temp_path {root}/tmp/p;\n\
         fastcgi_temp_path {root}/tmp/f; uwsgi_temp_path {root}/tmp/u; scgi_temp_path {root}/tmp/s;\n\
         server {{ listen 127.0.0.1:{port}; root {root}/files;\n\
         location / {{ auth_basic upstream; auth_basic_user_file {root}/passwords;\n\
         dav_methods PUT DELETE; create_full_put_path on; }} }} }}\n"
    )
}

/// `com.acme` is the repository acme/site, `com.acme.secret` acme/secret, `org.open` the public acme/www, `org.team` is
/// acme's as a whole, and `org.tools` as well, for everybody to read.
pub async fn place(repository: &Repository) -> Place {
    place_with(repository, UpstreamSettings::default()).await
}

pub async fn place_with(repository: &Repository, settings: UpstreamSettings) -> Place {
    let address = format!("http://{}", repository.wire.address);
    let place = Place::before("jars", RegistryKind::Maven, address, settings).await;
    use Visibility::{Private, Public};
    place.link("com.acme", false, "acme", Some("site"), Private);
    place.link("com.acme.secret", false, "acme", Some("secret"), Private);
    place.link("org.open", false, "acme", Some("www"), Private);
    place.link("org.team", false, "acme", None, Private);
    place.link("org.tools", false, "acme", None, Public);
    place
}
