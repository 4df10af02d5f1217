//! What a request asks of a registry of packages, in one form for the five protocols. Their parsers make it of method, raw
//! path and raw query; what they do not know is nothing, and nothing is refused.

mod ask;
mod text;

pub use ask::Asks;
pub use text::{query, segments};

use crate::{maven, npm, nuget, oci, pypi};
use bailiwick_model::RegistryKind;

/// A package's name: in the form that is compared, and as it was sent.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct PackageName {
    /// The normal form: two names of one package have the same.
    pub normal: String,
    /// As the client wrote it, decoded.
    pub sent: String,
}

impl PackageName {
    /// A name that has no other form.
    pub fn plain(name: &str) -> PackageName {
        PackageName {
            normal: name.to_owned(),
            sent: name.to_owned(),
        }
    }
}

/// What a request asks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ask {
    /// What is to be done.
    pub what: Asks,
    /// The package that it is about.
    pub package: Option<PackageName>,
    /// The version, tag or digest.
    pub version: Option<String>,
    /// A second package that it reads: where a blob is mounted from.
    pub source: Option<PackageName>,
    /// Whatever else the handler needs to know, by name.
    pub parameters: Vec<(&'static str, String)>,
}

impl Ask {
    /// Of the registry itself.
    pub fn of(what: Asks) -> Ask {
        Ask {
            what,
            package: None,
            version: None,
            source: None,
            parameters: Vec::new(),
        }
    }

    /// Of a package.
    pub fn about(what: Asks, package: PackageName) -> Ask {
        Ask {
            package: Some(package),
            ..Ask::of(what)
        }
    }

    /// Of a version of it.
    #[must_use]
    pub fn version(mut self, version: impl Into<String>) -> Ask {
        self.version = Some(version.into());
        self
    }

    /// With one more thing for the handler.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Ask {
        self.parameters.push((name, value.into()));
        self
    }
}

/// Reads a request. The method is that of the operation, so HEAD comes as GET; the path is relative to the registry and
/// begins with a slash (`/v2/…` for images, what is behind `/-/NAME` for others); both are raw.
pub fn parse(kind: RegistryKind, method: &str, path: &str, query: Option<&str>) -> Option<Ask> {
    match kind {
        RegistryKind::Oci => oci::parse(method, path, query),
        RegistryKind::Npm => npm::parse(method, path, query),
        RegistryKind::Maven => maven::parse(method, path, query),
        RegistryKind::NuGet => nuget::parse(method, path, query),
        RegistryKind::PyPi => pypi::parse(method, path, query),
    }
}

/// The names above a normal name at which an administrator's link of a prefix can stand, longest first, and the name
/// itself before them: cut at what the kind separates names with, and nowhere else.
pub fn above(kind: RegistryKind, normal: &str) -> Vec<&str> {
    let cuts = |byte: u8| match kind {
        RegistryKind::Oci | RegistryKind::Npm => byte == b'/',
        RegistryKind::Maven => byte == b'.' || byte == b'/' || byte == b':',
        RegistryKind::NuGet => byte == b'.',
        RegistryKind::PyPi => byte == b'-',
    };
    let mut names = vec![normal];
    for (at, byte) in normal.bytes().enumerate().rev() {
        if cuts(byte)
            && let Some(name) = normal.get(..at).filter(|name| !name.is_empty())
        {
            names.push(name);
        }
    }
    names
}

/// The normal form of a name that an administrator links; with `prefix`, of one that names can begin with.
pub fn linked(kind: RegistryKind, text: &str, prefix: bool) -> Option<String> {
    match kind {
        RegistryKind::Oci => oci::is_name(text).then(|| text.to_owned()),
        RegistryKind::Npm if prefix && npm::is_scope(text) => Some(text.to_owned()),
        RegistryKind::Npm => npm::normal(text),
        RegistryKind::Maven => maven::linked(text, prefix),
        RegistryKind::NuGet => nuget::normal(text),
        RegistryKind::PyPi => pypi::normal(text),
    }
}

#[cfg(test)]
mod tests;
