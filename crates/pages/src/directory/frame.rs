//! What surrounds the pages of an organization: where they belong, and what the person who looks may do there.

use crate::look::Markup;
use crate::visit::{Area, Frame, Visit};
use bailiwick_authority::Fault;
use bailiwick_catalogue::op;
use bailiwick_gate::{Call, Reply};
use http::StatusCode;

/// An organization as the person who looks stands to it.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// Its login as it was chosen.
    pub login: String,
    /// Its path.
    pub path: String,
    /// The person belongs to it, or may look at it as one who does.
    pub member: bool,
    /// The person may change who belongs to it and what it is.
    pub owner: bool,
    /// The person may look at what its tokens ask for.
    pub decides: bool,
    /// The person may make repositories in it.
    pub creates: bool,
}

impl Place {
    /// The organization that the path names.
    pub fn of(call: &Call) -> Result<Place, Fault> {
        let login = call.permit.owner()?.login.clone();
        let may = |index| call.permit.also(index).is_ok();
        Ok(Place {
            path: format!("/orgs/{login}"),
            login,
            member: may(op::ORGS_LIST_MEMBERS),
            // Of what only owners may do the one that does not ask for sudo mode: whether to offer something must
            // not hang on how long ago the password was given.
            owner: may(op::ORGS_REMOVE_OUTSIDE_COLLABORATOR),
            decides: may(op::ORGS_LIST_PAT_GRANT_REQUESTS),
            creates: may(op::REPOS_CREATE_IN_ORG),
        })
    }

    /// The side navigation that its pages have.
    pub fn area(&self) -> Area<'_> {
        if self.owner || self.decides {
            Area::Organization(&self.login)
        } else if self.member {
            Area::Membership(&self.login)
        } else {
            Area::None
        }
    }

    /// A page of it; `crumbs` stand between the organization and the page.
    pub fn page(&self, visit: &Visit, title: &str, crumbs: &[(&str, &str)], main: &Markup) -> Reply {
        self.page_with(visit, StatusCode::OK, title, crumbs, main)
    }

    /// The same with a status; 422 is a form that was refused.
    pub fn page_with(
        &self,
        visit: &Visit,
        status: StatusCode,
        title: &str,
        crumbs: &[(&str, &str)],
        main: &Markup,
    ) -> Reply {
        let mut all = vec![(self.login.as_str(), self.path.as_str())];
        all.extend(crumbs);
        let frame = Frame {
            title,
            area: self.area(),
            crumbs: &all,
            invalid: status == StatusCode::UNPROCESSABLE_ENTITY,
        };
        visit.page_with(status, &frame, main)
    }
}
