//! One upstream at a glance, its credential, and taking it away.

use super::{can_be_observed, directory, page, path_of, secrets};
use crate::admin::{a_form, typed};
use crate::done;
use crate::errors::Errors;
use crate::look::button::{Button, Tone, post, submit};
use crate::look::confirm::{self, Confirm};
use crate::look::heading::{Part, danger, part};
use crate::look::{Markup, form, html, list, time};
use crate::visit::Visit;
use bailiwick_authority::Fault;
use bailiwick_authority::upstream::Secrets;
use bailiwick_authority::upstream::check::secret_names;
use bailiwick_authority::upstream::view::UpstreamView;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use bailiwick_model::UpstreamMode;

pub(super) fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_ADMIN_UPSTREAM, show)
        .on(op::WEB_ADMIN_UPSTREAM_CREDENTIAL, set_credential)
        .on(op::WEB_ADMIN_UPSTREAM_DELETE, delete);
}

struct Page {
    visit: Visit,
    view: UpstreamView,
    confirm: String,
    errors: Errors,
}

impl Page {
    fn of(call: &Call) -> Result<Page, Fault> {
        let view = call
            .authority
            .upstream_view(&call.permit, call.request.parameter("upstream"))?;
        Ok(Page {
            visit: Visit::of(call),
            view,
            confirm: String::new(),
            errors: Errors::none(),
        })
    }

    fn path(&self) -> String {
        path_of(&self.view.row.name)
    }

    fn refused(mut self, fault: Fault) -> Answer {
        self.errors = Errors::of(fault)?;
        Ok(self.draw())
    }

    fn draw(&self) -> Reply {
        let body = html! {
            (part(&Part { title: "State", ..Part::default() }, &self.facts()))
            (part(
                &Part {
                    title: "Credential",
                    lede: html! { "What this gateway brings instead of the caller's token. Sealed here, and shown nowhere." },
                    ..Part::default()
                },
                &self.credential(),
            ))
            (self.removal())
        };
        page(&self.visit, &self.view, &self.errors, &body)
    }

    fn facts(&self) -> Markup {
        let (view, row, now) = (&self.view, &self.view.row, self.visit.now);
        let base = self.path();
        let mode = match (row.mode, row.observe_until) {
            (UpstreamMode::Observe, Some(end)) if now < end => html! {
                "Only observed until " (time::moment(end)) ": every request is decided and recorded, none is refused."
            },
            (UpstreamMode::Observe, Some(end)) => html! {
                "Enforced: observing ended " (time::relative(end, now)) "."
            },
            (UpstreamMode::Observe, None) | (UpstreamMode::Enforce, _) => html! { "Enforced" },
        };
        list::facts(&[
            ("Mode", mode),
            (
                "Lives there",
                html! {
                    a href={ (base) "/bindings" } {
                        (view.repositories) @if view.repositories == 1 { " repository, " } @else { " repositories, " }
                        (view.accounts) @if view.accounts == 1 { " owner" } @else { " owners" }
                    }
                },
            ),
            (
                "Linked accounts",
                html! { a href={ (base) "/links" } { (view.links) } },
            ),
            (
                "Directory",
                html! {
                    @match (row.synchronised_at, directory::stand_badge(view, now)) {
                        (Some(at), Some(stand)) => {
                            a href={ (base) "/synchronisation" } { "Synchronised " (time::relative(at, now)) } " " (stand)
                        }
                        (None, Some(stand)) => { a href={ (base) "/synchronisation" } { "Never synchronised" } " " (stand) }
                        (_, None) => { a href={ (base) "/synchronisation" } { "Kept here" } }
                    }
                },
            ),
            (
                "Own credentials",
                html! {
                    @if can_be_observed(row) {
                        a href={ (base) "/observations" } { "What they are used for" }
                    } @else { "It has none that could be observed" }
                },
            ),
            (
                "Pushes",
                html! {
                    @if view.settings.inspect { "Inspected before they are passed on" }
                    @else { "Not inspected" }
                },
            ),
            (
                "Side doors",
                html! { a href={ (base) "/checks" } { "Examine it" } },
            ),
        ])
    }

    fn credential(&self) -> Markup {
        let row = &self.view.row;
        let Some(set) = &self.view.secrets else {
            return html! {
                p { "The credential cannot be opened: the sealing key is another one than it was sealed with. Everything that lives there is refused." }
                (self.credential_form(&[]))
            };
        };
        if row.address.starts_with("file:") {
            return html! { p.hint { "A directory takes none." } };
        }
        if row.from_file {
            return html! {
                p { @if set.is_empty() { "None is set." } @else { "Set: " (list::words(&set.iter().map(String::as_str).collect::<Vec<_>>())) } }
                p.hint { "The configuration file says where it is. Change it there and start the server again." }
            };
        }
        html! {
            @if let Some(at) = row.credential_changed_at.filter(|_| !set.is_empty()) {
                p.hint { "Last changed " (time::relative(at, self.visit.now)) "." }
            }
            (self.credential_form(set))
        }
    }

    fn credential_form(&self, set: &[String]) -> Markup {
        let row = &self.view.row;
        let action = format!("{}/credential", self.path());
        html! {
            (a_form(&action, &self.visit.csrf, "Credential", &html! {
                (secrets::fields(secret_names(row.kind), set, &self.errors))
                p.hint { "All of them are set at once: what is left empty is removed. The next request uses them." }
                (form::actions(&submit("Set the credential", Tone::Primary)))
            }))
            @if !set.is_empty() {
                (post(&action, &self.visit.csrf, &[("remove", "yes")], &Button {
                    label: "Remove the credential", tone: Tone::Danger, small: true, ..Button::default()
                }))
            }
        }
    }

    fn removal(&self) -> Markup {
        let (view, row) = (&self.view, &self.view.row);
        let lives = view.accounts + view.repositories > 0;
        danger(
            "Remove this upstream",
            &html! {
                @if row.from_file {
                    p { "The configuration file holds it: take its table away there, and start the server again." }
                } @else if lives {
                    p { "Something lives there. Unbind it first: requests for it would lead nowhere." }
                } @else {
                    p { "Its credential and every link end. Nothing changes at the server itself." }
                    (form::form(
                        &form::Form {
                            action: &format!("{}/delete", self.path()), csrf: &self.visit.csrf, label: "Remove",
                            ..form::Form::default()
                        },
                        &confirm::typed(&Confirm {
                            name: "confirm", phrase: &row.name, value: &self.confirm, error: self.errors.at("confirm"),
                            button: "Remove the upstream",
                        }),
                    ))
                }
            },
        )
    }
}

fn show(call: Call) -> Answer {
    Ok(Page::of(&call)?.draw())
}

fn set_credential(call: Call) -> Answer {
    let mut page = Page::of(&call)?;
    let given = secrets::typed(&call.request, secret_names(page.view.row.kind));
    let remove = call.request.form.get("remove") == Some("yes");
    if given.is_empty() && !remove {
        page.errors = Errors::one(
            "secrets",
            "Type a secret; to remove the credential, use the button below.",
        );
        return Ok(page.draw());
    }
    let given = if remove { Secrets::new() } else { given };
    let name = page.view.row.name.clone();
    match call.authority.upstream_set_credential(call.permit, &name, &given) {
        Ok(_) => {
            let code = match remove {
                true => "upstream-credential-removed",
                false => "upstream-credential",
            };
            Ok(Reply::see_other(&done::after(&page.path(), code)))
        }
        Err(fault) => page.refused(fault),
    }
}

fn delete(call: Call) -> Answer {
    let mut page = Page::of(&call)?;
    page.confirm = typed(&call.request, "confirm");
    let name = page.view.row.name.clone();
    if page.confirm != name {
        page.errors = Errors::one("confirm", "Type the name exactly as it is written.");
        return Ok(page.draw());
    }
    match call.authority.upstream_remove(call.permit, &name) {
        Ok(()) => Ok(Reply::see_other(&done::after(super::ALL, "upstream-removed"))),
        Err(fault) => page.refused(fault),
    }
}
