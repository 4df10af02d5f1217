//! Requirements, roles and scopes in words: for headers, refusals, pages and the reference.

use crate::operation::{Anonymous, Door, Operation, Requirement, Role, Target, Term, When};
use crate::permission::{PermissionKind, permission_by_id};
use bailiwick_model::OrganizationRole;

/// The value of `X-Accepted-GitHub-Permissions`: `,` joins, `;` separates alternatives. Empty where nothing is
/// ever accepted. Conditions that the object decides are printed as alternatives.
pub fn accepted_header(operation: &Operation) -> String {
    let alternatives = match operation.requirement {
        _ if operation.anonymous == Anonymous::Always => return PERMISSIONLESS.into(),
        Requirement::Live => return PERMISSIONLESS.into(),
        Requirement::Closed => return String::new(),
        Requirement::AnyOf(alternatives) => alternatives,
    };
    let mut sets: Vec<String> = Vec::new();
    for terms in alternatives {
        for set in by_object(terms) {
            let words: Vec<String> = set.iter().map(|term| pair(term, '=')).collect();
            let set = words.join(",");
            if !sets.contains(&set) {
                sets.push(set);
            }
        }
    }
    sets.join("; ")
}

const PERMISSIONLESS: &str = "allows_permissionless_access=true";

/// The sets that one alternative stands for, object by object.
fn by_object(terms: &[Term]) -> Vec<Vec<&Term>> {
    let pick = |left_out: &[When]| -> Vec<&Term> {
        terms
            .iter()
            .filter(|term| !left_out.contains(&term.when))
            .collect()
    };
    let has = |when: When| terms.iter().any(|term| term.when == when);
    match (has(When::Issue) || has(When::PullRequest), has(When::Workflow)) {
        (true, _) => vec![pick(&[When::PullRequest]), pick(&[When::Issue])],
        (false, true) => vec![pick(&[When::Workflow]), pick(&[])],
        (false, false) => vec![pick(&[])],
    }
}

fn pair(term: &Term, sign: char) -> String {
    let slug = permission_by_id(term.permission).map_or("?", |permission| permission.slug);
    format!("{slug}{sign}{}", term.level.word())
}

/// What an operation takes, for people.
pub fn describe_requirement(operation: &Operation) -> String {
    match operation.requirement {
        Requirement::Live if operation.anonymous == Anonymous::Always => "nothing".into(),
        Requirement::Live => "any live credential".into(),
        Requirement::Closed => "closed".into(),
        Requirement::AnyOf(alternatives) => alternatives
            .iter()
            .map(|terms| terms.iter().map(describe_term).collect::<Vec<_>>().join(" and "))
            .collect::<Vec<_>>()
            .join(", or "),
    }
}

fn describe_term(term: &Term) -> String {
    let mut text = pair(term, ':');
    let natural = permission_by_id(term.permission).map(|permission| match permission.kind {
        PermissionKind::Account => Target::Own,
        PermissionKind::Enterprise => Target::Enterprise,
        PermissionKind::Organization => Target::Organization,
        PermissionKind::Repository => Target::Repository,
    });
    if natural != Some(term.target) {
        text.push_str(match term.target {
            Target::Repository => " at the repository",
            Target::Organization => " at the named account",
            Target::Own => " at one's own account",
            Target::Enterprise => " at the enterprise",
            Target::Destination => " at the destination",
            Target::SecondRepository => " at the second repository",
        });
    }
    text.push_str(match term.when {
        When::Always => "",
        When::Issue => " if it is an issue",
        When::PullRequest => " if it is a pull request",
        When::Workflow => " if a workflow file is touched",
        When::NotPublic => " unless it is public",
        When::DestinationOrganization => " if the destination is an organization",
    });
    text
}

/// The least roles of an operation, for people.
pub fn describe_role(operation: &Operation) -> String {
    let Requirement::AnyOf(alternatives) = operation.requirement else {
        return String::new();
    };
    // Below /user and /users the named account is a person, who owns nothing but themselves.
    let person = operation.door != Door::Mounted && operation.path.starts_with("/user");
    let mut words: Vec<String> = Vec::new();
    for term in alternatives.iter().copied().flatten() {
        let mut word = role_word(term.role, term.target, person);
        if let Some(author) = term.author_role {
            word.push_str(&format!(" (author: {})", role_word(author, term.target, person)));
        }
        if !word.is_empty() && !words.contains(&word) {
            words.push(word);
        }
    }
    words.join(", ")
}

fn role_word(role: Role, target: Target, person: bool) -> String {
    if person && role == Role::Organization(OrganizationRole::Owner) {
        return "the person".into();
    }
    let place = match target {
        Target::Repository => "repository",
        Target::Organization => "organization",
        Target::Own => "own account",
        Target::Enterprise => "enterprise",
        Target::Destination => "destination",
        Target::SecondRepository => "second repository",
    };
    let word = match role {
        Role::Anyone if target == Target::Own => return String::new(),
        Role::Anyone => "anyone",
        Role::Repository(role) => role.word(),
        Role::Organization(role) => role.word(),
        Role::Enterprise(role) => role.word(),
        Role::TokenApprover => "token approver",
        Role::TokenAuditor => "token auditor",
        Role::SiteAdministrator => return "site administrator".into(),
    };
    format!("{place} {word}")
}

/// The accepted scopes of classic tokens, for people.
pub fn describe_scopes(operation: &Operation) -> String {
    if !operation.kinds.classic {
        return "closed".into();
    }
    operation
        .scopes
        .iter()
        .map(|alternative| {
            let words = if alternative.set.is_empty() {
                "any".into()
            } else {
                alternative
                    .set
                    .iter()
                    .map(|scope| scope.word())
                    .collect::<Vec<_>>()
                    .join(" and ")
            };
            if alternative.public_only {
                format!("{words} (public)")
            } else {
                words
            }
        })
        .collect::<Vec<_>>()
        .join(" or ")
}
