//! Withdrawing a request that nobody has decided yet.

use super::path_of;
use crate::done;
use bailiwick_authority::{Fault, FaultKind};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use bailiwick_model::RequestId;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes.on(op::WEB_TOKEN_REQUEST_CANCEL, cancel);
}

fn cancel(call: Call) -> Answer {
    let id = RequestId(call.request.id("pat_request_id")?);
    let token = call
        .authority
        .own_requests(&call.permit)?
        .into_iter()
        .find(|request| request.row.id == id)
        .map(|request| request.token.id)
        .ok_or_else(Fault::not_found)?;
    let code = match call.authority.request_cancel(call.permit, id) {
        Ok(()) => "request-cancelled",
        // Somebody was faster: the token's page tells how it ended.
        Err(fault) if fault.kind == FaultKind::Conflict => "request-decided",
        Err(fault) => return Err(fault),
    };
    Ok(Reply::see_other(&done::after(&path_of(token), code)))
}
