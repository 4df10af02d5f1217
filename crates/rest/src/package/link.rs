//! Administrators' links of names to owners, and whose the packages of a registry are.

use crate::view::package::{held, package_link};
use bailiwick_authority::Fault;
use bailiwick_authority::package::link::{PackageLinkInput, Whose};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes, encode};
use http::StatusCode;
use serde::Deserialize;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::BAILIWICK_ADMIN_LIST_PACKAGE_LINKS, list)
        .on(op::BAILIWICK_ADMIN_CREATE_PACKAGE_LINK, create)
        .on(op::BAILIWICK_ADMIN_DELETE_PACKAGE_LINK, delete)
        .on(op::BAILIWICK_ADMIN_LIST_PACKAGES, packages)
        .on(op::BAILIWICK_ADMIN_FORGET_PACKAGE, forget);
}

/// Whether a word of visibility means everybody.
pub(super) fn public(word: &str) -> Result<bool, Fault> {
    match word {
        "public" => Ok(true),
        "private" => Ok(false),
        _ => Err(Fault::invalid(
            "Package",
            "visibility",
            "invalid",
            "is public or private",
        )),
    }
}

fn list(call: Call) -> Answer {
    let name = call.request.parameter("upstream");
    let views = call.authority.package_links(&call.permit, name)?;
    let page = call.request.page();
    let (views, more) = page.cut(views);
    let items = views
        .iter()
        .map(|view| package_link(&call.request.base_url, view))
        .collect();
    let path = format!("/api/v3/admin/upstreams/{}/package-links", encode(name));
    Ok(Reply::page(&call.request, &path, page, items, more))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LinkBody {
    name: String,
    prefix: Option<bool>,
    owner: String,
    repository: Option<String>,
    visibility: Option<String>,
}

fn create(call: Call) -> Answer {
    let body: LinkBody = call.request.json()?;
    let input = PackageLinkInput {
        name: body.name,
        exact: !body.prefix.unwrap_or(false),
        whose: Whose {
            owner: body.owner,
            repository: body.repository,
            // What is not said to be for everybody is not.
            public: body
                .visibility
                .as_deref()
                .map(public)
                .transpose()?
                .unwrap_or(false),
        },
    };
    let view = call
        .authority
        .package_link(call.permit, call.request.parameter("upstream"), &input)?;
    Ok(Reply::json_with(
        StatusCode::CREATED,
        &package_link(&call.request.base_url, &view),
    ))
}

fn delete(call: Call) -> Answer {
    let id = call.request.id("link_id")?;
    call.authority
        .package_unlink(call.permit, call.request.parameter("upstream"), id)?;
    Ok(Reply::no_content())
}

fn packages(call: Call) -> Answer {
    let name = call.request.parameter("upstream");
    let page = call.request.page();
    let whole = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let mut views = call.authority.packages_at(
        &call.permit,
        name,
        whole(page.offset()),
        // One more than is shown, to tell whether another page follows.
        whole(page.size.saturating_add(1)),
    )?;
    let more = views.len() > page.size;
    views.truncate(page.size);
    let items = views
        .iter()
        .map(|view| held(&call.request.base_url, view))
        .collect();
    let path = format!("/api/v3/admin/upstreams/{}/packages", encode(name));
    Ok(Reply::page(&call.request, &path, page, items, more))
}

fn forget(call: Call) -> Answer {
    let id = call.request.id("package_id")?;
    call.authority
        .package_forget(call.permit, call.request.parameter("upstream"), id)?;
    Ok(Reply::no_content())
}
