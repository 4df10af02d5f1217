//! What is wrong with an upstream, and which ways there are past the gateway.

use super::page;
use crate::admin::checks::list;
use crate::errors::Errors;
use crate::look::html;
use crate::visit::Visit;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Routes};

pub(super) fn register(routes: &mut Routes) {
    routes.on(op::WEB_ADMIN_UPSTREAM_CHECKS, show);
}

fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let name = call.request.parameter("upstream");
    let view = call.authority.upstream_view(&call.permit, name)?;
    let checks = call.authority.upstream_checks(&call.permit, Some(name))?;
    let body = html! {
        (list(checks, false))
        p.hint {
            "What cannot be seen from here is named as well. " code { "docs/gateway.md" }
            " tells how to close each way past the gateway."
        }
    };
    Ok(page(&visit, &view, &Errors::none(), &body))
}
