//! Linking one's own account at an upstream: begun here, continued in a browser.

use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use http::StatusCode;
use serde_json::json;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes.on(op::BAILIWICK_BEGIN_UPSTREAM_LINK, begin);
}

fn begin(call: Call) -> Answer {
    let name = call.request.parameter("upstream").to_owned();
    let there = call.authority.linking_begin(call.permit, &name)?;
    Ok(Reply::json_with(
        StatusCode::CREATED,
        &json!({"authorize_url": there}),
    ))
}
