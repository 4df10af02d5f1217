//! Servers behind the gateway: their kinds, modes and settings.

use crate::Timestamp;
use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum $name { $($(#[$vdoc])* $variant),* }

        impl $name {
            /// Every value.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];

            /// Its word in storage, configuration and API.
            pub const fn word(self) -> &'static str {
                match self { $($name::$variant => $word),* }
            }

            /// The value of a word; `None` for any other text.
            pub fn parse(word: &str) -> Option<$name> {
                match word { $($word => Some($name::$variant),)* _ => None }
            }
        }
    };
}

words! {
    /// What an upstream speaks.
    UpstreamKind {
        /// GitHub or a GitHub Enterprise Server: its REST API, Git and LFS.
        GitHub = "github",
        /// Gitea or Forgejo: its own API, Git and LFS.
        Gitea = "gitea",
        /// Any Git server, or a directory of bare repositories.
        Git = "git",
        /// Any HTTP API that a catalogue file describes.
        Generic = "generic",
        /// A registry of container images.
        Oci = "oci",
        /// A registry of npm packages.
        Npm = "npm",
        /// A Maven repository.
        Maven = "maven",
        /// A NuGet feed.
        NuGet = "nuget",
        /// An index of Python packages.
        PyPi = "pypi",
    }
}

words! {
    /// What a registry of packages speaks.
    RegistryKind {
        /// Container images, by the OCI distribution protocol.
        Oci = "oci",
        /// npm packages.
        Npm = "npm",
        /// Maven artifacts.
        Maven = "maven",
        /// NuGet packages.
        NuGet = "nuget",
        /// Python packages.
        PyPi = "pypi",
    }
}

impl UpstreamKind {
    /// What it speaks as a registry of packages; `None` if it is none.
    pub const fn registry(self) -> Option<RegistryKind> {
        match self {
            UpstreamKind::Oci => Some(RegistryKind::Oci),
            UpstreamKind::Npm => Some(RegistryKind::Npm),
            UpstreamKind::Maven => Some(RegistryKind::Maven),
            UpstreamKind::NuGet => Some(RegistryKind::NuGet),
            UpstreamKind::PyPi => Some(RegistryKind::PyPi),
            UpstreamKind::GitHub | UpstreamKind::Gitea | UpstreamKind::Git | UpstreamKind::Generic => None,
        }
    }
}

impl From<RegistryKind> for UpstreamKind {
    fn from(kind: RegistryKind) -> UpstreamKind {
        kind.upstream()
    }
}

impl RegistryKind {
    /// The kind of upstream that speaks it.
    pub const fn upstream(self) -> UpstreamKind {
        match self {
            RegistryKind::Oci => UpstreamKind::Oci,
            RegistryKind::Npm => UpstreamKind::Npm,
            RegistryKind::Maven => UpstreamKind::Maven,
            RegistryKind::NuGet => UpstreamKind::NuGet,
            RegistryKind::PyPi => UpstreamKind::PyPi,
        }
    }

    /// The word of its packages in events and in GitHub's API, which knows no Python packages.
    pub const fn package_type(self) -> &'static str {
        match self {
            RegistryKind::Oci => "container",
            RegistryKind::Npm => "npm",
            RegistryKind::Maven => "maven",
            RegistryKind::NuGet => "nuget",
            RegistryKind::PyPi => "pypi",
        }
    }

    /// The kind of that word. What GitHub knows and no registry here speaks is none.
    pub fn of_package_type(word: &str) -> Option<RegistryKind> {
        let mut kinds = RegistryKind::ALL.iter().copied();
        kinds.find(|kind| kind.package_type() == word)
    }
}

words! {
    /// How the gateway stands before an upstream.
    UpstreamMode {
        /// Decides every request, and brings the upstream's credential itself.
        Enforce = "enforce",
        /// Decides as if and records, lets the caller's own credential of the upstream pass, refuses nothing.
        Observe = "observe",
    }
}

/// What is set at an upstream besides its address. An absent value is the default.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UpstreamSettings {
    /// Certificate authorities in PEM that are trusted instead of the system's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorities: Option<String>,
    /// Where the API is, if it is not derived from the address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_address: Option<String>,
    /// SHA-256 fingerprints of certificates that are trusted, and then no others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pins: Vec<String>,
    /// Longest time to connect, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connect_seconds_max: Option<u64>,
    /// Longest wait for the head of an answer, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer_seconds_max: Option<u64>,
    /// Longest time in which nothing of a body comes, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle_seconds_max: Option<u64>,
    /// The largest answer to a call of an API, in bytes; Git and LFS have no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer_bytes_max: Option<u64>,
    /// Whether pushes are received beside a mirror and inspected before they are passed on.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub inspect: bool,
    /// How old synchronised facts may be, in seconds; older ones refuse. Absent: the directory is kept here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facts_seconds_max: Option<u64>,
    /// How often the directory is synchronised, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poll_seconds: Option<u64>,
    /// Base addresses to which the upstream's redirects of downloads are followed, without a credential.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub follow: Vec<String>,
    /// `gitea`: the header by which its reverse-proxy authentication takes a person's name, outside its API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_header: Option<String>,
    /// The largest file that may be published to a registry, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upload_bytes_max: Option<u64>,
    /// `generic`: headers to send, such as `Authorization: Bearer {secret}`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<String>,
    /// `generic`: what it can be asked, in the format of the catalogue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub catalogue: Option<String>,
    /// `github`: the App's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_id: Option<i64>,
    /// `github`: the App's client id, for linking accounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
}

/// How often a directory is synchronised where nothing else is set, in seconds.
const POLL_SECONDS: u64 = 300;

impl UpstreamSettings {
    /// Whether facts of an instant are too old to decide on. Where the directory is kept here they never are.
    pub fn is_stale(&self, synchronised_at: Option<Timestamp>, now: Timestamp) -> bool {
        let Some(bound) = self.facts_seconds_max else {
            return false;
        };
        let bound = i64::try_from(bound).unwrap_or(i64::MAX);
        synchronised_at.is_none_or(|at| now.seconds().saturating_sub(at.seconds()) > bound)
    }

    /// How often the directory is synchronised, in seconds: at least twice within the bound of its age. `None` where it
    /// is kept here.
    pub fn synchronise_seconds(&self) -> Option<u64> {
        let bound = self.facts_seconds_max?;
        Some(self.poll_seconds.unwrap_or(POLL_SECONDS).min(bound / 2).max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::{RegistryKind, UpstreamKind, UpstreamMode, UpstreamSettings};

    #[test]
    fn words_lead_back_to_their_values() {
        for kind in UpstreamKind::ALL {
            assert_eq!(UpstreamKind::parse(kind.word()), Some(*kind));
        }
        for kind in RegistryKind::ALL {
            assert_eq!(RegistryKind::parse(kind.word()), Some(*kind));
            assert_eq!(kind.upstream().registry(), Some(*kind));
            assert_eq!(kind.upstream().word(), kind.word());
        }
        for mode in UpstreamMode::ALL {
            assert_eq!(UpstreamMode::parse(mode.word()), Some(*mode));
        }
        assert_eq!(UpstreamKind::parse("GitHub"), None);
    }

    #[test]
    fn settings_are_read_strictly() {
        let read =
            |text: &str| serde_json::from_str::<UpstreamSettings>(text).map_err(|error| error.to_string());
        assert_eq!(read("{}"), Ok(UpstreamSettings::default()));
        assert!(read(r#"{"inspect":true}"#).is_ok_and(|settings| settings.inspect));
        assert!(read(r#"{"inspekt":true}"#).is_err());
        assert_eq!(serde_json::to_string(&UpstreamSettings::default()).unwrap(), "{}");
    }
}
