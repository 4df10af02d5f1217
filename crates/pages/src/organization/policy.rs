//! The policy for personal access tokens: what holds and by whose word, and changing it.

use crate::access::Place;
use crate::access::policy_form::{Fixed, PolicyForm, Typed, beside, is_fresh};
use crate::done;
use crate::errors::Errors;
use crate::look::button::{Tone, link, submit};
use crate::look::callout::{Weight, callout};
use crate::look::heading::{Heading, Part, heading, part};
use crate::look::list::{Row, rows};
use crate::look::name::{avatar, login};
use crate::look::{Markup, form, html, time};
use crate::visit::{Frame, Visit};
use bailiwick_authority::access::policy::{PolicyAbove, PolicyView};
use bailiwick_authority::{Authority, Fault, Permit};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use bailiwick_model::{Policy, Timestamp, TokenKind};
use http::StatusCode;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_ORG_POLICY, show)
        .on(op::WEB_ORG_POLICY_SET, set);
}

/// What is known before the change.
struct Known {
    place: Place,
    view: PolicyView,
    above: Option<PolicyAbove>,
    asks: Markup,
}

fn known(call: &Call) -> Result<Known, Fault> {
    let place = Place::of(&call.request);
    Ok(Known {
        view: call.authority.policy(&call.permit)?,
        above: call.authority.policy_above(&call.permit)?,
        asks: asks(&call.authority, &call.permit, call.permit.now())?,
        place,
    })
}

fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let known = known(&call)?;
    let typed = Typed::of(&known.view.set, &known.place);
    Ok(draw(
        &visit,
        &known,
        &typed,
        &Errors::none(),
        StatusCode::OK,
        false,
    ))
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
            true,
        ));
    }
    let fixed = Fixed::by(known.above.as_ref());
    let errors = match typed.policy(&known.view.set, &known.place, &fixed) {
        Err(errors) => errors,
        Ok(policy) => match call.authority.policy_set(call.permit, policy) {
            Ok(_) => {
                return Ok(Reply::see_other(&done::after(
                    &known.place.policy(),
                    "policy-set",
                )));
            }
            Err(fault) => beside(&Errors::of(fault)?),
        },
    };
    Ok(draw(
        &visit,
        &known,
        &typed,
        &errors,
        StatusCode::UNPROCESSABLE_ENTITY,
        false,
    ))
}

fn draw(
    visit: &Visit,
    known: &Known,
    typed: &Typed,
    errors: &Errors,
    status: StatusCode,
    stale: bool,
) -> Reply {
    let place = &known.place;
    let policy = PolicyForm {
        place,
        view: &known.view,
        above: known.above.as_ref(),
        typed,
        errors,
        locked: "",
    };
    let onboarding = place.settings("/personal-access-tokens/onboarding");
    let main = html! {
        (heading(&Heading {
            title: html! { "Personal access token policy" },
            lede: html! { "Which tokens open what belongs to " bdi { (place.name) } ", for how long, and who has to agree." },
            ..Heading::default()
        }))
        (form::errors(&errors.list()))
        @if stale {
            (callout(Weight::Warn, "The policy was changed while this page was open", &html! {
                p { "Nothing of yours was saved. What holds now is told below; the form holds what you chose. Save again if that is still what you want." }
            }))
        }
        @if known.view.set == Policy::default() {
            (callout(Weight::Info, "This organization has never set a policy", &html! {
                p { "The defaults below hold. Three plain questions set the most important parts. " (link("Answer them", &onboarding, Tone::Plain)) }
            }))
        }
        @if let Some(above) = &known.above {
            (callout(Weight::Info, "", &html! {
                p { bdi { (place.name) } " belongs to the enterprise " bdi { (above.name) } ". What the enterprise has decided is marked and cannot be changed here." }
            }))
        }
        (part(&Part { id: "holds", title: "What holds now", ..Part::default() }, &policy.holds()))
        (known.asks)
        (form::form(&form::Form { action: &place.policy(), csrf: &visit.csrf, label: "Policy", ..form::Form::default() }, &html! {
            (policy.fields())
            (form::actions(&submit("Save policy", Tone::Primary)))
        }))
    };
    let frame = Frame {
        title: "Personal access token policy",
        area: place.area(),
        invalid: !errors.is_empty(),
        ..Frame::default()
    };
    visit.page_with(status, &frame, &main)
}

/// People who asked to allow a kind of token that is blocked.
fn asks(authority: &Authority, permit: &Permit, now: Timestamp) -> Result<Markup, Fault> {
    let told: Vec<Row> = authority
        .asks_of(permit)?
        .iter()
        .map(|ask| Row {
            lead: avatar(&ask.login, false),
            title: html! { (login(&ask.login)) },
            text: html! {
                @match ask.kind {
                    TokenKind::Classic => "Asks to allow classic tokens",
                    TokenKind::FineGrained | TokenKind::Session => "Asks to allow fine-grained tokens",
                }
            },
            meta: vec![time::relative(ask.asked_at, now)],
            ..Row::default()
        })
        .collect();
    let lede = html! { "Allowing the kind answers them; there is nothing else to do." };
    Ok(html! {
        @if !told.is_empty() {
            (part(&Part { id: "asks", title: "People who need what is blocked", lede, ..Part::default() }, &rows("Who asks", &told)))
        }
    })
}
