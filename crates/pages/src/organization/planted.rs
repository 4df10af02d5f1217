//! What tokens planted at an organization, and ending it.

use crate::access::place::Place;
use crate::access::planted::list;
use crate::look::heading::{Heading, heading};
use crate::look::html;
use crate::look::icon::Icon;
use crate::look::list::empty;
use crate::paging::pager_more;
use crate::token::planted::told;
use crate::visit::{Frame, Visit};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Routes};

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_ORG_PLANTED, show)
        .on(op::WEB_ORG_PLANTED_END, end);
}

fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let place = Place::of(&call.request);
    let page = call.request.page();
    let mut views = call
        .authority
        .planted_at(&call.permit, page.offset(), page.size + 1)?;
    let more = views.len() > page.size;
    views.truncate(page.size);
    // Auditors look; owners end.
    let path = if call.permit.offers(op::BAILIWICK_END_PLANTED_FOR_ORG) {
        place.settings("/planted-credentials")
    } else {
        String::new()
    };
    let main = html! {
        (heading(&Heading {
            title: html! { "Planted credentials" },
            lede: html! { "Keys, webhooks, runners and the like that tokens made here. They work on when the token is gone." },
            ..Heading::default()
        }))
        @if views.is_empty() {
            (empty(Icon::Key, "Nothing planted", &html! { "No token made anything here that can itself authenticate." }, &html! {}))
        } @else { (list("Planted credentials", &views, &visit.csrf, visit.now, &path)) }
        (pager_more(&call.request, more))
    };
    Ok(visit.page(
        &Frame {
            title: "Planted credentials",
            area: place.area(),
            ..Frame::default()
        },
        &main,
    ))
}

fn end(call: Call) -> Answer {
    let place = Place::of(&call.request);
    let id = call.request.id("planted_id")?;
    let ended = call.authority.planted_end_at(call.permit, id);
    told(ended, &place.settings("/planted-credentials"))
}
