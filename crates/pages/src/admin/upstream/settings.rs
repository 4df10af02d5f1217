//! An upstream's name, address, mode and settings.

use super::typed::Typed;
use super::{page, path_of};
use crate::admin::typed;
use crate::done;
use crate::errors::Errors;
use crate::look::button::{Tone, submit};
use crate::look::callout::{Weight, callout};
use crate::look::choice::{Card, Cards, cards};
use crate::look::field::{Field, Input, date, input};
use crate::look::heading::disclosure;
use crate::look::{Markup, form, html};
use crate::visit::Visit;
use bailiwick_authority::Fault;
use bailiwick_authority::upstream::check::OBSERVE_DAYS_MAX;
use bailiwick_authority::upstream::update::UpstreamEdit;
use bailiwick_authority::upstream::view::UpstreamView;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use bailiwick_model::{Timestamp, UpstreamMode};

pub(super) fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_ADMIN_UPSTREAM_SETTINGS, show)
        .on(op::WEB_ADMIN_UPSTREAM_EDIT, edit);
}

struct Page {
    visit: Visit,
    view: UpstreamView,
    name: String,
    address: String,
    mode: String,
    until: String,
    settings: Typed,
    errors: Errors,
}

impl Page {
    fn of(call: &Call) -> Result<Page, Fault> {
        let view = call
            .authority
            .upstream_view(&call.permit, call.request.parameter("upstream"))?;
        let settings = serde_json::to_value(&view.settings)
            .map_err(|error| Fault::internal("upstream.settings", error))?;
        Ok(Page {
            visit: Visit::of(call),
            name: view.row.name.clone(),
            address: view.row.address.clone(),
            mode: view.row.mode.word().to_owned(),
            until: view.row.observe_until.map(day).unwrap_or_default(),
            settings: Typed::of(&settings),
            errors: Errors::none(),
            view,
        })
    }

    fn draw(&self) -> Reply {
        let body = if self.view.row.from_file {
            html! {
                (callout(
                    Weight::Info,
                    "The configuration file holds this upstream",
                    &html! { p { "Change it there and start the server again. What lives there and who is linked is changed here." } },
                ))
            }
        } else {
            self.form()
        };
        page(&self.visit, &self.view, &self.errors, &body)
    }

    fn form(&self) -> Markup {
        let (kind, errors) = (self.view.row.kind, &self.errors);
        let action = format!("{}/settings", path_of(&self.view.row.name));
        let fields = html! {
            (input(
                &Field {
                    name: "name", label: "Name", value: &self.name, error: errors.at("name"),
                    ..Field::default()
                },
                &Input { autocomplete: "off", mono: true, max: 39, ..Input::default() },
            ))
            (input(
                &Field {
                    name: "address", label: "Address", value: &self.address, error: errors.at("address"),
                    hint: html! { "Another host removes its credential and those of linked accounts: they were given for the server that it was." },
                    ..Field::default()
                },
                &Input { autocomplete: "off", mono: true, ..Input::default() },
            ))
            (self.mode())
            (self.settings.fields(kind, false, errors))
            (disclosure("Trust and limits", self.settings.has_rare(kind, errors), &self.settings.fields(kind, true, errors)))
            (form::actions(&submit("Save", Tone::Primary)))
        };
        form::form(
            &form::Form {
                action: &action,
                csrf: &self.visit.csrf,
                label: "Settings",
                ..form::Form::default()
            },
            &fields,
        )
    }

    fn mode(&self) -> Markup {
        let now = self.visit.now;
        let card = |mode: UpstreamMode, title: &'static str, text: &'static str| Card {
            value: mode.word(),
            title: html! { (title) },
            text: html! { (text) },
            checked: self.mode == mode.word(),
            ..Card::default()
        };
        html! {
            (cards(
                &Cards { legend: "Mode", name: "mode", error: self.errors.at("mode"), columns: true, ..Cards::default() },
                &[
                    card(
                        UpstreamMode::Enforce,
                        "Enforce",
                        "Decide every request, and bring the upstream's credential instead of the caller's.",
                    ),
                    card(
                        UpstreamMode::Observe,
                        "Observe",
                        "Decide and record, let the caller's own credential pass, refuse nothing. Ends by itself.",
                    ),
                ],
            ))
            (form::when("mode", "observe", &date(
                &Field {
                    name: "observe_until", label: "Observe until", value: &self.until,
                    error: self.errors.at("observe_until"), optional: true,
                    hint: html! { "The first day on which it is enforced, within a year." },
                    ..Field::default()
                },
                &day(now.plus_days(1)),
                &day(now.plus_days(OBSERVE_DAYS_MAX)),
            )))
        }
    }
}

/// A day as a field of dates takes it.
fn day(at: Timestamp) -> String {
    at.rfc3339().chars().take(10).collect()
}

fn show(call: Call) -> Answer {
    Ok(Page::of(&call)?.draw())
}

fn edit(call: Call) -> Answer {
    let mut page = Page::of(&call)?;
    page.name = typed(&call.request, "name");
    page.address = typed(&call.request, "address");
    page.mode = typed(&call.request, "mode");
    page.until = typed(&call.request, "observe_until");
    page.settings = Typed::from(&call.request);
    let mut errors = Errors::none();
    let settings = page.settings.settings(page.view.row.kind, &mut errors);
    let mode = UpstreamMode::parse(&page.mode);
    if mode.is_none() {
        errors.push("mode", "Choose one.");
    }
    let until = match (mode, page.until.as_str()) {
        (Some(UpstreamMode::Observe), text) if !text.is_empty() => {
            let read = Timestamp::parse(&format!("{text}T00:00:00Z"));
            if read.is_none() {
                errors.push("observe_until", "Type a date.");
            }
            read
        }
        _ => None,
    };
    if !errors.is_empty() {
        page.errors = errors;
        return Ok(page.draw());
    }
    let change = UpstreamEdit {
        name: Some(page.name.clone()),
        address: Some(page.address.clone()),
        settings,
        mode,
        observe_until: until,
    };
    let name = page.view.row.name.clone();
    match call.authority.upstream_update(call.permit, &name, &change) {
        Ok(view) => Ok(Reply::see_other(&done::after(
            &format!("{}/settings", path_of(&view.row.name)),
            "upstream-saved",
        ))),
        Err(fault) => {
            page.errors = Errors::of(fault)?;
            Ok(page.draw())
        }
    }
}
