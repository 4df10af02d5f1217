//! What a decision says: allow with its basis, or deny with stage, reason and what is missing.

use bailiwick_catalogue::{Role, Target};
use bailiwick_model::{Level, PermissionId};

/// The stages in their order; the first that fails is the reason.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Stage {
    /// The credential is known, not revoked, not expired, its principal active.
    Live,
    /// The operation is known and open to this kind of credential.
    Mapped,
    /// Nothing but an anonymous visitor's rights could be used.
    Anonymous,
    /// An active grant exists for the target's owner.
    Grant,
    /// The owner's policy permits this token.
    Policy,
    /// The repository is selected.
    Selection,
    /// The level (or a classic token's scopes) suffices.
    Level,
    /// The principal itself could do it.
    Role,
    /// The token's own limits.
    Limits,
}

impl Stage {
    /// The stage's word in answers and in the log.
    pub const fn word(self) -> &'static str {
        match self {
            Stage::Live => "live",
            Stage::Mapped => "mapped",
            Stage::Anonymous => "anonymous",
            Stage::Grant => "grant",
            Stage::Policy => "policy",
            Stage::Selection => "selection",
            Stage::Level => "level",
            Stage::Role => "role",
            Stage::Limits => "limits",
        }
    }
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident = $code:literal @ $stage:ident;)*) => {
        /// Why a request was refused: a stable code.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Reason { $($(#[$doc])* $variant),* }

        impl Reason {
            /// Every reason.
            pub const ALL: &'static [Reason] = &[$(Reason::$variant),*];

            /// The stable code.
            pub const fn code(self) -> &'static str {
                match self { $(Reason::$variant => $code),* }
            }

            /// The stage that gives it.
            pub const fn stage(self) -> Stage {
                match self { $(Reason::$variant => Stage::$stage),* }
            }
        }
    };
}

reasons! {
    /// The credential is malformed or unknown.
    CredentialUnknown = "credential.unknown" @ Live;
    /// The token was revoked or deleted.
    TokenRevoked = "token.revoked" @ Live;
    /// The token expired.
    TokenExpired = "token.expired" @ Live;
    /// The session was ended or expired.
    SessionEnded = "session.ended" @ Live;
    /// The account behind the credential is suspended or gone.
    PrincipalInactive = "principal.inactive" @ Live;
    /// The operation is not known.
    OperationUnmapped = "operation.unmapped" @ Mapped;
    /// The operation is not open to anything that exists here.
    OperationClosed = "operation.closed" @ Mapped;
    /// The operation is not open to this kind of credential.
    KindNotAccepted = "operation.kind_not_accepted" @ Mapped;
    /// The session must re-authenticate first.
    SudoRequired = "session.sudo_required" @ Mapped;
    /// No credential was presented.
    CredentialRequired = "credential.required" @ Anonymous;
    /// Something that the request names does not exist.
    TargetMissing = "target.missing" @ Grant;
    /// The package belongs to nobody.
    PackageUnowned = "package.unowned" @ Grant;
    /// The token has no grant at the owner.
    GrantMissing = "grant.missing" @ Grant;
    /// The grant is not approved, or was revoked.
    GrantInactive = "grant.inactive" @ Grant;
    /// The owner blocks this kind of token.
    KindBlocked = "policy.kind_blocked" @ Policy;
    /// The token lives longer than the owner allows.
    LifetimeTooLong = "policy.lifetime" @ Policy;
    /// The owner wants tokens of a single owner.
    SeveralOwners = "policy.several_owners" @ Policy;
    /// The owner lets no token make what can itself authenticate.
    PlantingRefused = "policy.planting" @ Policy;
    /// The repository is not in the grant's selection.
    NotSelected = "selection.not_selected" @ Selection;
    /// The grant's level is too low.
    LevelTooLow = "level.too_low" @ Level;
    /// The classic token's scopes do not suffice.
    ScopeMissing = "scope.missing" @ Level;
    /// The principal's own role is too low.
    RoleTooLow = "role.too_low" @ Role;
    /// The repository is archived.
    RepositoryArchived = "repository.archived" @ Role;
    /// The hour's requests are used up.
    RateExceeded = "rate.exceeded" @ Limits;
    /// The token was handed out for less than this.
    RegistryScope = "limits.registry_scope" @ Limits;
}

/// How much of the refusal its caller may see.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Refusal {
    /// 401: the credential itself.
    Unauthorized,
    /// 404: exactly what a thing that does not exist answers.
    NotFound,
    /// 403: the resource is public or inside an active grant, so the reason may be told.
    Forbidden,
    /// 429: too many requests.
    TooMany,
}

/// What would have been needed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Missing {
    /// At which target.
    pub target: Target,
    /// Which permission.
    pub permission: PermissionId,
    /// At which level.
    pub level: Level,
    /// Which role of the principal itself.
    pub role: Role,
}

/// A refusal.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Deny {
    /// Why.
    pub reason: Reason,
    /// What is missing, where that is a permission or a role.
    pub missing: Option<Missing>,
    /// How much the caller may see.
    pub refusal: Refusal,
}

impl Deny {
    /// The stage that refused.
    pub fn stage(&self) -> Stage {
        self.reason.stage()
    }
}

/// On what an allowance rests.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Basis {
    /// An anonymous visitor could do it.
    Anonymous,
    /// A live credential of the right kind is enough.
    Live,
    /// Grants of a fine-grained token.
    Grants,
    /// Scopes of a classic token.
    Scopes,
    /// The person's own role, in a session.
    Session,
}

/// An allowance.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Allow {
    /// On what it rests.
    pub basis: Basis,
    /// Whether a condition is still open: the request may be received, but nothing may act before a second
    /// decision that knows it.
    pub provisional: bool,
}

/// What was decided.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Decision {
    /// Allowed.
    Allow(Allow),
    /// Refused.
    Deny(Deny),
}

impl Decision {
    /// Whether it allows.
    pub fn is_allowed(&self) -> bool {
        matches!(self, Decision::Allow(_))
    }
}
