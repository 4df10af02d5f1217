//! GitHub's answers about its directory, read strictly, and what they are in our words.

use super::super::pages::Id;
use super::session::Page;
use bailiwick_authority::upstream::synchronise::snapshot::{RepositoryThere, Seen};
use bailiwick_model::{OwnerKind, RepositoryRole, Visibility};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Where the App is installed.
#[derive(Deserialize)]
pub struct Installation {
    pub id: Id,
    pub account: Option<Account>,
    pub suspended_at: Option<serde_json::Value>,
    #[serde(default)]
    pub permissions: BTreeMap<String, String>,
}

/// An organization, a person, or an enterprise, which has no login.
#[derive(Deserialize, Clone)]
pub struct Account {
    pub id: Id,
    pub login: Option<String>,
    #[serde(rename = "type")]
    pub kind: Option<String>,
}

/// A token of an installation.
#[derive(Deserialize)]
pub struct Token {
    pub token: zeroize::Zeroizing<String>,
    #[serde(default)]
    pub permissions: serde_json::Value,
}

/// A person, or who else has a login.
#[derive(Deserialize)]
pub struct Named {
    pub id: Id,
    pub login: String,
}

/// A person in full.
#[derive(Deserialize)]
pub struct Person {
    pub id: Id,
    pub login: String,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    #[serde(default)]
    pub suspended_at: Option<serde_json::Value>,
}

/// An organization in full, as far as the App may see it.
#[derive(Deserialize)]
pub struct Organization {
    pub id: Id,
    pub default_repository_permission: Option<String>,
}

/// A repository, also with somebody's role at it.
#[derive(Deserialize)]
pub struct Repository {
    pub id: Id,
    pub name: String,
    pub owner: Named,
    pub private: Option<bool>,
    pub visibility: Option<String>,
    pub archived: bool,
    pub default_branch: Option<String>,
    #[serde(flatten)]
    pub role: Role,
}

/// What an installation reaches.
#[derive(Deserialize)]
pub struct Repositories {
    total_count: usize,
    repositories: Vec<Repository>,
}

/// Somebody's role at something.
#[derive(Deserialize, Default)]
pub struct Role {
    pub role_name: Option<String>,
    #[serde(default)]
    pub permissions: Option<BTreeMap<String, bool>>,
}

/// Who was let in.
#[derive(Deserialize)]
pub struct Collaborator {
    pub id: Id,
    pub login: String,
    #[serde(flatten)]
    pub role: Role,
}

/// A team.
#[derive(Deserialize)]
pub struct Team {
    pub id: Id,
    pub name: String,
    pub slug: String,
    pub privacy: Option<String>,
    pub parent: Option<Parent>,
}

/// The team above a team.
#[derive(Deserialize)]
pub struct Parent {
    pub id: Id,
}

impl Page for Repositories {
    type Item = Repository;
    fn items(self) -> (Vec<Repository>, Option<usize>) {
        (self.repositories, Some(self.total_count))
    }
}

impl Account {
    /// What it is; an enterprise is no owner.
    pub fn owner(&self) -> Option<(&str, OwnerKind)> {
        let login = self.login.as_deref().filter(|login| !login.is_empty())?;
        match self.kind.as_deref() {
            Some("Organization") => Some((login, OwnerKind::Organization)),
            Some("User") => Some((login, OwnerKind::User)),
            _ => None,
        }
    }
}

impl Installation {
    /// Whether it may read what a permission is about.
    pub fn reads(&self, permission: &str) -> bool {
        let level = self.permissions.get(permission).map(String::as_str);
        matches!(level, Some("read" | "write" | "admin"))
    }
}

impl Role {
    /// In our words: no more than both what it is called and what it allows. What is not known gives nothing.
    pub fn role(&self) -> RepositoryRole {
        let allowed = self.permissions.as_ref().map(|permissions| {
            let words = ["admin", "maintain", "push", "triage", "pull"];
            let found = words.iter().find(|word| permissions.get(**word) == Some(&true));
            found.map_or(RepositoryRole::None, |word| role(word))
        });
        // A role that the organization has made itself has a name of its own; what it allows is its base.
        let named = self.role_name.as_deref().and_then(RepositoryRole::parse_any);
        match (named, allowed) {
            (Some(named), Some(allowed)) => named.min(allowed),
            (None, Some(role)) | (Some(role), None) => role,
            (None, None) => RepositoryRole::None,
        }
    }
}

/// A word that is not known gives nothing.
pub fn role(word: &str) -> RepositoryRole {
    RepositoryRole::parse_any(word).unwrap_or(RepositoryRole::None)
}

impl Repository {
    /// In our words.
    pub fn there(self) -> RepositoryThere {
        let visibility = match (self.visibility.as_deref(), self.private) {
            (Some("private"), _) | (None, Some(true)) => Seen::By(Visibility::Private),
            (Some("internal"), Some(true)) => Seen::By(Visibility::Internal),
            (Some("public") | None, Some(false)) => Seen::By(Visibility::Public),
            // SECURITY: what contradicts itself is not open.
            _ => Seen::Unknown,
        };
        RepositoryThere {
            key: self.id.text(),
            owner: self.owner.id.text(),
            owner_login: self.owner.login,
            name: self.name,
            visibility,
            archived: Some(self.archived),
            default_branch: self.default_branch.filter(|branch| !branch.is_empty()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Repository, Role};
    use bailiwick_authority::upstream::synchronise::snapshot::Seen;
    use bailiwick_model::{RepositoryRole, Visibility};
    use serde_json::json;

    #[test]
    fn roles_are_no_more_than_name_and_permissions_say() {
        for (text, expected) in [
            (json!({}), RepositoryRole::None),
            (json!({"role_name": "write"}), RepositoryRole::Write),
            (json!({"role_name": "security-reader"}), RepositoryRole::None),
            (
                json!({"role_name": "security-reader", "permissions": {"pull": true, "triage": true, "push": false}}),
                RepositoryRole::Triage,
            ),
            (
                json!({"role_name": "read", "permissions": {"admin": true, "pull": true}}),
                RepositoryRole::Read,
            ),
            (
                json!({"role_name": "admin", "permissions": {"pull": true}}),
                RepositoryRole::Read,
            ),
            (
                json!({"role_name": "admin", "permissions": {}}),
                RepositoryRole::None,
            ),
        ] {
            let role: Role = serde_json::from_value(text.clone()).unwrap();
            assert_eq!(role.role(), expected, "{text}");
        }
    }

    #[test]
    fn what_contradicts_itself_is_not_open() {
        for (visibility, private, expected) in [
            (Some("public"), Some(false), Seen::By(Visibility::Public)),
            (None, Some(false), Seen::By(Visibility::Public)),
            (Some("internal"), Some(true), Seen::By(Visibility::Internal)),
            (Some("private"), Some(true), Seen::By(Visibility::Private)),
            (Some("private"), Some(false), Seen::By(Visibility::Private)),
            (Some("public"), Some(true), Seen::Unknown),
            (Some("public"), None, Seen::Unknown),
            (Some("secret"), Some(false), Seen::Unknown),
            (None, None, Seen::Unknown),
        ] {
            let text = json!({"id": 1, "name": "r", "owner": {"id": 2, "login": "o"}, "archived": false,
                "visibility": visibility, "private": private, "default_branch": ""});
            let there = serde_json::from_value::<Repository>(text).unwrap().there();
            assert_eq!(there.visibility, expected, "{visibility:?} {private:?}");
            assert_eq!(there.default_branch, None);
        }
    }
}
