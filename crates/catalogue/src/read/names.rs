//! Which parameters of a path name the things that its terms are about.

use super::template::{Segment, params};

/// How a path names things.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// The repository: by owner and name, or by its id.
    pub repository: Option<RepositoryName>,
    /// The organization or user.
    pub organization: Option<AccountName>,
    /// The enterprise.
    pub enterprise: Option<String>,
}

/// How a path names a repository.
#[derive(Debug, PartialEq, Eq)]
pub enum RepositoryName {
    /// Two parameters.
    OwnerAndName(String, String),
    /// One parameter with its id.
    Id(String),
    /// This one, whatever the path says: owner and name.
    Fixed(String, String),
}

/// How a path names an account.
#[derive(Debug, PartialEq, Eq)]
pub enum AccountName {
    /// By login.
    Login(String),
    /// By id.
    Id(String),
    /// As the owner of the team with this id.
    Team(String),
    /// This one, whatever the path says, by login.
    Fixed(String),
}

/// Whose everything is behind a mount whose paths do not say so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Whole {
    /// Nobody's: each path names the owner.
    #[default]
    Unsaid,
    /// This account's.
    Owner(String),
    /// This repository's, by owner and name.
    Repository(String, String),
}

/// Finds the names in a path. `{username}` names an account only right after `/users`: elsewhere it is an object. So
/// does `{owner}` alone, right after `/packages`.
/// Below `/admin` a repository is one that is to be made: naming it would make it a missing target.
pub fn names(path: &[Segment]) -> Names {
    let all = params(path);
    let has = |name: &str| all.contains(&name).then(|| name.to_owned());
    let pair = |owner: &str, name: &str| Some(RepositoryName::OwnerAndName(has(owner)?, has(name)?));
    let subject = match path {
        [Segment::Literal(first), Segment::Param(second, _), ..]
            if first == "users" && (second == "username" || second == "user_id") =>
        {
            Some(second.as_str())
        }
        [Segment::Literal(first), Segment::Param(second, _), ..]
            if first == "user" && second == "user_id" =>
        {
            Some(second.as_str())
        }
        [Segment::Literal(first), Segment::Param(second, _), ..]
            if first == "packages" && second == "owner" =>
        {
            Some(second.as_str())
        }
        _ => None,
    };
    let made = path.first() == Some(&Segment::Literal("admin".into()));
    let repository = pair("owner", "repo")
        .or_else(|| pair("template_owner", "template_repo"))
        .or_else(|| has("repository_id").map(RepositoryName::Id));
    Names {
        repository: repository.filter(|_| !made),
        organization: has("org")
            .map(AccountName::Login)
            .or_else(|| has("organization_id").map(AccountName::Id))
            .or_else(|| has("team_id").map(AccountName::Team))
            .or_else(|| match subject {
                Some("user_id") => has("user_id").map(AccountName::Id),
                Some(name) => has(name).map(AccountName::Login),
                None => None,
            }),
        enterprise: has("enterprise"),
    }
}

/// What a path of a registry names: a package, which belongs to a repository or to an owner. Which of the two it is shows
/// only when it is looked up.
pub fn packaged(_path: &[Segment]) -> Names {
    Names {
        repository: Some(RepositoryName::OwnerAndName(
            String::from("package"),
            String::from("package"),
        )),
        organization: Some(AccountName::Login(String::from("package"))),
        enterprise: None,
    }
}

/// Finds the names in a path of a mounted upstream. An id there is the upstream's own, which says nothing here, so that
/// only names count; what the whole file is about counts for a path without any of its own.
pub fn mounted(path: &[Segment], whole: &Whole) -> Names {
    let all = params(path);
    let has = |name: &str| all.contains(&name).then(|| name.to_owned());
    let mut names = Names {
        repository: has("owner")
            .zip(has("repo"))
            .map(|(owner, name)| RepositoryName::OwnerAndName(owner, name)),
        organization: has("org").map(AccountName::Login),
        enterprise: has("enterprise"),
    };
    if names == Names::default() {
        match whole {
            Whole::Unsaid => {}
            Whole::Owner(login) => names.organization = Some(AccountName::Fixed(login.clone())),
            Whole::Repository(owner, name) => {
                names.repository = Some(RepositoryName::Fixed(owner.clone(), name.clone()));
            }
        }
    }
    names
}
