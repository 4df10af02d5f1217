//! Deleting one token, or all of a kind after typing what is meant.

use super::{CLASSIC, PATH, path_of};
use crate::access::planted::list;
use crate::done;
use crate::errors::Errors;
use crate::look::button::{Tone, link, submit};
use crate::look::callout::{Weight, callout};
use crate::look::choice::{Check, check};
use crate::look::confirm::{Confirm, typed};
use crate::look::heading::{Heading, heading};
use crate::look::{Markup, form, html, name, time};
use crate::visit::{Area, Frame, Visit};
use bailiwick_authority::{Authority, Fault, Permit};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use bailiwick_model::{TokenId, TokenKind};

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_TOKEN_DELETE_FORM, show)
        .on(op::WEB_TOKEN_DELETE, delete)
        .on(op::WEB_TOKENS_DELETE_FORM, show_fine_grained)
        .on(op::WEB_TOKENS_DELETE, delete_fine_grained)
        .on(op::WEB_CLASSIC_TOKENS_DELETE_FORM, show_classic)
        .on(op::WEB_CLASSIC_TOKENS_DELETE, delete_classic);
}

/// The list of a kind: its label and its path.
pub fn list_of(kind: TokenKind) -> (&'static str, &'static str) {
    match kind {
        TokenKind::Classic => ("Tokens (classic)", CLASSIC),
        TokenKind::FineGrained | TokenKind::Session => ("Fine-grained tokens", PATH),
    }
}

fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let view = call
        .authority
        .own_token(&call.permit, TokenId(call.request.id("token_id")?))?;
    let path = path_of(view.row.id);
    let action = format!("{path}/delete");
    let left = call.authority.planted_left(&call.permit, view.row.id)?;
    let main = html! {
        (heading(&Heading { title: html! { "Delete " (name::name(&view.row.name)) "?" }, ..Heading::default() }))
        (callout(Weight::Danger, "This cannot be undone", &html! {
            p {
                "Scripts and applications that use this token can no longer reach anything with it. "
                "What it minted ends with it. " (time::last_used(view.row.last_used_at, visit.now)) "."
            }
        }))
        @if !left.is_empty() {
            (callout(Weight::Warn, "It planted what can itself authenticate", &html! {
                p { "These work on when the token is gone, unless they are ended as well." }
                (list("What it planted", &left, &visit.csrf, visit.now, ""))
            }))
        }
        (form::form(&form::Form { action: &action, csrf: &visit.csrf, ..form::Form::default() }, &html! {
            @if !left.is_empty() {
                (check(&Check {
                    name: "with_planted",
                    label: "End what it planted as well",
                    hint: html! { "What cannot be ended at once is tried again every hour." },
                    checked: true,
                    ..Check::default()
                }))
            }
            (form::actions(&html! {
                (submit("Delete this token", Tone::Danger))
                (link("Keep it", &path, Tone::Quiet))
            }))
        }))
    };
    Ok(visit.page(
        &Frame {
            title: "Delete token",
            area: Area::Own,
            crumbs: &[list_of(view.row.kind), (&view.row.name, &path)],
            ..Frame::default()
        },
        &main,
    ))
}

fn delete(call: Call) -> Answer {
    let id = TokenId(call.request.id("token_id")?);
    let kind = call.authority.own_token(&call.permit, id)?.row.kind;
    let with_planted = call.request.form.get("with_planted").is_some();
    let now = call.permit.now();
    let left = call.authority.token_delete(call.permit, id, with_planted)?;
    let target = if left.iter().all(|view| view.state(now) == "ended") {
        done::after(list_of(kind).1, "token-deleted")
    } else {
        done::after(super::planted::PATH, "token-deleted-planted")
    };
    Ok(Reply::see_other(&target))
}

fn show_fine_grained(call: Call) -> Answer {
    show_all(&call, TokenKind::FineGrained)
}

fn show_classic(call: Call) -> Answer {
    show_all(&call, TokenKind::Classic)
}

fn delete_fine_grained(call: Call) -> Answer {
    delete_all(call, TokenKind::FineGrained)
}

fn delete_classic(call: Call) -> Answer {
    delete_all(call, TokenKind::Classic)
}

fn count(authority: &Authority, permit: &Permit, kind: TokenKind) -> Result<u64, Fault> {
    Ok(authority.own_tokens_page(permit, kind, 0, 1)?.1)
}

/// What must be typed. It names the number, so that nobody deletes more than they thought.
fn phrase(count: u64) -> String {
    match count {
        1 => String::from("delete 1 token"),
        _ => format!("delete {count} tokens"),
    }
}

fn show_all(call: &Call, kind: TokenKind) -> Answer {
    let count = count(&call.authority, &call.permit, kind)?;
    Ok(page(&Visit::of(call), kind, count, "", &Errors::none()))
}

fn delete_all(call: Call, kind: TokenKind) -> Answer {
    let visit = Visit::of(&call);
    let count = count(&call.authority, &call.permit, kind)?;
    let said = call.request.form.get("confirm").unwrap_or_default().trim();
    if said != phrase(count) {
        let message = format!("Type “{}” exactly. Nothing was deleted.", phrase(count));
        let errors = Errors::one("confirm", &message);
        return Ok(page(&visit, kind, count, said, &errors));
    }
    call.authority.tokens_delete(call.permit, kind)?;
    Ok(Reply::see_other(&done::after(list_of(kind).1, "tokens-deleted")))
}

fn page(visit: &Visit, kind: TokenKind, count: u64, said: &str, errors: &Errors) -> Reply {
    let (label, path) = list_of(kind);
    let what = match kind {
        TokenKind::Classic => "classic",
        TokenKind::FineGrained | TokenKind::Session => "fine-grained",
    };
    let action = format!("{path}/delete");
    let body: Markup = if count == 0 {
        html! { p { "You have no " (what) " tokens. " a href=(path) { "Back to the list" } "." } }
    } else {
        form::form(
            &form::Form {
                action: &action,
                csrf: &visit.csrf,
                ..form::Form::default()
            },
            &html! {
                (typed(&Confirm {
                    name: "confirm",
                    phrase: &phrase(count),
                    value: said,
                    error: errors.at("confirm"),
                    button: "Delete all of them",
                }))
                div.buttons { (link("Keep them", path, Tone::Quiet)) }
            },
        )
    };
    let main = html! {
        (heading(&Heading { title: html! { "Delete all " (what) " tokens" }, ..Heading::default() }))
        (form::errors(&errors.list()))
        @if count > 0 {
            (callout(Weight::Danger, "This cannot be undone", &html! {
                p {
                    @if count == 1 { "Your only " (what) " token ends at once, and whatever uses it stops working." }
                    @else { "All " (count) " of your " (what) " tokens end at once, expired ones too, and whatever uses them stops working." }
                    " Sessions and tokens of the other kind stay."
                }
            }))
        }
        (body)
    };
    visit.page_with(
        errors.status(),
        &Frame {
            title: "Delete all tokens",
            area: Area::Own,
            crumbs: &[(label, path)],
            invalid: !errors.is_empty(),
        },
        &main,
    )
}
