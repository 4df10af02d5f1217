//! Editing a fine-grained token. Taking away works at once; adding asks again where approval is needed, and what
//! was approved stays meanwhile.

use super::desk::Desk;
use super::draft::{Draft, given};
use super::{PATH, fields, owner_fields, path_of, told};
use crate::access::diff::{difference, differs};
use crate::access::rights::Rights;
use crate::done;
use crate::errors::Errors;
use crate::look::button::{Button, Tone, button, link};
use crate::look::callout::{Weight, callout};
use crate::look::heading::{Heading, Part, heading, part};
use crate::look::{Markup, form, html, name, time};
use crate::visit::{Area, Frame, Visit};
use bailiwick_authority::Fault;
use bailiwick_authority::token::TokenView;
use bailiwick_authority::token::edit::EditInput;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use bailiwick_model::{TokenId, TokenKind};

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_TOKEN_EDIT_FORM, show)
        .on(op::WEB_TOKEN_EDIT_PREVIEW, preview)
        .on(op::WEB_TOKEN_UPDATE, update);
}

const FORM: &str = "token-form";

/// The form and what it is about.
struct Shown {
    view: TokenView,
    draft: Draft,
    errors: Errors,
    /// Whether to show what the draft would change.
    changes: bool,
}

fn load(call: &Call) -> Result<(Visit, TokenView), Fault> {
    let id = TokenId(call.request.id("token_id")?);
    Ok((Visit::of(call), call.authority.own_token(&call.permit, id)?))
}

fn show(call: Call) -> Answer {
    let (visit, view) = load(&call)?;
    if view.row.kind != TokenKind::FineGrained || view.row.revoked_at.is_some() {
        return Ok(Reply::see_other(&path_of(view.row.id)));
    }
    let mut draft = Draft::of_token(&view);
    // Links from elsewhere ("add what is missing") fill in permissions; saving them is still up to the person.
    let filled = prefill(&mut draft, &call);
    finish(&call, &visit, view, draft, filled)
}

fn preview(call: Call) -> Answer {
    let (visit, view) = load(&call)?;
    let draft = Draft::read(&call.request.form);
    finish(&call, &visit, view, draft, true)
}

fn finish(call: &Call, visit: &Visit, view: TokenView, draft: Draft, changes: bool) -> Answer {
    let mut desk = Desk::open(&call.authority, &call.permit)?;
    desk.lay_out(&call.authority, &call.permit, &draft)?;
    let shown = Shown {
        view,
        draft,
        errors: Errors::none(),
        changes,
    };
    Ok(page(visit, &desk, &shown))
}

/// `?target_name=acme&issues=write&repositories=site` adds to what the token has, never `admin` nor all repositories.
fn prefill(draft: &mut Draft, call: &Call) -> bool {
    let query = &call.request.query;
    let Some(owner) = query.get("target_name").filter(|owner| !owner.is_empty()) else {
        return false;
    };
    let key = draft
        .owners
        .iter()
        .find(|key| key.eq_ignore_ascii_case(owner))
        .cloned()
        .unwrap_or_else(|| owner.to_owned());
    if !draft.has(&key) {
        draft.owners.push(key.clone());
    }
    let block = draft.blocks.entry(key).or_default();
    for (slug, word) in query.pairs() {
        let asked = crate::access::rights::level(word);
        let known = bailiwick_catalogue::permission(slug).is_some_and(|known| known.offers(asked));
        let now = block
            .levels
            .get(slug)
            .map_or(bailiwick_model::Level::None, |word| {
                crate::access::rights::level(word)
            });
        if known && asked > now && asked < bailiwick_model::Level::Admin && slug != "metadata" {
            block.levels.insert(slug.clone(), asked.word().to_owned());
        }
    }
    if block.selection != "all" {
        for name in query.list("repositories") {
            let full = if name.contains('/') {
                name.to_owned()
            } else {
                format!("{owner}/{name}")
            };
            if !block.repositories.contains(&full) {
                block.repositories.push(full);
            }
        }
        if !block.repositories.is_empty() {
            block.selection = String::from("subset");
        }
    }
    true
}

fn update(call: Call) -> Answer {
    let (visit, view) = load(&call)?;
    let draft = Draft::read(&call.request.form);
    let mut desk = Desk::open(&call.authority, &call.permit)?;
    desk.lay_out(&call.authority, &call.permit, &draft)?;
    let before = Draft::of_token(&view);
    let input = EditInput {
        name: (draft.name != view.row.name).then(|| draft.name.trim().to_owned()),
        description: (draft.description != before.description).then(|| given(&draft.description)),
        scopes: None,
        // Left alone unless something was changed: saving a new name asks nobody again.
        grants: changed(&before, &draft).then(|| draft.grants()),
    };
    match call.authority.token_edit(call.permit, view.row.id, &input) {
        Ok(after) => {
            let code = if after.grants.iter().any(|grant| grant.is_pending()) {
                "token-edited-pending"
            } else {
                "token-edited"
            };
            Ok(Reply::see_other(&done::after(&path_of(view.row.id), code)))
        }
        Err(fault) => {
            let errors = told::errors(fault, &draft)?;
            let shown = Shown {
                view,
                draft,
                errors,
                changes: false,
            };
            Ok(page(&visit, &desk, &shown))
        }
    }
}

/// Whether owners, permissions, repositories or a reason differ.
fn changed(before: &Draft, after: &Draft) -> bool {
    let told = |draft: &Draft| {
        let mut told: Vec<(String, Rights, String)> = draft
            .owners
            .iter()
            .map(|key| {
                let block = draft.block(key);
                let mut rights = block.rights();
                if let crate::access::rights::Reach::Only(names) = &mut rights.reach {
                    names.sort();
                }
                (key.clone(), rights, block.reason)
            })
            .collect();
        told.sort_by(|one, other| one.0.cmp(&other.0));
        told
    };
    told(before) != told(after)
}

fn page(visit: &Visit, desk: &Desk, shown: &Shown) -> Reply {
    let path = path_of(shown.view.row.id);
    visit.page_with(
        shown.errors.status(),
        &Frame {
            title: "Edit token",
            area: Area::Own,
            crumbs: &[("Fine-grained tokens", PATH), (&shown.view.row.name, &path)],
            invalid: !shown.errors.is_empty(),
        },
        &draw(visit, desk, shown, &path),
    )
}

fn draw(visit: &Visit, desk: &Desk, shown: &Shown, path: &str) -> Markup {
    let (draft, errors, row) = (&shown.draft, &shown.errors, &shown.view.row);
    let edit = format!("{path}/edit");
    let until = match row.expires_at {
        Some(end) => format!("Ends on {}.", time::date_text(end)),
        None => String::from("Never expires."),
    };
    let body = html! {
        // The browser takes a form's first button for Enter: that must not be "Ask" or "Search".
        button.unseen type="submit" tabindex="-1" aria-hidden="true" { "Save changes" }
        (form::section("What it is for", &html! {}, &html! {
            (fields::about(&draft.name, &draft.description, errors))
            p.soft { (until) " A new end needs a new secret: " a href={ (path) "/regenerate" } { "regenerate it" } "." }
        }))
        div id="owners" {
            (form::section(
                "Resource owners",
                &html! { "Whose repositories and settings the token reaches. Unticking one ends its access there at once." },
                &owner_fields::owners(desk, draft, errors, &edit),
            ))
        }
        (owner_fields::blocks(desk, draft, errors))
        (desk.summary(FORM, draft, &until))
        (form::actions(&html! {
            (button(&Button { label: "Save changes", tone: Tone::Primary, ..Button::default() }))
            (button(&Button { label: "Show what changes", action: &edit, name: "show", value: "changes", unchecked: true, ..Button::default() }))
            (link("Cancel", path, Tone::Quiet))
        }))
    };
    html! {
        (heading(&Heading {
            title: html! { "Edit " (name::name(&row.name)) },
            lede: html! { "The secret stays the same. Taking something away works at once; adding asks again where approval is needed, and what was approved stays meanwhile." },
            ..Heading::default()
        }))
        (form::errors(&errors.list()))
        @if shown.changes { (changes(desk, shown)) }
        (form::form(&form::Form { action: path, csrf: &visit.csrf, id: FORM, ..form::Form::default() }, &body))
    }
}

/// What saving would change at each owner, and where it would ask.
fn changes(desk: &Desk, shown: &Shown) -> Markup {
    let held: Vec<(String, Rights)> = shown
        .view
        .grants
        .iter()
        .filter(|grant| grant.row.active)
        .map(|grant| (super::draft::key_of_view(&grant.owner), Rights::held(grant)))
        .collect();
    let mut keys: Vec<&String> = held
        .iter()
        .map(|(key, _)| key)
        .chain(&shown.draft.owners)
        .collect();
    keys.sort();
    keys.dedup();
    let lines: Vec<(&String, Rights, Rights)> = keys
        .into_iter()
        .map(|key| {
            let now = held
                .iter()
                .find(|(owner, _)| owner == key)
                .map(|(_, rights)| rights.clone());
            let then = if shown.draft.has(key) {
                shown.draft.block(key).rights()
            } else {
                Rights::default()
            };
            (key, now.unwrap_or_default(), then)
        })
        .filter(|(_, now, then)| differs(now, then))
        .collect();
    if lines.is_empty() {
        return callout(
            Weight::Info,
            "Nothing changes",
            &html! { p { "The token holds exactly this already." } },
        );
    }
    part(
        &Part {
            id: "changes",
            title: "What changes when you save",
            ..Part::default()
        },
        &html! {
            @for (key, now, then) in &lines {
                @let choice = desk.choices.iter().find(|choice| super::draft::key_of(choice) == **key);
                p {
                    strong { (name::name(key)) }
                    @if widens(now, then) {
                        @if choice.is_some_and(|choice| choice.approval_required) { ": what is added waits for approval, the rest stays in force." }
                        @else { ": at once." }
                    } @else { ": at once. Nobody needs to approve less." }
                }
                (difference(&format!("Changes at {key}"), now, then))
            }
        },
    )
}

/// Whether anything is added: only to tell what happens; the authority decides.
fn widens(now: &Rights, then: &Rights) -> bool {
    use crate::access::rights::{Reach, level};
    let more = then.permissions.iter().any(|(slug, word)| {
        now.permissions
            .get(slug)
            .is_none_or(|held| level(held) < level(word))
    });
    more || match (&now.reach, &then.reach) {
        (_, Reach::None) | (Reach::All, _) => false,
        (_, Reach::All) => true,
        (Reach::Only(was), Reach::Only(is)) => is.iter().any(|name| !was.contains(name)),
        (Reach::None, Reach::Only(names)) => !names.is_empty(),
    }
}
