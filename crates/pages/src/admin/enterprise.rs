//! One enterprise: its organizations and its owners.

use super::{enterprise_path, frame, person_path, typed};
use crate::done;
use crate::errors::Errors;
use crate::look::button::{Button, Tone, link, post, submit};
use crate::look::field::{Field, Input, input};
use crate::look::filter::{Search, bar};
use crate::look::heading::{Heading, Part, heading, part};
use crate::look::list::{Row, rows};
use crate::look::{Markup, form, html, name};
use crate::visit::Visit;
use bailiwick_authority::admin::list::{Enterprise, Listed};
use bailiwick_authority::rows::AccountRow;
use bailiwick_authority::{Fault, FaultKind};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes, encode};

/// The operations of this module.
pub(super) fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_ADMIN_ENTERPRISE, show)
        .on(op::WEB_ADMIN_ENTERPRISE_ADD_ORGANIZATION, add_organization)
        .on(op::WEB_ADMIN_ENTERPRISE_ADD_OWNER, add_owner)
        .on(op::WEB_ADMIN_ENTERPRISE_REMOVE_OWNER, remove_owner);
}

struct Page {
    visit: Visit,
    group: Enterprise,
    free: Listed<AccountRow>,
    text: String,
    login: String,
    errors: Errors,
}

impl Page {
    fn of(call: &Call) -> Result<Page, Fault> {
        let text = call.request.query.get("q").unwrap_or("").trim().to_owned();
        let (group, free) = call.authority.enterprise_administered(&call.permit, &text)?;
        Ok(Page {
            visit: Visit::of(call),
            group,
            free,
            text,
            login: String::new(),
            errors: Errors::none(),
        })
    }

    fn path(&self) -> String {
        enterprise_path(&self.group.row.slug)
    }

    fn refused(mut self, fault: Fault) -> Answer {
        self.errors = Errors::of(fault)?;
        Ok(self.draw())
    }

    fn done(&self, code: &str) -> Answer {
        Ok(Reply::see_other(&done::after(&self.path(), code)))
    }

    fn draw(&self) -> Reply {
        let row = &self.group.row;
        let settings = format!(
            "/enterprises/{}/settings/personal-access-tokens",
            encode(&row.slug)
        );
        let main = html! {
            (heading(&Heading {
                title: name::name(&row.name),
                kicker: "Enterprise",
                lede: html! { code { (row.slug) } },
                actions: link("Policies", &settings, Tone::Plain),
                ..Heading::default()
            }))
            (form::errors(&self.errors.list()))
            (part(
                &Part {
                    title: "Owners",
                    lede: html! { "They set the policies, see every token and may end them. The last one stays." },
                    ..Part::default()
                },
                &self.owners(),
            ))
            (part(&Part { title: "Add an owner", ..Part::default() }, &self.new_owner()))
            (part(
                &Part {
                    title: "Organizations",
                    lede: html! { "The enterprise's policies hold for them. An organization that is in does not leave." },
                    ..Part::default()
                },
                &self.organizations(),
            ))
            (part(
                &Part {
                    title: "Add an organization",
                    lede: html! { "One that is in no enterprise yet." },
                    ..Part::default()
                },
                &self.offers(),
            ))
        };
        let frame = frame(
            &row.name,
            &[("Enterprises", "/admin/enterprises")],
            !self.errors.is_empty(),
        );
        self.visit.page_with(self.errors.status(), &frame, &main)
    }

    fn owners(&self) -> Markup {
        let alone = self.group.owners.len() < 2;
        let items: Vec<Row> = self
            .group
            .owners
            .iter()
            .map(|owner| Row {
                title: html! { a href=(person_path(&owner.login)) { bdi { (owner.login) } } },
                lead: name::avatar(&owner.login, false),
                actions: html! {
                    @if !alone {
                        (post(
                            &format!("{}/owners/{}/delete", self.path(), encode(&owner.login)),
                            &self.visit.csrf,
                            &[],
                            &Button { label: "Remove", about: &owner.login, tone: Tone::Danger, small: true, ..Button::default() },
                        ))
                    }
                },
                ..Row::default()
            })
            .collect();
        rows("Owners", &items)
    }

    fn new_owner(&self) -> Markup {
        html! {
            (super::a_form(&format!("{}/owners", self.path()), &self.visit.csrf, "Add an owner", &html! {
                (input(
                    &Field {
                        name: "login", label: "Login", value: &self.login, error: self.errors.at("login"),
                        ..Field::default()
                    },
                    &Input { autocomplete: "off", mono: true, max: 39, ..Input::default() },
                ))
                (form::actions(&submit("Add", Tone::Plain)))
            }))
        }
    }

    fn organizations(&self) -> Markup {
        let held = &self.group.organizations;
        let items: Vec<Row> = held.iter().map(|row| organization(row, &html! {})).collect();
        html! {
            @if items.is_empty() { p.hint { "None yet." } }
            @else { (rows("Organizations of the enterprise", &items)) }
        }
    }

    fn offers(&self) -> Markup {
        let shown = self.free.items.len();
        let items: Vec<Row> = self.free.items.iter().map(|row| self.offered(row)).collect();
        html! {
            (bar(&Search {
                action: &self.path(), label: "Search organizations in no enterprise", value: &self.text,
                placeholder: "Login or name", clear: if self.text.is_empty() { "" } else { &self.visit.path },
                ..Search::default()
            }))
            @if items.is_empty() {
                p.hint {
                    "No such organization is without an enterprise. "
                    a href="/admin/new-organization" { "New organization" }
                }
            } @else {
                (rows("Organizations in no enterprise", &items))
                @if u64::try_from(shown).is_ok_and(|shown| shown < self.free.total) {
                    p.hint { "The first " (shown) " of " (self.free.total) ": search for the others." }
                }
            }
        }
    }

    /// An organization that could be added.
    fn offered(&self, row: &AccountRow) -> Row {
        let path = format!("{}/organizations/{}", self.path(), encode(&row.login));
        let button = Button {
            label: "Add",
            about: &row.login,
            small: true,
            ..Button::default()
        };
        organization(row, &post(&path, &self.visit.csrf, &[], &button))
    }
}

fn organization(row: &AccountRow, actions: &Markup) -> Row {
    Row {
        title: html! { a href={ "/orgs/" (row.login) } { bdi { (row.login) } } },
        meta: row.name.iter().map(|text| name::name(text)).collect(),
        lead: name::avatar(&row.login, true),
        actions: actions.clone(),
        ..Row::default()
    }
}

fn show(call: Call) -> Answer {
    Ok(Page::of(&call)?.draw())
}

fn add_organization(call: Call) -> Answer {
    let page = Page::of(&call)?;
    match call.authority.enterprise_add_organization(call.permit) {
        Ok(()) => page.done("enterprise-organization"),
        Err(fault) => page.refused(fault),
    }
}

fn add_owner(call: Call) -> Answer {
    let mut page = Page::of(&call)?;
    page.login = typed(&call.request, "login");
    match call.authority.enterprise_add_owner(call.permit, &page.login) {
        Ok(()) => page.done("enterprise-owner"),
        // The enterprise is there; it is the typed login that names nobody.
        Err(fault) if fault.kind == FaultKind::NotFound => {
            page.errors = Errors::one("login", "There is no person of this login.");
            Ok(page.draw())
        }
        Err(fault) => page.refused(fault),
    }
}

fn remove_owner(call: Call) -> Answer {
    let page = Page::of(&call)?;
    let login = call.request.parameter("username").to_owned();
    match call.authority.enterprise_remove_owner(call.permit, &login) {
        Ok(()) => page.done("enterprise-owner-removed"),
        Err(fault) => page.refused(fault),
    }
}
