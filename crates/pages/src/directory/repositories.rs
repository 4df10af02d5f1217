//! Lists of repositories: one's own, and an organization's.

use super::frame::Place;
use super::repositories_of::{found, list, menu, wanted};
use super::{pager, sought};
use crate::look::button::{Tone, link};
use crate::look::heading::{Heading, heading};
use crate::look::icon::Icon;
use crate::look::{Markup, filter, html, list as look_list};
use crate::visit::{Frame, Visit};
use bailiwick_authority::Fault;
use bailiwick_authority::directory::search::SearchIn;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Routes};

/// The operations of this module.
pub(super) fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_REPOSITORIES, own)
        .on(op::WEB_ORGANIZATION_REPOSITORIES, of_organization);
}

fn own(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let lede = "Those that you own, those of your organizations, and those that you collaborate on.";
    let main = body(&call, &SearchIn::Own, "/repositories", lede, "/repositories/new")?;
    Ok(visit.page(
        &Frame {
            title: "Repositories",
            ..Frame::default()
        },
        &main,
    ))
}

fn of_organization(call: Call) -> Answer {
    let (visit, place) = (Visit::of(&call), Place::of(&call)?);
    let path = format!("{}/repositories", place.path);
    let new = if place.creates {
        format!("{path}/new")
    } else {
        String::new()
    };
    let within = SearchIn::Account(place.login.clone());
    let main = body(&call, &within, &path, "Those that you may see.", &new)?;
    Ok(place.page(&visit, "Repositories", &[], &main))
}

fn body(call: &Call, within: &SearchIn, path: &str, lede: &str, new: &str) -> Result<Markup, Fault> {
    let (views, total) = found(call, within, false)?;
    let text = sought(&call.request);
    let filtered = !text.is_empty() || wanted(&call.request).is_some();
    let new = html! { @if !new.is_empty() { (link("New repository", new, Tone::Primary)) } };
    let none = if filtered {
        look_list::empty(
            Icon::Repository,
            "No repository matches",
            &html! { "Try another name, or every visibility." },
            &html! {},
        )
    } else {
        look_list::empty(
            Icon::Repository,
            "No repositories to see",
            &html! { "Repositories that you may not see are not listed." },
            &new,
        )
    };
    Ok(html! {
        (heading(&Heading {
            title: html! { "Repositories" }, lede: html! { (lede) }, actions: new.clone(), ..Heading::default()
        }))
        (filter::bar(&filter::Search {
            action: path, label: "Search repositories", placeholder: "Part of a name or description", value: text, fields: menu(&call.request),
            clear: if filtered { path } else { "" }, ..filter::Search::default()
        }))
        (list(&views, &none))
        (pager(&call.request, total, "repositories"))
    })
}
