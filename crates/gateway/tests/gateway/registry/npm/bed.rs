//! Verdaccio as teams run it, behind a wire that keeps what arrives, and the plain npm with a configuration of its own.

use crate::git::bed::{PASSWORD, USER, Wire, guarded};
use crate::registry::place::Place;
use bailiwick_model::{RegistryKind, UpstreamSettings, Visibility};
use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

pub struct Npm {
    pub place: Place,
    pub wire: Wire,
    directory: tempfile::TempDir,
    guard: Child,
}

impl Drop for Npm {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
    }
}

/// What a run of a client came to.
pub struct Ran {
    pub good: bool,
    pub said: String,
}

impl Ran {
    #[track_caller]
    pub fn good(self) -> String {
        assert!(self.good, "{}", self.said);
        self.said
    }

    #[track_caller]
    pub fn bad(self, expected: &str) -> String {
        assert!(!self.good, "it succeeded: {}", self.said);
        assert!(self.said.contains(expected), "{expected} in {}", self.said);
        self.said
    }
}

/// Where a tool for tests was installed.
pub fn tool(path: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let tool = root.join(".tools").join(path);
    assert!(
        tool.exists(),
        "{path} is missing: `cargo xtask install` installs it"
    );
    tool
}

/// Waits until somebody listens.
pub fn waits_for(there: SocketAddr, what: &str) {
    let began = Instant::now();
    while TcpStream::connect(there).is_err() {
        assert!(
            began.elapsed() < Duration::from_secs(120),
            "{what} does not start"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A port that is free by now.
pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port()
}

impl Npm {
    /// Inside a runtime with several threads. `@acme` is the organization's; `site-ui` belongs to acme/site, `shown` is
    /// everybody's to read.
    pub async fn start() -> Npm {
        let directory = tempfile::Builder::new()
            .prefix("bailiwick-npm-")
            .tempdir()
            .unwrap();
        let root = directory.path();
        // sha1 of the password, as htpasswd has it.
        let digest = ring_sha1(PASSWORD.as_bytes());
        fs::write(root.join("htpasswd"), format!("{USER}:{{SHA}}{digest}\n")).unwrap();
        fs::write(root.join("config.yaml"), CONFIG).unwrap();
        let there = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let mut command = Command::new("node");
        command
            .arg(tool("verdaccio/node_modules/verdaccio/bin/verdaccio"))
            .arg("-c")
            .arg(root.join("config.yaml"))
            .args(["-l", &there.to_string()]);
        let guard = guarded(&command);
        waits_for(there, "Verdaccio");
        let wire = Wire::before(there).await;
        let address = format!("http://{}", wire.address);
        let place = Place::before("npm", RegistryKind::Npm, address, UpstreamSettings::default()).await;
        place.link("site-ui", true, "acme", Some("site"), Visibility::Private);
        place.link("shown", true, "acme", None, Visibility::Public);
        Npm {
            place,
            wire,
            directory,
            guard,
        }
    }

    /// A directory with a package of this name and version.
    pub fn package(&self, name: &str, version: &str) -> PathBuf {
        let at = self
            .directory
            .path()
            .join(format!("{}-{version}", name.replace(['@', '/'], "-")));
        fs::create_dir_all(&at).unwrap();
        let manifest = format!(
            "{{\"name\":\"{name}\",\"version\":\"{version}\",\"main\":\"index.js\",\"license\":\"MIT\"}}"
        );
        fs::write(at.join("package.json"), manifest).unwrap();
        fs::write(at.join("index.js"), format!("module.exports = '{version}';\n")).unwrap();
        at
    }

    /// An empty directory.
    pub fn empty(&self, name: &str) -> PathBuf {
        let at = self.directory.path().join(name);
        fs::create_dir_all(&at).unwrap();
        fs::write(at.join("package.json"), "{\"name\":\"user\",\"private\":true}").unwrap();
        at
    }

    /// Runs npm in a directory with these lines in its configuration.
    pub async fn npm_with(&self, at: &Path, lines: &str, arguments: &[&str]) -> Ran {
        let home = tempfile::tempdir_in(self.directory.path()).unwrap();
        let url = self.place.url();
        let text = format!("registry={url}/\nupdate-notifier=false\nfund=false\nfetch-retries=0\n{lines}\n");
        fs::write(home.path().join("npmrc"), text).unwrap();
        let mut command = Command::new("npm");
        command
            .args(arguments)
            .current_dir(at)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", home.path())
            .env("npm_config_userconfig", home.path().join("npmrc"))
            .env("npm_config_cache", home.path().join("cache"))
            .stdin(std::process::Stdio::null());
        let output = tokio::task::spawn_blocking(move || command.output())
            .await
            .unwrap()
            .unwrap();
        let said = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        Ran {
            good: output.status.success(),
            said,
        }
    }

    /// The same with a token; an empty one is none.
    pub async fn npm(&self, at: &Path, token: &str, arguments: &[&str]) -> Ran {
        let there = self.place.url().replace("http:", "");
        let line = match token {
            "" => String::new(),
            token => format!("{there}/:_authToken={token}"),
        };
        self.npm_with(at, &line, arguments).await
    }
}

fn ring_sha1(bytes: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, bytes);
    bailiwick_testkit::http::base64(digest.as_ref())
}

const CONFIG: &str = "\
storage: ./storage
auth:
  htpasswd:
    file: ./htpasswd
    max_users: -1
uplinks: {}
packages:
  '**':
    access: gateway
    publish: gateway
    unpublish: gateway
max_body_size: 64mb
web:
  enable: false
log: { type: stdout, format: pretty, level: error }
";
