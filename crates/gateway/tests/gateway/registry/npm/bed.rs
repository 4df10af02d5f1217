//! Verdaccio as teams run it, behind a wire that keeps what arrives, and the plain npm with a configuration of its own.

use crate::git::bed::{PASSWORD, USER, Wire};
use crate::registry::place::Place;
use crate::server::{self, Guarded};
use bailiwick_model::{RegistryKind, UpstreamSettings, Visibility};
use bailiwick_testkit::program::{self, tool};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub struct Npm {
    pub place: Place,
    pub wire: Wire,
    guard: Guarded,
    directory: tempfile::TempDir,
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

/// Runs a client to its end, beside the servers of the test.
pub async fn run(mut command: Command) -> Ran {
    let done = tokio::task::spawn_blocking(move || program::run(&mut command)).await;
    let ran = done.unwrap();
    Ran {
        good: ran.ok,
        said: ran.said(),
    }
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
        let there = server::free();
        let mut command = Command::new("node");
        command
            .arg(tool("verdaccio/node_modules/verdaccio/bin/verdaccio"))
            .arg("-c")
            .arg(root.join("config.yaml"))
            .args(["-l", &there.to_string()]);
        let guard = Guarded::start(&command);
        server::listens(there, "Verdaccio");
        let wire = Wire::before(there).await;
        let address = format!("http://{}", wire.address);
        let place = Place::before("npm", RegistryKind::Npm, address, UpstreamSettings::default()).await;
        place.link("site-ui", true, "acme", Some("site"), Visibility::Private);
        place.link("shown", true, "acme", None, Visibility::Public);
        Npm {
            place,
            wire,
            guard,
            directory,
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
            .env("npm_config_cache", home.path().join("cache"));
        run(command).await
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
