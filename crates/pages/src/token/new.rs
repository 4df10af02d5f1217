//! The form of a new fine-grained token: shown, drawn again with what was typed, and sent.

use super::desk::Desk;
use super::draft::Draft;
use super::template;
use super::told;
use super::{NEW, PATH, fields, minted, owner_fields};
use crate::errors::Errors;
use crate::look::button::{Button, Tone, button, link};
use crate::look::callout::{Weight, callout};
use crate::look::heading::{Heading, heading};
use crate::look::{Markup, form, html};
use crate::visit::{Area, Frame, Visit};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_TOKEN_NEW, show)
        .on(op::WEB_TOKEN_PREVIEW, preview)
        .on(op::WEB_TOKEN_CREATE, create);
}

/// The id of the form, for the summary.
const FORM: &str = "token-form";
const TITLE: &str = "New fine-grained token";

/// What differs between the ways to the form.
#[derive(Default)]
pub struct Shown {
    /// What was typed.
    pub draft: Draft,
    /// What is wrong with it.
    pub errors: Errors,
    /// Something to know first.
    pub notice: Option<Markup>,
    /// The notice is about the link that led here.
    pub by_link: bool,
}

fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let mut desk = Desk::open(&call.authority, &call.permit)?;
    let mut shown = match template::read(&call.request, &desk.choices, visit.now) {
        Some(template) => Shown {
            notice: Some(template.notice()),
            by_link: true,
            draft: template.draft,
            errors: template.errors,
        },
        None => Shown {
            draft: Draft::empty(&desk.choices),
            ..Shown::default()
        },
    };
    shown
        .draft
        .fit(fields::strictest(&desk.choices, &shown.draft), visit.now);
    desk.lay_out(&call.authority, &call.permit, &shown.draft)?;
    // A link that names something wrongly is no refused form: the page itself is as it should be.
    let page = draw(&visit, &desk, &shown);
    Ok(visit.page(&frame(&shown.errors), &page))
}

fn preview(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let mut desk = Desk::open(&call.authority, &call.permit)?;
    let shown = Shown {
        draft: Draft::read(&call.request.form),
        ..Shown::default()
    };
    desk.lay_out(&call.authority, &call.permit, &shown.draft)?;
    Ok(visit.page(&frame(&shown.errors), &draw(&visit, &desk, &shown)))
}

fn create(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let mut draft = Draft::read(&call.request.form);
    draft.settle(visit.login.as_deref().unwrap_or_default());
    let mut desk = Desk::open(&call.authority, &call.permit)?;
    desk.lay_out(&call.authority, &call.permit, &draft)?;
    let errors = match draft.mint(visit.now) {
        Err(errors) => errors,
        Ok(input) => match call.authority.token_mint(call.permit, &input) {
            Ok(made) => return Ok(minted::page(&visit, &made, "Your new token")),
            Err(fault) => told::errors(fault, &draft)?,
        },
    };
    let shown = Shown {
        draft,
        errors,
        ..Shown::default()
    };
    Ok(refused(&visit, &desk, &shown))
}

fn frame(errors: &Errors) -> Frame<'static> {
    Frame {
        title: TITLE,
        area: Area::Own,
        crumbs: &[("Fine-grained tokens", PATH)],
        invalid: !errors.is_empty(),
    }
}

fn refused(visit: &Visit, desk: &Desk, shown: &Shown) -> Reply {
    visit.page_with(
        shown.errors.status(),
        &frame(&shown.errors),
        &draw(visit, desk, shown),
    )
}

/// The page again, after something beside the token was done.
pub fn again(visit: &Visit, desk: &Desk, shown: &Shown) -> Reply {
    refused(visit, desk, shown)
}

fn draw(visit: &Visit, desk: &Desk, shown: &Shown) -> Markup {
    let (draft, errors) = (&shown.draft, &shown.errors);
    let strictest = fields::strictest(&desk.choices, draft);
    let until = fields::until(&draft.expires_in, &draft.expires_on, visit.now);
    let body = html! {
        // The browser takes a form's first button for Enter: that must not be "Ask" or "Search".
        button.unseen type="submit" tabindex="-1" aria-hidden="true" formaction=(PATH) { "Generate token" }
        @if !draft.linked.is_empty() { (form::hidden("linked", &draft.linked)) }
        (form::section("What it is for", &html! {}, &html! {
            (fields::about(&draft.name, &draft.description, errors))
            (fields::expiry(&draft.expires_in, &draft.expires_on, strictest, errors, visit.now))
        }))
        div id="owners" {
            (form::section(
                "Resource owners",
                &html! { "Whose repositories and settings the token reaches. Each owner decides for itself; what cannot be chosen says why." },
                &owner_fields::owners(desk, draft, errors, NEW),
            ))
        }
        (owner_fields::blocks(desk, draft, errors))
        (desk.summary(FORM, draft, &until))
        (form::actions(&html! {
            (button(&Button { label: "Generate token", tone: Tone::Primary, action: PATH, ..Button::default() }))
            (link("Cancel", PATH, Tone::Quiet))
        }))
    };
    html! {
        (heading(&Heading {
            title: html! { (TITLE) },
            lede: html! { "It can never do more than you can, and only what you choose here. It can be changed later without a new secret." },
            ..Heading::default()
        }))
        (form::errors(&errors.list()))
        @if let Some(notice) = &shown.notice { (notice) }
        @if !shown.by_link && !draft.linked.is_empty() {
            (callout(Weight::Info, &format!("This form was filled in by {}", draft.linked), &html! {
                p { "Check what it asks for before you generate the token." }
            }))
        }
        // Buttons that only draw the form again go to its own address; the one that mints says where.
        (form::form(&form::Form { action: NEW, csrf: &visit.csrf, id: FORM, ..form::Form::default() }, &body))
    }
}
