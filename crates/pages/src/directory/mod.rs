//! Who there is and what belongs to whom: accounts, organizations, people, teams, repositories, issues.

mod access;
mod account;
mod branches;
mod ending;
mod file;
mod frame;
mod issue;
mod issues;
mod new_repository;
mod organization;
mod organizations;
mod outside;
pub(crate) mod package;
mod people;
mod person;
mod profile;
mod repositories;
mod repositories_of;
mod repository;
mod repository_frame;
mod settings;
mod team;
mod team_change;
mod team_repository;
mod teams;

pub(crate) use organizations::membership as membership_row;
pub(crate) use repositories_of::row as repository_row;

use crate::errors::Errors;
use crate::look::field::Choice;
pub(crate) use crate::paging::{pager, pager_more};
use bailiwick_authority::{Fault, FaultKind};
use bailiwick_gate::{Request, Routes};

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    access::register(routes);
    account::register(routes);
    branches::register(routes);
    ending::register(routes);
    file::register(routes);
    issue::register(routes);
    issues::register(routes);
    new_repository::register(routes);
    organization::register(routes);
    organizations::register(routes);
    outside::register(routes);
    package::register(routes);
    people::register(routes);
    person::register(routes);
    profile::register(routes);
    repositories::register(routes);
    repository::register(routes);
    settings::register(routes);
    team::register(routes);
    team_change::register(routes);
    team_repository::register(routes);
    teams::register(routes);
}

/// Roles at a repository that can be given, as a menu.
pub(crate) const ROLES: &[Choice<'static>] = &[
    Choice {
        value: "read",
        label: "Read",
        disabled: "",
    },
    Choice {
        value: "triage",
        label: "Triage",
        disabled: "",
    },
    Choice {
        value: "write",
        label: "Write",
        disabled: "",
    },
    Choice {
        value: "maintain",
        label: "Maintain",
        disabled: "",
    },
    Choice {
        value: "admin",
        label: "Admin",
        disabled: "",
    },
];

/// What was typed into a field, without what surrounds it.
pub(crate) fn typed<'a>(request: &'a Request, name: &str) -> &'a str {
    request.form.get(name).unwrap_or("").trim()
}

/// What was searched for.
pub(crate) fn sought(request: &Request) -> &str {
    request.query.get("q").unwrap_or("").trim()
}

/// The errors of a form in which somebody or something was named that is not there, which a fault alone would make
/// a page that does not exist; and of acts that the state of things forbids, which the same page can mend.
pub(crate) fn errors(fault: Fault, field: &str, missing: &str) -> Result<Errors, Fault> {
    match fault.kind {
        FaultKind::NotFound => Ok(Errors::one(field, missing)),
        FaultKind::Forbidden => Ok(Errors::from_fault(&fault)),
        _ => Errors::of(fault),
    }
}

/// `1 member`, `2 members`.
pub(crate) fn counted(number: impl Into<i128>, one: &str, many: &str) -> String {
    let number = number.into();
    format!("{number} {}", if number == 1 { one } else { many })
}
