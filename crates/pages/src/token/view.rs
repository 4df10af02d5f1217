//! One fine-grained token: what it may do where, what waits for whom, what was refused and why.

use super::told::{Told, dangers, owner_name, state};
use super::{CLASSIC, PATH, path_of};
use crate::access::diff::difference;
use crate::access::rights::{Reach, Rights, level, title};
use crate::look::badge::{self, State};
use crate::look::button::{Button, Tone, link, post};
use crate::look::callout::{Weight, callout};
use crate::look::heading::{Heading, Part, danger, heading, part};
use crate::look::icon::Icon;
use crate::look::list::{empty, facts};
use crate::look::permission::short;
use crate::look::summary::{Grant, summary};
use crate::look::{Markup, html, name, time};
use crate::visit::{Area, Frame, Visit};
use bailiwick_authority::token::view::OwnerView;
use bailiwick_authority::token::{GrantView, RequestView, TokenView};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use bailiwick_model::{Level, RequestState, TokenId, TokenKind};

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes.on(op::WEB_TOKEN, show);
}

fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let id = TokenId(call.request.id("token_id")?);
    let view = call.authority.own_token(&call.permit, id)?;
    if view.row.kind == TokenKind::Classic {
        return Ok(Reply::see_other(&format!("{CLASSIC}/{id}")));
    }
    let planted = super::planted::of_token(&call.authority, &call.permit, &visit, id)?;
    Ok(visit.page(
        &Frame {
            title: &view.row.name,
            area: Area::Own,
            crumbs: &[("Fine-grained tokens", PATH)],
            ..Frame::default()
        },
        &draw(&visit, &view, &planted),
    ))
}

fn draw(visit: &Visit, view: &TokenView, planted: &Markup) -> Markup {
    let path = path_of(view.row.id);
    let standing = state(view, visit.now);
    let ended = standing == State::Revoked && view.row.revoked_at.is_some();
    html! {
        (heading(&Heading {
            title: name::name(&view.row.name),
            kicker: "Fine-grained token",
            badges: badge::state(standing),
            lede: html! { @if let Some(text) = &view.row.description { (name::name(text)) } },
            actions: html! {
                @if !ended {
                    (link("Edit", &format!("{path}/edit"), Tone::Primary))
                    (link("Regenerate", &format!("{path}/regenerate"), Tone::Plain))
                }
                (link("Activity", &format!("{path}/activity"), Tone::Plain))
            },
        }))
        (why(view, standing, &path))
        (about(view, visit))
        (powers(view))
        @if view.grants.is_empty() {
            (empty(Icon::Shield, "No resource owner", &html! { "This token reads public resources only." }, &html! {
                @if !ended { (link("Add one", &format!("{path}/edit"), Tone::Plain)) }
            }))
        }
        @for one in &view.grants { (grant(visit, one, &path)) }
        (planted)
        (danger("Delete this token", &html! {
            p { "Whatever uses it stops working at once. Its name is free again; its history stays in the log." }
            (link("Delete", &format!("{path}/delete"), Tone::Danger))
        }))
    }
}

/// Why a token does not work, and what to do.
fn why(view: &TokenView, standing: State, path: &str) -> Markup {
    match standing {
        State::Expired => callout(
            Weight::Warn,
            "It has expired",
            &html! { p { "Its secret no longer works. " a href={ (path) "/regenerate" } { "Regenerate it" } " for a new secret with the same access." } },
        ),
        State::Revoked if view.row.revoked_at.is_some() => callout(
            Weight::Danger,
            "It was revoked",
            &html! {
                p {
                    @if let Some(reason) = &view.row.revoked_reason { "Why: " (name::name(reason)) ". " }
                    "It cannot come back: " a href=(super::NEW) { "make a new one" } "."
                }
            },
        ),
        _ => html! {},
    }
}

/// The facts of any token.
pub fn about(view: &TokenView, visit: &Visit) -> Markup {
    let row = &view.row;
    facts(&[
        ("Secret ends in", html! { code { (row.last_eight) } }),
        ("Created", time::moment(row.created_at)),
        ("Secret made", html! { (time::moment(row.issued_at)) }),
        (
            "Last used",
            html! {
                @match row.last_used_at { Some(at) => (time::relative(at, visit.now)), None => "Never" }
            },
        ),
        (
            "Expires",
            html! {
                @match row.expires_at {
                    Some(at) => { (time::date(at)) " · " (time::relative(at, visit.now)) },
                    None => "Never",
                }
            },
        ),
    ])
}

fn powers(view: &TokenView) -> Markup {
    let held: Vec<(&str, Rights)> = view
        .grants
        .iter()
        .filter(|grant| grant.row.active)
        .map(|grant| (owner_name(&grant.owner).0, Rights::held(grant)))
        .collect();
    let told: Vec<Told<'_>> = held
        .iter()
        .map(|(owner, rights)| Told::of(owner, rights))
        .collect();
    let grants: Vec<Grant<'_>> = told.iter().map(Told::grant).collect();
    summary("", &grants, "", &dangers(held.iter().map(|(_, rights)| rights)))
}

fn grant(visit: &Visit, grant: &GrantView, path: &str) -> Markup {
    let (owner, href, _) = owner_name(&grant.owner);
    let badge = if grant.row.active {
        badge::state(State::Active)
    } else if grant.is_pending() {
        badge::state(State::Pending)
    } else {
        badge::state(match grant.request.as_ref().map(|request| request.row.state) {
            Some(RequestState::Denied) => State::Denied,
            Some(RequestState::Cancelled) => State::Cancelled,
            Some(RequestState::Expired) => State::Expired,
            Some(RequestState::Superseded) => State::Superseded,
            Some(RequestState::Pending | RequestState::Approved) | None => State::Revoked,
        })
    };
    let rights = Rights::held(grant);
    part(
        &Part {
            title: owner,
            lede: badge,
            actions: html! { a href=(href) { "Open " (name::name(owner)) } },
            ..Part::default()
        },
        &html! {
            @if grant.row.active {
                (held(&rights))
                @if let Some(at) = grant.row.granted_at { p.soft { "Granted " (time::moment(at)) @if let Some(by) = decider(grant) { " by " (name::login(by)) } "." } }
            }
            @if let Some(request) = &grant.request { (asked(visit, grant, request, &rights, path)) }
        },
    )
}

fn decider(grant: &GrantView) -> Option<&str> {
    let request = grant.request.as_ref()?;
    (request.row.state == RequestState::Approved)
        .then_some(request.decided_by.as_deref())
        .flatten()
}

/// What is held: permissions by level, repositories by name.
fn held(rights: &Rights) -> Markup {
    let titled: Vec<(&str, Level)> = rights
        .permissions
        .iter()
        .map(|(slug, word)| (title(slug), level(word)))
        .collect();
    facts(&[
        ("Permissions", short(&titled)),
        ("Repositories", repositories(&rights.reach)),
    ])
}

fn repositories(reach: &Reach) -> Markup {
    const SHOWN: usize = 20;
    html! {
        @match reach {
            Reach::None => "Public ones only, to read",
            Reach::All => "All, also those made later",
            Reach::Only(names) if names.is_empty() => "None: those that were selected are gone",
            Reach::Only(names) => {
                ul.words {
                    @for full in names.iter().take(SHOWN) {
                        @if let Some((owner, bare)) = full.split_once('/') { li { (name::repository(owner, bare)) } }
                    }
                }
                @if names.len() > SHOWN {
                    details.disclosure {
                        summary { (names.len() - SHOWN) " more" }
                        ul.words { @for full in names.iter().skip(SHOWN) { li { (name::name(full)) } } }
                    }
                }
            },
        }
    }
}

/// The newest request of a grant: what it asks beyond what is held, or how it ended.
fn asked(visit: &Visit, grant: &GrantView, request: &RequestView, held: &Rights, path: &str) -> Markup {
    let (owner, _, _) = owner_name(&grant.owner);
    let wanted = Rights::asked(request);
    let label = format!("What was asked of {owner}");
    match request.row.state {
        RequestState::Pending => html! {
            (callout(Weight::Warn, "Waiting for approval", &html! {
                p {
                    "You asked " (time::relative(request.row.created_at, visit.now)) ". "
                    (who_decides(grant))
                    @if grant.row.active { " Meanwhile the token keeps what it holds." }
                    @else { " Meanwhile it reads only what is public there." }
                }
                @if let Some(reason) = &request.row.reason { p { "Your reason: " (name::name(reason)) } }
            }))
            (difference(&label, held, &wanted))
            (post(
                &format!("{PATH}/requests/{}/cancel", request.row.id),
                &visit.csrf,
                &[],
                &Button { label: "Cancel request", about: owner, small: true, ..Button::default() },
            ))
        },
        RequestState::Denied => html! {
            (callout(Weight::Danger, "Denied", &html! {
                p {
                    @if let Some(by) = &request.decided_by { (name::login(by)) " denied it" } @else { "It was denied" }
                    @if let Some(at) = request.row.decided_at { " " (time::relative(at, visit.now)) }
                    "."
                }
                @match &request.row.decision_reason {
                    Some(reason) => p { "Why: " (name::name(reason)) },
                    None => p { "No reason was given. Ask the owners of " (name::name(owner)) "." },
                }
                p { a href={ (path) "/edit" } { "Edit the token" } " to ask again, for less or with a better reason." }
            }))
            (difference(&label, held, &wanted))
        },
        RequestState::Approved if !grant.row.active => callout(
            Weight::Danger,
            "Access was taken away",
            &html! {
                p {
                    @if let Some(at) = grant.row.revoked_at { "It ended " (time::relative(at, visit.now)) ". " }
                    "The token itself still works elsewhere. " a href={ (path) "/edit" } { "Edit it" } " to ask again."
                }
            },
        ),
        RequestState::Approved => approved_less(request, &wanted, held),
        RequestState::Cancelled => {
            html! { p.soft { "You cancelled the request. " a href={ (path) "/edit" } { "Ask again" } "." } }
        }
        RequestState::Expired => html! { p.soft { "The token expired before anybody decided." } },
        RequestState::Superseded => html! {},
    }
}

/// What was approved can be less than what was asked: say so, with what is missing.
fn approved_less(request: &RequestView, wanted: &Rights, held: &Rights) -> Markup {
    let missing =
        wanted.permissions.iter().any(|(slug, word)| {
            held.permissions.get(slug).map_or(Level::None, |held| level(held)) < level(word)
        }) || match (&wanted.reach, &held.reach) {
            (Reach::All, Reach::All) | (Reach::None, _) => false,
            (Reach::Only(asked), Reach::Only(got)) => asked.iter().any(|name| !got.contains(name)),
            (Reach::Only(_), Reach::All) => false,
            (Reach::All | Reach::Only(_), _) => true,
        };
    html! {
        @if missing && request.row.approved_permissions.is_some() {
            (callout(Weight::Info, "Less was approved than was asked, or you took some back", &html! {
                @if let Some(reason) = &request.row.decision_reason { p { "Why: " (name::name(reason)) } }
            }))
            (difference("Asked and held", wanted, held))
        }
    }
}

fn who_decides(grant: &GrantView) -> Markup {
    let (owner, _, _) = owner_name(&grant.owner);
    html! {
        @match grant.owner {
            OwnerView::Enterprise(..) => { "The owners and token approvers of the enterprise " (name::name(owner)) " decide." },
            OwnerView::Account(..) => { "The owners and token approvers of " (name::name(owner)) " decide." },
        }
    }
}
