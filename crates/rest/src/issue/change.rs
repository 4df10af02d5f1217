//! Opening, editing and locking issues.

use super::label::Named;
use crate::directory::present;
use crate::view::issue::issue;
use bailiwick_authority::Fault;
use bailiwick_authority::issue::edit::IssueInput;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use http::{StatusCode, header};
use serde::Deserialize;
use serde_json::Value;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::ISSUES_CREATE, create)
        .on(op::ISSUES_UPDATE, update)
        .on(op::ISSUES_LOCK, lock)
        .on(op::ISSUES_UNLOCK, unlock);
}

/// A title may be a number.
#[derive(Deserialize)]
#[serde(untagged)]
enum Title {
    Text(String),
    Number(i64),
}

#[derive(Deserialize)]
struct IssueBody {
    title: Option<Title>,
    #[serde(default, deserialize_with = "present")]
    body: Option<Option<String>>,
    state: Option<String>,
    state_reason: Option<String>,
    labels: Option<Vec<Named>>,
    assignees: Option<Vec<String>>,
    #[serde(default, deserialize_with = "present")]
    assignee: Option<Option<String>>,
    milestone: Option<Value>,
}

impl IssueBody {
    fn read(self) -> Result<IssueInput, Fault> {
        if self.milestone.is_some() {
            return Err(Fault::invalid(
                "Issue",
                "milestone",
                "invalid",
                "there is no such milestone",
            ));
        }
        let assignees = match (self.assignees, self.assignee) {
            (Some(many), None | Some(None)) => Some(many),
            (None, Some(one)) => Some(one.into_iter().filter(|login| !login.is_empty()).collect()),
            (None, None) => None,
            (Some(_), Some(Some(_))) => {
                let message = "use either assignee or assignees";
                return Err(Fault::invalid("Issue", "assignee", "invalid", message));
            }
        };
        Ok(IssueInput {
            title: self.title.map(|title| match title {
                Title::Text(text) => text,
                Title::Number(number) => number.to_string(),
            }),
            body: self.body,
            state: self.state,
            state_reason: self.state_reason,
            labels: self
                .labels
                .map(|labels| labels.into_iter().map(Named::name).collect()),
            assignees,
        })
    }
}

fn create(call: Call) -> Answer {
    let input = call.request.json::<IssueBody>()?.read()?;
    let view = call.authority.issue_create(call.permit, &input)?;
    let value = issue(&call.request.base_url, &view, false);
    let url = value.get("url").and_then(Value::as_str).unwrap_or("").to_owned();
    Ok(Reply::json_with(StatusCode::CREATED, &value).with(header::LOCATION, &url))
}

fn update(call: Call) -> Answer {
    let number = call.request.id("issue_number")?;
    let input = call.request.json::<IssueBody>()?.read()?;
    let view = call.authority.issue_update(call.permit, number, &input)?;
    Ok(Reply::json(&issue(&call.request.base_url, &view, false)))
}

#[derive(Deserialize)]
struct LockBody {
    lock_reason: Option<String>,
}

fn lock(call: Call) -> Answer {
    let number = call.request.id("issue_number")?;
    // GitHub's clients send `null` for no body.
    let body = if call.request.body.trim_ascii() == b"null" {
        LockBody { lock_reason: None }
    } else {
        call.request.json()?
    };
    call.authority
        .issue_lock(call.permit, number, body.lock_reason.as_deref())?;
    Ok(Reply::no_content())
}

fn unlock(call: Call) -> Answer {
    let number = call.request.id("issue_number")?;
    call.authority.issue_unlock(call.permit, number)?;
    Ok(Reply::no_content())
}
