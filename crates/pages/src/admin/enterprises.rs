//! Every enterprise, and making one.

use super::{enterprise_path, frame, typed};
use crate::done;
use crate::errors::Errors;
use crate::look::button::{Tone, link, link_icon, submit};
use crate::look::field::{Field, Input, input, text};
use crate::look::heading::{Heading, heading};
use crate::look::icon::Icon;
use crate::look::list::{Row, empty, rows};
use crate::look::{form, html, name};
use crate::visit::Visit;
use bailiwick_authority::admin::list::Enterprise;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};

const PATH: &str = "/admin/enterprises";

/// The operations of this module.
pub(super) fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_ADMIN_ENTERPRISES, show)
        .on(op::WEB_ADMIN_ENTERPRISE_NEW, show_new)
        .on(op::WEB_ADMIN_ENTERPRISE_CREATE, create);
}

fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let found = call.authority.enterprises_administered(&call.permit)?;
    let page = call.request.page();
    let total = found.len();
    let (shown, _) = page.cut(found);
    let items: Vec<Row> = shown.iter().map(item).collect();
    let total = u64::try_from(total).unwrap_or(u64::MAX);
    let main = html! {
        (heading(&Heading {
            title: html! { "Enterprises" },
            lede: html! { "An enterprise sets policies that its organizations cannot loosen, and sees all their tokens." },
            actions: link_icon("New enterprise", "/admin/new-enterprise", Tone::Primary, Icon::Plus),
            ..Heading::default()
        }))
        @if items.is_empty() {
            (empty(
                Icon::Building,
                "There is no enterprise",
                &html! { "Without one each organization sets its own policy. Make one to set a policy for several at once." },
                &link("New enterprise", "/admin/new-enterprise", Tone::Primary),
            ))
        } @else {
            (rows("Enterprises", &items))
            (crate::paging::pager(&call.request, usize::try_from(total).unwrap_or(usize::MAX), "enterprises"))
        }
    };
    Ok(visit.page(&frame("Enterprises", &[], false), &main))
}

fn item(group: &Enterprise) -> Row {
    let count = |number: usize, one: &str, many: &str| {
        if number == 1 {
            format!("1 {one}")
        } else {
            format!("{number} {many}")
        }
    };
    Row {
        title: html! { a href=(enterprise_path(&group.row.slug)) { bdi { (group.row.name) } } },
        meta: vec![
            html! { code { (group.row.slug) } },
            html! { (count(group.organizations.len(), "organization", "organizations")) },
            html! { (count(group.owners.len(), "owner", "owners")) },
        ],
        lead: name::avatar(&group.row.slug, true),
        ..Row::default()
    }
}

fn show_new(call: Call) -> Answer {
    Ok(draw_new(&Visit::of(&call), ["", "", ""], &Errors::none()))
}

fn draw_new(visit: &Visit, [slug, title, owner]: [&str; 3], errors: &Errors) -> Reply {
    let fields = html! {
        (text(&Field { name: "name", label: "Name", value: title, error: errors.at("name"), ..Field::default() }))
        (input(
            &Field {
                name: "slug", label: "Slug", value: slug, error: errors.at("slug"),
                hint: html! { "Lower-case letters and digits joined by single hyphens. It stands in addresses and stays." },
                ..Field::default()
            },
            &Input { autocomplete: "off", mono: true, ..Input::default() },
        ))
        (input(
            &Field {
                name: "owner", label: "First owner", value: owner, error: errors.at("owner"),
                hint: html! { "A person's login." },
                ..Field::default()
            },
            &Input { autocomplete: "off", mono: true, ..Input::default() },
        ))
        (form::actions(&html! {
            (submit("Create the enterprise", Tone::Primary))
            (link("Cancel", PATH, Tone::Quiet))
        }))
    };
    let main = html! {
        (heading(&Heading { title: html! { "New enterprise" }, ..Heading::default() }))
        (form::errors(&errors.list()))
        (form::form(&form::Form { action: PATH, csrf: &visit.csrf, ..form::Form::default() }, &fields))
    };
    let frame = frame("New enterprise", &[("Enterprises", PATH)], !errors.is_empty());
    visit.page_with(errors.status(), &frame, &main)
}

fn create(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let [slug, title, owner] = ["slug", "name", "owner"].map(|field| typed(&call.request, field));
    let named = if title.is_empty() { &slug } else { &title };
    match call
        .authority
        .enterprise_create(call.permit, &slug, named, &owner)
    {
        Ok(row) => Ok(Reply::see_other(&done::after(
            &enterprise_path(&row.slug),
            "enterprise-created",
        ))),
        Err(fault) => Ok(draw_new(&visit, [&slug, &title, &owner], &Errors::of(fault)?)),
    }
}
