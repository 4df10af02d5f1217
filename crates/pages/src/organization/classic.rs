//! Classic tokens that concern the organization. Nobody approves them; their owners see them here.

use crate::access::Place;
use crate::access::listing::turn;
use crate::look::badge::{Hue, badge};
use crate::look::button::{Tone, link};
use crate::look::callout::{Weight, callout};
use crate::look::heading::{Heading, heading};
use crate::look::icon::Icon;
use crate::look::list::{Row, empty, rows, words};
use crate::look::name::{avatar, login, name};
use crate::look::{Markup, html, time};
use crate::visit::{Frame, Visit};
use bailiwick_authority::Named;
use bailiwick_authority::access::classic::ClassicToken;
use bailiwick_catalogue::{Target, op};
use bailiwick_gate::{Answer, Call, Routes};
use bailiwick_model::Timestamp;
use bailiwick_model::policy::SetBy;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes.on(op::WEB_ORG_CLASSIC_TOKENS, show);
}

fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let place = Place::of(&call.request);
    let page = call.request.page();
    let mut found = call
        .authority
        .classic_tokens_at(&call.permit, page.offset(), page.size + 1)?;
    let more = found.len() > page.size;
    found.truncate(page.size);
    let told: Vec<Row> = found.iter().map(|one| row(one, visit.now)).collect();
    let main = html! {
        (heading(&Heading {
            title: html! { "Classic tokens" },
            lede: html! {
                "Tokens of members and collaborators of " bdi { (place.name) } ", and any other that was used here. "
                "A classic token reaches everything its person reaches; no owner approves it."
            },
            ..Heading::default()
        }))
        (holds(&call, &place))
        @if told.is_empty() {
            (empty(Icon::Key, "No classic tokens", &html! { "None of the people here holds one, and none was seen." }, &link("Active fine-grained tokens", &place.tokens(), Tone::Plain)))
        } @else { (rows("Classic tokens", &told)) }
        (turn(&call.request, page, more, ""))
        p.soft {
            "Uses come from the audit log, as far back as it is kept; plain reading of what is public is not in it. "
            "The name of a token that was never seen here is its person's own affair and not shown."
        }
    };
    let frame = Frame {
        title: "Classic tokens",
        area: place.area(),
        ..Frame::default()
    };
    Ok(visit.page(&frame, &main))
}

/// Whether they open anything here, and who said so.
fn holds(call: &Call, place: &Place) -> Markup {
    let Named::Account(record) = call.permit.gathered().named(Target::Organization) else {
        return html! {};
    };
    let classic = &record.facts.policy.classic;
    let by = match classic.allowed_by {
        SetBy::Enterprise => "the enterprise",
        SetBy::Organization => "this organization",
        SetBy::Default => "default",
    };
    let change = call.permit.offers(op::WEB_ORG_POLICY);
    let body = html! {
        p {
            @if classic.allowed { "They are allowed by " (by) ". To end one, ask its person, or block the kind as a whole." }
            @else { "Blocked by " (by) ": they open nothing here but what is public." }
            @if change { " " a href=(place.policy()) { "Policy" } }
        }
    };
    if classic.allowed {
        callout(Weight::Info, "", &body)
    } else {
        callout(Weight::Good, "", &body)
    }
}

fn row(one: &ClassicToken, now: Timestamp) -> Row {
    let token = &one.token;
    let scopes: Vec<&str> = token.scopes.split(',').filter(|word| !word.is_empty()).collect();
    Row {
        lead: avatar(&one.holder.login, false),
        title: html! {
            @if one.seen_at.is_some() { (name(&token.name)) }
            @else { "Token ending in " code { (token.last_eight) } }
        },
        badges: html! {
            @if one.seen_at.is_some() { (badge(Hue::Blue, "Used here")) }
            @if !one.member { " " (badge(Hue::Amber, "Not a member")) }
        },
        text: html! {
            @if scopes.is_empty() { span.soft { "No scopes: it reads what is public." } }
            @else { (words(&scopes)) }
        },
        meta: vec![
            login(&one.holder.login),
            html! {
                @match one.seen_at {
                    Some(at) => { "Last seen here " (time::relative(at, now)) },
                    None => "Never seen here",
                }
            },
            time::expires(token.expires_at, now),
        ],
        ..Row::default()
    }
}
