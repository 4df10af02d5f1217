//! A plain repository as people run them: nginx with WebDAV's PUT and DELETE and an account of its own, behind a wire that
//! keeps every byte; and the gate before it with groups that are linked.

use crate::git::bed::{Wire, nginx};
use crate::registry::place::Place;
use crate::server::Guarded;
use bailiwick_model::{RegistryKind, UpstreamSettings, Visibility};
use std::fs;

pub struct Repository {
    guard: Guarded,
    pub directory: tempfile::TempDir,
    pub wire: Wire,
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
        let here = root.display();
        let (guard, there) = nginx(
            root,
            &format!("root {here}/files; location / {{ dav_methods PUT DELETE; create_full_put_path on; }}"),
        );
        Repository {
            guard,
            directory,
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
