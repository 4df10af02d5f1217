//! What a decision used, in the words of GitHub's Apps: the least that an installation's token needs for a request.

use bailiwick_catalogue::{PermissionKind, Target, Term, permission_by_id};
use bailiwick_model::Level;
use std::collections::BTreeMap;

/// Permissions of Apps with their levels.
pub type Permissions = BTreeMap<&'static str, &'static str>;

/// Of the terms that a decision used. `None`: an installation's token cannot hold one of them.
// SECURITY: never empty. GitHub takes an empty set for everything that the App holds.
pub fn of_terms(terms: &[Term]) -> Option<Permissions> {
    let mut levels: BTreeMap<&'static str, Level> = BTreeMap::from([("metadata", Level::Read)]);
    for term in terms {
        let permission = permission_by_id(term.permission)?;
        let on_installation = matches!(
            term.target,
            Target::Repository | Target::Organization | Target::SecondRepository | Target::Destination
        );
        let held = match permission.kind {
            PermissionKind::Repository | PermissionKind::Organization => on_installation,
            PermissionKind::Account | PermissionKind::Enterprise => false,
        };
        if !held || term.level == Level::None {
            return None;
        }
        // Repository and organization permissions have one name for tokens and Apps.
        let level = levels.entry(permission.slug).or_insert(term.level);
        *level = (*level).max(term.level);
    }
    Some(
        levels
            .into_iter()
            .map(|(name, level)| (name, level.word()))
            .collect(),
    )
}

/// Whether what GitHub gave is within what was asked for.
// SECURITY: a server that does not know how to narrow would lend the App's whole power to the request.
pub fn within(given: &serde_json::Value, asked: &Permissions) -> bool {
    let Some(given) = given.as_object() else {
        return false;
    };
    let rank = |level: &str| ["read", "write", "admin"].iter().position(|word| *word == level);
    given.iter().all(|(name, level)| {
        let level = level.as_str().and_then(rank);
        let most = asked.get(name.as_str()).copied().and_then(rank);
        matches!((level, most), (Some(level), Some(most)) if level <= most)
    })
}

#[cfg(test)]
mod tests {
    use super::within;
    use serde_json::json;
    use std::collections::BTreeMap;

    #[test]
    fn more_than_was_asked_for_is_seen() {
        let asked = BTreeMap::from([("metadata", "read"), ("contents", "write")]);
        for (given, expected) in [
            (json!({"metadata": "read"}), true),
            (json!({"metadata": "read", "contents": "read"}), true),
            (json!({"contents": "write"}), true),
            (json!({"contents": "admin"}), false),
            (json!({"metadata": "write"}), false),
            (json!({"issues": "read"}), false),
            (json!({"contents": "all"}), false),
            (json!(null), false),
            (json!("contents"), false),
        ] {
            assert_eq!(within(&given, &asked), expected, "{given}");
        }
    }
}
