//! Users as everybody sees them, and one's own profile.

use super::check;
use super::reach::{Owners, admitted};
use crate::Authority;
use crate::fault::Fault;
use crate::permit::Permit;
use bailiwick_catalogue::op;
use bailiwick_model::{AccountId, Visibility};
use bailiwick_store::account::{self, AccountQuery};
use bailiwick_store::repository::{self, RepositoryQuery};
use bailiwick_store::{AccountKind, AccountRow, Tx};

/// A user's profile.
#[derive(Clone, Debug)]
pub struct Profile {
    /// What is stored.
    pub row: AccountRow,
    /// Public repositories.
    pub public_repositories: i64,
    /// Other repositories; only where the caller may see the private half.
    pub private_repositories: Option<i64>,
}

/// What shall change in a profile: `None` stays, the inner `None` removes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ProfileInput {
    /// The name shown.
    pub name: Option<Option<String>>,
    /// The address shown.
    pub email: Option<Option<String>>,
    /// The web site.
    pub blog: Option<Option<String>>,
    /// The company.
    pub company: Option<Option<String>>,
    /// The place.
    pub location: Option<Option<String>>,
    /// The biography.
    pub bio: Option<Option<String>>,
}

impl Authority {
    /// The profile of whoever acts, with its private half where the credential reaches it.
    pub fn own_profile(&self, permit: &Permit) -> Result<Profile, Fault> {
        let id = permit.person()?;
        // The private half takes the permission to edit the profile: GitHub has none for reading it.
        let private = permit.would(op::USERS_UPDATE_AUTHENTICATED, &[]);
        self.read(permit, |tx| {
            let row = live(tx, id)?;
            profile(tx, row, private)
        })
    }

    /// A profile by login.
    pub fn profile(&self, permit: &Permit, login: &str) -> Result<Profile, Fault> {
        self.read(permit, |tx| {
            let row = account::by_login(tx, login)?.ok_or_else(Fault::not_found)?;
            profile(tx, row, false)
        })
    }

    /// A profile by id.
    pub fn profile_by_id(&self, permit: &Permit, id: AccountId) -> Result<Profile, Fault> {
        self.read(permit, |tx| {
            let row = live(tx, id)?;
            profile(tx, row, false)
        })
    }

    /// Users and organizations (or one kind of them) in the order of ids, after one; and whether more follow.
    pub fn accounts(
        &self,
        permit: &Permit,
        kind: Option<AccountKind>,
        since: AccountId,
        size: usize,
    ) -> Result<(Vec<AccountRow>, bool), Fault> {
        self.read(permit, |tx| {
            let mut found = Vec::new();
            let mut after = since;
            while found.len() <= size {
                let query = AccountQuery {
                    kind,
                    after,
                    limit: size + 1,
                    ..AccountQuery::default()
                };
                let rows = account::list(tx, &query)?;
                let Some(last) = rows.last() else { break };
                after = last.id;
                // Service accounts are known inside their organizations only.
                found.extend(rows.into_iter().filter(|row| row.kind != AccountKind::Service));
            }
            let more = found.len() > size;
            found.truncate(size);
            Ok((found, more))
        })
    }

    /// Edits one's own profile.
    pub fn profile_edit(&self, permit: Permit, input: &ProfileInput) -> Result<Profile, Fault> {
        let id = permit.person()?;
        self.act(permit, |act, permit| {
            let mut row = live(act.tx, id)?;
            let changed = apply(&mut row, input)?;
            row.updated_at = permit.now();
            account::update(act.tx, &row)?;
            act.event.user = Some(row.login.clone());
            act.note("changed", changed.join(","));
            profile(act.tx, row, true)
        })
    }
}

fn apply(row: &mut AccountRow, input: &ProfileInput) -> Result<Vec<&'static str>, Fault> {
    let mut changed = Vec::new();
    if let Some(email) = &input.email {
        if let Some(email) = email {
            check::email("User", "email", email)?;
        }
        row.email.clone_from(email);
        changed.push("email");
    }
    if let Some(blog) = &input.blog {
        check::web_address("User", "blog", blog.as_deref().unwrap_or(""))?;
        row.blog = check::kept(blog.as_deref());
        changed.push("blog");
    }
    let lines = [
        ("name", &input.name, &mut row.name),
        ("company", &input.company, &mut row.company),
        ("location", &input.location, &mut row.location),
        ("bio", &input.bio, &mut row.bio),
    ];
    for (field, wanted, slot) in lines {
        if let Some(wanted) = wanted {
            check::line(
                "User",
                field,
                wanted.as_deref().unwrap_or(""),
                check::LINE_CHARS_MAX,
            )?;
            *slot = check::kept(wanted.as_deref());
            changed.push(field);
        }
    }
    Ok(changed)
}

fn profile(tx: &mut Tx<'_>, row: AccountRow, private: bool) -> Result<Profile, Fault> {
    let owned = RepositoryQuery {
        owners: Some(vec![row.id]),
        ..RepositoryQuery::default()
    };
    let rows = repository::list(tx, &owned, &|_| true)?;
    let public = rows
        .iter()
        .filter(|row| row.visibility == Visibility::Public)
        .count();
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let private_repositories = private.then(|| count(rows.len() - public));
    Ok(Profile {
        row,
        public_repositories: count(public),
        private_repositories,
    })
}

/// The live account of an id.
pub(crate) fn live(tx: &mut Tx<'_>, id: AccountId) -> Result<AccountRow, Fault> {
    account::by_id(tx, id)?
        .filter(|row| row.deleted_at.is_none())
        .ok_or_else(Fault::not_found)
}

/// The live person of a login.
pub(crate) fn person(tx: &mut Tx<'_>, login: &str) -> Result<AccountRow, Fault> {
    account::by_login(tx, login)?
        .filter(|row| row.kind == AccountKind::User)
        .ok_or_else(Fault::not_found)
}

/// How many repositories of an owner the caller may see.
pub(crate) fn count_admitted(
    tx: &mut Tx<'_>,
    permit: &Permit,
    owner: AccountId,
) -> Result<(i64, i64), Fault> {
    let owned = RepositoryQuery {
        owners: Some(vec![owner]),
        ..RepositoryQuery::default()
    };
    let found = admitted(tx, permit, &mut Owners::default(), &owned)?;
    let public = found
        .iter()
        .filter(|one| one.repository.row.visibility == Visibility::Public)
        .count();
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    Ok((count(public), count(found.len() - public)))
}
