//! The enterprise's policies, and how they come down to its organizations.

use crate::access::Place;
use crate::access::listing::turn;
use crate::access::policy_form::{Fixed, PolicyForm, Typed, is_fresh};
use crate::done;
use crate::errors::Errors;
use crate::look::badge::{Hue, badge};
use crate::look::button::{Tone, submit};
use crate::look::callout::{Weight, callout};
use crate::look::heading::{Heading, Part, heading, part};
use crate::look::name::name;
use crate::look::table::{column, table};
use crate::look::{Markup, form, html};
use crate::visit::{Frame, Visit};
use bailiwick_authority::Fault;
use bailiwick_authority::access::policy::PolicyView;
use bailiwick_authority::rows::AccountRow;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes, encode};
use bailiwick_model::ResolvedPolicy;
use bailiwick_model::policy::SetBy;
use http::StatusCode;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_ENTERPRISE_POLICY, show)
        .on(op::WEB_ENTERPRISE_POLICY_SET, set);
}

/// What is known before the change.
struct Known {
    place: Place,
    view: PolicyView,
    below: Markup,
    may: bool,
}

fn known(call: &Call) -> Result<Known, Fault> {
    let page = call.request.page();
    let place = Place::of(&call.request);
    let mut organizations = call
        .authority
        .policies_below(&call.permit, page.offset(), page.size + 1)?;
    let more = organizations.len() > page.size;
    organizations.truncate(page.size);
    Ok(Known {
        view: call.authority.policy(&call.permit)?,
        below: html! { (below(&organizations, &place)) (turn(&call.request, page, more, "")) },
        may: call.permit.offers(op::WEB_ENTERPRISE_POLICY_SET),
        place,
    })
}

fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let known = known(&call)?;
    let typed = Typed::of(&known.view.set, &known.place);
    Ok(draw(&visit, &known, &typed, &Errors::none(), StatusCode::OK))
}

fn set(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let known = known(&call)?;
    let typed = Typed::read(&call.request.form);
    if !is_fresh(&call.request.form, &known.view.set) {
        return Ok(draw(
            &visit,
            &known,
            &typed,
            &Errors::none(),
            StatusCode::CONFLICT,
        ));
    }
    let errors = match typed.policy(&known.view.set, &known.place, &Fixed::default()) {
        Err(errors) => errors,
        Ok(policy) => match call.authority.policy_set(call.permit, policy) {
            Ok(_) => {
                return Ok(Reply::see_other(&done::after(
                    &known.place.policy(),
                    "policy-set",
                )));
            }
            Err(fault) => Errors::of(fault)?,
        },
    };
    Ok(draw(
        &visit,
        &known,
        &typed,
        &errors,
        StatusCode::UNPROCESSABLE_ENTITY,
    ))
}

fn draw(visit: &Visit, known: &Known, typed: &Typed, errors: &Errors, status: StatusCode) -> Reply {
    let place = &known.place;
    let policy = PolicyForm {
        place,
        view: &known.view,
        above: None,
        typed,
        errors,
        locked: if known.may {
            ""
        } else {
            "Owners of the enterprise change this."
        },
    };
    let main = html! {
        (heading(&Heading {
            title: html! { "Policies" },
            lede: html! {
                "What holds at " bdi { (place.name) } " and at each of its organizations. What is decided here, organizations cannot change; what is left to them, they decide."
            },
            ..Heading::default()
        }))
        (form::errors(&errors.list()))
        @if status == StatusCode::CONFLICT {
            (callout(Weight::Warn, "The policy was changed while this page was open", &html! {
                p { "Nothing of yours was saved. The form holds what you chose; what holds now is told below. Save again if that is still what you want." }
            }))
        }
        (part(&Part {
            id: "organizations",
            title: "What holds at each organization",
            lede: html! { "And by whose word." },
            ..Part::default()
        }, &known.below))
        (part(&Part { id: "holds", title: "What holds at the enterprise itself", ..Part::default() }, &policy.holds()))
        (form::form(&form::Form { action: &place.policy(), csrf: &visit.csrf, label: "Policies", ..form::Form::default() }, &html! {
            (policy.fields())
            @if known.may { (form::actions(&submit("Save policies", Tone::Primary))) }
        }))
    };
    let frame = Frame {
        title: "Policies",
        area: place.area(),
        invalid: !errors.is_empty(),
        ..Frame::default()
    };
    visit.page_with(status, &frame, &main)
}

/// Every organization with what holds there, and who set it.
fn below(organizations: &[(AccountRow, ResolvedPolicy)], place: &Place) -> Markup {
    if organizations.is_empty() {
        return html! { p.soft { "There are no organizations in this enterprise yet." } };
    }
    let by = |by: SetBy| {
        html! {
            br; span.soft {
                @match by {
                    SetBy::Default => "by default",
                    SetBy::Organization => "set by the organization",
                    SetBy::Enterprise => { "set by the enterprise " bdi { (place.name) } },
                }
            }
        }
    };
    let allowed = |yes: bool| {
        badge(
            if yes { Hue::Green } else { Hue::Red },
            if yes { "Allowed" } else { "Blocked" },
        )
    };
    let life = |days: Option<i64>| match days {
        Some(days) => badge(Hue::Blue, &format!("At most {days} days")),
        None => badge(Hue::Grey, "No limit"),
    };
    let rows: Vec<Vec<Markup>> = organizations
        .iter()
        .map(|(row, policy)| {
            let settings = format!("/organizations/{}/settings/personal-access-tokens", encode(&row.login));
            let (fine, classic) = (&policy.fine_grained, &policy.classic);
            vec![
                html! { a href=(settings) { (name(&row.login)) } },
                html! { (allowed(fine.allowed)) (by(fine.allowed_by)) },
                html! {
                    @if fine.approval_required { (badge(Hue::Blue, "Required")) } @else { (badge(Hue::Grey, "None")) }
                    (by(fine.approval_by))
                },
                html! { (life(fine.lifetime_days_max)) (by(fine.lifetime_by)) },
                html! { (allowed(classic.allowed)) (by(classic.allowed_by)) },
                html! { (life(classic.lifetime_days_max)) (by(classic.lifetime_by)) },
            ]
        })
        .collect();
    table(
        "Policies at each organization",
        &[
            column("Organization"),
            column("Fine-grained"),
            column("Approval"),
            column("Longest life"),
            column("Classic"),
            column("Longest life, classic"),
        ],
        &rows,
    )
}
