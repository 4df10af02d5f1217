//! One issue with its comments: reading, commenting, closing and opening again.

use super::issues::{labels, state, written_by};
use super::pager_more;
use super::repository_frame::{Place, Tab};
use crate::done;
use crate::errors::Errors;
use crate::look::button::{Button, Tone, button, link, submit};
use crate::look::callout::{Weight, callout};
use crate::look::field::{Field, textarea};
use crate::look::heading::{Part, part};
use crate::look::{Markup, form, html, name, time};
use crate::visit::Visit;
use bailiwick_authority::Fault;
use bailiwick_authority::issue::comment::CommentList;
use bailiwick_authority::issue::edit::IssueInput;
use bailiwick_authority::issue::{CommentView, IssueView};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Request, Routes};
use bailiwick_model::limit::ISSUE_BODY_CHARS_MAX;

/// The operations of this module.
pub(super) fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_ISSUE, show)
        .on(op::WEB_ISSUE_COMMENT, comment)
        .on(op::WEB_ISSUE_STATE, change);
}

/// An issue as the person who looks stands to it.
struct Shown {
    place: Place,
    view: IssueView,
    comments: Vec<CommentView>,
    more: bool,
    comments_may: bool,
    closes: bool,
    typed: String,
    errors: Errors,
}

impl Shown {
    fn of(call: &Call) -> Result<Shown, Fault> {
        let number = call.request.id("issue_number")?;
        let read = call.permit.also(op::ISSUES_GET).map_err(Fault::refused)?;
        let view = call.authority.issue(&read, number)?;
        let page = call.request.page();
        let wanted = CommentList {
            since: None,
            edited: false,
            descending: false,
            offset: page.offset(),
            size: page.size,
        };
        let (comments, more) = match call.permit.also(op::ISSUES_LIST_COMMENTS) {
            Ok(permit) => call.authority.comments(&permit, number, &wanted)?,
            Err(_) => (Vec::new(), false),
        };
        let comments_may = call.permit.also(op::ISSUES_CREATE_COMMENT).is_ok();
        // Who wrote it may close it; whether somebody did is known only when a change is decided.
        let own = call.permit.actor() == Some(view.row.user_id);
        Ok(Shown {
            place: Place::of(call)?,
            comments,
            more,
            closes: call.permit.also(op::ISSUES_UPDATE).is_ok() || (own && comments_may),
            comments_may,
            view,
            typed: String::new(),
            errors: Errors::none(),
        })
    }

    fn path(&self) -> String {
        format!("{}/issues/{}", self.place.path, self.view.row.number)
    }
}

fn show(call: Call) -> Answer {
    let shown = Shown::of(&call)?;
    Ok(draw(&Visit::of(&call), &call.request, &shown))
}

fn comment(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let mut shown = Shown::of(&call)?;
    call.request
        .form
        .get("body")
        .unwrap_or("")
        .clone_into(&mut shown.typed);
    let number = shown.view.row.number;
    match call.authority.comment_create(call.permit, number, &shown.typed) {
        Ok(view) => {
            let path = done::after(&shown.path(), "issue-commented");
            // The page that it is on: comments are listed from the oldest.
            let size = call.request.page().size as i64;
            let page = shown.view.row.comments / size + 1;
            Ok(Reply::see_other(&format!(
                "{path}&page={page}#comment-{}",
                view.row.id.0
            )))
        }
        Err(fault) => {
            shown.errors = super::errors(fault, "body", "The issue is gone.")?;
            Ok(draw(&visit, &call.request, &shown))
        }
    }
}

fn change(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let mut shown = Shown::of(&call)?;
    let wanted = call.request.form.get("state").unwrap_or("");
    let (state, reason, code) = match wanted {
        "open" => ("open", None, "issue-reopened"),
        "not_planned" => ("closed", Some("not_planned"), "issue-closed"),
        _ => ("closed", Some("completed"), "issue-closed"),
    };
    let input = IssueInput {
        state: Some(state.to_owned()),
        state_reason: reason.map(str::to_owned),
        ..IssueInput::default()
    };
    let number = shown.view.row.number;
    match call.authority.issue_update(call.permit, number, &input) {
        Ok(_) => Ok(Reply::see_other(&done::after(&shown.path(), code))),
        Err(fault) => {
            shown.errors = super::errors(fault, "", "The issue is gone.")?;
            Ok(draw(&visit, &call.request, &shown))
        }
    }
}

fn draw(visit: &Visit, request: &Request, shown: &Shown) -> Reply {
    let view = &shown.view;
    let list = format!("{}/issues", shown.place.path);
    let title = format!("{} (#{})", view.row.title, view.row.number);
    let first = request.page().number == 1;
    let main = html! {
        (shown.place.head(Tab::Issues))
        div.part-head {
            div {
                h2 { bdi { (view.row.title) } " #" (view.row.number) " " (state(view)) " " (labels(view)) }
                p.lede {
                    "Opened by " (written_by(&view.author)) " " (time::relative(view.row.created_at, visit.now))
                    @if !view.assignees.is_empty() {
                        ", assigned to "
                        @for (place, account) in view.assignees.iter().enumerate() {
                            @if place > 0 { ", " }
                            (name::login(&account.login))
                        }
                    }
                    "."
                }
            }
            div.buttons { (link("All issues", &list, Tone::Plain)) }
        }
        (form::errors(&shown.errors.list()))
        div.thread {
            @if first { (text(view.row.body.as_deref())) }
            @for one in &shown.comments { (said(visit, one)) }
        }
        (pager_more(request, shown.more))
        (closed(visit, view))
        (answering(visit, shown))
    };
    shown.place.page(visit, &title, &shown.errors, &main)
}

fn text(body: Option<&str>) -> Markup {
    html! {
        div.panel {
            @match body {
                Some(body) if !body.trim().is_empty() => div.written { (body) },
                _ => p.hint { "Nothing more was written." },
            }
        }
    }
}

fn said(visit: &Visit, view: &CommentView) -> Markup {
    html! {
        article.panel id={ "comment-" (view.row.id.0) } {
            p.hint {
                (written_by(&view.author)) " " (time::relative(view.row.created_at, visit.now))
                @if view.row.updated_at != view.row.created_at { " · edited" }
            }
            div.written { (view.row.body) }
        }
    }
}

fn closed(visit: &Visit, view: &IssueView) -> Markup {
    html! {
        @if let Some(at) = view.row.closed_at {
            (callout(Weight::Info, "", &html! {
                "Closed " (time::relative(at, visit.now))
                @if let Some(account) = &view.closed_by { " by " (name::login(&account.login)) }
                "."
            }))
        }
        @if view.row.locked {
            (callout(Weight::Info, "", &html! {
                "The conversation is locked: only who has a role at the repository can comment."
            }))
        }
    }
}

fn answering(visit: &Visit, shown: &Shown) -> Markup {
    let path = shown.path();
    let (comments, state) = (format!("{path}/comments"), format!("{path}/state"));
    let open = shown.view.row.state == "open";
    let set = |label: &'static str, value: &'static str| {
        button(&Button {
            label,
            name: "state",
            value,
            about: "this issue",
            ..Button::default()
        })
    };
    html! {
        div.thread {
        @if shown.comments_may {
            (part(&Part { id: "comment", title: "Comment", ..Part::default() }, &form::form(
                &form::Form { action: &comments, csrf: &visit.csrf, label: "Comment", ..form::Form::default() },
                &html! {
                    (textarea(&Field {
                        name: "body", label: "Text", value: &shown.typed, error: shown.errors.at("body"),
                        ..Field::default()
                    }, 6, ISSUE_BODY_CHARS_MAX))
                    (form::actions(&submit("Comment", Tone::Primary)))
                },
            )))
        } @else if visit.login.is_none() {
            p { (link("Sign in to comment", &format!("/login?return_to={}", bailiwick_gate::encode(&path)), Tone::Plain)) }
        }
        @if shown.closes {
            form.form method="post" action=(state) aria-label="State of the issue" {
                (form::csrf(&visit.csrf))
                (form::actions(&html! {
                    @if open { (set("Close as done", "completed")) (set("Close as not planned", "not_planned")) }
                    @else { (set("Open again", "open")) }
                }))
            }
        }
        }
    }
}
