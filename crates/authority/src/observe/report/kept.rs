//! What sufficed, as it is kept in a row. A permission that this build does not know asks for nothing.

use crate::observe::Need;
use bailiwick_catalogue::{permission, permission_by_id};
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::{AccountId, EnterpriseId, Level, RepositoryId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

#[derive(Serialize, Deserialize)]
struct KeptNeed {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    enterprise: Option<i64>,
    permission: String,
    level: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    repository: Option<i64>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    all: bool,
}

/// Reads a row's needs.
pub(crate) fn read_needs(text: &str) -> BTreeSet<Need> {
    let kept: Vec<KeptNeed> = serde_json::from_str(text).unwrap_or_default();
    kept.into_iter()
        .filter_map(|one| {
            Some(Need {
                owner: match (one.account, one.enterprise) {
                    (Some(id), None) => ResourceOwner::Account(AccountId(id)),
                    (None, Some(id)) => ResourceOwner::Enterprise(EnterpriseId(id)),
                    _ => return None,
                },
                permission: permission(&one.permission)?.id,
                level: Level::parse(&one.level)?,
                repository: one.repository.map(RepositoryId),
                all: one.all,
            })
        })
        .collect()
}

/// Writes a row's needs.
pub(crate) fn write_needs(needs: &BTreeSet<Need>) -> String {
    let kept: Vec<KeptNeed> = needs
        .iter()
        .filter_map(|need| {
            let (account, enterprise) = match need.owner {
                ResourceOwner::Account(id) => (Some(id.0), None),
                ResourceOwner::Enterprise(id) => (None, Some(id.0)),
            };
            Some(KeptNeed {
                account,
                enterprise,
                permission: permission_by_id(need.permission)?.slug.to_owned(),
                level: need.level.word().to_owned(),
                repository: need.repository.map(|id| id.0),
                all: need.all,
            })
        })
        .collect();
    serde_json::to_string(&kept).unwrap_or_else(|_| String::from("[]"))
}
