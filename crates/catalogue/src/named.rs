//! Which parameters of an operation's path name the things that its terms are about.

use crate::operation::OperationIndex;
use crate::table::NAMES;

/// What a path names. What a body names (a destination, a second repository) is not here.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Names {
    /// The repository.
    pub repository: Option<RepositoryName>,
    /// The organization or user. A path with a repository and none of these is about the repository's owner.
    pub organization: Option<AccountName>,
    /// The parameter with the enterprise's slug.
    pub enterprise: Option<&'static str>,
}

/// The parameters that name a repository.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RepositoryName {
    /// Its owner's login and its name.
    OwnerAndName(&'static str, &'static str),
    /// Its id.
    Id(&'static str),
    /// None: it is this one, by owner and name, whatever the path says.
    Fixed(&'static str, &'static str),
}

/// The parameter that names an account.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AccountName {
    /// By login.
    Login(&'static str),
    /// By id.
    Id(&'static str),
    /// As the owner of the team with this id.
    Team(&'static str),
    /// None: it is this one, by login, whatever the path says.
    Fixed(&'static str),
}

/// What the path of an operation names.
pub fn names(index: OperationIndex) -> Names {
    match NAMES.get(usize::from(index.0)) {
        Some(names) => *names,
        None => crate::registry::names(index),
    }
}
