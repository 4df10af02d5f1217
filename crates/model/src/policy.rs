//! Policies of enterprises and organizations, as stored and as resolved.

use serde::{Deserialize, Serialize};

/// One level's settings for one kind of token. At an organization every field is its own wish; at an
/// enterprise an absent field leaves the choice to organizations.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindPolicy {
    /// Whether tokens of this kind may be used at all.
    #[serde(default)]
    pub allowed: Option<bool>,
    /// Whether access needs approval (fine-grained only).
    #[serde(default)]
    pub approval_required: Option<bool>,
    /// Longest life from creation to expiry, in days. Absent: the default of the kind.
    #[serde(default)]
    pub lifetime_days_max: Option<i64>,
    /// Removes the lifetime limit that would hold by default. An enterprise's limit stays.
    #[serde(default)]
    pub lifetime_unlimited: Option<bool>,
    /// Whether administrators (organization owners, or enterprise owners) are exempt from the lifetime limit.
    #[serde(default)]
    pub exempt_administrators: Option<bool>,
}

/// The settings of one enterprise or organization.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// For fine-grained tokens.
    #[serde(default)]
    pub fine_grained: KindPolicy,
    /// For classic tokens.
    #[serde(default)]
    pub classic: KindPolicy,
    /// Whether a token used here may hold grants at other owners too.
    #[serde(default)]
    pub several_owners_allowed: Option<bool>,
    /// Whether an owner's own requests need another approver.
    #[serde(default)]
    pub owners_need_approval: Option<bool>,
    /// Whether a token may make something that can itself authenticate: a key, a hook, a runner, another token.
    #[serde(default)]
    pub planting: Option<bool>,
    /// Fine-grained tokens per user (enterprise or whole installation).
    #[serde(default)]
    pub tokens_per_user_max: Option<i64>,
    /// How long audit events are kept, in days.
    #[serde(default)]
    pub audit_retention_days: Option<i64>,
}

/// Who set the value that holds.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SetBy {
    /// Nobody: the default.
    Default,
    /// The organization.
    Organization,
    /// The enterprise; organizations cannot loosen it.
    Enterprise,
}

/// What holds for one kind of token at one owner.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ResolvedKindPolicy {
    /// Whether tokens of this kind may be used.
    pub allowed: bool,
    /// Who decided that.
    pub allowed_by: SetBy,
    /// Whether access needs approval.
    pub approval_required: bool,
    /// Who decided that.
    pub approval_by: SetBy,
    /// Longest life in days; `None` allows tokens that never expire.
    pub lifetime_days_max: Option<i64>,
    /// Who decided that.
    pub lifetime_by: SetBy,
    /// Whether the owners of whoever set the limit are exempt from it.
    pub exempt_administrators: bool,
}

/// What holds at one owner after inheritance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ResolvedPolicy {
    /// For fine-grained tokens.
    pub fine_grained: ResolvedKindPolicy,
    /// For classic tokens.
    pub classic: ResolvedKindPolicy,
    /// Whether a token used here may hold grants at other owners too.
    pub several_owners_allowed: bool,
    /// Whether an owner's own requests need another approver.
    pub owners_need_approval: bool,
    /// Whether a token may make something that can itself authenticate.
    pub planting: bool,
    /// Who decided that.
    pub planting_by: SetBy,
}
