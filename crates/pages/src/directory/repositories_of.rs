//! Lists of repositories as every page shows them: searched, filtered by visibility, page by page.

use super::{counted, sought};
use crate::look::badge::{Hue, badge, visibility};
use crate::look::field::{Choice, Field, select};
use crate::look::icon::{Icon, icon};
use crate::look::list::{Row, rows};
use crate::look::{Markup, html, name, time};
use bailiwick_authority::Fault;
use bailiwick_authority::directory::repository::{Cut, RepositoryView};
use bailiwick_authority::directory::search::{RepositorySearch, SearchIn};
use bailiwick_gate::{Call, Request};
use bailiwick_model::Visibility;

/// The repositories that the query asks for, and how many there are.
pub(crate) fn found(
    call: &Call,
    within: &SearchIn,
    recent: bool,
) -> Result<(Vec<RepositoryView>, usize), Fault> {
    let page = call.request.page();
    let search = RepositorySearch {
        text: sought(&call.request).to_owned(),
        visibility: wanted(&call.request),
        recent,
        cut: Cut {
            offset: page.offset(),
            size: page.size,
        },
    };
    call.authority.repositories_found(&call.permit, within, &search)
}

/// The visibility that is asked for; a word that is none asks for all.
pub(crate) fn wanted(request: &Request) -> Option<Visibility> {
    Visibility::parse(request.query.get("visibility").unwrap_or(""))
}

/// The menu of visibilities beside a search.
pub(crate) fn menu(request: &Request) -> Markup {
    let chosen = wanted(request).map_or("", Visibility::word);
    let choices = [
        ("", "All"),
        ("public", "Public"),
        ("internal", "Internal"),
        ("private", "Private"),
    ]
    .map(|(value, label)| Choice {
        value,
        label,
        disabled: "",
    });
    let field = Field {
        name: "visibility",
        label: "Visibility",
        value: chosen,
        quiet: true,
        ..Field::default()
    };
    select(&field, &choices)
}

/// The list; `none` stands where it would be empty.
pub(crate) fn list(views: &[RepositoryView], none: &Markup) -> Markup {
    html! {
        @if views.is_empty() { (none) }
        @else { (rows("Repositories", &views.iter().map(row).collect::<Vec<_>>())) }
    }
}

/// One of them.
pub(crate) fn row(view: &RepositoryView) -> Row {
    let mut meta = Vec::new();
    if view.open_issues > 0 {
        meta.push(html! { (counted(view.open_issues, "open issue", "open issues")) });
    }
    if let Some(parent) = &view.parent {
        meta.push(html! { "Forked from " (name::repository(&parent.owner.login, &parent.row.name)) });
    }
    meta.push(html! { "Since " (time::date(view.row.created_at)) });
    Row {
        lead: icon(Icon::Repository),
        title: name::repository(&view.owner.login, &view.row.name),
        badges: html! {
            (visibility(view.row.visibility))
            @if view.row.archived_at.is_some() { " " (badge(Hue::Amber, "Archived")) }
        },
        text: html! { @if let Some(text) = &view.row.description { (name::name(text)) } },
        meta,
        ..Row::default()
    }
}
