//! People with a role at repositories of an organization that they do not belong to.

use super::frame::Place;
use super::person::removal;
use super::{errors, pager};
use crate::done;
use crate::errors::Errors;
use crate::look::heading::{Heading, heading};
use crate::look::icon::Icon;
use crate::look::list::{Row, empty, rows};
use crate::look::{form, html, name};
use crate::visit::Visit;
use bailiwick_authority::rows::AccountRow;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Request, Routes};

/// The operations of this module.
pub(super) fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_OUTSIDE_COLLABORATORS, show)
        .on(op::WEB_OUTSIDE_COLLABORATOR_REMOVE, remove);
}

fn show(call: Call) -> Answer {
    let people = call.authority.outside_collaborators(&call.permit)?;
    Ok(draw(
        &Visit::of(&call),
        &call.request,
        &Place::of(&call)?,
        people,
        &Errors::none(),
    ))
}

fn remove(call: Call) -> Answer {
    let (visit, place) = (Visit::of(&call), Place::of(&call)?);
    let people = call.authority.outside_collaborators(&call.permit)?;
    let login = call.request.parameter("username").to_owned();
    match call.authority.outside_collaborator_remove(call.permit, &login) {
        Ok(()) => {
            let path = format!("{}/outside-collaborators", place.path);
            Ok(Reply::see_other(&done::after(&path, "outsider-removed")))
        }
        Err(fault) => {
            let errors = errors(fault, "", "There is nobody of this login.")?;
            Ok(draw(&visit, &call.request, &place, people, &errors))
        }
    }
}

fn draw(visit: &Visit, request: &Request, place: &Place, people: Vec<AccountRow>, errors: &Errors) -> Reply {
    let total = people.len();
    let (people, _) = request.page().cut(people);
    let rows_of: Vec<Row> = people
        .iter()
        .map(|row| Row {
            lead: name::avatar(&row.login, false),
            title: name::login(&row.login),
            text: html! { @if let Some(shown) = &row.name { (name::name(shown)) } },
            actions: removal(
                &format!("{}/outside-collaborators/{}/remove", place.path, row.login),
                &visit.csrf,
                &row.login,
            ),
            ..Row::default()
        })
        .collect();
    let main = html! {
        (heading(&Heading {
            title: html! { "Outside collaborators" },
            lede: html! {
                "People with a role at single repositories who do not belong to the organization. Removing one takes \
                 every such role away, and every grant that their tokens hold here."
            },
            ..Heading::default()
        }))
        (form::errors(&errors.list()))
        @if rows_of.is_empty() {
            (empty(
                Icon::Person, "Nobody stands outside",
                &html! { "Who is added to a repository's access without belonging to the organization is listed here." },
                &html! {},
            ))
        } @else { (rows("Outside collaborators", &rows_of)) }
        (pager(request, total, "people"))
    };
    place.page_with(visit, errors.status(), "Outside collaborators", &[], &main)
}
