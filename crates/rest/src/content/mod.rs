//! What a repository holds: branches, commits, files, Git data, archives.

mod archive;
mod branch;
mod commit;
mod file;
mod media;
mod object;
mod reference;
mod stream;

use crate::view::commit::Place;
use bailiwick_authority::Fault;
use bailiwick_authority::content::{Identity, Page};
use bailiwick_gate::{Call, Routes, encode};
use serde::Deserialize;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    archive::register(routes);
    branch::register(routes);
    commit::register(routes);
    file::register(routes);
    object::register(routes);
    reference::register(routes);
}

/// The repository of a call, for links.
fn place(call: &Call) -> Result<Place, Fault> {
    Ok(Place::new(
        &call.request.base_url,
        call.permit.owner()?,
        call.permit.repository()?,
    ))
}

/// The path of a repository's list, for links to other pages.
fn list_path(call: &Call, below: &str) -> Result<String, Fault> {
    let (owner, repository) = (call.permit.owner()?, call.permit.repository()?);
    Ok(format!(
        "/api/v3/repos/{}/{}{below}",
        encode(&owner.login),
        encode(&repository.name)
    ))
}

/// A page as the repository reads it, with one element more than the page holds.
fn one_more(page: bailiwick_gate::Page) -> Page {
    Page {
        skip: page.offset(),
        limit: page.size + 1,
    }
}

/// An author, committer or tagger in a body.
#[derive(Deserialize)]
struct IdentityBody {
    name: String,
    email: String,
    date: Option<String>,
}

impl From<IdentityBody> for Identity {
    fn from(body: IdentityBody) -> Identity {
        Identity {
            name: body.name,
            email: body.email,
            date: body.date,
        }
    }
}
