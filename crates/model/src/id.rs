//! Immutable numeric ids. They are never reused and stay below 2⁵³, so every JSON reader keeps them exact.

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(out)
            }
        }
    )*};
}

ids! {
    /// A user, an organization or a service account: they share one namespace of logins.
    AccountId;
    /// An enterprise: a group of organizations under shared policy.
    EnterpriseId;
    /// A team of an organization.
    TeamId;
    /// A repository; renaming and transferring keep it.
    RepositoryId;
    /// A token of any kind (`token_id`); regenerating keeps it.
    TokenId;
    /// What a token may do at one resource owner (`pat_id`).
    GrantId;
    /// One immutable access request (`pat_request_id`).
    RequestId;
    /// A person's session in a browser or a terminal.
    SessionId;
    /// A passkey of a person.
    PasskeyId;
    /// An issue, unique over all repositories (its number is unique within one).
    IssueId;
    /// A comment on an issue.
    CommentId;
    /// A label of a repository.
    LabelId;
    /// A commit status.
    StatusId;
    /// A check run.
    CheckRunId;
    /// A check suite.
    CheckSuiteId;
    /// A server behind the gateway.
    UpstreamId;
    /// A package at a registry behind the gateway.
    PackageId;
    /// A version of a package.
    PackageVersionId;
    /// An administrator's word on whose packages of a name are.
    PackageLinkId;
}

/// The largest id that a JSON number holds exactly in every reader.
pub const ID_MAX: i64 = (1 << 53) - 1;
