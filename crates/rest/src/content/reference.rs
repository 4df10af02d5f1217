//! Refs as Git data.

use super::place;
use crate::view::commit::encode_path;
use crate::view::gitdata::reference;
use bailiwick_authority::content::not_supplied;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use http::{StatusCode, header};
use serde::Deserialize;

pub(super) fn register(routes: &mut Routes) {
    routes
        .on(op::GIT_GET_REF, get)
        .on(op::GIT_LIST_MATCHING_REFS, matching)
        .on(op::GIT_CREATE_REF, create)
        .on(op::GIT_UPDATE_REF, update)
        .on(op::GIT_DELETE_REF, delete);
}

fn get(call: Call) -> Answer {
    let found = call
        .authority
        .ref_get(&call.permit, call.request.parameter("ref"))?;
    Ok(Reply::json(&reference(&place(&call)?, &found)))
}

fn matching(call: Call) -> Answer {
    let place = place(&call)?;
    let found = call
        .authority
        .ref_matching(&call.permit, call.request.parameter("ref"))?;
    let items = found.iter().map(|found| reference(&place, found)).collect();
    Ok(Reply::json(&serde_json::Value::Array(items)))
}

#[derive(Deserialize)]
struct RefBody {
    #[serde(rename = "ref")]
    name: Option<String>,
    sha: Option<String>,
    #[serde(default)]
    force: bool,
}

fn create(call: Call) -> Answer {
    let body: RefBody = call.request.json()?;
    let name = body.name.ok_or_else(|| not_supplied("ref"))?;
    let sha = body.sha.ok_or_else(|| not_supplied("sha"))?;
    let place = place(&call)?;
    let made = call.authority.ref_create(call.permit, &name, &sha)?;
    let location = format!("{}/git/{}", place.api, encode_path(&made.name));
    Ok(Reply::json_with(StatusCode::CREATED, &reference(&place, &made)).with(header::LOCATION, &location))
}

fn update(call: Call) -> Answer {
    let body: RefBody = call.request.json()?;
    let sha = body.sha.ok_or_else(|| not_supplied("sha"))?;
    let place = place(&call)?;
    let moved = call
        .authority
        .ref_update(call.permit, call.request.parameter("ref"), &sha, body.force)?;
    Ok(Reply::json(&reference(&place, &moved)))
}

fn delete(call: Call) -> Answer {
    call.authority
        .ref_delete(call.permit, call.request.parameter("ref"))?;
    Ok(Reply::no_content())
}
