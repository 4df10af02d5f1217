//! Linking one's own account by the upstream's own sign-in. It sends the browser back to a page that asks once more; only
//! that page's form, from the session that began it, links anything.

use super::linked::PATH;
use crate::done;
use crate::look::button::{self, Button, Tone, post};
use crate::look::callout::{Weight, callout};
use crate::look::heading::{Heading, heading};
use crate::look::{Markup, html};
use crate::visit::{Area, Frame, Visit};
use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::upstream::view::LinkView;
use bailiwick_authority::{Authority, Fault};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes, encode};
use bailiwick_model::UpstreamKind;
use std::sync::Arc;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_LINKED_ACCOUNT_BEGIN, begin)
        .on(op::WEB_LINKED_ACCOUNT_RETURN, returned)
        .on(op::WEB_LINKED_ACCOUNT_FINISH, finish);
}

/// The upstreams at which a person can begin to link an account now.
pub fn open(authority: &Authority, links: &[LinkView]) -> Result<Vec<Arc<Upstream>>, Fault> {
    let mut all = authority.upstreams()?.all();
    all.retain(|upstream| {
        let linked = links.iter().any(|link| {
            link.row.upstream_id == upstream.id && (link.row.active || link.row.barred.is_some())
        });
        upstream.kind == UpstreamKind::GitHub && upstream.settings.client_id.is_some() && !linked
    });
    Ok(all)
}

/// A button for each of them.
pub fn buttons(visit: &Visit, open: &[Arc<Upstream>]) -> Markup {
    html! {
        @for upstream in open {
            (post(&format!("{PATH}/{}/begin", encode(&upstream.name)), &visit.csrf, &[], &Button {
                label: "Link an account", about: &upstream.name, tone: Tone::Primary, ..Button::default()
            }))
        }
    }
}

fn page(visit: &Visit, main: &Markup) -> Reply {
    let frame = Frame {
        title: "Linked accounts",
        area: Area::Own,
        ..Frame::default()
    };
    visit.page(&frame, main)
}

/// The browser goes on by a link: a form of this server leads to this server alone.
fn begin(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let name = call.request.parameter("upstream").to_owned();
    let there = call.authority.linking_begin(call.permit, &name)?;
    let main = html! {
        (heading(&Heading {
            title: html! { "Link an account at " bdi { (name) } },
            lede: html! { "You sign in there, allow this server to act for you, and come back here. It must be done within ten minutes." },
            ..Heading::default()
        }))
        (button::group(&html! {
            (button::link("Continue there", &there, Tone::Primary))
            (button::link("Cancel", PATH, Tone::Plain))
        }))
    };
    Ok(page(&visit, &main))
}

fn returned(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let query = &call.request.query;
    let (code, state) = (query.get("code").unwrap_or(""), query.get("state").unwrap_or(""));
    let main = if code.is_empty() || state.is_empty() {
        html! {
            (heading(&Heading { title: html! { "Nothing was linked" }, ..Heading::default() }))
            (callout(Weight::Warn, "", &html! { "You came back without leave to act for you." }))
            (button::link("Linked accounts", PATH, Tone::Plain))
        }
    } else {
        html! {
            (heading(&Heading {
                title: html! { "Link this account?" },
                lede: html! { "You came back from signing in. Your tokens will act there as the account that you chose." },
                ..Heading::default()
            }))
            (post(&format!("{PATH}/callback"), &visit.csrf, &[("code", code), ("state", state)], &Button {
                label: "Link the account", tone: Tone::Primary, ..Button::default()
            }))
            (button::link("Cancel", PATH, Tone::Plain))
        }
    };
    Ok(page(&visit, &main))
}

fn finish(call: Call) -> Answer {
    let field = |name: &str| call.request.form.get(name).unwrap_or("").to_owned();
    let (code, state) = (field("code"), field("state"));
    if code.is_empty() || state.is_empty() {
        return Err(Fault::not_found());
    }
    bailiwick_gateway::github::linking::finish(&call.authority, call.permit, &state, &code)?;
    Ok(Reply::see_other(&done::after(PATH, "account-linked")))
}
