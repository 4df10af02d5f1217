//! Check runs, suites and annotations.

use crate::view::account::node_id;
use crate::view::commit::{Place, encode_path};
use crate::view::repository::minimal_repository;
use bailiwick_authority::check::suite::SuiteView;
use bailiwick_authority::content::git::Signature;
use bailiwick_authority::rows::{AccountRow, CheckRunRow, RepositoryRow};
use bailiwick_model::Timestamp;
use serde_json::{Value, json};

/// GitHub's Check Run. There are no Apps here: who made a run is an account, and `app` is null.
pub fn run(place: &Place, row: &CheckRunRow) -> Value {
    let url = format!("{}/check-runs/{}", place.api, row.id);
    let output = |name: &str| row.output.get(name).cloned().unwrap_or(Value::Null);
    json!({
        "id": row.id,
        "node_id": node_id("CheckRun", row.id.0),
        "head_sha": row.head_sha,
        "name": row.name,
        "external_id": row.external_id.as_deref().unwrap_or(""),
        "url": url,
        "html_url": format!("{}/runs/{}", place.html, row.id),
        "details_url": row.details_url,
        "status": row.status,
        "conclusion": row.conclusion,
        "started_at": row.started_at.map(Timestamp::rfc3339),
        "completed_at": row.completed_at.map(Timestamp::rfc3339),
        "output": {
            "title": output("title"),
            "summary": output("summary"),
            "text": output("text"),
            "annotations_count": row.annotations.len(),
            "annotations_url": format!("{url}/annotations"),
        },
        "check_suite": {"id": row.suite_id},
        "app": null,
        "pull_requests": [],
    })
}

/// GitHub's Check Annotation.
pub fn annotation(place: &Place, row: &CheckRunRow, stored: &Value) -> Value {
    let field = |name: &str| stored.get(name).cloned().unwrap_or(Value::Null);
    let path = stored.get("path").and_then(Value::as_str).unwrap_or("");
    json!({
        "path": path,
        "blob_href": format!("{}/blob/{}/{}", place.html, row.head_sha, encode_path(path)),
        "start_line": field("start_line"),
        "end_line": field("end_line"),
        "start_column": field("start_column"),
        "end_column": field("end_column"),
        "annotation_level": field("annotation_level"),
        "title": field("title"),
        "message": field("message"),
        "raw_details": field("raw_details"),
    })
}

/// GitHub's Check Suite.
pub fn suite(
    base_url: &str,
    place: &Place,
    (repository, owner): (&RepositoryRow, &AccountRow),
    view: &SuiteView,
) -> Value {
    let (row, commit) = (&view.row, &view.commit);
    let url = format!("{}/check-suites/{}", place.api, row.id);
    let person = |signature: &Signature| json!({"name": signature.name, "email": signature.email});
    json!({
        "id": row.id,
        "node_id": node_id("CheckSuite", row.id.0),
        "head_branch": row.head_branch,
        "head_sha": row.head_sha,
        "status": row.status,
        "conclusion": row.conclusion,
        "url": url,
        "before": null,
        "after": row.head_sha,
        "pull_requests": [],
        "app": null,
        "repository": minimal_repository(base_url, repository, owner, None),
        "created_at": row.created_at.rfc3339(),
        "updated_at": row.updated_at.rfc3339(),
        "head_commit": {
            "id": commit.oid.to_string(),
            "tree_id": commit.tree.to_string(),
            "message": commit.message,
            "timestamp": commit.committer.rfc3339_utc(),
            "author": person(&commit.author),
            "committer": person(&commit.committer),
        },
        "latest_check_runs_count": view.runs,
        "check_runs_url": format!("{url}/check-runs"),
        "rerequestable": true,
        "runs_rerequestable": true,
    })
}
