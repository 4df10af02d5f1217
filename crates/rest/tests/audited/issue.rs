//! Issues, their comments, labels, assignees and locks.

use super::recipe::{Recipe, recipe};
use bailiwick_catalogue::{OperationIndex, op};
use serde_json::json;

const ISSUES: &str = "/repos/acme/site/issues";
const ISSUE: &str = "/repos/acme/site/issues/1";

/// A change of issue 1, which is there.
fn on_issue(index: OperationIndex, path: &'static str) -> Recipe {
    recipe(index, path).after("POST", ISSUES, json!({"title": "t"}))
}

/// The same with the label `bug` on it.
fn on_labelled(index: OperationIndex, path: &'static str) -> Recipe {
    on_issue(index, path).after("POST", "/repos/acme/site/issues/1/labels", json!(["bug"]))
}

pub fn recipes() -> Vec<Recipe> {
    vec![
        recipe(op::ISSUES_CREATE, ISSUES).body(json!({"title": "t"})),
        on_issue(op::ISSUES_UPDATE, ISSUE).body(json!({"state": "closed"})),
        on_issue(op::ISSUES_ADD_LABELS, "/repos/acme/site/issues/1/labels")
            .body(json!(["bug", "new"]))
            .more(&["label.create", "label.create"]),
        on_labelled(op::ISSUES_SET_LABELS, "/repos/acme/site/issues/1/labels")
            .body(json!(["new"]))
            .more(&["label.create"]),
        on_labelled(op::ISSUES_REMOVE_LABEL, "/repos/acme/site/issues/1/labels/bug")
            .wrong_path("/repos/acme/site/issues/1/labels/none"),
        on_labelled(op::ISSUES_REMOVE_ALL_LABELS, "/repos/acme/site/issues/1/labels")
            .wrong_path("/repos/acme/site/issues/99/labels"),
        on_issue(op::ISSUES_ADD_ASSIGNEES, "/repos/acme/site/issues/1/assignees")
            .body(json!({"assignees": ["bob"]})),
        on_issue(op::ISSUES_REMOVE_ASSIGNEES, "/repos/acme/site/issues/1/assignees")
            .after(
                "POST",
                "/repos/acme/site/issues/1/assignees",
                json!({"assignees": ["bob"]}),
            )
            .body(json!({"assignees": ["bob"]})),
        on_issue(op::ISSUES_LOCK, "/repos/acme/site/issues/1/lock").body(json!({"lock_reason": "spam"})),
        on_issue(op::ISSUES_UNLOCK, "/repos/acme/site/issues/1/lock")
            .after("PUT", "/repos/acme/site/issues/1/lock", json!({}))
            .wrong_path("/repos/acme/site/issues/99/lock"),
        on_issue(op::ISSUES_CREATE_COMMENT, "/repos/acme/site/issues/1/comments").body(json!({"body": "b"})),
        on_comment(op::ISSUES_UPDATE_COMMENT).body(json!({"body": "c"})),
        on_comment(op::ISSUES_DELETE_COMMENT).wrong_path("/repos/acme/site/issues/comments/99"),
        recipe(op::ISSUES_CREATE_LABEL, "/repos/acme/site/labels").body(json!({"name": "bug"})),
        on_label(op::ISSUES_UPDATE_LABEL).body(json!({"color": "ffffff"})),
        on_label(op::ISSUES_DELETE_LABEL).wrong_path("/repos/acme/site/labels/none"),
    ]
}

fn on_comment(index: OperationIndex) -> Recipe {
    on_issue(index, "/repos/acme/site/issues/comments/{comment}")
        .after("POST", "/repos/acme/site/issues/1/comments", json!({"body": "b"}))
        .keep("comment", "/id")
}

fn on_label(index: OperationIndex) -> Recipe {
    recipe(index, "/repos/acme/site/labels/bug").after(
        "POST",
        "/repos/acme/site/labels",
        json!({"name": "bug"}),
    )
}
