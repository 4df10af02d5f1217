//! The resource owners of a token to choose from, and the fields of each: repositories, permissions, the reason.

use super::PATH;
use super::danger::danger;
use super::desk::Desk;
use super::draft::{Block, Draft, key_of};
use super::told::is_own;
use crate::access::rights::level;
use crate::errors::Errors;
use crate::look::badge::{Hue, badge};
use crate::look::button::{Button, Tone, button};
use crate::look::choice::{Card, Cards, cards};
use crate::look::field::{Field, textarea};
use crate::look::form::{section, when};
use crate::look::permission::{Group, Item, menus};
use crate::look::picker::{Item as Pick, Picker, picker};
use crate::look::time::date;
use crate::look::{Markup, html, name};
use bailiwick_authority::token::{OwnerChoice, RepositoryChoices};
use bailiwick_catalogue::{PERMISSIONS, Permission, PermissionKind};
use bailiwick_model::Level;
use bailiwick_model::limit::{REASON_CHARS_MAX, REPOSITORIES_PER_GRANT_MAX};
use bailiwick_model::policy::SetBy;

/// The cards of the owners. `preview` is where the form goes to be drawn again.
pub fn owners(desk: &Desk, draft: &Draft, errors: &Errors, preview: &str) -> Markup {
    let keys: Vec<String> = desk.choices.iter().map(key_of).collect();
    let names: Vec<String> = desk.choices.iter().map(|choice| desk.display(choice)).collect();
    let list: Vec<Card<'_>> = desk
        .choices
        .iter()
        .zip(keys.iter().zip(&names))
        .map(|(choice, (key, display))| Card {
            value: key,
            title: html! { (name::avatar(&choice.name, choice.kind != "User")) (name::name(&choice.name)) },
            badges: match choice.kind {
                "Enterprise" => badge(Hue::Grey, "Enterprise"),
                _ if is_own(choice) => badge(Hue::Grey, "You"),
                _ => html! {},
            },
            text: text(choice),
            checked: choice.obstacle.is_none() && draft.has(key),
            disabled: choice.obstacle.as_ref().map_or("", |(_, why)| why.as_str()),
            action: action(desk, choice),
            owner: display,
            ..Card::default()
        })
        .collect();
    // With scripts, choosing an owner shows its fields, if they are in the page.
    let ahead = desk
        .choices
        .iter()
        .zip(&keys)
        .all(|(choice, key)| choice.obstacle.is_some() || desk.repositories.contains_key(key));
    html! {
        (cards(
            &Cards {
                legend: "Resource owners",
                quiet: true,
                name: "owner",
                many: true,
                error: errors.at("owner"),
                ..Cards::default()
            },
            &list,
        ))
        @if desk.choices.len() > 1 {
            div.script-free[ahead] {
                (button(&Button {
                    label: "Show the choices of these owners",
                    tone: Tone::Plain,
                    action: &format!("{preview}#owners"),
                    name: "show",
                    value: "owners",
                    unchecked: true,
                    small: true,
                    ..Button::default()
                }))
            }
        }
    }
}

fn text(choice: &OwnerChoice) -> Markup {
    if choice.obstacle.is_some() {
        return html! {};
    }
    let decided = match choice.lifetime_by {
        SetBy::Enterprise if choice.kind == "Organization" => "its enterprise allows",
        _ => "it allows",
    };
    html! {
        @if is_own(choice) { "Your repositories and your account." }
        @else if choice.kind == "Enterprise" {
            "Permissions of the enterprise itself. "
            @if choice.approval_required { "Its approvers decide before the token can be used there." }
        } @else if !choice.all {
            "You are not a member: you can choose single repositories that you collaborate on. "
            @if choice.approval_required { "Its owners decide before the token can be used there." }
        } @else if choice.approval_required { "Its owners decide before the token can be used there." }
        @else { "No approval needed: the token works there at once." }
        @if let Some(days) = choice.lifetime_days_max.filter(|days| *days < 366) {
            " Tokens live at most " (days) " days there: " (decided) " no more."
        }
        @if !choice.several_owners_allowed { " Accepts only tokens of a single owner." }
    }
}

/// What can be done about an owner that blocks tokens.
fn action(desk: &Desk, choice: &OwnerChoice) -> Markup {
    if choice.obstacle.is_none() || choice.kind != "Organization" {
        return html! {};
    }
    if !choice.can_ask {
        let policy = format!("/organizations/{}/settings/personal-access-tokens", choice.name);
        return html! { @if choice.all { a href=(policy) { "Open its policy" span.unseen { " of " (choice.name) } } } };
    }
    match desk.asks.iter().find(|ask| ask.organization == choice.name) {
        Some(ask) => html! { span.soft { "You asked its owners on " (date(ask.asked_at)) } },
        None => button(&Button {
            label: "Ask its owners to allow it",
            about: &choice.name,
            name: "kind",
            value: "fine_grained",
            action: &format!("{PATH}/ask/{}", choice.name),
            unchecked: true,
            small: true,
            ..Button::default()
        }),
    }
}

/// The fields of every owner in the page. Those not chosen wait, unseen without scripts.
pub fn blocks(desk: &Desk, draft: &Draft, errors: &Errors) -> Markup {
    html! {
        @for choice in &desk.choices {
            @let key = key_of(choice);
            @if let Some(repositories) = desk.repositories.get(&key) {
                @let chosen = draft.has(&key) && choice.obstacle.is_none();
                @if choice.obstacle.is_none() {
                    div.of-owner.js-only[!chosen] data-grant=(desk.display(choice)) {
                        (one(choice, &key, &draft.block(&key), repositories, errors))
                    }
                }
            }
        }
    }
}

fn one(
    choice: &OwnerChoice,
    key: &str,
    block: &Block,
    repositories: &RepositoryChoices,
    errors: &Errors,
) -> Markup {
    let title = if is_own(choice) {
        String::from("What it may do with your own")
    } else {
        format!("What it may do at {}", choice.name)
    };
    let reason = format!("{key}.reason");
    section(
        &title,
        &html! {},
        &html! {
            @if choice.kind != "Enterprise" { (reach(choice, key, block, repositories, errors)) }
            (permissions(choice, key, block, errors))
            @if choice.approval_required {
                (textarea(
                    &Field {
                        name: &reason,
                        label: "Why you need it",
                        hint: html! { "Read by those who decide at " (name::name(&choice.name)) "." },
                        error: errors.at(&reason),
                        value: &block.reason,
                        optional: true,
                        ..Field::default()
                    },
                    2,
                    REASON_CHARS_MAX,
                ))
            }
        },
    )
}

fn reach(
    choice: &OwnerChoice,
    key: &str,
    block: &Block,
    repositories: &RepositoryChoices,
    errors: &Errors,
) -> Markup {
    let (name, list, search) = (
        format!("{key}.selection"),
        format!("{key}.repositories"),
        format!("{key}.search"),
    );
    let chosen = match block.selection.as_str() {
        "" => "none",
        other => other,
    };
    let card = |value: &'static str, title: &str, text: &str| Card {
        value,
        title: html! { (title) },
        text: html! { (text) },
        checked: chosen == value,
        reach: value,
        ..Card::default()
    };
    let mut choices = vec![card("none", "Public repositories", "Read-only, as everyone may.")];
    choices.push(Card {
        disabled: if choice.all {
            ""
        } else {
            "Only members can choose all: select the repositories that you collaborate on"
        },
        ..card(
            "all",
            "All repositories",
            "Every one that you can reach, also those made later.",
        )
    });
    choices.push(card(
        "subset",
        "Only selected repositories",
        &format!("At least one, at most {REPOSITORIES_PER_GRANT_MAX}."),
    ));
    let items: Vec<Pick<'_>> = repositories
        .listed
        .iter()
        .map(|one| Pick {
            value: &one.name,
            name: &one.name,
            visibility: one.visibility,
            checked: one.chosen,
            disabled: "",
        })
        .collect();
    html! {
        (cards(&Cards { legend: "Repository access", name: &name, error: errors.at(&name), ..Cards::default() }, &choices))
        (when(&name, "subset", &picker(
            &Picker {
                name: &list,
                legend: "Selected repositories",
                error: errors.at(&list),
                query_name: &search,
                query: &block.search,
                search: ("show", key),
                total: u64::try_from(repositories.total).unwrap_or(u64::MAX),
                max: u64::try_from(REPOSITORIES_PER_GRANT_MAX).unwrap_or(0),
                ..Picker::default()
            },
            &items,
        )))
    }
}

/// Which kinds of permissions an owner takes.
fn kinds(choice: &OwnerChoice) -> &'static [(PermissionKind, &'static str, &'static str)] {
    const REPOSITORY: (PermissionKind, &str, &str) = (
        PermissionKind::Repository,
        "Repository permissions",
        "They apply to the repositories chosen above.",
    );
    match choice.kind {
        "Enterprise" => &[(PermissionKind::Enterprise, "Enterprise permissions", "")],
        "Organization" if choice.all => &[
            REPOSITORY,
            (PermissionKind::Organization, "Organization permissions", ""),
        ],
        _ if is_own(choice) => &[REPOSITORY, (PermissionKind::Account, "Account permissions", "")],
        _ => &[REPOSITORY],
    }
}

fn permissions(choice: &OwnerChoice, key: &str, block: &Block, errors: &Errors) -> Markup {
    let kinds = kinds(choice);
    let mut sorted: Vec<(&Permission, String)> = PERMISSIONS
        .iter()
        .map(|known| (known, format!("{key}.permission.{}", known.slug)))
        .collect();
    sorted.sort_by_key(|(known, _)| known.title);
    let items: Vec<Vec<Item<'_>>> = kinds
        .iter()
        .map(|(kind, ..)| {
            sorted
                .iter()
                .filter(|(known, _)| known.kind == *kind)
                .map(|(known, name)| item(known, name, block, errors))
                .collect()
        })
        .collect();
    let groups: Vec<Group<'_>> = kinds
        .iter()
        .zip(&items)
        .map(|((kind, title, text), items)| Group {
            kind: kind.word(),
            title,
            text,
            open: false,
            items,
        })
        .collect();
    let id = format!("{key}.permissions");
    html! {
        div {
            (menus(&id, &groups))
            (crate::look::form::error(&id, errors.at(&id)))
        }
    }
}

fn item<'a>(known: &'a Permission, name: &'a str, block: &Block, errors: &'a Errors) -> Item<'a> {
    let mandatory = known.slug == "metadata";
    let danger = danger(known.slug);
    Item {
        name,
        slug: known.slug,
        title: known.title,
        text: known.description,
        levels: known.levels,
        chosen: match block.levels.get(known.slug) {
            Some(word) => level(word),
            None if mandatory => Level::Read,
            None => Level::None,
        },
        mandatory,
        danger_from: danger.map(|(from, _)| from),
        danger: danger.map_or("", |(_, text)| text),
        error: errors.at(name),
        ..Item::default()
    }
}
