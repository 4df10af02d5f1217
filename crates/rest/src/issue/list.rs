//! Reading issues.

use super::{choice, instant, own_path};
use crate::view::issue::issue;
use bailiwick_authority::Fault;
use bailiwick_authority::issue::list::{AssignedTo, Involved, IssueList, IssueOrder, Reach};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Request, Routes};

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::ISSUES_LIST_FOR_REPO, of_repository)
        .on(op::ISSUES_GET, get)
        .on(op::ISSUES_LIST, visible)
        .on(op::ISSUES_LIST_FOR_AUTHENTICATED_USER, own)
        .on(op::ISSUES_LIST_FOR_ORG, of_organization);
}

const STATES: [(&str, Option<&str>); 3] = [("open", Some("open")), ("closed", Some("closed")), ("all", None)];
const ORDERS: [(&str, IssueOrder); 3] = [
    ("created", IssueOrder::Created),
    ("updated", IssueOrder::Updated),
    ("comments", IssueOrder::Comments),
];
/// `direction`: whether the smallest comes first.
pub(super) const DIRECTIONS: [(&str, bool); 2] = [("asc", true), ("desc", false)];

fn list(request: &Request) -> Result<IssueList, Fault> {
    for name in ["mentioned", "type", "issue_field_values"] {
        // A condition that is not kept must not look as if it were.
        if request
            .query
            .get(name)
            .is_some_and(|text| !text.is_empty() && text != "*")
        {
            return Err(Fault::invalid(
                "Query",
                name,
                "invalid",
                "this server has no such condition",
            ));
        }
    }
    let page = request.page();
    let text = |name: &str| request.query.get(name).filter(|text| !text.is_empty());
    Ok(IssueList {
        state: choice(request, "state", &STATES, Some("open"))?,
        labels: request
            .query
            .list("labels")
            .into_iter()
            .map(|name| name.trim().to_owned())
            .collect(),
        assigned: text("assignee").map(|text| match text {
            "*" => AssignedTo::Anybody,
            "none" => AssignedTo::Nobody,
            login => AssignedTo::Login(login.to_owned()),
        }),
        creator: text("creator").map(str::to_owned),
        since: instant(request, "since")?,
        order: choice(request, "sort", &ORDERS, IssueOrder::Created)?,
        ascending: choice(request, "direction", &DIRECTIONS, false)?,
        offset: page.offset(),
        size: page.size,
    })
}

fn of_repository(call: Call) -> Answer {
    let page = call.request.page();
    let list = list(&call.request)?;
    let (views, more) = match call.request.query.get("milestone") {
        None | Some("" | "none") => call.authority.issues(&call.permit, &list)?,
        // There are no milestones here, so that no issue has one.
        Some("*") => (Vec::new(), false),
        Some(_) => {
            return Err(Fault::invalid(
                "Issue",
                "milestone",
                "invalid",
                "there is no such milestone",
            ));
        }
    };
    let items = views
        .iter()
        .map(|view| issue(&call.request.base_url, view, false))
        .collect();
    Ok(Reply::page(&call.request, &own_path(&call), page, items, more))
}

fn get(call: Call) -> Answer {
    let view = call
        .authority
        .issue(&call.permit, call.request.id("issue_number")?)?;
    Ok(Reply::json(&issue(&call.request.base_url, &view, false)))
}

fn visible(call: Call) -> Answer {
    across(&call, Reach::Visible)
}

fn own(call: Call) -> Answer {
    across(&call, Reach::OwnedAndMember)
}

fn of_organization(call: Call) -> Answer {
    across(&call, Reach::Organization)
}

fn across(call: &Call, reach: Reach) -> Answer {
    let involved = match call.request.query.get("filter") {
        None | Some("" | "assigned") => Involved::Assigned,
        Some("created") => Involved::Created,
        Some("repos" | "all") => Involved::All,
        Some(_) => {
            let message =
                "use assigned, created, repos or all; this server knows no mentions and subscriptions";
            return Err(Fault::invalid("Query", "filter", "invalid", message));
        }
    };
    let page = call.request.page();
    let list = list(&call.request)?;
    let (views, more) = call
        .authority
        .issues_across(&call.permit, reach, involved, &list)?;
    let items = views
        .iter()
        .map(|view| issue(&call.request.base_url, view, true))
        .collect();
    Ok(Reply::page(&call.request, &own_path(call), page, items, more))
}
