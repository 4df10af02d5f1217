//! Every part that the mock pages do not show.

use crate::frame::mine;
use bailiwick_model::Visibility;
use bailiwick_pages::look::badge::{self, Hue, State};
use bailiwick_pages::look::button::{self, Button, Tone};
use bailiwick_pages::look::callout::{Weight, callout};
use bailiwick_pages::look::choice::{self, Check};
use bailiwick_pages::look::confirm::{self, Confirm};
use bailiwick_pages::look::field::{self, Choice, Field};
use bailiwick_pages::look::form::{self, Form};
use bailiwick_pages::look::heading::{self, Heading, Part};
use bailiwick_pages::look::icon::Icon;
use bailiwick_pages::look::navigation::{self, Link};
use bailiwick_pages::look::{Markup, code, html, list, stage};

fn part(title: &str, body: &Markup) -> Markup {
    heading::part(
        &Part {
            title,
            ..Default::default()
        },
        body,
    )
}

pub fn page() -> Markup {
    let tab = |label, current, count| Link {
        label,
        href: "#",
        current,
        count,
    };
    let main = html! {
        (heading::heading(&Heading { title: html! { "Parts" }, kicker: "Design system", lede: html! { "Every part on one page." }, ..Default::default() }))
        (navigation::tabs("Kinds", &[tab("Fine-grained", true, Some(7)), tab("Classic", false, Some(2)), tab("Settings", false, None)]))
        (part("Buttons", &button::group(&html! {
            (button::submit("Primary", Tone::Primary)) (button::submit("Plain", Tone::Plain)) (button::submit("Danger", Tone::Danger)) (button::submit("Quiet", Tone::Quiet))
            (button::button(&Button { label: "Regenerate", disabled: "The token was revoked", ..Default::default() }))
            (button::button(&Button { label: "Small", small: true, icon: Some(Icon::Trash), ..Default::default() }))
        })))
        (part("Badges", &html! {
            @for state in [State::Active, State::Pending, State::Expired, State::Revoked, State::Denied, State::Approved, State::Cancelled, State::Superseded, State::Suspended] { (badge::state(state)) " " }
            @for kind in [Visibility::Public, Visibility::Internal, Visibility::Private] { (badge::visibility(kind)) " " }
            (badge::badge(Hue::Blue, "Note"))
        }))
        (part("Callouts", &html! {
            (callout(Weight::Info, "Set by the enterprise acme-group", &html! { p { "Organizations cannot change it." } }))
            (callout(Weight::Good, "", &html! { p { "Everything is in order." } }))
            (callout(Weight::Warn, "This request was replaced", &html! { p { "bob asked for less a minute ago. " a href="#" { "Look at the new one" } "." } }))
            (callout(Weight::Danger, "Not approved", &html! { p { "Somebody else denied it while you read." } }))
        }))
        (part("Fields", &form::form(&Form { action: "#", csrf: "t", label: "Example", ..Default::default() }, &html! {
            (form::section("Lifetime", &html! { "How long tokens may live." }, &html! {
                (field::select(&Field { name: "mode", label: "Access", value: "allow", ..Default::default() }, &[
                    Choice { value: "allow", label: "Allow", disabled: "" },
                    Choice { value: "open", label: "Let organizations decide", disabled: "only an enterprise may" },
                ]))
                (field::code(&Field { name: "code", label: "One-time code", hint: html! { "Six digits from your app." }, ..Default::default() }))
                (field::text(&Field { name: "off", label: "Address", disabled: true, value: "https://bailiwick.example.org", hint: html! { "Set by the administrator." }, ..Default::default() }))
                (choice::check(&Check { name: "exempt", label: "Exempt administrators", hint: html! { "Their tokens may live longer." }, checked: true, ..Default::default() }))
                (choice::check(&Check { name: "approval", label: "Require approval", disabled: "set by the enterprise acme-group; organizations cannot change it", checked: true, ..Default::default() }))
            }))
            (confirm::typed(&Confirm { name: "confirm", phrase: "end 412 tokens", button: "End 412 tokens", ..Default::default() }))
        })))
        (part("Stages", &html! { (stage::track(&stage::stopped_at("policy"))) }))
        (part("Nothing", &list::empty(Icon::Key, "No tokens yet", &html! { "A token lets a program act for you, within the limits that you choose." }, &button::link("New token", "#", Tone::Primary))))
        (part("Code", &html! { p { "Send it as " (code::inline("Authorization: Bearer …")) "." } }))
        (part("Disclosure", &heading::disclosure("What counts as used", false, &html! { p { "Any request that reached a decision." } })))
    };
    mine("Parts", false, &[], &main)
}
