//! Check runs.

use super::{list, place};
use crate::issue::own_path;
use crate::view::check::{annotation, run};
use bailiwick_authority::Fault;
use bailiwick_authority::check::run::RunsOf;
use bailiwick_authority::check::{AnnotationInput, OutputInput, RunInput};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use bailiwick_model::{CheckRunId, CheckSuiteId, Timestamp};
use http::{StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::CHECKS_CREATE, create)
        .on(op::CHECKS_GET, get)
        .on(op::CHECKS_UPDATE, update)
        .on(op::CHECKS_LIST_ANNOTATIONS, annotations)
        .on(op::CHECKS_REREQUEST_RUN, rerequest)
        .on(op::CHECKS_LIST_FOR_REF, of_commit)
        .on(op::CHECKS_LIST_FOR_SUITE, of_suite);
}

#[derive(Deserialize)]
struct RunBody {
    name: Option<String>,
    head_sha: Option<String>,
    status: Option<String>,
    conclusion: Option<String>,
    external_id: Option<String>,
    details_url: Option<String>,
    started_at: Option<String>,
    completed_at: Option<String>,
    output: Option<OutputBody>,
}

#[derive(Deserialize)]
struct OutputBody {
    title: Option<String>,
    summary: Option<String>,
    text: Option<String>,
    #[serde(default)]
    annotations: Vec<AnnotationInput>,
}

fn instant(field: &str, text: Option<&str>) -> Result<Option<Timestamp>, Fault> {
    match text {
        None => Ok(None),
        Some(text) => match Timestamp::parse(text) {
            Some(at) => Ok(Some(at)),
            None => Err(Fault::invalid(
                "CheckRun",
                field,
                "invalid",
                "use an RFC 3339 instant",
            )),
        },
    }
}

impl RunBody {
    fn read(self) -> Result<RunInput, Fault> {
        Ok(RunInput {
            started_at: instant("started_at", self.started_at.as_deref())?,
            completed_at: instant("completed_at", self.completed_at.as_deref())?,
            name: self.name,
            status: self.status,
            conclusion: self.conclusion,
            external_id: self.external_id,
            details_url: self.details_url,
            output: self.output.map(|output| OutputInput {
                title: output.title,
                summary: output.summary,
                text: output.text,
                annotations: output.annotations,
            }),
        })
    }
}

fn create(call: Call) -> Answer {
    let mut body: RunBody = call.request.json()?;
    let place = place(&call)?;
    let head_sha = body
        .head_sha
        .take()
        .ok_or_else(|| Fault::invalid("CheckRun", "head_sha", "missing_field", ""))?;
    let input = body.read()?;
    let row = call.authority.check_run_create(call.permit, &head_sha, &input)?;
    let value = run(&place, &row);
    let url = value.get("url").and_then(Value::as_str).unwrap_or("").to_owned();
    Ok(Reply::json_with(StatusCode::CREATED, &value).with(header::LOCATION, &url))
}

fn id(call: &Call) -> Result<CheckRunId, Fault> {
    Ok(CheckRunId(call.request.id("check_run_id")?))
}

fn get(call: Call) -> Answer {
    let row = call.authority.check_run(&call.permit, id(&call)?)?;
    Ok(Reply::json(&run(&place(&call)?, &row)))
}

fn update(call: Call) -> Answer {
    let (id, place) = (id(&call)?, place(&call)?);
    let input = call.request.json::<RunBody>()?.read()?;
    let row = call.authority.check_run_update(call.permit, id, &input)?;
    Ok(Reply::json(&run(&place, &row)))
}

fn annotations(call: Call) -> Answer {
    let row = call.authority.check_run(&call.permit, id(&call)?)?;
    let place = place(&call)?;
    let page = call.request.page();
    let (stored, more) = page.cut(row.annotations.clone());
    let items = stored.iter().map(|one| annotation(&place, &row, one)).collect();
    Ok(Reply::page(&call.request, &own_path(&call), page, items, more))
}

fn rerequest(call: Call) -> Answer {
    let id = id(&call)?;
    call.authority.check_run_rerequest(call.permit, id)?;
    Ok(Reply::json_with(StatusCode::CREATED, &json!({})))
}

fn of_commit(call: Call) -> Answer {
    let commit = call
        .authority
        .commit_find(&call.permit, call.request.parameter("ref"))?;
    runs(&call, RunsOf::Commit(&commit))
}

fn of_suite(call: Call) -> Answer {
    let id = CheckSuiteId(call.request.id("check_suite_id")?);
    runs(&call, RunsOf::Suite(id))
}

fn runs(call: &Call, of: RunsOf<'_>) -> Answer {
    let place = place(call)?;
    let page = call.request.page();
    let (rows, count) = match list(&call.request)? {
        Some(list) => call.authority.check_runs(&call.permit, of, &list)?,
        None => (Vec::new(), 0),
    };
    let shown = page.offset().saturating_add(rows.len());
    let more = i64::try_from(shown).is_ok_and(|shown| shown < count) && !rows.is_empty();
    let items: Vec<Value> = rows.iter().map(|row| run(&place, row)).collect();
    let value = json!({"total_count": count, "check_runs": items});
    Ok(Reply::json(&value).linked(&call.request, &own_path(call), page, more))
}
