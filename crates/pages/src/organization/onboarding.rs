//! The first visit: three plain questions that set the most important parts of the policy.

use crate::access::Place;
use crate::access::policy_form::{Fixed, Typed};
use crate::done;
use crate::errors::Errors;
use crate::look::button::{Tone, link, submit};
use crate::look::choice::{Card, Cards, cards};
use crate::look::heading::{Heading, heading, panel};
use crate::look::{Markup, form, html};
use crate::visit::{Frame, Visit};
use bailiwick_authority::access::policy::{PolicyAbove, PolicyView};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use http::StatusCode;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_ORG_ONBOARDING, show)
        .on(op::WEB_ORG_ONBOARDING_SET, set);
}

fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let place = Place::of(&call.request);
    let view = call.authority.policy(&call.permit)?;
    let above = call.authority.policy_above(&call.permit)?;
    let typed = Typed::of(&view.set, &place);
    Ok(draw(
        &visit,
        &place,
        &view,
        above.as_ref(),
        &typed,
        &Errors::none(),
    ))
}

fn set(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let place = Place::of(&call.request);
    let view = call.authority.policy(&call.permit)?;
    let above = call.authority.policy_above(&call.permit)?;
    let sent = Typed::read(&call.request.form);
    // Three answers; everything else stays as it is.
    let mut typed = Typed::of(&view.set, &place);
    typed.fine_grained.allowed = sent.fine_grained.allowed;
    typed.fine_grained.approval = sent.fine_grained.approval;
    typed.classic.allowed = sent.classic.allowed;
    let fixed = Fixed::by(above.as_ref());
    let mut errors = Errors::none();
    for (field, answer, fixed) in [
        (
            "fine_grained.allowed",
            &typed.fine_grained.allowed,
            fixed.allowed[0],
        ),
        (
            "fine_grained.approval_required",
            &typed.fine_grained.approval,
            fixed.approval,
        ),
        ("classic.allowed", &typed.classic.allowed, fixed.allowed[1]),
    ] {
        if answer.is_empty() && !fixed {
            errors.push(field, "Choose one.");
        }
    }
    if errors.is_empty() {
        errors = match typed.policy(&view.set, &place, &fixed) {
            Err(errors) => errors,
            Ok(policy) => match call.authority.policy_set(call.permit, policy) {
                Ok(_) => return Ok(Reply::see_other(&done::after(&place.policy(), "policy-set"))),
                Err(fault) => Errors::of(fault)?,
            },
        };
    }
    Ok(draw(&visit, &place, &view, above.as_ref(), &typed, &errors))
}

fn draw(
    visit: &Visit,
    place: &Place,
    view: &PolicyView,
    above: Option<&PolicyAbove>,
    typed: &Typed,
    errors: &Errors,
) -> Reply {
    let fixed = Fixed::by(above);
    let reason = |fixed: bool| match (fixed, above) {
        (true, Some(above)) => format!(
            "Set by the enterprise {}; organizations cannot change it.",
            above.name
        ),
        _ => String::new(),
    };
    let fine = &view.resolved.fine_grained;
    let first = Question {
        legend: "1. May fine-grained tokens reach what belongs to the organization?",
        name: "fine_grained.allowed",
        yes: (
            "allow",
            "Yes, allow them",
            "People choose repositories and permissions for each token. Recommended.",
        ),
        no: (
            "block",
            "No, block them",
            "They open nothing here but what is public.",
        ),
        chosen: held(
            fixed.allowed[0],
            fine.allowed,
            "allow",
            "block",
            &typed.fine_grained.allowed,
        ),
        reason: reason(fixed.allowed[0]),
    };
    let second = Question {
        legend: "2. Must an owner approve them first?",
        name: "fine_grained.approval_required",
        yes: (
            "required",
            "Yes, ask an owner",
            "Each request waits until an owner or approver has read it. Recommended.",
        ),
        no: (
            "none",
            "No, they work at once",
            "A token may never do more than its person.",
        ),
        chosen: held(
            fixed.approval,
            fine.approval_required,
            "required",
            "none",
            &typed.fine_grained.approval,
        ),
        reason: reason(fixed.approval),
    };
    let third = Question {
        legend: "3. May classic tokens reach it?",
        name: "classic.allowed",
        yes: (
            "allow",
            "Yes, allow them",
            "They reach everything their person reaches, and nobody approves them.",
        ),
        no: (
            "block",
            "No, block them",
            "Scripts that use one stop working here until they get a fine-grained token.",
        ),
        chosen: held(
            fixed.allowed[1],
            view.resolved.classic.allowed,
            "allow",
            "block",
            &typed.classic.allowed,
        ),
        reason: reason(fixed.allowed[1]),
    };
    let action = place.settings("/personal-access-tokens/onboarding");
    let main = html! {
        (heading(&Heading {
            title: html! { "Set up personal access tokens" },
            lede: html! { "Three questions. Every answer can be changed later, together with lifetimes and the rest of the policy." },
            ..Heading::default()
        }))
        (form::errors(&errors.list()))
        (form::form(&form::Form { action: &action, csrf: &visit.csrf, label: "Set up", ..form::Form::default() }, &html! {
            @for question in [&first, &second, &third] { (panel(&question.draw(errors))) }
            (form::actions(&html! {
                (submit("Save answers", Tone::Primary))
                (link("Skip, see the whole policy", &place.policy(), Tone::Quiet))
            }))
        }))
    };
    let frame = Frame {
        title: "Set up personal access tokens",
        area: place.area(),
        invalid: !errors.is_empty(),
        ..Frame::default()
    };
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    visit.page_with(status, &frame, &main)
}

/// What the enterprise decided, or else what was chosen.
fn held<'a>(fixed: bool, holds: bool, yes: &'a str, no: &'a str, typed: &'a str) -> &'a str {
    match (fixed, holds) {
        (true, true) => yes,
        (true, false) => no,
        (false, _) => typed,
    }
}

struct Question<'a> {
    legend: &'a str,
    name: &'a str,
    yes: (&'a str, &'a str, &'a str),
    no: (&'a str, &'a str, &'a str),
    chosen: &'a str,
    reason: String,
}

impl Question<'_> {
    fn draw(&self, errors: &Errors) -> Markup {
        let drawn: Vec<Card<'_>> = [self.yes, self.no]
            .into_iter()
            .map(|(value, title, text)| Card {
                value,
                title: html! { (title) },
                text: html! { (text) },
                checked: value == self.chosen,
                disabled: &self.reason,
                ..Card::default()
            })
            .collect();
        cards(
            &Cards {
                legend: self.legend,
                name: self.name,
                error: errors.at(self.name),
                columns: true,
                ..Cards::default()
            },
            &drawn,
        )
    }
}
