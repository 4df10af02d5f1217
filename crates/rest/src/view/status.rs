//! Commit statuses.

use crate::view::account::{node_id, simple_user};
use crate::view::repository::minimal_repository;
use bailiwick_authority::rows::{AccountRow, RepositoryRow};
use bailiwick_authority::status::{Combined, StatusView};
use serde_json::{Map, Value, json};

fn fields(base_url: &str, full_name: &str, view: &StatusView) -> Map<String, Value> {
    let row = &view.row;
    let avatar = view
        .creator
        .as_ref()
        .map(|creator| format!("{base_url}/avatars/{}", creator.id));
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| {
        fields.insert(name.to_owned(), value);
    };
    put("id", json!(row.id));
    put("node_id", json!(node_id("StatusContext", row.id.0)));
    let url = format!("{base_url}/api/v3/repos/{full_name}/statuses/{}", row.sha);
    put("url", json!(url));
    put("avatar_url", json!(avatar));
    put("state", json!(row.state));
    put("description", json!(row.description));
    put("target_url", json!(row.target_url));
    put("context", json!(row.context));
    put("created_at", json!(row.created_at.rfc3339()));
    put("updated_at", json!(row.updated_at.rfc3339()));
    fields
}

/// GitHub's Status.
pub fn status(base_url: &str, full_name: &str, view: &StatusView) -> Value {
    let mut fields = fields(base_url, full_name, view);
    let creator = view
        .creator
        .as_ref()
        .map(|creator| simple_user(base_url, creator));
    fields.insert("creator".into(), json!(creator));
    Value::Object(fields)
}

/// GitHub's Combined Commit Status; `page` is the part of the statuses to show.
pub fn combined(
    base_url: &str,
    (repository, owner): (&RepositoryRow, &AccountRow),
    sha: &str,
    all: &Combined,
    page: &[StatusView],
) -> Value {
    let full_name = format!("{}/{}", owner.login, repository.name);
    let api = format!("{base_url}/api/v3/repos/{full_name}");
    let statuses: Vec<Value> = page
        .iter()
        .map(|view| Value::Object(fields(base_url, &full_name, view)))
        .collect();
    json!({
        "state": all.state,
        "statuses": statuses,
        "sha": sha,
        "total_count": all.statuses.len(),
        "repository": minimal_repository(base_url, repository, owner, None),
        "commit_url": format!("{api}/commits/{sha}"),
        "url": format!("{api}/commits/{sha}/status"),
    })
}
