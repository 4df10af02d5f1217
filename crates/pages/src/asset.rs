//! What pages link to: the style sheet, the script, the icon. They are in the binary and are served under a
//! name that holds their digest, so that a browser may keep them for ever.

use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::sync::LazyLock;

/// A file in the binary.
#[derive(Debug)]
pub struct Asset {
    /// Its plain name: `app.css`.
    pub name: &'static str,
    /// Its media type, for `Content-Type`.
    pub content_type: &'static str,
    /// Its bytes.
    pub bytes: &'static [u8],
    /// Twenty hex digits of its SHA-256.
    pub hash: String,
    /// Its path: `/assets/{hash}/{name}`.
    pub url: String,
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    vec![
        asset(
            "app.css",
            "text/css; charset=utf-8",
            include_bytes!("../assets/app.css"),
        ),
        asset(
            "app.js",
            "text/javascript; charset=utf-8",
            include_bytes!("../assets/app.js"),
        ),
        asset(
            "favicon.svg",
            "image/svg+xml",
            include_bytes!("../assets/favicon.svg"),
        ),
    ]
});

fn asset(name: &'static str, content_type: &'static str, bytes: &'static [u8]) -> Asset {
    let mut hash = String::new();
    for byte in Sha256::digest(bytes).iter().take(10) {
        // Writing to a string cannot fail.
        let _ = write!(hash, "{byte:02x}");
    }
    let url = format!("/assets/{hash}/{name}");
    Asset {
        name,
        content_type,
        bytes,
        hash,
        url,
    }
}

/// Every asset.
pub fn all() -> &'static [Asset] {
    &ASSETS
}

/// The path of an asset; empty for a name that does not exist.
pub fn url(name: &str) -> &'static str {
    ASSETS
        .iter()
        .find(|asset| asset.name == name)
        .map_or("", |asset| asset.url.as_str())
}

/// The asset at `/assets/{hash}/{name}`; `None` for a digest of another version, so that no cache keeps
/// today's bytes under yesterday's name.
pub fn find(hash: &str, name: &str) -> Option<&'static Asset> {
    ASSETS
        .iter()
        .find(|asset| asset.name == name && asset.hash == hash)
}
