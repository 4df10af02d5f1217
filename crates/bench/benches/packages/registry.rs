//! docker-registry with an image in it, open to whoever reaches it.

use crate::program::{Program, free_port};
use crate::{Outcome, wire};
use std::path::Path;
use std::process::Command;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// A running registry.
pub struct Registry {
    /// Where it listens.
    pub port: u16,
    _program: Program,
}

impl Registry {
    /// Starts an empty one.
    pub fn start(program: &Path, directory: &Path) -> Outcome<Registry> {
        let port = free_port()?;
        let config = directory.join("registry.yml");
        let text = format!(
            "version: 0.1\nlog: {{level: error, accesslog: {{disabled: true}}}}\nstorage:\n  filesystem: \
             {{rootdirectory: {}/images}}\nhttp: {{addr: '127.0.0.1:{port}'}}\n",
            directory.display()
        );
        std::fs::write(&config, text)?;
        let mut command = Command::new(program);
        command.arg("serve").arg(&config);
        let mut running = Program::start(&mut command, &directory.join("registry.log"))?;
        running.wait_until(|| std::net::TcpStream::connect(("127.0.0.1", port)).is_ok())?;
        Ok(Registry {
            port,
            _program: running,
        })
    }

    /// Its address.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Stores an image of these layers under the tag `bench`.
    pub fn image(&self, layers: &[String], layer_bytes: usize) -> Outcome<()> {
        let config = format!(
            "{{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{{}},\"rootfs\":{{\"type\":\"layers\",\"diff_ids\":[{}]}}}}",
            layers
                .iter()
                .map(|digest| format!("\"{digest}\""))
                .collect::<Vec<_>>()
                .join(",")
        );
        let config_digest = self.blob(config.as_bytes())?;
        let described = |kind: &str, digest: &str, size: usize| {
            format!(
                "{{\"mediaType\":\"application/vnd.oci.image.{kind}\",\"digest\":\"{digest}\",\"size\":{size}}}"
            )
        };
        let manifest = format!(
            "{{\"schemaVersion\":2,\"mediaType\":\"{MANIFEST}\",\"config\":{},\"layers\":[{}]}}",
            described("config.v1+json", &config_digest, config.len()),
            layers
                .iter()
                .map(|digest| described("layer.v1.tar", digest, layer_bytes))
                .collect::<Vec<_>>()
                .join(",")
        );
        wire::put(
            self.port,
            "/v2/acme/site/manifests/bench",
            MANIFEST,
            manifest.as_bytes(),
        )
    }

    fn blob(&self, bytes: &[u8]) -> Outcome<String> {
        let hash = ring::digest::digest(&ring::digest::SHA256, bytes);
        let digits: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        let digest = format!("sha256:{digits}");
        wire::upload(self.port, "/v2/acme/site/blobs/uploads/", &digest, bytes)?;
        Ok(digest)
    }

    /// Stores a layer of bytes that do not compress; gives its digest.
    pub fn layer(&self, seed: u8, length: usize) -> Outcome<String> {
        let mut word = u64::from(seed) + 1;
        let mut bytes = Vec::with_capacity(length + 8);
        while bytes.len() < length {
            word = word
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            bytes.extend_from_slice(&(word >> 16).to_le_bytes());
        }
        bytes.truncate(length);
        self.blob(&bytes)
    }
}
