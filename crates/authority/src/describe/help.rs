//! What to do next after a refusal: commands as they are pasted, and whom to ask.

use super::{credential_first, target_name, target_of, unowned};
use crate::gather::Named;
use crate::permit::Refused;
use bailiwick_catalogue::{Operation, Role, Target};
use bailiwick_decision::Reason;
use bailiwick_model::OwnerKind;
use bailiwick_model::policy::SetBy;

/// What to do next.
pub(super) fn of(refused: &Refused) -> String {
    let place = refused
        .deny
        .missing
        .and_then(|missing| target_name(&refused.gathered, missing.target))
        .unwrap_or_else(|| "the resource owner".to_owned());
    match refused.deny.reason {
        Reason::CredentialUnknown => "check that the token was copied whole; no such token exists".to_owned(),
        Reason::TokenRevoked => "this token was revoked; mint a new one".to_owned(),
        Reason::TokenExpired => "this token expired; regenerate it or mint a new one".to_owned(),
        Reason::SessionEnded => "sign in again with `bailiwick login`".to_owned(),
        Reason::PrincipalInactive => {
            "the account behind this credential is suspended; ask an administrator".to_owned()
        }
        Reason::OperationUnmapped => "no such operation".to_owned(),
        Reason::OperationClosed => closed_help(refused.operation),
        Reason::KindNotAccepted => kinds_help(refused.operation),
        Reason::SudoRequired => "re-authenticate with `bailiwick login --sudo` and repeat".to_owned(),
        Reason::CredentialRequired => credential_first().help.unwrap_or_default(),
        Reason::PackageUnowned => unowned(None).help.unwrap_or_default(),
        Reason::TargetMissing => "check the names in the request".to_owned(),
        Reason::GrantMissing | Reason::NotSelected | Reason::LevelTooLow => add(refused),
        Reason::GrantInactive => {
            format!("the grant at {place} is not approved, or was revoked; ask its owner")
        }
        Reason::KindBlocked => {
            format!("{place} does not accept this kind of token; use another kind or ask its owner")
        }
        Reason::LifetimeTooLong => "regenerate the token with a shorter life".to_owned(),
        Reason::SeveralOwners => {
            format!("{place} accepts only tokens of a single resource owner; mint one for it alone")
        }
        Reason::PlantingRefused => planting_help(refused),
        Reason::ScopeMissing => "add the scope to the token, or use a fine-grained token".to_owned(),
        Reason::RoleTooLow => role(refused),
        Reason::RepositoryArchived => "unarchive the repository first".to_owned(),
        Reason::RateExceeded => "wait until the reset time in the rate limit headers".to_owned(),
        Reason::RegistryScope => "ask the registry's token address for one whose scope holds this".to_owned(),
    }
}

fn closed_help(operation: Option<&Operation>) -> String {
    match operation {
        Some(operation) if !operation.why.is_empty() => {
            format!("not open to any credential here: {}", operation.why)
        }
        _ => "not open to any credential here".to_owned(),
    }
}

fn kinds_help(operation: Option<&Operation>) -> String {
    let Some(operation) = operation else {
        return String::from("no such operation");
    };
    let mut kinds = Vec::new();
    if operation.kinds.session {
        kinds.push("a session (`bailiwick login`)");
    }
    if operation.kinds.fine_grained {
        kinds.push("a fine-grained token");
    }
    if operation.kinds.classic {
        kinds.push("a classic token");
    }
    format!("use {}", kinds.join(" or "))
}

/// What makes the token hold what is missing, as it is pasted, and who approves that.
fn add(refused: &Refused) -> String {
    // A supposed token, as explain makes one, has no id yet.
    let id = refused.gathered.token().map(|token| token.facts.id.0);
    let (Some(id), Some(missing)) = (id.filter(|id| *id > 0), refused.deny.missing) else {
        return format!("ask for it with the token; then {} it", approves(refused));
    };
    let place = match refused.gathered.named(missing.target) {
        Named::Repository(repository, _) => repository.full_name.clone(),
        Named::Account(owner) => owner.facts.login.clone(),
        Named::Enterprise(enterprise) => format!("enterprises/{}", enterprise.facts.slug),
        Named::Absent | Named::Missing if missing.target == Target::Repository => "OWNER/REPOSITORY".into(),
        Named::Absent | Named::Missing => "OWNER".into(),
    };
    let (slug, level) = (crate::levels::slug(missing.permission), missing.level.word());
    let approves = approves(refused);
    format!("`bailiwick token edit {id} --add {place}:{slug}={level}`; then {approves} it")
}

/// Who approves what is asked for.
fn approves(refused: &Refused) -> String {
    match refused.gathered.named(target_of(refused)) {
        Named::Repository(_, owner) | Named::Account(owner) => match owner.facts.kind {
            OwnerKind::Organization => format!("an owner of {} approves", owner.facts.login),
            OwnerKind::User => format!("{} approves", owner.facts.login),
        },
        Named::Enterprise(enterprise) => {
            format!("an owner of the enterprise {} approves", enterprise.facts.slug)
        }
        Named::Absent | Named::Missing => "its owner approves".to_owned(),
    }
}

/// Which role it takes, and who gives it.
fn role(refused: &Refused) -> String {
    let gathered = &refused.gathered;
    let Some(missing) = refused.deny.missing else {
        return "ask an administrator of this installation for the role".to_owned();
    };
    let takes = match gathered.token() {
        Some(_) => "a token cannot do more than the person who holds it, who lacks",
        None => "it takes a role that you do not have:",
    };
    let words = super::role_words(missing.role);
    let login = gathered
        .principal()
        .map_or("LOGIN", |principal| principal.login.as_str());
    // Of one's own account nobody else gives a role: it is the installation's that is missing.
    if missing.role == Role::SiteAdministrator {
        return format!("{takes} the role {words}: ask an administrator of this installation");
    }
    let by = match (gathered.named(missing.target), missing.role) {
        (Named::Repository(repository, _), Role::Repository(role)) => format!(
            "whoever administers {name} gives it (`bailiwick repo collaborator set {name} {login} --role {role}`)",
            name = repository.full_name,
            role = role.word(),
        ),
        (Named::Repository(_, owner) | Named::Account(owner), Role::Organization(role))
            if owner.facts.kind == OwnerKind::Organization =>
        {
            let name = &owner.facts.login;
            let role = role.word();
            format!("an owner of {name} gives it (`bailiwick org member set {name} {login} --role {role}`)")
        }
        (Named::Repository(_, owner) | Named::Account(owner), _)
            if owner.facts.kind == OwnerKind::Organization =>
        {
            format!("an owner of {} gives it", owner.facts.login)
        }
        (Named::Repository(_, owner) | Named::Account(owner), _) => {
            format!("{} alone has it", owner.facts.login)
        }
        (Named::Enterprise(enterprise), _) => {
            format!("an owner of the enterprise {} gives it", enterprise.facts.slug)
        }
        (Named::Absent | Named::Missing, _) => "an administrator of this installation gives it".to_owned(),
    };
    match target_name(gathered, missing.target) {
        Some(place) => format!("{takes} {words} at {place}; {by}"),
        None => format!("{takes} {words}; {by}"),
    }
}

/// Who can open planting, and how.
fn planting_help(refused: &Refused) -> String {
    let by_hand = "or do it by hand, in a session";
    match refused.gathered.named(target_of(refused)) {
        Named::Repository(_, owner) | Named::Account(owner) => {
            let login = &owner.facts.login;
            match (
                owner.facts.kind,
                owner.facts.policy.planting_by,
                &owner.enterprise_name,
            ) {
                (OwnerKind::User, _, _) => {
                    format!("{login} can allow it (`bailiwick policy set --own planting=true`), {by_hand}")
                }
                (OwnerKind::Organization, SetBy::Enterprise, Some(enterprise)) => format!(
                    "the enterprise {enterprise} forbids it; its owners can change that (`bailiwick policy set --enterprise {enterprise}`), {by_hand}"
                ),
                (OwnerKind::Organization, ..) => format!(
                    "an owner of {login} can allow it (`bailiwick policy set --org {login} planting=true`), {by_hand}"
                ),
            }
        }
        Named::Enterprise(enterprise) => {
            let slug = &enterprise.facts.slug;
            format!(
                "an owner of the enterprise {slug} can allow it (`bailiwick policy set --enterprise {slug} planting=true`), {by_hand}"
            )
        }
        Named::Absent | Named::Missing => format!("ask the resource owner to allow it, {by_hand}"),
    }
}
