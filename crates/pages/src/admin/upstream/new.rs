//! Putting the gateway before a server.

use super::typed::Typed;
use super::{ALL, kind_title, path_of};
use crate::admin::{frame, typed};
use crate::done;
use crate::errors::Errors;
use crate::look::button::{Tone, link, submit};
use crate::look::choice::{Card, Cards, cards};
use crate::look::field::{Field, Input, input};
use crate::look::heading::{Heading, heading};
use crate::look::{form, html};
use crate::visit::Visit;
use bailiwick_authority::upstream::create::UpstreamInput;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use bailiwick_model::{UpstreamKind, UpstreamMode};
use serde_json::Map;

pub(super) fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_ADMIN_UPSTREAM_NEW, show)
        .on(op::WEB_ADMIN_UPSTREAM_CREATE, create);
}

#[derive(Default)]
struct Form {
    name: String,
    kind: String,
    address: String,
    settings: Typed,
    errors: Errors,
}

fn show(call: Call) -> Answer {
    let form = Form {
        kind: UpstreamKind::Gitea.word().to_owned(),
        ..Form::default()
    };
    Ok(draw(&Visit::of(&call), &form))
}

fn draw(visit: &Visit, typed: &Form) -> Reply {
    let errors = &typed.errors;
    let kinds: Vec<Card<'_>> = [
        (
            UpstreamKind::Git,
            "Any Git server over HTTPS, or a directory of bare repositories on this machine.",
        ),
        (
            UpstreamKind::Gitea,
            "Its own API, Git and LFS; people act there as themselves.",
        ),
        (
            UpstreamKind::GitHub,
            "GitHub or an Enterprise Server: its API, Git and LFS.",
        ),
        (UpstreamKind::Generic, "Whatever a catalogue file describes."),
        (
            UpstreamKind::Oci,
            "A registry of images that speaks OCI's protocol; served below /v2.",
        ),
        (UpstreamKind::Npm, "An npm registry, mounted by its name."),
        (
            UpstreamKind::Maven,
            "A repository of Maven artifacts, mounted by its name.",
        ),
        (UpstreamKind::NuGet, "A NuGet feed, mounted by its name."),
        (
            UpstreamKind::PyPi,
            "An index of Python packages, mounted by its name.",
        ),
    ]
    .into_iter()
    .map(|(kind, text)| Card {
        value: kind.word(),
        title: html! { (kind_title(kind)) },
        text: html! { (text) },
        checked: typed.kind == kind.word(),
        ..Card::default()
    })
    .collect();
    let fields = html! {
        (cards(
            &Cards { legend: "What it is", name: "kind", error: errors.at("kind"), columns: true, ..Cards::default() },
            &kinds,
        ))
        (input(
            &Field {
                name: "name", label: "Name", value: &typed.name, error: errors.at("name"),
                hint: html! { "Small letters, digits and inner hyphens." },
                ..Field::default()
            },
            &Input { autocomplete: "off", mono: true, max: 39, ..Input::default() },
        ))
        (input(
            &Field {
                name: "address", label: "Address", value: &typed.address, error: errors.at("address"),
                hint: html! {
                    "Its base address, such as " code { "https://git.example.com" } "; for a directory, "
                    code { "file:/srv/git" } "."
                },
                ..Field::default()
            },
            &Input { autocomplete: "off", mono: true, ..Input::default() },
        ))
        (form::when("kind", "generic", &typed.settings.fields(UpstreamKind::Generic, false, errors)))
        (form::actions(&html! {
            (submit("Create the upstream", Tone::Primary))
            (link("Cancel", ALL, Tone::Quiet))
        }))
    };
    let main = html! {
        (heading(&Heading {
            title: html! { "New upstream" },
            lede: html! { "Nothing is served from it until something is bound to it. Its credential is set next." },
            ..Heading::default()
        }))
        (form::errors(&errors.list()))
        (form::form(&form::Form { action: ALL, csrf: &visit.csrf, ..form::Form::default() }, &fields))
    };
    let frame = frame("New upstream", &[("Upstreams", ALL)], !errors.is_empty());
    visit.page_with(errors.status(), &frame, &main)
}

fn create(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let mut form = Form {
        name: typed(&call.request, "name"),
        kind: typed(&call.request, "kind"),
        address: typed(&call.request, "address"),
        settings: Typed::from(&call.request),
        errors: Errors::none(),
    };
    let Some(kind) = UpstreamKind::parse(&form.kind) else {
        form.errors = Errors::one("kind", "Choose what it is.");
        return Ok(draw(&visit, &form));
    };
    let settings = match kind {
        UpstreamKind::Generic => form.settings.settings(kind, &mut form.errors),
        _ => Map::new(),
    };
    if !form.errors.is_empty() {
        return Ok(draw(&visit, &form));
    }
    let input = UpstreamInput {
        name: form.name.clone(),
        kind,
        address: form.address.clone(),
        settings,
        mode: UpstreamMode::Enforce,
        observe_until: None,
    };
    match call.authority.upstream_create(call.permit, &input) {
        Ok(view) => Ok(Reply::see_other(&done::after(
            &path_of(&view.row.name),
            "upstream-created",
        ))),
        Err(fault) => {
            form.errors = Errors::of(fault)?;
            Ok(draw(&visit, &form))
        }
    }
}
