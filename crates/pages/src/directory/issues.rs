//! The issues of a repository, and opening one.

use super::repository_frame::{Place, Tab};
use super::{counted, pager_more, typed};
use crate::done;
use crate::errors::Errors;
use crate::look::badge::{Hue, badge};
use crate::look::button::{Tone, link, submit};
use crate::look::field::{Field, Input, input, textarea};
use crate::look::heading::{Part, part};
use crate::look::icon::{Icon, icon};
use crate::look::list::{Row, empty, rows};
use crate::look::navigation::{Link, tabs};
use crate::look::{Markup, form, html, name, time};
use crate::visit::Visit;
use bailiwick_authority::Fault;
use bailiwick_authority::issue::edit::IssueInput;
use bailiwick_authority::issue::list::{IssueList, IssueOrder};
use bailiwick_authority::issue::{Author, IssueView};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use bailiwick_model::limit::ISSUE_BODY_CHARS_MAX;

/// The operations of this module.
pub(super) fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_ISSUES, show)
        .on(op::WEB_ISSUE_NEW, new)
        .on(op::WEB_ISSUE_CREATE, create);
}

fn show(call: Call) -> Answer {
    let (visit, place) = (Visit::of(&call), Place::of(&call)?);
    let page = call.request.page();
    let closed = call.request.query.get("state") == Some("closed");
    let wanted = IssueList {
        state: Some(if closed { "closed" } else { "open" }),
        labels: Vec::new(),
        assigned: None,
        creator: None,
        since: None,
        order: IssueOrder::Created,
        ascending: false,
        offset: page.offset(),
        size: page.size,
    };
    let (views, more) = call.authority.issues(&call.permit, &wanted)?;
    let path = format!("{}/issues", place.path);
    let shut = format!("{path}?state=closed");
    let opens = call.permit.also(op::ISSUES_CREATE).is_ok();
    let new = format!("{path}/new");
    let new = html! { @if opens { (link("New issue", &new, Tone::Primary)) } };
    let rows_of: Vec<Row> = views.iter().map(|view| row(&visit, &path, view)).collect();
    let main = html! {
        (place.head(Tab::Issues))
        (part(&Part { title: "Issues", actions: new, ..Part::default() }, &html! {
            (tabs("State", &[
                Link { label: "Open", href: &path, current: !closed, count: u64::try_from(place.view.open_issues).ok() },
                Link { label: "Closed", href: &shut, current: closed, count: None },
            ]))
            @if rows_of.is_empty() { (none(closed, opens)) } @else { (rows("Issues", &rows_of)) }
            (pager_more(&call.request, more))
        }))
    };
    Ok(place.page(&visit, "Issues", &Errors::none(), &main))
}

fn none(closed: bool, opens: bool) -> Markup {
    let text = if opens {
        "An issue is something to do or to talk about."
    } else {
        ""
    };
    let title = if closed {
        "No closed issues"
    } else {
        "No open issues"
    };
    empty(Icon::Info, title, &html! { (text) }, &html! {})
}

/// Who wrote something.
pub(super) fn written_by(author: &Author) -> Markup {
    html! {
        @match &author.account {
            Some(account) => (name::login(&account.login)),
            None => "somebody who is gone",
        }
    }
}

/// Whether it is open, as a badge.
pub(super) fn state(view: &IssueView) -> Markup {
    if view.row.state == "open" {
        badge(Hue::Green, "Open")
    } else if view.row.state_reason.as_deref() == Some("not_planned") {
        badge(Hue::Grey, "Not planned")
    } else {
        badge(Hue::Blue, "Closed")
    }
}

fn row(visit: &Visit, path: &str, view: &IssueView) -> Row {
    let mut meta = vec![
        html! { "#" (view.row.number) " by " (written_by(&view.author)) },
        html! { "Opened " (time::relative(view.row.created_at, visit.now)) },
    ];
    if view.row.comments > 0 {
        meta.push(html! { (counted(view.row.comments, "comment", "comments")) });
    }
    Row {
        lead: icon(if view.row.state == "open" {
            Icon::Info
        } else {
            Icon::Check
        }),
        title: html! { a href={ (path) "/" (view.row.number) } { bdi { (view.row.title) } } },
        badges: labels(view),
        meta,
        ..Row::default()
    }
}

/// The labels of an issue.
pub(super) fn labels(view: &IssueView) -> Markup {
    html! { @for label in &view.labels { (badge(Hue::Grey, &label.name)) " " } }
}

fn new(call: Call) -> Answer {
    call.permit.also(op::WEB_ISSUE_CREATE).map_err(Fault::refused)?;
    let place = Place::of(&call)?;
    Ok(draw(&Visit::of(&call), &place, "", "", &Errors::none()))
}

fn create(call: Call) -> Answer {
    let (visit, place) = (Visit::of(&call), Place::of(&call)?);
    let title = typed(&call.request, "title").to_owned();
    let body = call.request.form.get("body").unwrap_or("").to_owned();
    let input = IssueInput {
        title: Some(title.clone()),
        body: Some(Some(body.clone())),
        ..IssueInput::default()
    };
    match call.authority.issue_create(call.permit, &input) {
        Ok(view) => {
            let path = format!("{}/issues/{}", place.path, view.row.number);
            Ok(Reply::see_other(&done::after(&path, "issue-created")))
        }
        Err(fault) => Ok(draw(&visit, &place, &title, &body, &Errors::of(fault)?)),
    }
}

fn draw(visit: &Visit, place: &Place, title: &str, body: &str, errors: &Errors) -> Reply {
    let list = format!("{}/issues", place.path);
    let action = format!("{list}/new");
    let main = html! {
        (place.head(Tab::Issues))
        (form::errors(&errors.list()))
        (form::form(&form::Form { action: &action, csrf: &visit.csrf, label: "New issue", ..form::Form::default() }, &html! {
            h2 { "New issue" }
            (input(&Field {
                name: "title", label: "Title", value: title, error: errors.at("title"), ..Field::default()
            }, &Input { autocomplete: "off", ..Input::default() }))
            (textarea(&Field {
                name: "body", label: "Text", value: body, optional: true, error: errors.at("body"), ..Field::default()
            }, 10, ISSUE_BODY_CHARS_MAX))
            (form::actions(&html! { (submit("Open issue", Tone::Primary)) (link("Cancel", &list, Tone::Quiet)) }))
        }))
    };
    place.page(visit, "New issue", errors, &main)
}
