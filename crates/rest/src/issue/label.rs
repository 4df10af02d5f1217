//! Labels of repositories and of issues.

use super::own_path;
use crate::directory::present;
use crate::view::issue::label;
use bailiwick_authority::Fault;
use bailiwick_authority::issue::label::LabelInput;
use bailiwick_authority::rows::LabelRow;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Request, Routes, parse_json};
use http::{StatusCode, header};
use serde::Deserialize;
use serde_json::Value;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::ISSUES_LIST_LABELS_FOR_REPO, list)
        .on(op::ISSUES_CREATE_LABEL, create)
        .on(op::ISSUES_GET_LABEL, get)
        .on(op::ISSUES_UPDATE_LABEL, update)
        .on(op::ISSUES_DELETE_LABEL, delete)
        .on(op::ISSUES_LIST_LABELS_ON_ISSUE, of_issue)
        .on(op::ISSUES_ADD_LABELS, add)
        .on(op::ISSUES_SET_LABELS, set)
        .on(op::ISSUES_REMOVE_LABEL, remove)
        .on(op::ISSUES_REMOVE_ALL_LABELS, remove_all);
}

/// A label by its name, alone or in an object.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Named {
    Name(String),
    Object { name: String },
}

impl Named {
    pub(super) fn name(self) -> String {
        match self {
            Named::Name(name) | Named::Object { name } => name,
        }
    }
}

/// `owner/name` as stored.
fn full_name(call: &Call) -> Result<String, Fault> {
    Ok(format!(
        "{}/{}",
        call.permit.owner()?.login,
        call.permit.repository()?.name
    ))
}

fn items(base_url: &str, full_name: &str, rows: &[LabelRow]) -> Vec<Value> {
    rows.iter().map(|row| label(base_url, full_name, row)).collect()
}

fn page(call: &Call, rows: Vec<LabelRow>) -> Answer {
    let page = call.request.page();
    let (rows, more) = page.cut(rows);
    let items = items(&call.request.base_url, &full_name(call)?, &rows);
    Ok(Reply::page(&call.request, &own_path(call), page, items, more))
}

fn list(call: Call) -> Answer {
    let rows = call.authority.labels(&call.permit)?;
    page(&call, rows)
}

fn of_issue(call: Call) -> Answer {
    let rows = call
        .authority
        .issue_labels(&call.permit, call.request.id("issue_number")?)?;
    page(&call, rows)
}

fn get(call: Call) -> Answer {
    let row = call
        .authority
        .label(&call.permit, call.request.parameter("name"))?;
    Ok(Reply::json(&label(
        &call.request.base_url,
        &full_name(&call)?,
        &row,
    )))
}

#[derive(Deserialize)]
struct LabelBody {
    name: Option<String>,
    new_name: Option<String>,
    color: Option<String>,
    #[serde(default, deserialize_with = "present")]
    description: Option<Option<String>>,
}

fn create(call: Call) -> Answer {
    let body: LabelBody = call.request.json()?;
    let full_name = full_name(&call)?;
    let input = LabelInput {
        name: body.name,
        color: body.color,
        description: body.description,
    };
    let row = call.authority.label_create(call.permit, &input)?;
    let value = label(&call.request.base_url, &full_name, &row);
    let url = value.get("url").and_then(Value::as_str).unwrap_or("").to_owned();
    Ok(Reply::json_with(StatusCode::CREATED, &value).with(header::LOCATION, &url))
}

fn update(call: Call) -> Answer {
    let body: LabelBody = call.request.json()?;
    let full_name = full_name(&call)?;
    let input = LabelInput {
        name: body.new_name.or(body.name),
        color: body.color,
        description: body.description,
    };
    let name = call.request.parameter("name");
    let row = call.authority.label_update(call.permit, name, &input)?;
    Ok(Reply::json(&label(&call.request.base_url, &full_name, &row)))
}

fn delete(call: Call) -> Answer {
    call.authority
        .label_delete(call.permit, call.request.parameter("name"))?;
    Ok(Reply::no_content())
}

#[derive(Deserialize)]
struct LabelsBody {
    labels: Vec<Named>,
}

/// Names as an object, as a plain list, or as one string: GitHub takes all three.
fn names(request: &Request) -> Result<Vec<String>, Fault> {
    let labels = match request.body.trim_ascii().first() {
        Some(b'[' | b'"') => {
            let wrapped = [b"{\"labels\":", request.body.as_ref(), b"}"].concat();
            match parse_json::<LabelsBody>(&wrapped) {
                Ok(body) => body.labels,
                Err(fault) => match serde_json::from_slice::<String>(&request.body) {
                    Ok(name) => vec![Named::Name(name)],
                    Err(_) => return Err(fault),
                },
            }
        }
        _ => parse_json::<LabelsBody>(&request.body)?.labels,
    };
    Ok(labels.into_iter().map(Named::name).collect())
}

fn put_on(call: Call, replace: bool) -> Answer {
    let number = call.request.id("issue_number")?;
    let names = names(&call.request)?;
    let full_name = full_name(&call)?;
    let rows = call.authority.issue_label(call.permit, number, &names, replace)?;
    Ok(Reply::json(&Value::Array(items(
        &call.request.base_url,
        &full_name,
        &rows,
    ))))
}

fn add(call: Call) -> Answer {
    put_on(call, false)
}

fn set(call: Call) -> Answer {
    put_on(call, true)
}

fn remove(call: Call) -> Answer {
    let number = call.request.id("issue_number")?;
    let full_name = full_name(&call)?;
    let name = call.request.parameter("name");
    let rows = call.authority.issue_unlabel(call.permit, number, name)?;
    Ok(Reply::json(&Value::Array(items(
        &call.request.base_url,
        &full_name,
        &rows,
    ))))
}

fn remove_all(call: Call) -> Answer {
    let number = call.request.id("issue_number")?;
    call.authority.issue_unlabel_all(call.permit, number)?;
    Ok(Reply::no_content())
}
