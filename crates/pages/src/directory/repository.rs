//! A repository's own page: how to clone it, its files, its README.

use super::file::{entries, readme};
use super::repository_frame::{Place, Tab};
use crate::errors::Errors;
use crate::look::button::{Tone, link};
use crate::look::heading::{Part, disclosure, part};
use crate::look::icon::Icon;
use crate::look::{Markup, code, html, list};
use crate::visit::Visit;
use bailiwick_authority::content::file::Content;
use bailiwick_authority::{Fault, FaultKind};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes, encode};

/// The operations of this module.
pub(super) fn register(routes: &mut Routes) {
    routes.on(op::WEB_REPOSITORY, show);
}

fn show(call: Call) -> Answer {
    let (visit, place) = (Visit::of(&call), Place::of(&call)?);
    let asked = format!(
        "/{}/{}",
        call.request.parameter("owner"),
        call.request.parameter("repo")
    );
    // A clone address, an old name or another spelling leads to the one address.
    if asked != place.path {
        return Ok(Reply::see_other(&place.path));
    }
    let files = files(&call, &place)?;
    let clone = format!("{}{}.git", visit.base_url, place.path);
    let main = html! {
        (place.head(Tab::Code))
        @match files {
            Some(files) => {
                (cloning(&visit, &place, &clone))
                (files)
            }
            None => (empty(&place, &clone)),
        }
    };
    Ok(place.page(&visit, "", &Errors::none(), &main))
}

/// The files of the default branch and the README; nothing where there is no commit yet.
fn files(call: &Call, place: &Place) -> Result<Option<Markup>, Fault> {
    let Ok(permit) = call.permit.also(op::REPOS_GET_CONTENT) else {
        return Ok(Some(html! {}));
    };
    let found = match call.authority.content_get(&permit, "", None) {
        Ok(found) => found,
        Err(fault) if fault.code == "git.empty" => return Ok(None),
        Err(fault) => return Err(fault),
    };
    let Content::Directory(all) = &found.content else {
        return Ok(None);
    };
    let branch = &place.view.row.default_branch;
    let actions = html! {
        (link(&format!("Branch {branch}"), &format!("{}/branches", place.path), Tone::Plain))
    };
    let text = match call.permit.also(op::REPOS_GET_README) {
        Ok(permit) => match call.authority.readme_get(&permit, "", None) {
            Ok(found) => readme(place, branch, &found),
            Err(fault) if fault.kind == FaultKind::NotFound => html! {},
            Err(fault) => return Err(fault),
        },
        Err(_) => html! {},
    };
    Ok(Some(html! {
        (part(&Part { title: "Files", actions, ..Part::default() }, &entries(place, branch, "", all)))
        (text)
    }))
}

fn cloning(visit: &Visit, place: &Place, clone: &str) -> Markup {
    html! {
        (code::block("clone", "Clone", &format!("git clone {clone}")))
        @if visit.login.is_some() {
            (disclosure("What git asks for", false, &html! {
                p {
                    "Git asks for a username and a password: any username, and a token as the password. "
                    a href=(minting(place)) { "Make a token for this repository" } "."
                }
                (code::block("clone-header", "Without being asked, with the token in TOKEN", &format!(
                    "git -c http.extraHeader=\"Authorization: Bearer $TOKEN\" clone {clone}"
                )))
            }))
        }
    }
}

/// The form for a new token, with this repository filled in.
fn minting(place: &Place) -> String {
    let writes = place
        .view
        .role
        .is_some_and(|role| role >= bailiwick_model::RepositoryRole::Write);
    format!(
        "/settings/personal-access-tokens/new?target_name={}&repositories={}&contents={}",
        encode(&place.view.owner.login),
        encode(&place.view.row.name),
        if writes { "write" } else { "read" }
    )
}

fn empty(place: &Place, clone: &str) -> Markup {
    let branch = &place.view.row.default_branch;
    let push = format!("git remote add origin {clone}\ngit branch -M {branch}\ngit push -u origin {branch}");
    let begin = format!(
        "git clone {clone}\ncd {}\necho '# {}' > README.md\ngit add README.md\ngit commit -m 'Begin'\ngit push -u origin HEAD:{branch}",
        place.view.row.name, place.view.row.name
    );
    html! {
        (list::empty(
            Icon::Repository, "Nothing is in here yet",
            &html! { "Push to it with git; a token is the password." },
            &link("Make a token for it", &minting(place), Tone::Primary),
        ))
        (code::block("push", "Push what you have", &push))
        (code::block("begin", "Begin here", &begin))
    }
}
