//! Access requests: at organizations and enterprises, and one's own.

use crate::view::repository::minimal_repository;
use crate::view::token::request as view;
use bailiwick_authority::access::{Approval, ListInput, Review};
use bailiwick_authority::levels::Slugs;
use bailiwick_authority::{Fault, FaultKind};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Page, Reply, Request, Routes};
use bailiwick_model::{RequestId, Timestamp, TokenId};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::ORGS_LIST_PAT_GRANT_REQUESTS, list)
        .on(op::ORGS_REVIEW_PAT_GRANT_REQUESTS_IN_BULK, review_in_bulk)
        .on(op::ORGS_REVIEW_PAT_GRANT_REQUEST, review)
        .on(op::ORGS_LIST_PAT_GRANT_REQUEST_REPOSITORIES, repositories)
        .on(op::BAILIWICK_GET_PAT_REQUEST_FOR_ORG, get)
        .on(op::BAILIWICK_LIST_PAT_REQUESTS_FOR_ENTERPRISE, list)
        .on(
            op::BAILIWICK_REVIEW_PAT_REQUESTS_IN_BULK_FOR_ENTERPRISE,
            review_in_bulk,
        )
        .on(op::BAILIWICK_REVIEW_PAT_REQUEST_FOR_ENTERPRISE, review)
        .on(
            op::BAILIWICK_LIST_PAT_REQUEST_REPOSITORIES_FOR_ENTERPRISE,
            repositories,
        )
        .on(op::BAILIWICK_GET_PAT_REQUEST_FOR_ENTERPRISE, get)
        .on(op::BAILIWICK_LIST_TOKEN_REQUESTS, own)
        .on(op::BAILIWICK_CANCEL_TOKEN_REQUEST, cancel);
}

/// Where an owner's things of a kind live, below the API: `/orgs/acme/personal-access-tokens`.
pub fn path(request: &Request, leaf: &str) -> String {
    match request.parameter("org") {
        "" => format!("/enterprises/{}/{leaf}", request.parameter("enterprise")),
        org => format!("/orgs/{org}/{leaf}"),
    }
}

const LEAF: &str = "personal-access-token-requests";

/// The filters of both lists, with one element more than the page holds.
pub fn list_input(request: &Request, page: Page) -> Result<ListInput, Fault> {
    let invalid =
        |field: &str, message: &str| Fault::invalid("PersonalAccessToken", field, "invalid", message);
    let instant = |name: &str| match request.query.get(name) {
        None | Some("") => Ok(None),
        Some(text) => Timestamp::parse(text)
            .map(Some)
            .ok_or_else(|| invalid(name, "use YYYY-MM-DDTHH:MM:SSZ")),
    };
    if request.query.get("sort").is_some_and(|sort| sort != "created_at") {
        return Err(invalid("sort", "use created_at"));
    }
    let ascending = match request.query.get("direction") {
        None | Some("desc") => false,
        Some("asc") => true,
        Some(_) => return Err(invalid("direction", "use asc or desc")),
    };
    let tokens = request
        .query
        .list("token_id")
        .iter()
        .map(|text| {
            text.parse()
                .map(TokenId)
                .map_err(|_| invalid("token_id", "use numbers"))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let text = |name: &str| {
        request
            .query
            .get(name)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    Ok(ListInput {
        owners: request
            .query
            .list("owner")
            .into_iter()
            .map(str::to_owned)
            .collect(),
        repository: text("repository"),
        permission: text("permission"),
        used_before: instant("last_used_before")?,
        used_after: instant("last_used_after")?,
        tokens,
        ascending,
        offset: page.offset(),
        limit: page.size + 1,
    })
}

fn list(call: Call) -> Answer {
    let page = call.request.page();
    let mut views = call
        .authority
        .requests(&call.permit, &list_input(&call.request, page)?)?;
    let more = views.len() > page.size;
    views.truncate(page.size);
    let path = path(&call.request, LEAF);
    let items = views
        .iter()
        .map(|one| view(&call.request.base_url, &path, one, call.permit.now()))
        .collect();
    Ok(Reply::page(
        &call.request,
        &format!("/api/v3{path}"),
        page,
        items,
        more,
    ))
}

fn get(call: Call) -> Answer {
    let found = call
        .authority
        .request(&call.permit, RequestId(call.request.id("pat_request_id")?))?;
    let path = path(&call.request, LEAF);
    Ok(Reply::json(&view(
        &call.request.base_url,
        &path,
        &found,
        call.permit.now(),
    )))
}

fn repositories(call: Call) -> Answer {
    let id = RequestId(call.request.id("pat_request_id")?);
    let names = call.authority.request_repositories(&call.permit, id)?;
    let page = call.request.page();
    let (names, more) = page.cut(names);
    let items = names
        .iter()
        .map(|name| minimal_repository(&call.request.base_url, &name.row, &name.owner, None))
        .collect();
    let path = format!("/api/v3{}/{id}/repositories", path(&call.request, LEAF));
    Ok(Reply::page(&call.request, &path, page, items, more))
}

#[derive(Deserialize)]
struct ReviewBody {
    action: String,
    reason: Option<String>,
    permissions: Option<Slugs>,
    repository_selection: Option<String>,
    repositories: Option<Vec<String>>,
}

impl ReviewBody {
    fn read(self) -> Result<(Review, Option<String>), Fault> {
        let invalid = |field: &str, message: &str| {
            Err(Fault::invalid(
                "PersonalAccessTokenRequest",
                field,
                "invalid",
                message,
            ))
        };
        let partial =
            self.permissions.is_some() || self.repositories.is_some() || self.repository_selection.is_some();
        let review = match self.action.as_str() {
            "deny" if partial => {
                return invalid("action", "a denial takes no permissions and no repositories");
            }
            "deny" => Review::Deny,
            "approve" => {
                let (repositories, none) = match (self.repository_selection.as_deref(), self.repositories) {
                    (None | Some("subset"), Some(names)) => (Some(names), false),
                    (Some("none"), None) => (None, true),
                    (None, None) => (None, false),
                    _ => return invalid("repository_selection", "use none, or subset with repositories"),
                };
                Review::Approve(Approval {
                    permissions: self.permissions,
                    repositories,
                    no_repositories: none,
                })
            }
            _ => return invalid("action", "use approve or deny"),
        };
        Ok((review, self.reason))
    }
}

fn review(call: Call) -> Answer {
    let id = RequestId(call.request.id("pat_request_id")?);
    let (review, reason) = call.request.json::<ReviewBody>()?.read()?;
    call.authority
        .requests_review(call.permit, &[id], &review, reason.as_deref())?;
    Ok(Reply::no_content())
}

#[derive(Deserialize)]
struct BulkBody {
    pat_request_ids: Option<Vec<i64>>,
    action: String,
    reason: Option<String>,
}

fn review_in_bulk(call: Call) -> Answer {
    let body: BulkBody = call.request.json()?;
    let Some(ids) = body.pat_request_ids else {
        return Err(Fault::new(
            FaultKind::Invalid,
            "body.shape",
            "Invalid request.\n\n\"pat_request_ids\" wasn't supplied.",
        ));
    };
    let ids: Vec<RequestId> = ids.into_iter().map(RequestId).collect();
    let single = ReviewBody {
        action: body.action,
        reason: body.reason,
        permissions: None,
        repository_selection: None,
        repositories: None,
    };
    let (review, reason) = single.read()?;
    call.authority
        .requests_review(call.permit, &ids, &review, reason.as_deref())?;
    Ok(Reply::json_with(StatusCode::ACCEPTED, &json!({})))
}

fn own(call: Call) -> Answer {
    let page = call.request.page();
    let (views, more) = page.cut(call.authority.own_requests(&call.permit)?);
    let items: Vec<Value> = views
        .iter()
        .map(|one| view(&call.request.base_url, "", one, call.permit.now()))
        .collect();
    Ok(Reply::page(
        &call.request,
        "/api/v3/user/personal-access-token-requests",
        page,
        items,
        more,
    ))
}

fn cancel(call: Call) -> Answer {
    let id = RequestId(call.request.id("pat_request_id")?);
    call.authority.request_cancel(call.permit, id)?;
    Ok(Reply::no_content())
}
