//! Where a person is signed in, and ending it.

use crate::done;
use crate::look::badge::{Hue, badge};
use crate::look::button::{Button, Tone, post};
use crate::look::heading::{Heading, heading};
use crate::look::list::{Row, rows};
use crate::look::{html, time};
use crate::visit::{Area, Frame, Visit};
use bailiwick_authority::Fault;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use bailiwick_model::SessionId;

const PATH: &str = "/settings/sessions";

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_SESSIONS, show)
        .on(op::WEB_SESSION_END, end)
        .on(op::WEB_SESSIONS_END_OTHERS, end_others);
}

fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let current = call.permit.session();
    let sessions = call.authority.session_list(&call.permit)?;
    let rows_of: Vec<Row> = sessions
        .iter()
        .map(|session| {
            let here = current == Some(session.id);
            let path = format!("{PATH}/{}/delete", session.id.0);
            Row {
                title: html! { bdi { (session.user_agent.as_deref().unwrap_or("Unknown program")) } },
                badges: if here {
                    badge(Hue::Green, "This session")
                } else {
                    html! {}
                },
                meta: vec![
                    html! { "From " (session.address.as_deref().unwrap_or("an unknown address")) },
                    html! { "Signed in " (time::relative(session.created_at, visit.now)) },
                    html! { "Last seen " (time::relative(session.last_seen_at, visit.now)) },
                    time::expires(Some(session.expires_at), visit.now),
                ],
                actions: if here {
                    html! {}
                } else {
                    post(
                        &path,
                        &visit.csrf,
                        &[],
                        &Button {
                            label: "End",
                            about: "this session",
                            tone: Tone::Danger,
                            small: true,
                            ..Button::default()
                        },
                    )
                },
                ..Row::default()
            }
        })
        .collect();
    let main = html! {
        (heading(&Heading {
            title: html! { "Sessions" },
            lede: html! { "Browsers and terminals in which you are signed in. End what you do not know." },
            ..Heading::default()
        }))
        (rows("Sessions", &rows_of))
        @if rows_of.len() > 1 {
            (post(&format!("{PATH}/delete-others"), &visit.csrf, &[], &Button {
                label: "End all others", tone: Tone::Danger, ..Button::default()
            }))
        }
    };
    Ok(visit.page(
        &Frame {
            title: "Sessions",
            area: Area::Own,
            ..Frame::default()
        },
        &main,
    ))
}

fn end(call: Call) -> Answer {
    let id = call
        .request
        .parameter("session_id")
        .parse()
        .map_err(|_| Fault::not_found())?;
    call.authority.session_end(call.permit, SessionId(id))?;
    Ok(Reply::see_other(&done::after(PATH, "session-ended")))
}

fn end_others(call: Call) -> Answer {
    call.authority.session_end_others(call.permit)?;
    Ok(Reply::see_other(&done::after(PATH, "sessions-ended")))
}
