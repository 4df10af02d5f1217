//! Who is who at an upstream.

use super::{page, path_of, secrets};
use crate::admin::{a_form, given, person_path, typed};
use crate::done;
use crate::errors::Errors;
use crate::look::badge::{Hue, badge};
use crate::look::button::{Button, Tone, post, submit};
use crate::look::choice::{Check, check};
use crate::look::field::{Field, Input, input};
use crate::look::heading::{Part, part};
use crate::look::list::{Row, rows};
use crate::look::{Markup, form, html, name, time};
use crate::settings::linked::switched_off;
use crate::visit::Visit;
use bailiwick_authority::upstream::check::link_secret_names;
use bailiwick_authority::upstream::link::LinkInput;
use bailiwick_authority::upstream::view::{LinkView, UpstreamView};
use bailiwick_authority::{Fault, FaultKind};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes, encode};

pub(super) fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_ADMIN_UPSTREAM_LINKS, show)
        .on(op::WEB_ADMIN_UPSTREAM_LINK, set)
        .on(op::WEB_ADMIN_UPSTREAM_UNLINK, end);
}

#[derive(Default)]
struct Typed {
    account: String,
    login: String,
    key: String,
    inactive: bool,
}

struct Page {
    visit: Visit,
    view: UpstreamView,
    shown: Vec<LinkView>,
    pager: Markup,
    typed: Typed,
    errors: Errors,
}

impl Page {
    fn of(call: &Call) -> Result<Page, Fault> {
        let upstream = call.request.parameter("upstream");
        let view = call.authority.upstream_view(&call.permit, upstream)?;
        let all = call.authority.upstream_links(&call.permit, upstream)?;
        let pager = crate::paging::pager(&call.request, all.len(), "linked accounts");
        let (shown, _) = call.request.page().cut(all);
        Ok(Page {
            visit: Visit::of(call),
            view,
            shown,
            pager,
            typed: Typed::default(),
            errors: Errors::none(),
        })
    }

    fn path(&self) -> String {
        format!("{}/links", path_of(&self.view.row.name))
    }

    fn draw(&self) -> Reply {
        let items: Vec<Row> = self.shown.iter().map(|link| self.item(link)).collect();
        let body = html! {
            (part(
                &Part {
                    title: "Linked accounts",
                    lede: html! { "Who is not linked is nobody there, and gets what visitors get. Nobody is linked by a name alone." },
                    ..Part::default()
                },
                &html! {
                    @if items.is_empty() { p.hint { "Nobody yet." } }
                    @else { (rows("Linked accounts", &items)) (self.pager) }
                },
            ))
            (part(&Part { title: "Link an account", ..Part::default() }, &self.form()))
        };
        page(&self.visit, &self.view, &self.errors, &body)
    }

    fn item(&self, link: &LinkView) -> Row {
        let login = &link.account.login;
        let set = link.secrets.as_deref().unwrap_or_default();
        Row {
            title: html! { a href=(person_path(login)) { bdi { (login) } } },
            badges: html! { @if let Some(word) = switched_off(link) { (badge(Hue::Red, word)) } },
            text: html! {
                "Is " bdi { (link.row.login) } " there"
                @if let Some(key) = &link.row.upstream_key { ", id " code { (key) } }
            },
            meta: vec![
                html! { "Linked " (time::relative(link.row.created_at, self.visit.now)) },
                html! { @if set.is_empty() { "No secret of theirs" } @else { "Secrets: " (set.join(", ")) } },
            ],
            lead: name::avatar(login, false),
            actions: post(
                &format!("{}/{}/delete", self.path(), encode(login)),
                &self.visit.csrf,
                &[],
                &Button {
                    label: "End the link",
                    about: login,
                    tone: Tone::Danger,
                    small: true,
                    ..Button::default()
                },
            ),
        }
    }

    fn form(&self) -> Markup {
        let (typed, errors) = (&self.typed, &self.errors);
        let mono = Input {
            autocomplete: "off",
            mono: true,
            ..Input::default()
        };
        a_form(
            &self.path(),
            &self.visit.csrf,
            "Link an account",
            &html! {
                (form::row(&html! {
                    (input(
                        &Field {
                            name: "account", label: "Login here", value: &typed.account, error: errors.at("account"),
                            hint: html! { "A person or a service account." },
                            ..Field::default()
                        },
                        &mono,
                    ))
                    (input(
                        &Field {
                            name: "login", label: "Login there", value: &typed.login, error: errors.at("login"),
                            hint: html! { "One account there belongs to one here." },
                            ..Field::default()
                        },
                        &mono,
                    ))
                    (input(
                        &Field {
                            name: "id", label: "Id there", value: &typed.key, error: errors.at("id"), optional: true,
                            hint: html! { "It stays when they are renamed." },
                            ..Field::default()
                        },
                        &mono,
                    ))
                }))
                (secrets::fields(link_secret_names(self.view.row.kind), &[], errors))
                (check(&Check {
                    name: "inactive", value: "on", label: "The account there must not be used for now",
                    checked: typed.inactive, ..Check::default()
                }))
                (form::actions(&submit("Link", Tone::Primary)))
            },
        )
    }
}

fn show(call: Call) -> Answer {
    Ok(Page::of(&call)?.draw())
}

fn set(call: Call) -> Answer {
    let mut page = Page::of(&call)?;
    page.typed = Typed {
        account: typed(&call.request, "account"),
        login: typed(&call.request, "login"),
        key: typed(&call.request, "id"),
        inactive: call.request.form.get("inactive") == Some("on"),
    };
    let secrets = secrets::typed(&call.request, link_secret_names(page.view.row.kind));
    let input = LinkInput {
        login: page.typed.login.clone(),
        key: given(&page.typed.key),
        active: !page.typed.inactive,
        secrets: (!secrets.is_empty()).then_some(secrets),
    };
    let name = page.view.row.name.clone();
    match call
        .authority
        .upstream_link(call.permit, &name, &page.typed.account, &input)
    {
        Ok(_) => Ok(Reply::see_other(&done::after(&page.path(), "upstream-linked"))),
        // The upstream is there; it is the typed login that names nobody.
        Err(fault) if fault.kind == FaultKind::NotFound => {
            page.errors = Errors::one("account", "There is no person or service account of this login.");
            Ok(page.draw())
        }
        Err(fault) => {
            page.errors = Errors::of(fault)?;
            Ok(page.draw())
        }
    }
}

fn end(call: Call) -> Answer {
    let name = call.request.parameter("upstream").to_owned();
    let path = format!("{}/links", path_of(&name));
    call.authority
        .upstream_unlink(call.permit, &name, call.request.parameter("username"))?;
    Ok(Reply::see_other(&done::after(&path, "upstream-unlinked")))
}
