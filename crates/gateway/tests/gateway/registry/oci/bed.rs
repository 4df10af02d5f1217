//! docker-registry as people run it, with a password that the gateway alone has, and the plain clients of images.

use crate::client::Ran;
use crate::server::{self, Guarded};
use serde_json::Value;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The password of `bed::USER`, as the registry keeps it.
const HASHED: &str = "gateway:$2y$05$b/61FsasiXVBj.IlO3UrxeUB62wdhClq8pBtfN4uW4LSLAltGqsMq\n";

/// A running registry.
pub struct Registry {
    guard: Guarded,
    pub directory: tempfile::TempDir,
    pub there: SocketAddr,
}

impl Registry {
    /// Starts an empty one.
    pub fn start() -> Registry {
        let directory = tempfile::Builder::new()
            .prefix("bailiwick-registry-")
            .tempdir()
            .unwrap();
        let root = directory.path();
        let there = server::free();
        fs::write(root.join("passwords"), HASHED).unwrap();
        let config = format!(
            "version: 0.1\nlog: {{level: error}}\nstorage:\n  filesystem: {{rootdirectory: {root}/images}}\n  \
             delete: {{enabled: true}}\nhttp: {{addr: '{there}'}}\nauth:\n  \
             htpasswd: {{realm: the-registry-itself, path: {root}/passwords}}\n",
            root = root.display()
        );
        fs::write(root.join("config.yml"), config).unwrap();
        let mut command = Command::new("docker-registry");
        command.arg("serve").arg(root.join("config.yml"));
        let guard = Guarded::start(&command);
        server::listens(there, "docker-registry");
        Registry {
            guard,
            directory,
            there,
        }
    }

    /// Where the gateway finds it.
    pub fn address(&self) -> String {
        format!("http://{}", self.there)
    }

    /// The directory in which an image's uploads, layers and manifests are noted.
    pub fn image(&self, name: &str) -> PathBuf {
        let images = self
            .directory
            .path()
            .join("images/docker/registry/v2/repositories");
        images.join(name)
    }
}

/// Runs a client in a directory of its own, untouched by the settings of whoever runs the tests.
pub fn run(directory: &Path, program: &str, arguments: &[&str]) -> Ran {
    let settings = directory.join("containers");
    fs::create_dir_all(&settings).unwrap();
    for (name, text) in [
        (
            "policy.json",
            r#"{"default":[{"type":"insecureAcceptAnything"}]}"#,
        ),
        ("registries.conf", "unqualified-search-registries = []\n"),
        ("storage.conf", "[storage]\ndriver = \"vfs\"\n"),
    ] {
        fs::write(settings.join(name), text).unwrap();
    }
    let output = Command::new(program)
        .current_dir(directory)
        .env("HOME", directory)
        .env("XDG_RUNTIME_DIR", directory)
        .env("TMPDIR", directory)
        .env("LC_ALL", "C")
        .env("BUILDAH_ISOLATION", "chroot")
        .env("REGISTRY_AUTH_FILE", directory.join("auth.json"))
        .env("CONTAINERS_REGISTRIES_CONF", settings.join("registries.conf"))
        .env("CONTAINERS_STORAGE_CONF", settings.join("storage.conf"))
        .env_remove("http_proxy")
        .env_remove("https_proxy")
        .args(arguments)
        .output();
    output.unwrap().into()
}

/// Runs skopeo with the settings above.
pub fn skopeo(directory: &Path, arguments: &[&str]) -> Ran {
    let mut all = vec!["--policy", "containers/policy.json"];
    all.extend_from_slice(arguments);
    run(directory, "skopeo", &all)
}

/// Runs buildah with a store of its own.
pub fn buildah(directory: &Path, arguments: &[&str]) -> Ran {
    let (root, run_root) = (directory.join("store"), directory.join("run"));
    let mut all = vec![
        "--storage-driver",
        "vfs",
        "--root",
        root.to_str().unwrap(),
        "--runroot",
        run_root.to_str().unwrap(),
    ];
    all.extend_from_slice(arguments);
    run(directory, "buildah", &all)
}

#[track_caller]
pub fn good(ran: &Ran) -> &str {
    assert!(ran.good, "it failed: {}{}", ran.out, ran.err);
    &ran.out
}

#[track_caller]
pub fn bad(ran: &Ran) -> &str {
    assert!(!ran.good, "it succeeded: {}{}", ran.out, ran.err);
    &ran.err
}

/// The name of bytes by their hash.
pub fn digest(bytes: &[u8]) -> String {
    let hash = ring::digest::digest(&ring::digest::SHA256, bytes);
    let hex: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

pub const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";
pub const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// A manifest of a configuration and layers, in this order.
pub fn manifest(config: &[u8], layers: &[&[u8]]) -> Vec<u8> {
    let of = |bytes: &[u8], media_type: &str| -> Value {
        serde_json::json!({"mediaType": media_type, "digest": digest(bytes), "size": bytes.len()})
    };
    let layers: Vec<Value> = layers
        .iter()
        .map(|layer| of(layer, "application/vnd.oci.image.layer.v1.tar"))
        .collect();
    let value = serde_json::json!({
        "schemaVersion": 2,
        "mediaType": IMAGE,
        "config": of(config, "application/vnd.oci.image.config.v1+json"),
        "layers": layers,
    });
    serde_json::to_vec(&value).unwrap()
}

/// A directory as skopeo writes one (`dir:`), with an image of these layers.
pub fn image_at(directory: &Path, name: &str, labels: &Value, layers: &[&[u8]]) -> String {
    let at = directory.join(name);
    fs::create_dir_all(&at).unwrap();
    let ids: Vec<String> = layers.iter().map(|layer| digest(layer)).collect();
    let config = serde_json::json!({
        "architecture": "amd64", "os": "linux", "config": {"Labels": labels},
        "rootfs": {"type": "layers", "diff_ids": ids},
        "history": ids.iter().map(|_| serde_json::json!({"created_by": "test"})).collect::<Vec<_>>(),
    });
    let config = serde_json::to_vec(&config).unwrap();
    fs::write(at.join("version"), "Directory Transport Version: 1.1\n").unwrap();
    for blob in layers.iter().copied().chain([config.as_slice()]) {
        fs::write(at.join(digest(blob).split_at(7).1), blob).unwrap();
    }
    fs::write(at.join("manifest.json"), manifest(&config, layers)).unwrap();
    format!("dir:{}", at.display())
}
