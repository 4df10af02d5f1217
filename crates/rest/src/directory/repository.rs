//! One repository: reading it and what is said of it.

use crate::view::repository::full_repository;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use serde_json::json;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes.on(op::REPOS_GET, get).on(op::REPOS_GET_ALL_TOPICS, topics);
}

fn get(call: Call) -> Answer {
    let view = call.authority.repository(&call.permit)?;
    Ok(Reply::json(&full_repository(&call.request.base_url, &view)))
}

fn topics(call: Call) -> Answer {
    // Repositories have no topics here; clients that ask for them still get an answer.
    call.authority.repository(&call.permit)?;
    Ok(Reply::json(&json!({"names": []})))
}
