//! One's own accounts at servers behind the gateway: who one is there, one's own secret there, ending it.

use super::linking;
use crate::admin::upstream::secrets;
use crate::done;
use crate::errors::Errors;
use crate::look::badge::{Hue, badge};
use crate::look::button::{Button, Tone, post, submit};
use crate::look::heading::{Heading, Part, heading, part};
use crate::look::icon::Icon;
use crate::look::list::{empty, facts};
use crate::look::{Markup, form, html, time};
use crate::visit::{Area, Frame, Visit};
use bailiwick_authority::Fault;
use bailiwick_authority::rows::LinkBar;
use bailiwick_authority::upstream::check::link_secret_names;
use bailiwick_authority::upstream::view::LinkView;
use bailiwick_authority::upstream::{Secrets, Upstream};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes, encode};
use std::sync::Arc;

/// The page.
pub const PATH: &str = "/settings/linked-accounts";

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_LINKED_ACCOUNTS, show)
        .on(op::WEB_LINKED_ACCOUNT_CREDENTIAL, set_credential)
        .on(op::WEB_LINKED_ACCOUNT_DELETE, end);
}

/// What the page shows: the links, and where one can be begun.
struct Shown {
    links: Vec<LinkView>,
    open: Vec<Arc<Upstream>>,
}

impl Shown {
    fn of(call: &Call) -> Result<Shown, Fault> {
        let links = call.authority.own_upstream_links(&call.permit)?;
        let open = linking::open(&call.authority, &links)?;
        Ok(Shown { links, open })
    }
}

/// With what is wrong in the form of one upstream.
fn draw(visit: &Visit, shown: &Shown, wrong: &str, errors: &Errors) -> Reply {
    let links = &shown.links;
    let main = html! {
        (heading(&Heading {
            title: html! { "Linked accounts" },
            lede: html! { "Who you are at servers behind this gateway. Your tokens act there as this account." },
            ..Heading::default()
        }))
        (form::errors(&errors.list()))
        @if links.is_empty() && shown.open.is_empty() {
            (empty(
                Icon::Person,
                "You are linked to no account",
                &html! { "Where a server behind this gateway knows persons, an administrator links you to yours there." },
                &html! {},
            ))
        }
        @for link in links {
            @let none = Errors::none();
            @let own = if link.upstream.name == wrong { errors } else { &none };
            (part(&Part { title: &link.upstream.name, ..Part::default() }, &one(visit, link, own)))
        }
        (linking::buttons(visit, &shown.open))
    };
    let frame = Frame {
        title: "Linked accounts",
        area: Area::Own,
        invalid: !errors.is_empty(),
        ..Frame::default()
    };
    visit.page_with(errors.status(), &frame, &main)
}

/// In two words why a link is not used, if it is not.
pub fn switched_off(link: &LinkView) -> Option<&'static str> {
    match link.row.barred {
        Some(LinkBar::Administrator) => Some("Switched off by an administrator"),
        Some(LinkBar::Upstream) => Some("Switched off by the server"),
        None => (!link.row.active).then_some("Ended"),
    }
}

fn one(visit: &Visit, link: &LinkView, errors: &Errors) -> Markup {
    let names = link_secret_names(link.upstream.kind);
    let set = link.secrets.as_deref().unwrap_or_default();
    let path = format!("{PATH}/{}", encode(&link.upstream.name));
    html! {
        (facts(&[
            ("You are", html! {
                bdi { (link.row.login) }
                @if let Some(word) = switched_off(link) { " " (badge(Hue::Red, word)) }
            }),
            ("Server", html! { code { (link.upstream.address) } }),
            ("Linked", html! { (time::relative(link.row.created_at, visit.now)) }),
        ]))
        @if !names.is_empty() {
            div.panel {
                (form::form(
                    &form::Form {
                        action: &format!("{path}/credential"), csrf: &visit.csrf, label: "Your secret there",
                        ..form::Form::default()
                    },
                    &html! {
                        p.hint {
                            "Git asks the server with it, as you. Make a token there that may read and write "
                            "repositories, and read the user; it is sealed here, and nobody is shown it."
                        }
                        (secrets::fields(names, set, errors))
                        (form::actions(&submit("Set", Tone::Primary)))
                    },
                ))
            }
        }
        (post(&format!("{path}/delete"), &visit.csrf, &[], &Button {
            label: "End the link", about: &link.upstream.name, tone: Tone::Danger, small: true, ..Button::default()
        }))
    }
}

fn show(call: Call) -> Answer {
    let shown = Shown::of(&call)?;
    Ok(draw(&Visit::of(&call), &shown, "", &Errors::none()))
}

fn set_credential(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let name = call.request.parameter("upstream").to_owned();
    let shown = Shown::of(&call)?;
    let link = shown.links.iter().find(|link| link.upstream.name == name);
    let names = link.map(|link| link_secret_names(link.upstream.kind));
    let names = names.ok_or_else(Fault::not_found)?;
    let given: Secrets = secrets::typed(&call.request, names);
    if given.is_empty() {
        let errors = Errors::one("secrets", "Type the secret.");
        return Ok(draw(&visit, &shown, &name, &errors));
    }
    match call.authority.own_upstream_secrets(call.permit, &name, &given) {
        Ok(_) => Ok(Reply::see_other(&done::after(PATH, "linked-secret"))),
        Err(fault) => Ok(draw(&visit, &shown, &name, &Errors::of(fault)?)),
    }
}

fn end(call: Call) -> Answer {
    call.authority
        .own_upstream_unlink(call.permit, call.request.parameter("upstream"))?;
    Ok(Reply::see_other(&done::after(PATH, "linked-ended")))
}
