//! Which upstreams are mounted at present, each below `/-/NAME`. Swapped whole when they change; only requests below
//! `/-/` ever look here.

use bailiwick_catalogue::Extension;
use bailiwick_model::{RegistryKind, UpstreamId};
use std::sync::{Arc, PoisonError, RwLock};

/// Where mounts live. No login is a hyphen, so no account, repository or page can have such a path.
const PREFIX: &str = "/-/";

/// A registry of packages that is mounted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MountedRegistry {
    /// Its name.
    pub name: String,
    /// The upstream.
    pub id: UpstreamId,
    /// What it speaks.
    pub kind: RegistryKind,
}

/// The mounted upstreams.
#[derive(Debug, Default)]
pub struct Mounts {
    // INVARIANT: sorted by name, no name twice.
    current: RwLock<Arc<[Arc<Extension>]>>,
    // INVARIANT: none has the name of an extension: names of upstreams are unique.
    registries: RwLock<Arc<[MountedRegistry]>>,
}

/// Two upstreams of one name cannot both be mounted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MountedTwice(
    /// The name.
    pub String,
);

impl Mounts {
    /// Replaces all that is mounted. Requests under way keep the operation that they were decided on.
    pub fn replace(&self, extensions: Vec<Arc<Extension>>) -> Result<(), MountedTwice> {
        let mut sorted = extensions;
        sorted.sort_by(|one, other| one.name().cmp(other.name()));
        for pair in sorted.windows(2) {
            if let [one, other] = pair
                && one.name() == other.name()
            {
                return Err(MountedTwice(one.name().to_owned()));
            }
        }
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = sorted.into();
        Ok(())
    }

    /// Replaces the registries that are mounted.
    pub fn replace_registries(&self, registries: Vec<MountedRegistry>) {
        *self.registries.write().unwrap_or_else(PoisonError::into_inner) = registries.into();
    }

    /// The registry that is mounted under a name.
    pub fn registry(&self, name: &str) -> Option<MountedRegistry> {
        let registries = self.registries.read().unwrap_or_else(PoisonError::into_inner);
        registries.iter().find(|known| known.name == name).cloned()
    }

    /// What is mounted, by name.
    pub fn current(&self) -> Arc<[Arc<Extension>]> {
        self.current
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Looks at the upstream that is mounted under a name.
    pub fn look<T>(&self, name: &str, at: impl FnOnce(&Extension) -> T) -> Option<T> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        let place = current.binary_search_by(|known| known.name().cmp(name)).ok()?;
        current.get(place).map(|found| at(found))
    }
}

/// Splits a raw path `/-/NAME/rest` into the name and the path behind it, which begins with a slash. `None` for a path
/// of another door; a path without a name has an empty one.
pub fn split_mount(path: &str) -> Option<(&str, &str)> {
    if path == "/-" {
        return Some(("", "/"));
    }
    let rest = path.strip_prefix(PREFIX)?;
    Some(match rest.bytes().position(|byte| byte == b'/') {
        Some(at) => rest.split_at(at),
        None => (rest, "/"),
    })
}
