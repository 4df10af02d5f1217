//! The printed reference: the tables as text, as Markdown and as JSON.

use crate::describe::{accepted_header, describe_requirement, describe_role, describe_scopes};
use crate::operation::{Anonymous, Door, Operation};
use crate::permission::{Permission, PermissionKind};
use crate::table::{OPERATIONS, PERMISSIONS};
use serde_json::{Value, json};

/// One operation on one line, for reviewers.
pub fn operation_line(operation: &Operation) -> String {
    let fields = [
        operation.id.to_owned(),
        format!("{} {}", operation.method, address(operation)),
        describe_requirement(operation),
        format!("anonymous {}", anonymous(operation)),
        describe_role(operation),
        format!("scopes {}", describe_scopes(operation)),
        kinds(operation).join("+"),
        flags(operation).join("+"),
        operation.action.to_owned(),
        operation.why.to_owned(),
    ];
    fields.join(" | ")
}

fn address(operation: &Operation) -> String {
    match operation.door {
        Door::Api => operation.path.to_owned(),
        Door::Git => operation.path.replacen("{repo}", "{repo}.git", 1),
        Door::Root => format!("(root){}", operation.path),
        Door::Page => format!("(page){}", operation.path),
        Door::Mounted => {
            let name = operation.id.split('/').next().unwrap_or_default();
            format!("/-/{name}{}", operation.path)
        }
        Door::Gitea => format!("/api/v1{}", operation.path),
        Door::Registry if operation.path.starts_with("/v2") => operation.path.to_owned(),
        Door::Registry => format!("/-/NAME{}", operation.path),
    }
}

const fn anonymous(operation: &Operation) -> &'static str {
    match operation.anonymous {
        Anonymous::Never => "never",
        Anonymous::IfPublic => "if public",
        Anonymous::Always => "always",
    }
}

fn kinds(operation: &Operation) -> Vec<&'static str> {
    let kinds = operation.kinds;
    [
        (kinds.fine_grained, "fine-grained"),
        (kinds.classic, "classic"),
        (kinds.session, "session"),
    ]
    .into_iter()
    .filter_map(|(open, word)| open.then_some(word))
    .collect()
}

fn flags(operation: &Operation) -> Vec<&'static str> {
    [
        (operation.writes, "writes"),
        (operation.bulk, "bulk"),
        (operation.sudo, "sudo"),
        (operation.plants, "plants"),
        (operation.spans, "spans"),
    ]
    .into_iter()
    .filter_map(|(set, word)| set.then_some(word))
    .collect()
}

fn levels(permission: &Permission) -> Vec<&'static str> {
    permission.levels.iter().map(|level| level.word()).collect()
}

const KINDS: [(PermissionKind, &str); 4] = [
    (PermissionKind::Repository, "Repository permissions"),
    (PermissionKind::Organization, "Organization permissions"),
    (PermissionKind::Account, "Account permissions"),
    (PermissionKind::Enterprise, "Enterprise permissions"),
];

const INTRODUCTION: &str = "\
# Permissions and operations

Generated from `crates/catalogue/data`; regenerate with `UPDATE_EXPECT=1 cargo test -p bailiwick-catalogue`.

A level includes the ones before it. Any repository permission brings `metadata: read` there. An operation needs
everything joined by *and*, of any one alternative separated by *or*; the caller's own role is needed as well, and
nothing that a token holds adds to it. *Anonymous* says what a visitor, and so every live token, may do. *Scopes*
are those of classic tokens, with all that contain them. What is not listed is refused.
";

/// The whole reference as Markdown.
pub fn reference_markdown() -> String {
    let mut text = String::from(INTRODUCTION);
    for (kind, title) in KINDS {
        text.push_str(&format!(
            "\n## {title}\n\n| permission | title | levels | opens |\n|---|---|---|---|\n"
        ));
        for permission in PERMISSIONS.iter().filter(|permission| permission.kind == kind) {
            text.push_str(&format!(
                "| `{}` | {} | {} | {} |\n",
                permission.slug,
                permission.title,
                levels(permission).join(", "),
                permission.description
            ));
        }
    }
    text.push_str("\n## Operations\n");
    let category_of = |operation: &Operation| operation.id.split('/').next().unwrap_or_default();
    // Pages have the rules of other operations, which are listed.
    let mut sorted: Vec<&Operation> = OPERATIONS.iter().filter(|one| one.door != Door::Page).collect();
    sorted.sort_by_key(|operation| category_of(operation));
    let mut last = "";
    for operation in sorted {
        let category = category_of(operation);
        if category != last {
            text.push_str(&format!(
                "\n### {category}\n\n| operation | needs | least role | anonymous | scopes | notes |\n|---|---|---|---|---|---|\n"
            ));
            last = category;
        }
        let mut notes = flags(operation);
        notes.retain(|flag| *flag != "writes");
        let mut notes = notes.join(", ");
        if !operation.why.is_empty() {
            notes.push_str(if notes.is_empty() { "" } else { ": " });
            notes.push_str(operation.why);
        }
        text.push_str(&format!(
            "| `{} {}` | {} | {} | {} | {} | {} |\n",
            operation.method,
            address(operation),
            describe_requirement(operation),
            describe_role(operation),
            anonymous(operation),
            describe_scopes(operation),
            notes
        ));
    }
    text
}

/// The whole reference as JSON: `{"permissions": […], "operations": […]}`.
pub fn reference_json() -> Value {
    let permissions: Vec<Value> = PERMISSIONS
        .iter()
        .map(|permission| {
            json!({
                "slug": permission.slug,
                "kind": permission.kind.word(),
                "title": permission.title,
                "levels": levels(permission),
                "description": permission.description,
            })
        })
        .collect();
    let operations: Vec<Value> = OPERATIONS
        .iter()
        .map(|operation| {
            json!({
                "id": operation.id,
                "method": operation.method,
                "path": address(operation),
                "requirement": describe_requirement(operation),
                "accepted_permissions": accepted_header(operation),
                "role": describe_role(operation),
                "anonymous": anonymous(operation),
                "scopes": describe_scopes(operation),
                "kinds": kinds(operation),
                "writes": operation.writes,
                "sudo": operation.sudo,
                "plants": operation.plants,
                "bulk": operation.bulk,
                "spans": operation.spans,
                "audit_action": operation.action,
                "why": operation.why,
            })
        })
        .collect();
    json!({ "permissions": permissions, "operations": operations })
}
