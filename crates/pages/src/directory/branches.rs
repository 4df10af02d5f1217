//! The branches and tags of a repository, to look at its files there.

use super::file::address;
use super::repository_frame::{Place, Tab};
use super::{pager, sought};
use crate::errors::Errors;
use crate::look::badge::{Hue, badge};
use crate::look::heading::{Part, part};
use crate::look::icon::Icon;
use crate::look::list::{Row, empty, rows};
use crate::look::{code, filter, html};
use crate::visit::Visit;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Routes};

/// The operations of this module.
pub(super) fn register(routes: &mut Routes) {
    routes.on(op::WEB_REPOSITORY_BRANCHES, show);
}

fn show(call: Call) -> Answer {
    let (visit, place) = (Visit::of(&call), Place::of(&call)?);
    let mut all: Vec<(String, String, bool)> = call
        .authority
        .branch_list(&call.permit)?
        .iter()
        .map(|branch| (branch.short_name().to_owned(), branch.oid.to_string(), false))
        .collect();
    if let Ok(permit) = call.permit.also(op::REPOS_LIST_TAGS) {
        let tags = call.authority.tag_list(&permit)?;
        all.extend(tags.into_iter().map(|(name, oid)| (name, oid.to_string(), true)));
    }
    let text = sought(&call.request);
    all.retain(|(name, _, _)| name.contains(text));
    // The default branch first, tags last.
    let default = &place.view.row.default_branch;
    all.sort_by_key(|(name, _, tag)| (*tag, name != default));
    let total = all.len();
    let (shown, _) = call.request.page().cut(all);
    let rows_of: Vec<Row> = shown
        .iter()
        .map(|(name, oid, tag)| Row {
            title: html! { a href=(address(&place, "tree", name, "")) { bdi { (name) } } },
            badges: html! {
                @if *tag { (badge(Hue::Grey, "Tag")) }
                @else if name == default { (badge(Hue::Blue, "Default")) }
            },
            meta: vec![html! { (code::inline(oid.get(..10).unwrap_or(oid))) }],
            ..Row::default()
        })
        .collect();
    let path = format!("{}/branches", place.path);
    let main = html! {
        (place.head(Tab::Code))
        (part(&Part { title: "Branches and tags", ..Part::default() }, &html! {
            (filter::bar(&filter::Search {
                action: &path, label: "Search branches and tags", placeholder: "Part of a name", value: text,
                clear: if text.is_empty() { "" } else { &path }, ..filter::Search::default()
            }))
            @if rows_of.is_empty() {
                (empty(Icon::Repository, "None", &html! { "Nothing has been pushed, or nothing matches." }, &html! {}))
            } @else { (rows("Branches and tags", &rows_of)) }
            (pager(&call.request, total, "branches and tags"))
        }))
    };
    Ok(place.page(&visit, "Branches", &Errors::none(), &main))
}
