//! What surrounds the pages of a repository: its head with tabs, and what the person who looks may do there.

use crate::errors::Errors;
use crate::look::badge::{Hue, badge, visibility};
use crate::look::callout::{Weight, callout};
use crate::look::heading::{Heading, heading};
use crate::look::navigation::{Link, tabs};
use crate::look::{Markup, html, name};
use crate::visit::{Frame, Visit};
use bailiwick_authority::Fault;
use bailiwick_authority::directory::repository::RepositoryView;
use bailiwick_catalogue::op;
use bailiwick_gate::{Call, Reply};

/// A repository as the person who looks stands to it.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// What it is.
    pub view: RepositoryView,
    /// Its path.
    pub path: String,
    code: bool,
    issues: bool,
    access: bool,
    settings: bool,
}

/// Which of its tabs is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Tab {
    /// Its files.
    Code,
    /// Its issues.
    Issues,
    /// Who has a role at it.
    Access,
    /// Its settings.
    Settings,
}

impl Place {
    /// The repository that the path names.
    pub fn of(call: &Call) -> Result<Place, Fault> {
        let view = call.authority.repository(&call.permit)?;
        let may = |index| call.permit.also(index).is_ok();
        Ok(Place {
            path: format!("/{}/{}", view.owner.login, view.row.name),
            code: may(op::REPOS_GET_CONTENT),
            issues: view.row.has_issues && may(op::ISSUES_LIST_FOR_REPO),
            access: may(op::REPOS_LIST_COLLABORATORS),
            settings: may(op::REPOS_LIST_TEAMS),
            view,
        })
    }

    /// `owner/name`.
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.view.owner.login, self.view.row.name)
    }

    /// The head of each of its pages.
    pub fn head(&self, shown: Tab) -> Markup {
        let row = &self.view.row;
        let all = [
            (Tab::Code, "Code", "", self.code, None),
            (
                Tab::Issues,
                "Issues",
                "/issues",
                self.issues,
                u64::try_from(self.view.open_issues).ok(),
            ),
            (Tab::Access, "Access", "/settings/access", self.access, None),
            (Tab::Settings, "Settings", "/settings", self.settings, None),
        ];
        let addresses: Vec<(Tab, &str, String, Option<u64>)> = all
            .into_iter()
            .filter(|(tab, _, _, may, _)| *may || *tab == shown)
            .map(|(tab, label, end, _, count)| (tab, label, format!("{}{end}", self.path), count))
            .collect();
        let links: Vec<Link<'_>> = addresses
            .iter()
            .map(|(tab, label, href, count)| Link {
                label,
                href,
                current: *tab == shown,
                count: *count,
            })
            .collect();
        html! {
            (heading(&Heading {
                title: html! {
                    a href={ "/" (self.view.owner.login) } { bdi { (self.view.owner.login) } } "/" wbr;
                    a href=(self.path) { bdi { (row.name) } }
                },
                badges: html! {
                    (visibility(row.visibility))
                    @if row.archived_at.is_some() { " " (badge(Hue::Amber, "Archived")) }
                },
                lede: html! {
                    @if let Some(text) = &row.description { (name::name(text)) }
                    @if let Some(parent) = &self.view.parent {
                        " Forked from " (name::repository(&parent.owner.login, &parent.row.name)) "."
                    }
                },
                ..Heading::default()
            }))
            @if row.archived_at.is_some() {
                (callout(Weight::Warn, "", &html! { "Archived: it can be read and cloned, and nothing in it changes." }))
            }
            (tabs("Repository", &links))
        }
    }

    /// A page of it.
    pub fn page(&self, visit: &Visit, title: &str, errors: &Errors, main: &Markup) -> Reply {
        let full_name = self.full_name();
        let title = if title.is_empty() {
            full_name
        } else {
            format!("{title} · {full_name}")
        };
        let frame = Frame {
            title: &title,
            invalid: !errors.is_empty(),
            ..Frame::default()
        };
        visit.page_with(errors.status(), &frame, main)
    }
}
