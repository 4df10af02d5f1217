//! What a principal is at a repository, an organization and an enterprise.

use serde::{Deserialize, Serialize};

macro_rules! ordered_words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $word)] $variant),*
        }

        impl $name {
            /// The word used in storage, JSON and messages.
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

ordered_words! {
    /// A role at a repository; later ones include earlier ones.
    RepositoryRole {
        /// No access.
        #[default]
        None = "none",
        /// Read and clone.
        Read = "read",
        /// Read, and manage issues and pull requests without writing code.
        Triage = "triage",
        /// Push.
        Write = "write",
        /// Manage without destructive or sensitive actions.
        Maintain = "maintain",
        /// Everything.
        Admin = "admin",
    }
}

ordered_words! {
    /// A role in an organization.
    OrganizationRole {
        /// Not a member.
        #[default]
        None = "none",
        /// A member.
        Member = "member",
        /// An owner: administers it and every repository in it.
        Owner = "owner",
    }
}

ordered_words! {
    /// A role in an enterprise. It gives no access to repositories by itself.
    EnterpriseRole {
        /// Not in it.
        #[default]
        None = "none",
        /// A member of one of its organizations.
        Member = "member",
        /// An owner: sets its policies.
        Owner = "owner",
    }
}

impl RepositoryRole {
    /// The legacy word that GitHub's `permission` fields use: `pull`, `triage`, `push`, `maintain`, `admin`.
    pub const fn permission_word(self) -> &'static str {
        match self {
            RepositoryRole::None => "none",
            RepositoryRole::Read => "pull",
            RepositoryRole::Triage => "triage",
            RepositoryRole::Write => "push",
            RepositoryRole::Maintain => "maintain",
            RepositoryRole::Admin => "admin",
        }
    }

    /// Reads either vocabulary: `read`/`pull`, `write`/`push`, and the common ones.
    pub fn parse_any(word: &str) -> Option<RepositoryRole> {
        match word {
            "pull" => Some(RepositoryRole::Read),
            "push" => Some(RepositoryRole::Write),
            other => RepositoryRole::parse(other),
        }
    }
}
