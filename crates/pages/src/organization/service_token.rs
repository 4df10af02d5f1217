//! A new token of a service account: the form, and its secret shown once.

use super::services::{found, path};
use crate::access::Place;
use crate::access::approve_form::field_of;
use crate::access::rights::level;
use crate::errors::Errors;
use crate::look::button::{Tone, link, submit};
use crate::look::callout::{Weight, callout};
use crate::look::choice::{Card, Cards, cards};
use crate::look::expiry::{Expiry as Fields, Preset, expiry};
use crate::look::field::{Field, Input, input, textarea};
use crate::look::form::when;
use crate::look::heading::{Heading, heading};
use crate::look::permission::{Group, Item, menus};
use crate::look::{Markup, code, form, html, time};
use crate::token::danger::danger;
use crate::visit::{Frame, Visit};
use bailiwick_authority::levels::Slugs;
use bailiwick_authority::rows::AccountRow;
use bailiwick_authority::token::{Expiry, GrantInput, MintInput, Minted, OwnerName, SelectionInput};
use bailiwick_catalogue::{PERMISSIONS, PermissionKind, op};
use bailiwick_gate::{Answer, Call, Query, Reply, Routes};
use bailiwick_model::limit::{TOKEN_DESCRIPTION_CHARS_MAX, TOKEN_NAME_CHARS_MAX};
use bailiwick_model::{Level, Timestamp, TokenKind};
use http::StatusCode;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_ORG_SERVICE_TOKEN_NEW, show)
        .on(op::WEB_ORG_SERVICE_TOKEN_CREATE, create);
}

/// The form as typed.
struct Typed {
    name: String,
    description: String,
    expires_in: String,
    expires_at: String,
    selection: String,
    repositories: String,
    reason: String,
    permissions: Slugs,
    errors: Errors,
}

impl Typed {
    fn read(form: &Query) -> Typed {
        let value = |name: &str| form.get(name).unwrap_or_default().trim().to_owned();
        let permissions = PERMISSIONS
            .iter()
            .filter_map(|one| {
                let word = form.get(&field_of(one.slug))?;
                (level(word) != Level::None).then(|| (one.slug.to_owned(), word.to_owned()))
            })
            .collect();
        Typed {
            name: value("name"),
            description: value("description"),
            expires_in: value("expires_in"),
            expires_at: value("expires_at"),
            selection: value("repository_selection"),
            repositories: value("repositories"),
            reason: value("reason"),
            permissions,
            errors: Errors::none(),
        }
    }

    fn expiry(&self) -> Result<Expiry, Errors> {
        match self.expires_in.as_str() {
            "none" => Ok(Expiry::Never),
            "custom" => Timestamp::parse(&format!("{}T00:00:00Z", self.expires_at))
                .map(Expiry::At)
                .ok_or_else(|| Errors::one("expires_at", "Choose a day.")),
            days => days
                .parse()
                .map(Expiry::Days)
                .map_err(|_| Errors::one("expires_in", "Choose how long it lives.")),
        }
    }

    fn input(&self, organization: &str) -> Result<MintInput, Errors> {
        let names: Vec<String> = self.repositories.split_whitespace().map(str::to_owned).collect();
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Ok(MintInput {
            kind: TokenKind::FineGrained,
            name: self.name.clone(),
            description: given(&self.description),
            expiry: self.expiry()?,
            scopes: Vec::new(),
            grants: vec![GrantInput {
                owner: OwnerName::Account(organization.to_owned()),
                selection: match self.selection.as_str() {
                    "all" => SelectionInput::All,
                    "subset" => SelectionInput::Subset(names),
                    _ => SelectionInput::None,
                },
                permissions: self.permissions.clone(),
                reason: given(&self.reason),
            }],
        })
    }
}

fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let row = found(&call)?;
    let typed = Typed {
        expires_in: String::from("30"),
        selection: String::from("subset"),
        ..Typed::read(&Query::default())
    };
    Ok(draw(
        &visit,
        &Place::of(&call.request),
        &row,
        &typed,
        StatusCode::OK,
    ))
}

fn create(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let place = Place::of(&call.request);
    let row = found(&call)?;
    let mut typed = Typed::read(&call.request.form);
    typed.errors = match typed.input(&place.name) {
        Err(errors) => errors,
        Ok(input) => match call.authority.service_token_mint(call.permit, &row.login, &input) {
            Ok(made) => return Ok(made_page(&visit, &place, &row, &made)),
            Err(fault) => beside(Errors::of(fault)?),
        },
    };
    Ok(draw(
        &visit,
        &place,
        &row,
        &typed,
        StatusCode::UNPROCESSABLE_ENTITY,
    ))
}

/// The authority's errors under the ids of this form's fields.
fn beside(errors: Errors) -> Errors {
    let mut mapped = Errors::none();
    for (field, message) in errors.list() {
        let bare = field.strip_prefix("grants[0].").unwrap_or(field);
        match bare.strip_prefix("permissions.") {
            Some(slug) => mapped.push(&field_of(slug), message),
            None if bare == "owner" || bare == "grants" => mapped.push("", message),
            None => mapped.push(bare, message),
        }
    }
    mapped
}

fn made_page(visit: &Visit, place: &Place, row: &AccountRow, made: &Minted) -> Reply {
    let pending = made.view.grants.iter().find(|grant| grant.is_pending());
    let secret = made.secret.reveal();
    let main = html! {
        (heading(&Heading {
            title: html! { "The token is made" },
            kicker: "Service account",
            lede: html! { "It acts as " bdi { (row.login) } ". Copy it now: it is never shown again." },
            ..Heading::default()
        }))
        (code::secret("token", "The token", secret, "Keep it like a password. Whoever holds it can do what it may do."))
        @if let Some(request) = pending.and_then(|grant| grant.request.as_ref()) {
            (callout(Weight::Warn, "It waits for approval", &html! {
                p { "The policy asks for it. Until then it reads what is public. " a href=(place.request(request.row.id)) { "See its request" } "." }
            }))
        }
        (form::actions(&link("Done", &path(place, &row.login), Tone::Primary)))
    };
    let back = path(place, &row.login);
    let frame = Frame {
        title: "New token",
        area: place.area(),
        crumbs: &[(&row.login, &back)],
        ..Frame::default()
    };
    visit.page_with(StatusCode::CREATED, &frame, &main)
}

fn draw(visit: &Visit, place: &Place, row: &AccountRow, typed: &Typed, status: StatusCode) -> Reply {
    let action = format!("{}/personal-access-tokens", path(place, &row.login));
    let main = html! {
        (heading(&Heading {
            title: html! { "New token" },
            kicker: "Service account",
            lede: html! { "A fine-grained token that acts as " bdi { (row.login) } " at " bdi { (place.name) } " and nowhere else." },
            ..Heading::default()
        }))
        (form::errors(&typed.errors.list()))
        (form::form(&form::Form { action: &action, csrf: &visit.csrf, label: "New token", id: "new-token", ..form::Form::default() }, &html! {
            (about(visit, typed))
            (repositories(place, typed))
            (permissions(typed))
            (form::actions(&html! {
                (submit("Make token", Tone::Primary))
                (link("Cancel", &path(place, &row.login), Tone::Quiet))
            }))
        }))
    };
    let back = path(place, &row.login);
    let frame = Frame {
        title: "New token",
        area: place.area(),
        crumbs: &[(&row.login, &back)],
        invalid: !typed.errors.is_empty(),
    };
    visit.page_with(status, &frame, &main)
}

fn about(visit: &Visit, typed: &Typed) -> Markup {
    let errors = &typed.errors;
    let day = |days: i64| {
        visit
            .now
            .plus_days(days)
            .rfc3339()
            .get(..10)
            .unwrap_or_default()
            .to_owned()
    };
    let dates = [7_i64, 30, 60, 90].map(|days| {
        (
            days.to_string(),
            format!(
                "{days} days, until {}",
                time::date_text(visit.now.plus_days(days))
            ),
            day(days),
        )
    });
    let mut presets: Vec<Preset<'_>> = dates
        .iter()
        .map(|(value, label, date)| Preset {
            value,
            label,
            date,
            ..Preset::default()
        })
        .collect();
    presets.push(Preset {
        value: "custom",
        label: "Another day",
        ..Preset::default()
    });
    presets.push(Preset {
        value: "none",
        label: "No expiration",
        ..Preset::default()
    });
    let field = |name: &'static str, label: &'static str, value| Field {
        name,
        label,
        value,
        error: errors.at(name),
        ..Field::default()
    };
    let (tomorrow, last) = (day(1), day(366));
    html! {
        (input(&field("name", "Name", &typed.name), &Input { max: TOKEN_NAME_CHARS_MAX, counted: true, autocomplete: "off", ..Input::default() }))
        (textarea(&Field { optional: true, ..field("description", "Description", &typed.description) }, 2, TOKEN_DESCRIPTION_CHARS_MAX))
        (expiry(&Fields {
            preset: field("expires_in", "Expiration", &typed.expires_in),
            date: Field { optional: true, ..field("expires_at", "Day", &typed.expires_at) },
            presets: &presets,
            min: &tomorrow,
            max: &last,
        }))
    }
}

fn repositories(place: &Place, typed: &Typed) -> Markup {
    let errors = &typed.errors;
    let card = |value: &'static str, title: &str, text: &str| Card {
        value,
        title: html! { (title) },
        text: html! { (text) },
        checked: typed.selection == value,
        ..Card::default()
    };
    let names = Field {
        name: "repositories",
        label: "Repositories",
        hint: html! { "Their names, one on a line." },
        error: errors.at("repositories"),
        value: &typed.repositories,
        optional: typed.selection != "subset",
        ..Field::default()
    };
    let reason = Field {
        name: "reason",
        label: "Reason",
        hint: html! { "Told to whoever approves for " bdi { (place.name) } ", if the policy asks for it." },
        error: errors.at("reason"),
        value: &typed.reason,
        optional: true,
        ..Field::default()
    };
    html! {
        (cards(&Cards { legend: "Repository access", name: "repository_selection", error: errors.at("repository_selection"), ..Cards::default() }, &[
            card("subset", "Only selected repositories", "Named below."),
            card("all", "All repositories", "Every one that the account has a role at, also future ones."),
            card("none", "No repositories", "Public ones can be read, nothing more."),
        ]))
        (when("repository_selection", "subset", &textarea(&names, 3, 0)))
        (textarea(&reason, 2, 0))
    }
}

fn permissions(typed: &Typed) -> Markup {
    let fields: Vec<String> = PERMISSIONS.iter().map(|one| field_of(one.slug)).collect();
    let items = |kind: PermissionKind| -> Vec<Item<'_>> {
        PERMISSIONS
            .iter()
            .zip(&fields)
            .filter(|(one, _)| one.kind == kind)
            .map(|(one, field)| Item {
                name: field,
                slug: one.slug,
                title: one.title,
                text: one.description,
                levels: one.levels,
                chosen: typed
                    .permissions
                    .get(one.slug)
                    .map_or(Level::None, |word| level(word)),
                danger_from: danger(one.slug).map(|(from, _)| from),
                danger: danger(one.slug).map_or("", |(_, why)| why),
                error: typed.errors.at(field),
                ..Item::default()
            })
            .collect()
    };
    let (repository, organization) = (
        items(PermissionKind::Repository),
        items(PermissionKind::Organization),
    );
    html! {
        div id="permissions" tabindex="-1" {
            h2 { "Permissions" }
            @if !typed.errors.at("permissions").is_empty() { p.error { (typed.errors.at("permissions")) } }
            (menus("permission-list", &[
                Group { kind: "repository", title: "Repository permissions", open: true, items: &repository, ..Group::default() },
                Group { kind: "organization", title: "Organization permissions", items: &organization, ..Group::default() },
            ]))
        }
    }
}
