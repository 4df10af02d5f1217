//! Check runs and check suites.

mod run;
mod suite;

use crate::issue::choice;
use crate::view::commit::Place;
use bailiwick_authority::Fault;
use bailiwick_authority::check::run::RunList;
use bailiwick_gate::{Call, Request, Routes};

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    run::register(routes);
    suite::register(routes);
}

fn place(call: &Call) -> Result<Place, Fault> {
    Ok(Place::new(
        &call.request.base_url,
        call.permit.owner()?,
        call.permit.repository()?,
    ))
}

const STATUSES: [(&str, Option<&str>); 3] = [
    ("queued", Some("queued")),
    ("in_progress", Some("in_progress")),
    ("completed", Some("completed")),
];

/// Which runs the query asks for; `None` where it asks for those of an App, since there are none.
fn list(request: &Request) -> Result<Option<RunList>, Fault> {
    if request.query.get("app_id").is_some_and(|text| !text.is_empty()) {
        return Ok(None);
    }
    let page = request.page();
    Ok(Some(RunList {
        name: request
            .query
            .get("check_name")
            .filter(|text| !text.is_empty())
            .map(str::to_owned),
        status: choice(request, "status", &STATUSES, None)?,
        latest: choice(request, "filter", &[("latest", true), ("all", false)], true)?,
        offset: page.offset(),
        size: page.size,
    }))
}
