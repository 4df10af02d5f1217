//! Issues, comments and labels.

use crate::view::account::{ghost, node_id, simple_user};
use crate::view::repository::minimal_repository;
use bailiwick_authority::issue::{Author, CommentView, IssueView};
use bailiwick_authority::rows::{AccountRow, LabelRow};
use bailiwick_authority::token::RepositoryName;
use bailiwick_model::{AccountId, Timestamp};
use serde_json::{Value, json};

/// Names of labels that new repositories have at GitHub; `default` is true for them.
const DEFAULT_LABELS: [&str; 9] = [
    "bug",
    "documentation",
    "duplicate",
    "enhancement",
    "good first issue",
    "help wanted",
    "invalid",
    "question",
    "wontfix",
];

/// The API address of a repository.
fn api(base_url: &str, place: &RepositoryName) -> String {
    format!("{base_url}/api/v3/repos/{}", place.full_name())
}

fn user(base_url: &str, account: Option<&AccountRow>, id: AccountId) -> Value {
    account.map_or_else(|| ghost(base_url, id), |account| simple_user(base_url, account))
}

fn written_by(base_url: &str, author: &Author, id: AccountId) -> Value {
    user(base_url, author.account.as_ref(), id)
}

/// There are no reactions here; clients expect the counts.
fn reactions(url: &str) -> Value {
    json!({
        "url": format!("{url}/reactions"),
        "total_count": 0, "+1": 0, "-1": 0, "laugh": 0, "hooray": 0, "confused": 0, "heart": 0, "rocket": 0,
        "eyes": 0,
    })
}

/// A label.
pub fn label(base_url: &str, full_name: &str, row: &LabelRow) -> Value {
    json!({
        "id": row.id,
        "node_id": node_id("Label", row.id.0),
        "url": format!(
            "{base_url}/api/v3/repos/{full_name}/labels/{}",
            bailiwick_gate::encode(&row.name)
        ),
        "name": row.name,
        "color": row.color,
        "default": DEFAULT_LABELS.contains(&row.folded.as_str()),
        "description": row.description,
    })
}

/// An issue; `with_repository` for lists over several repositories.
pub fn issue(base_url: &str, view: &IssueView, with_repository: bool) -> Value {
    let row = &view.row;
    let full_name = view.place.full_name();
    let repository_url = api(base_url, &view.place);
    let url = format!("{repository_url}/issues/{}", row.number);
    let people: Vec<Value> = view
        .assignees
        .iter()
        .map(|account| simple_user(base_url, account))
        .collect();
    let labels: Vec<Value> = view
        .labels
        .iter()
        .map(|row| label(base_url, &full_name, row))
        .collect();
    let closed_by = match (row.closed_by, &view.closed_by) {
        (None, _) => Value::Null,
        (Some(id), account) => user(base_url, account.as_ref(), id),
    };
    let mut value = json!({
        "id": row.id,
        "node_id": node_id("Issue", row.id.0),
        "url": url,
        "repository_url": repository_url,
        "labels_url": format!("{url}/labels{{/name}}"),
        "comments_url": format!("{url}/comments"),
        "events_url": format!("{url}/events"),
        "timeline_url": format!("{url}/timeline"),
        "html_url": format!("{base_url}/{full_name}/issues/{}", row.number),
        "number": row.number,
        "state": row.state,
        "state_reason": row.state_reason,
        "title": row.title,
        "body": row.body,
        "user": written_by(base_url, &view.author, row.user_id),
        "author_association": view.author.association,
        "labels": labels,
        "assignee": people.first(),
        "assignees": people,
        "milestone": null,
        "locked": row.locked,
        "active_lock_reason": row.lock_reason,
        "comments": row.comments,
        "closed_at": row.closed_at.map(Timestamp::rfc3339),
        "closed_by": closed_by,
        "created_at": row.created_at.rfc3339(),
        "updated_at": row.updated_at.rfc3339(),
        "performed_via_github_app": null,
        "reactions": reactions(&url),
    });
    if with_repository && let Some(fields) = value.as_object_mut() {
        let repository = minimal_repository(base_url, &view.place.row, &view.place.owner, None);
        fields.insert("repository".into(), repository);
    }
    value
}

/// A comment.
pub fn comment(base_url: &str, view: &CommentView) -> Value {
    let row = &view.row;
    let repository_url = api(base_url, &view.place);
    let url = format!("{repository_url}/issues/comments/{}", row.id);
    let full_name = view.place.full_name();
    json!({
        "id": row.id,
        "node_id": node_id("IssueComment", row.id.0),
        "url": url,
        "html_url": format!("{base_url}/{full_name}/issues/{}#issuecomment-{}", view.number, row.id),
        "issue_url": format!("{repository_url}/issues/{}", view.number),
        "body": row.body,
        "user": written_by(base_url, &view.author, row.user_id),
        "author_association": view.author.association,
        "created_at": row.created_at.rfc3339(),
        "updated_at": row.updated_at.rfc3339(),
        "performed_via_github_app": null,
        "reactions": reactions(&url),
    })
}
