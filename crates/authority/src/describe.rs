//! Refusals in words: GitHub's message, and ours: what is missing and how to get it, as far as the caller may
//! know. Free of any protocol.

mod help;

use crate::gather::{Credential, Gathered, Named};
use crate::permit::Refused;
use bailiwick_catalogue::{Operation, Role, Target};
use bailiwick_decision::{Deny, Missing, Reason, Refusal};
use bailiwick_model::policy::SetBy;
use bailiwick_model::{OwnerKind, ResolvedKindPolicy, TokenFacts, TokenKind};

/// A refusal in words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Description {
    /// GitHub's sentence.
    pub message: String,
    /// The stable reason code; `None` where the refusal is hidden.
    pub reason: Option<&'static str>,
    /// The stage that refused; `None` where the refusal is hidden.
    pub stage: Option<&'static str>,
    /// What would have been needed, `issues: write at acme/site`.
    pub missing: Option<String>,
    /// What to do next.
    pub help: Option<String>,
}

/// Describes a refusal as far as its caller may know.
pub fn describe(refused: &Refused, base_url: &str) -> Description {
    let hidden = |message: &str| Description {
        message: message.to_owned(),
        reason: None,
        stage: None,
        missing: None,
        help: None,
    };
    match refused.deny.refusal {
        Refusal::NotFound if refused.gathered.names.package.is_some() => hidden_package(refused),
        Refusal::NotFound => hidden("Not Found"),
        Refusal::Unauthorized | Refusal::Forbidden | Refusal::TooMany => Description {
            message: message(refused, base_url),
            reason: Some(refused.deny.reason.code()),
            stage: Some(refused.deny.stage().word()),
            missing: refused
                .deny
                .missing
                .and_then(|missing| missing_words(&refused.deny, &missing, &refused.gathered)),
            help: Some(help::of(refused)),
        },
    }
}

/// GitHub's sentence for a reason.
fn message(refused: &Refused, base_url: &str) -> String {
    let gathered = &refused.gathered;
    match refused.deny.reason {
        Reason::CredentialUnknown
        | Reason::TokenRevoked
        | Reason::TokenExpired
        | Reason::SessionEnded
        | Reason::PrincipalInactive => "Bad credentials".to_owned(),
        Reason::CredentialRequired => "Requires authentication".to_owned(),
        Reason::KindBlocked => kind_blocked(refused),
        Reason::LifetimeTooLong => lifetime(refused, base_url),
        Reason::PlantingRefused => planting(refused),
        Reason::RepositoryArchived => "Repository was archived so is read-only.".to_owned(),
        Reason::SudoRequired => "This action needs a recent re-authentication.".to_owned(),
        Reason::RateExceeded => match gathered.principal().and_then(|principal| principal.id) {
            Some(id) => format!("API rate limit exceeded for user ID {id}."),
            None => "API rate limit exceeded.".to_owned(),
        },
        Reason::RegistryScope => "This token was handed out for less than this.".to_owned(),
        Reason::OperationUnmapped => "Not Found".to_owned(),
        Reason::PackageUnowned => unowned(None).message,
        Reason::OperationClosed
        | Reason::KindNotAccepted
        | Reason::TargetMissing
        | Reason::GrantMissing
        | Reason::GrantInactive
        | Reason::SeveralOwners
        | Reason::NotSelected
        | Reason::LevelTooLow
        | Reason::ScopeMissing
        | Reason::RoleTooLow => not_accessible(gathered),
    }
}

/// A package that is nobody's or is hidden, or that is somebody's whom the token does not reach.
// SECURITY: said by the operation and the token alone, never by the name or what it leads to, so that it is the same for
// every name.
fn hidden_package(refused: &Refused) -> Description {
    let missing = wanted_of_package(refused.operation);
    let token = refused.gathered.token().map(|token| &token.facts);
    if token.is_some_and(TokenFacts::waits_everywhere) {
        return Description {
            message: String::from(
                "no grant of this token is approved, so it reaches no package that is not public",
            ),
            reason: Some(Reason::GrantInactive.code()),
            stage: Some(Reason::GrantInactive.stage().word()),
            missing,
            help: Some(String::from(
                "the owner whom it asked approves it (bailiwick request approve), or it was refused or revoked there",
            )),
        };
    }
    let mut told = unowned(missing);
    let waits = token.is_some_and(|token| token.grants.iter().any(|grant| !grant.active));
    if waits && let Some(help) = &mut told.help {
        help.push_str("; another grant of this token is not approved, and reaches nothing");
    }
    told
}

/// What an operation takes of a package, wherever that belongs.
fn wanted_of_package(operation: Option<&Operation>) -> Option<String> {
    let mut wanted: Vec<String> = Vec::new();
    for term in operation?.terms() {
        let place = match term.target {
            Target::Repository => "its repository",
            _ => "its owner",
        };
        let one = format!(
            "{}: {} at {place}",
            crate::levels::slug(term.permission),
            term.level.word()
        );
        if !wanted.contains(&one) {
            wanted.push(one);
        }
    }
    (!wanted.is_empty()).then(|| wanted.join(", or "))
}

/// The same whether a package is nobody's or is hidden.
fn unowned(missing: Option<String>) -> Description {
    Description {
        message: String::from("nobody owns a package of this name, or it is none that you may see"),
        reason: Some(Reason::PackageUnowned.code()),
        stage: None,
        missing,
        help: Some(String::from(
            "if it should be there, a site administrator links the name to its owner or repository \
             (bailiwick admin upstream package link), and a token needs an approved grant there",
        )),
    }
}

/// What a visitor is told who is asked for a credential first, whatever is behind: the same for what is there, what is
/// hidden and what is not.
pub fn credential_first() -> Description {
    Description {
        message: String::from("Requires authentication"),
        reason: Some(Reason::CredentialRequired.code()),
        stage: Some(Reason::CredentialRequired.stage().word()),
        missing: None,
        help: Some(String::from("send a token in the Authorization header")),
    }
}

fn not_accessible(gathered: &Gathered) -> String {
    match &gathered.credential {
        Credential::Session(..) => "Must have sufficient rights to this resource.".to_owned(),
        Credential::Anonymous | Credential::Unknown | Credential::Token(..) => {
            "Resource not accessible by personal access token".to_owned()
        }
    }
}

fn kind_blocked(refused: &Refused) -> String {
    let owner = concerned(refused).0;
    match refused.gathered.token().map(|token| token.facts.kind) {
        Some(TokenKind::Classic) => format!(
            "`{owner}` forbids access via a personal access token (classic). Please use a GitHub App, OAuth App, or a personal access token with fine-grained permissions."
        ),
        _ => format!(
            "`{owner}` forbids access via a personal access token with fine-grained permissions. Please use a GitHub App, or an OAuth App."
        ),
    }
}

fn planting(refused: &Refused) -> String {
    let owner = concerned(refused).0;
    format!(
        "`{owner}` lets no token make something that can itself authenticate, such as a key, a hook or a runner."
    )
}

fn lifetime(refused: &Refused, base_url: &str) -> String {
    let (owner, policy, enterprise) = concerned(refused);
    let (kind, path, id) = match refused.gathered.token() {
        Some(token) if token.facts.kind == TokenKind::Classic => {
            ("a personal access tokens (classic)", "tokens", token.facts.id.0)
        }
        Some(token) => (
            "a fine-grained personal access tokens",
            "personal-access-tokens",
            token.facts.id.0,
        ),
        None => ("a personal access tokens", "personal-access-tokens", 0),
    };
    let days = policy.and_then(|policy| policy.lifetime_days_max).unwrap_or(0);
    let what = match policy.map(|policy| policy.lifetime_by) {
        Some(SetBy::Enterprise) => "enterprise",
        _ => "organization",
    };
    let name = if what == "enterprise" {
        enterprise.unwrap_or(owner)
    } else {
        owner
    };
    format!(
        "The '{name}' {what} forbids access via {kind} if the token's lifetime is greater than {days} days. Please adjust your token's lifetime at the following URL: {base_url}/settings/{path}/{id}"
    )
}

/// What lacks something, or else the repository.
fn target_of(refused: &Refused) -> Target {
    refused
        .deny
        .missing
        .map_or(Target::Repository, |missing| missing.target)
}

/// The owner that the refusal is about, the policy there for this kind of token, and its enterprise's name.
fn concerned(refused: &Refused) -> (String, Option<ResolvedKindPolicy>, Option<String>) {
    let classic = refused
        .gathered
        .token()
        .is_some_and(|token| token.facts.kind == TokenKind::Classic);
    let pick = |policy: &bailiwick_model::ResolvedPolicy| {
        if classic {
            policy.classic
        } else {
            policy.fine_grained
        }
    };
    match refused.gathered.named(target_of(refused)) {
        Named::Repository(_, owner) | Named::Account(owner) => (
            owner.facts.login.clone(),
            Some(pick(&owner.facts.policy)),
            owner.enterprise_name.clone(),
        ),
        Named::Enterprise(enterprise) => (
            enterprise.facts.slug.clone(),
            Some(pick(&enterprise.facts.policy)),
            Some(enterprise.facts.slug.clone()),
        ),
        Named::Absent | Named::Missing => (String::from("this resource"), None, None),
    }
}

/// The name of a target as a person knows it.
pub fn target_name(gathered: &Gathered, target: Target) -> Option<String> {
    match gathered.named(target) {
        Named::Repository(repository, _) => Some(repository.full_name.clone()),
        Named::Account(owner) => Some(owner.facts.login.clone()),
        Named::Enterprise(enterprise) => Some(enterprise.facts.slug.clone()),
        Named::Absent | Named::Missing => None,
    }
}

/// What was missing, in words: a permission for grants, scopes for classic tokens, a role for people.
pub fn missing_words(deny: &Deny, missing: &Missing, gathered: &Gathered) -> Option<String> {
    let slug = crate::levels::slug(missing.permission);
    let held = matches!(deny.reason, Reason::LevelTooLow | Reason::GrantInactive);
    if matches!(gathered.named(missing.target), Named::Absent) && held {
        // Asked before it is known what it is about.
        return Some(format!("{slug}: {} anywhere", missing.level.word()));
    }
    let place = target_name(gathered, missing.target)?;
    match deny.reason {
        Reason::RoleTooLow => Some(format!("{} at {place}", role_words(missing.role))),
        Reason::ScopeMissing => Some(format!(
            "a scope that covers {slug}: {} at {place}",
            missing.level.word()
        )),
        Reason::RepositoryArchived => None,
        _ => Some(format!("{slug}: {} at {place}", missing.level.word())),
    }
}

/// A role in words.
pub fn role_words(role: Role) -> String {
    match role {
        Role::Anyone => "any role".to_owned(),
        Role::Repository(role) => format!("the repository role {}", role.word()),
        Role::Organization(role) => format!("the organization role {}", role.word()),
        Role::TokenApprover => "the organization role owner or token approver".to_owned(),
        Role::TokenAuditor => "the organization role owner, token approver or auditor".to_owned(),
        Role::Enterprise(role) => format!("the enterprise role {}", role.word()),
        Role::SiteAdministrator => "administrator of this installation".to_owned(),
    }
}

/// A role in one word, for the log.
pub(crate) const fn role_word(role: Role) -> &'static str {
    match role {
        Role::Anyone => "any",
        Role::Repository(role) => role.word(),
        Role::Organization(role) => role.word(),
        Role::TokenApprover => "token_approver",
        Role::TokenAuditor => "token_auditor",
        Role::Enterprise(role) => role.word(),
        Role::SiteAdministrator => "site_administrator",
    }
}

/// The word for what an owner is.
pub const fn owner_word(kind: OwnerKind) -> &'static str {
    match kind {
        OwnerKind::User => "user",
        OwnerKind::Organization => "organization",
    }
}
