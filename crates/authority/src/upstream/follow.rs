//! Where an upstream's redirects of downloads may lead, when nothing is set: the hosts that are known of its kind.

use bailiwick_model::{UpstreamKind, UpstreamSettings};

/// Hosts that GitHub's own service redirects to: archives, objects of LFS and assets, files of releases.
const GITHUB: &[&str] = &[
    "https://codeload.github.com",
    "https://objects.githubusercontent.com",
    "https://release-assets.githubusercontent.com",
    "https://github-cloud.githubusercontent.com",
    "https://github-cloud.s3.amazonaws.com",
    "https://lfs.github.com",
];

/// The settings with the hosts of downloads that are known, where none are set.
pub(crate) fn with_known(kind: UpstreamKind, address: &str, settings: &UpstreamSettings) -> UpstreamSettings {
    let mut settings = settings.clone();
    let public = address.trim_end_matches('/') == "https://github.com";
    if kind == UpstreamKind::GitHub && public && settings.follow.is_empty() {
        settings.follow = GITHUB.iter().map(|text| (*text).to_owned()).collect();
    }
    settings
}
