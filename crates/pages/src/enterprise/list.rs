//! The enterprises that a person owns.

use crate::look::button::{Tone, link, link_small};
use crate::look::heading::{Heading, heading};
use crate::look::html;
use crate::look::icon::Icon;
use crate::look::list::{Row, empty, rows};
use crate::look::name::{avatar, name};
use crate::visit::{Frame, Visit};
use bailiwick_authority::rows::EnterpriseRow;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Routes, encode};

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes.on(op::WEB_ENTERPRISES, show);
}

/// An enterprise in a list.
pub fn row(row: &EnterpriseRow) -> Row {
    let base = format!("/enterprises/{}", encode(&row.slug));
    Row {
        lead: avatar(&row.slug, true),
        title: html! { a href=(base) { (name(&row.name)) } },
        meta: vec![html! { code { (row.slug) } }],
        actions: link_small(
            "Inventory",
            &format!("of {}", row.name),
            &format!("{base}/settings/personal-access-tokens/inventory"),
        ),
        ..Row::default()
    }
}

fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let owned = call.authority.enterprises_owned(&call.permit)?;
    let listed: Vec<Row> = owned.iter().map(row).collect();
    let main = html! {
        (heading(&Heading {
            title: html! { "Enterprises" },
            lede: html! { "Groups of organizations under a shared policy, of which you are an owner." },
            ..Heading::default()
        }))
        @if listed.is_empty() {
            (empty(
                Icon::Building,
                "You own no enterprise",
                &html! { "An administrator of this installation makes enterprises and names their owners." },
                &link("Your organizations", "/organizations", Tone::Plain),
            ))
        } @else { (rows("Enterprises", &listed)) }
    };
    Ok(visit.page(
        &Frame {
            title: "Enterprises",
            ..Frame::default()
        },
        &main,
    ))
}
