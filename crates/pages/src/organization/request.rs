//! One request: who asks, what would change, and deciding it, also in part.

use crate::access::approve_form::{self, Chosen};
use crate::access::diff::difference;
use crate::access::{Place, Reach, Rights, request_view, rights, token_view};
use crate::done;
use crate::errors::Errors;
use crate::look::button::{Button, Tone, button};
use crate::look::callout::{Weight, callout};
use crate::look::field::{Field, textarea};
use crate::look::heading::{Heading, Part, disclosure, heading, panel, part};
use crate::look::name::{login, name};
use crate::look::{Markup, form, html, time};
use crate::token::danger::danger;
use crate::visit::{Frame, Visit};
use bailiwick_authority::access::{Approval, RequestCase, Review};
use bailiwick_authority::{Fault, FaultKind};
use bailiwick_catalogue::{OperationIndex, op};
use bailiwick_gate::{Answer, Call, Reply, Routes};
use bailiwick_model::limit::REASON_CHARS_MAX;
use bailiwick_model::{RequestId, RequestState};
use http::StatusCode;

/// The operations of this module, at organizations and at enterprises.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_ORG_REQUEST, show)
        .on(op::WEB_ORG_REQUEST_REVIEW, review)
        .on(op::WEB_ENTERPRISE_REQUEST, show)
        .on(op::WEB_ENTERPRISE_REQUEST_REVIEW, review);
}

/// The page, and deciding on it.
const fn operations(place: &Place) -> (OperationIndex, OperationIndex) {
    if place.enterprise {
        (op::WEB_ENTERPRISE_REQUEST, op::WEB_ENTERPRISE_REQUEST_REVIEW)
    } else {
        (op::WEB_ORG_REQUEST, op::WEB_ORG_REQUEST_REVIEW)
    }
}

/// What the forms hold.
#[derive(Default)]
struct Typed {
    /// Which of the buttons was pressed.
    decision: String,
    reason: String,
    chosen: Chosen,
    errors: Errors,
    /// What happened instead of what was asked for.
    told: Markup,
}

fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let id = RequestId(call.request.id("pat_request_id")?);
    let case = call.authority.request_case(&call.permit, id)?;
    let typed = Typed {
        chosen: Chosen::asked(&Rights::asked(&case.request)),
        ..Typed::default()
    };
    let may = call.permit.offers(operations(&Place::of(&call.request)).1);
    Ok(draw(
        &visit,
        &Place::of(&call.request),
        &case,
        &typed,
        may,
        StatusCode::OK,
    ))
}

fn review(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let place = Place::of(&call.request);
    let id = RequestId(call.request.id("pat_request_id")?);
    let reader = call.permit.also(operations(&place).0).map_err(Fault::refused)?;
    let case = call.authority.request_case(&reader, id)?;
    let rights = Rights::asked(&case.request);
    let sent = &call.request.form;
    let mut typed = Typed {
        decision: sent.get("decision").unwrap_or_default().to_owned(),
        reason: sent.get("reason").unwrap_or_default().trim().to_owned(),
        chosen: Chosen::asked(&rights),
        ..Typed::default()
    };
    let (review, code) = match typed.decision.as_str() {
        "approve" => (Review::Approve(Approval::default()), "request-approved"),
        "approve_less" => {
            typed.chosen = Chosen::read(sent, &rights);
            (
                Review::Approve(typed.chosen.approval(&rights)),
                "request-approved-less",
            )
        }
        "deny" => (Review::Deny, "request-denied"),
        _ => {
            typed.errors = Errors::one("", "Choose whether to approve or to deny.");
            return Ok(draw(
                &visit,
                &place,
                &case,
                &typed,
                true,
                StatusCode::UNPROCESSABLE_ENTITY,
            ));
        }
    };
    let reason = (!typed.reason.is_empty()).then_some(typed.reason.as_str());
    let fault = match call
        .authority
        .requests_review(call.permit, &[id], &review, reason)
    {
        Ok(()) => return Ok(Reply::see_other(&done::after(&place.request(id), code))),
        Err(fault) => fault,
    };
    if fault.kind == FaultKind::Conflict {
        // As it is now: who decided what, or what is asked instead.
        let case = call.authority.request_case(&reader, id)?;
        typed.told = instead(&place, &case, &fault);
        return Ok(draw(&visit, &place, &case, &typed, true, StatusCode::CONFLICT));
    }
    if fault.code == "request.own" {
        typed.errors = Errors::from_fault(&fault);
        return Ok(draw(&visit, &place, &case, &typed, true, StatusCode::FORBIDDEN));
    }
    typed.errors = beside(&Errors::of(fault)?, &rights);
    Ok(draw(
        &visit,
        &place,
        &case,
        &typed,
        true,
        StatusCode::UNPROCESSABLE_ENTITY,
    ))
}

/// The authority's errors under the ids of this form's fields.
fn beside(errors: &Errors, rights: &Rights) -> Errors {
    let mut mapped = Errors::none();
    for (field, message) in errors.list() {
        match field.strip_prefix("permissions.") {
            Some(slug) => mapped.push(&approve_form::field_of(slug), message),
            None if field == "repositories" && rights.reach == Reach::All => {
                mapped.push("repository_names", message);
            }
            None => mapped.push(field, message),
        }
    }
    mapped
}

/// What happened instead of the decision that was sent.
fn instead(place: &Place, case: &RequestCase, fault: &Fault) -> Markup {
    let row = &case.request.row;
    let replaced = row.state == RequestState::Superseded;
    html! {
        @if row.state == RequestState::Pending {
            (callout(Weight::Warn, "Nothing was approved: the token's access here changed meanwhile", &html! {
                p { (fault.message) ". You can deny this request; below is what it would change now." }
            }))
        } @else {
            (callout(Weight::Warn, "Your decision came too late and changed nothing", &html! {
                p {
                    (request_view::verb(row.state))
                    @if let Some(by) = &case.request.decided_by { " by " (login(by)) }
                    @if let Some(at) = row.decided_at { " on " (time::moment(at)) }
                    "."
                }
                @if let Some(reason) = &row.decision_reason { p { "Reason: " q dir="auto" { (reason) } } }
                @if replaced && let Some(newer) = &case.newer {
                    p { (login(&case.request.holder.login)) " asks for something else now. " a href=(place.request(newer.row.id)) { "Read and decide the newer request" } "." }
                }
            }))
        }
    }
}

fn draw(
    visit: &Visit,
    place: &Place,
    case: &RequestCase,
    typed: &Typed,
    may: bool,
    status: StatusCode,
) -> Reply {
    let view = &case.request;
    let pending = view.row.state == RequestState::Pending;
    let crumbs = [("Pending requests", place.requests())];
    let crumbs: Vec<(&str, &str)> = crumbs
        .iter()
        .map(|(label, href)| (*label, href.as_str()))
        .collect();
    let main = html! {
        (heading(&Heading {
            title: name(&view.token.name),
            kicker: "Access request",
            badges: request_view::state(view.row.state),
            lede: html! { (login(&view.holder.login)) (if pending { " asks" } else { " asked" }) " for access to " bdi { (place.name) } " with this fine-grained token." },
            ..Heading::default()
        }))
        (form::errors(&typed.errors.list()))
        (typed.told)
        @if !pending {
            @if typed.told.0.is_empty() { (request_view::outcome(place, view, case.newer.as_ref())) }
            (after(case))
        }
        @else { (change(place, case)) (risks(&Rights::asked(view))) }
        (part(&Part { title: "Who asks, and why", ..Part::default() }, &request_view::about(view, visit.now)))
        @if pending && may { (decide(visit, place, case, typed)) }
        @if pending && !may {
            (callout(Weight::Info, "", &html! { p { "You can read this request. Owners and token approvers of " bdi { (place.name) } " decide it." } }))
        }
    };
    let frame = Frame {
        title: "Access request",
        area: place.area(),
        crumbs: &crumbs,
        invalid: !typed.errors.is_empty(),
    };
    visit.page_with(status, &frame, &main)
}

/// What approving would change.
fn change(place: &Place, case: &RequestCase) -> Markup {
    let (held, asked) = (Rights::held(&case.present), Rights::asked(&case.request));
    let lede = if case.present.row.active {
        html! { "Against what the token " a href=(place.token(case.present.row.id)) { "may do here now" } "." }
    } else {
        html! { "The token has no access here yet: everything is new." }
    };
    let label = "Between what the token may do now and what it asks for";
    part(
        &Part {
            id: "change",
            title: "What would change",
            lede,
            ..Part::default()
        },
        &difference(label, &held, &asked),
    )
}

/// What is dangerous in what is asked, each with why.
fn risks(asked: &Rights) -> Markup {
    let told: Vec<&str> = asked
        .permissions
        .iter()
        .filter_map(|(slug, word)| {
            let (from, why) = danger(slug)?;
            (rights::level(word) >= from).then_some(why)
        })
        .collect();
    html! {
        @if !told.is_empty() {
            (callout(Weight::Warn, "Take care with these", &html! {
                ul { @for why in &told { li { (why) } } }
            }))
        }
    }
}

/// What was asked, what of it was approved, and what is asked since.
fn after(case: &RequestCase) -> Markup {
    let view = &case.request;
    let asked = Rights::asked(view);
    html! {
        @if let Some(newer) = &case.newer && view.row.state == RequestState::Superseded {
            (part(&Part { id: "since", title: "What changed since", lede: html! { "Between this request and the newer one." }, ..Part::default() },
                &difference("Between this request and the newer one", &asked, &Rights::asked(newer))))
        }
        @if token_view::was_narrowed(view) && let Some(approved) = Rights::approved(view, &case.approved) {
            (part(&Part { id: "approved", title: "What was approved", lede: html! { "Less than was asked." }, ..Part::default() },
                &difference("Between what was asked and what was approved", &asked, &approved)))
        } @else {
            (part(&Part { id: "asked", title: "What was asked", ..Part::default() },
                &rights::told(&asked)))
        }
    }
}

fn decide(visit: &Visit, place: &Place, case: &RequestCase, typed: &Typed) -> Markup {
    let action = place.request(case.request.row.id);
    let less = typed.decision == "approve_less";
    let id = |less: bool| if less { "less-reason" } else { "reason" };
    let reason = |this: bool| {
        let field = Field {
            name: "reason",
            id: id(this),
            label: "Reason",
            hint: html! { "Told to " bdi { (case.request.holder.login) } " and kept in the audit log." },
            error: if this == less {
                typed.errors.at("reason")
            } else {
                ""
            },
            value: if this == less { &typed.reason } else { "" },
            optional: true,
            ..Field::default()
        };
        textarea(&field, 2, REASON_CHARS_MAX)
    };
    let whole = form::form(
        &form::Form {
            action: &action,
            csrf: &visit.csrf,
            label: "Decide this request",
            ..form::Form::default()
        },
        &html! {
            (reason(false))
            (form::actions(&html! {
                (button(&Button { label: "Approve", tone: Tone::Primary, name: "decision", value: "approve", ..Button::default() }))
                (button(&Button { label: "Deny", tone: Tone::Danger, name: "decision", value: "deny", ..Button::default() }))
            }))
        },
    );
    let part_of = form::form(
        &form::Form {
            action: &action,
            csrf: &visit.csrf,
            label: "Approve less",
            ..form::Form::default()
        },
        &html! {
            p.lede { "Lower a level, drop a permission, take away a repository. The token gets what is left and nothing more." }
            (approve_form::fields(&case.request, &typed.chosen, &typed.errors))
            (reason(true))
            (form::actions(&button(&Button { label: "Approve less", tone: Tone::Primary, name: "decision", value: "approve_less", ..Button::default() })))
        },
    );
    part(
        &Part {
            id: "decide",
            title: "Decide",
            ..Part::default()
        },
        &html! {
            (panel(&whole))
            (panel(&disclosure("Approve less than was asked", less, &part_of)))
        },
    )
}
