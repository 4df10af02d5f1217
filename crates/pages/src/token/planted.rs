//! What a person's own tokens planted, whether they may at the person's own account, and ending it.

use crate::access::planted::list;
use crate::done;
use crate::look::button::{Tone, submit};
use crate::look::choice::{Check, check};
use crate::look::heading::{Heading, Part, heading, part};
use crate::look::icon::Icon;
use crate::look::list::empty;
use crate::look::{Markup, form, html};
use crate::paging::pager_more;
use crate::visit::{Area, Frame, Visit};
use bailiwick_authority::planted::PlantedView;
use bailiwick_authority::{Authority, Fault, Permit};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use bailiwick_model::{Policy, TokenId};

/// Where it is.
pub const PATH: &str = "/settings/planted-credentials";
/// How many a token's own page shows.
const SHOWN: usize = 20;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_PLANTED, show)
        .on(op::WEB_PLANTED_END, end)
        .on(op::WEB_PLANTING_SET, set);
}

fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let page = call.request.page();
    let mut views = call
        .authority
        .planted_own(&call.permit, None, page.offset(), page.size + 1)?;
    let more = views.len() > page.size;
    views.truncate(page.size);
    let policy = call.authority.own_policy(&call.permit)?;
    let main = html! {
        (heading(&Heading {
            title: html! { "Planted credentials" },
            lede: html! { "Keys, webhooks, runners and the like that your tokens made at servers behind this one. They work on when the token is gone." },
            ..Heading::default()
        }))
        @if views.is_empty() {
            (empty(Icon::Key, "Nothing planted", &html! { "None of your tokens made anything that can itself authenticate." }, &html! {}))
        } @else { (list("Planted credentials", &views, &visit.csrf, visit.now, PATH)) }
        (pager_more(&call.request, more))
        (part(&Part { id: "own", title: "Your own account", ..Part::default() }, &form::form(
            &form::Form { action: PATH, csrf: &visit.csrf, label: "Your own account", ..form::Form::default() },
            &html! {
                (check(&Check {
                    name: "planting",
                    label: "Let tokens plant at your own account",
                    hint: html! { "Tokens with the permission may add keys, webhooks and further tokens to your account and your own repositories. Organizations decide for theirs." },
                    checked: policy.resolved.planting,
                    ..Check::default()
                }))
                (form::actions(&submit("Save", Tone::Primary)))
            },
        )))
    };
    Ok(visit.page(
        &Frame {
            title: "Planted credentials",
            area: Area::Own,
            ..Frame::default()
        },
        &main,
    ))
}

fn end(call: Call) -> Answer {
    let id = call.request.id("planted_id")?;
    let ended = call.authority.planted_end(call.permit, id);
    told(ended, PATH)
}

/// Where ending one leads: back to the list, with how it went.
pub fn told(ended: Result<PlantedView, Fault>, path: &str) -> Answer {
    let code = match ended {
        Ok(view) if view.row.ended_at.is_some() => "planted-ended",
        Ok(_) => "planted-pending",
        Err(fault) if fault.code == "planted.ended" => "planted-ended",
        Err(fault) if fault.code == "planted.no_end" => "planted-no-end",
        Err(fault) => return Err(fault),
    };
    Ok(Reply::see_other(&done::after(path, code)))
}

fn set(call: Call) -> Answer {
    let policy = Policy {
        planting: call.request.form.get("planting").map(|_| true),
        ..Policy::default()
    };
    call.authority.own_policy_set(call.permit, policy)?;
    Ok(Reply::see_other(&done::after(PATH, "planting-set")))
}

/// The part of a token's page: what it planted. Nothing if it planted nothing.
pub fn of_token(authority: &Authority, permit: &Permit, visit: &Visit, id: TokenId) -> Result<Markup, Fault> {
    let mut views = authority.planted_own(permit, Some(id), 0, SHOWN + 1)?;
    let more = views.len() > SHOWN;
    views.truncate(SHOWN);
    Ok(html! {
        @if !views.is_empty() {
            (part(&Part {
                id: "planted",
                title: "What it planted",
                lede: html! { "These can authenticate by themselves and work on when the token is gone." },
                actions: html! { a href=(PATH) { "All planted credentials" } },
            }, &html! {
                (list("What it planted", &views, &visit.csrf, visit.now, PATH))
                @if more { p.soft { "There are more: see all planted credentials." } }
            }))
        }
    })
}
