//! What a request presents and names, before anything is looked up.

use crate::registry::Narrowing;
use bailiwick_model::{Digest, RegistryKind, UpstreamId};
use bailiwick_wire::registry::PackageName;
use smol_str::{SmolStr, StrExt as _};
use std::sync::Arc;

/// What a request presented as its credential.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Presented {
    /// Nothing.
    #[default]
    Nothing,
    /// Something that cannot be a credential of ours. It is bad, never none.
    Garbage,
    /// A well-formed secret.
    Digest(Digest),
}

/// How a repository is named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RepositoryKey {
    /// By owner and name.
    Name(SmolStr, SmolStr),
    /// By id.
    Id(i64),
}

/// How an account is named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Account {
    /// The caller's own.
    Own,
    /// An organization, by login.
    Organization(SmolStr),
    /// A user or organization, by login.
    Any(SmolStr),
    /// By id.
    Id(i64),
    /// As the owner of a team.
    Team(i64),
}

/// How a package is named.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct PackageKey {
    /// What its registry speaks.
    pub registry: RegistryKind,
    /// Its registry, where the address tells it.
    pub upstream: Option<UpstreamId>,
    /// The name.
    pub name: PackageName,
    /// The version, tag or digest, for the record.
    pub version: Option<String>,
}

/// What a request names, by the part it plays.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Names {
    /// The repository.
    pub repository: Option<RepositoryKey>,
    /// The organization, or the owner of the named thing.
    pub organization: Option<Account>,
    /// The enterprise.
    pub enterprise: Option<SmolStr>,
    /// The account that the body names as destination.
    pub destination: Option<Account>,
    /// A second repository.
    pub second: Option<RepositoryKey>,
    /// Whether the second repository is that of the path because the request names no other.
    pub second_unsaid: bool,
    /// The number of an issue, for rules about its author.
    pub issue: Option<i64>,
    /// The id of a comment, for rules about its author.
    pub comment: Option<i64>,
    /// The person whom the path names, for rules about one's own membership.
    pub person: Option<SmolStr>,
    /// Whether the request itself shows that it touches no file of a workflow, at a door whose objects are elsewhere.
    pub no_workflow: bool,
    /// The registry whose mount the request came to.
    pub registry: Option<UpstreamId>,
    /// The package. Its owner or repository is then what the request is about.
    pub package: Option<PackageKey>,
    /// What the credential was narrowed to when it was handed out; `None` is not at all.
    // INVARIANT: kept with the names, so that whoever decides again on what is named decides on this as well.
    pub narrowed: Option<Arc<Narrowing>>,
}

/// The form in which names are compared, without an allocation for most.
pub(crate) fn folded(name: &str) -> SmolStr {
    name.to_ascii_lowercase_smolstr()
}

#[cfg(test)]
mod tests {
    use super::folded;
    use bailiwick_model::name::fold;
    use proptest::prelude::*;

    proptest! {
        // SECURITY: what is looked up and what is stored must fold alike, or a name would lead to another thing.
        #[test]
        fn names_fold_in_one_way(name in ".{0,40}") {
            prop_assert_eq!(folded(&name), fold(&name));
        }
    }
}
