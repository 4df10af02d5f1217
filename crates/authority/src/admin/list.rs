//! People, organizations and enterprises as administrators look for them.

use crate::Authority;
use crate::directory::account::person;
use crate::fault::Fault;
use crate::permit::Permit;
use bailiwick_model::EnterpriseId;
use bailiwick_store::account::{self, AccountQuery};
use bailiwick_store::{
    AccountKind, AccountRow, EnterpriseRow, MembershipRow, Tx, enterprise, membership, passkey, totp,
};
use std::collections::HashMap;

/// Organizations without an enterprise that one page offers.
const FREE_MAX: usize = 30;

/// Which people.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Standing {
    /// All.
    #[default]
    Any,
    /// Those who are not suspended.
    Active,
    /// Those who are.
    Suspended,
    /// Administrators of the installation.
    Administrators,
}

/// A page of a list with the number of all that match.
#[derive(Clone, Debug)]
pub struct Listed<T> {
    /// Those on the page.
    pub items: Vec<T>,
    /// How many there are in all.
    pub total: u64,
}

/// A person with what an administrator decides by.
#[derive(Clone, Debug)]
pub struct Person {
    /// The account.
    pub row: AccountRow,
    /// Memberships with their organizations.
    pub organizations: Vec<(MembershipRow, AccountRow)>,
    /// Whether an authenticator app is asked for.
    pub totp: bool,
    /// How many passkeys there are.
    pub passkeys: usize,
}

/// An organization with its enterprise.
#[derive(Clone, Debug)]
pub struct Placed {
    /// The organization.
    pub row: AccountRow,
    /// The enterprise that it belongs to.
    pub enterprise: Option<EnterpriseRow>,
}

/// An enterprise with its owners and organizations.
#[derive(Clone, Debug)]
pub struct Enterprise {
    /// The enterprise.
    pub row: EnterpriseRow,
    /// Its owners.
    pub owners: Vec<AccountRow>,
    /// Its organizations.
    pub organizations: Vec<AccountRow>,
}

impl Authority {
    /// A page of people whose login, name or address holds a text.
    pub fn people_search(
        &self,
        permit: &Permit,
        text: &str,
        standing: Standing,
        offset: usize,
        limit: usize,
    ) -> Result<Listed<AccountRow>, Fault> {
        let query = AccountQuery {
            kind: Some(AccountKind::User),
            suspended: match standing {
                Standing::Any | Standing::Administrators => None,
                Standing::Active => Some(false),
                Standing::Suspended => Some(true),
            },
            site_administrator: (standing == Standing::Administrators).then_some(true),
            limit,
            ..AccountQuery::default()
        };
        self.read(permit, |tx| {
            let (items, total) = account::search(tx, &query, text, offset)?;
            Ok(Listed {
                items,
                total: total.unsigned_abs(),
            })
        })
    }

    /// One person.
    pub fn person_administered(&self, permit: &Permit, login: &str) -> Result<Person, Fault> {
        self.read(permit, |tx| {
            let row = person(tx, login)?;
            Ok(Person {
                organizations: membership::of_user(tx, row.id)?,
                totp: totp::get(tx, row.id)?.is_some(),
                passkeys: passkey::of_user(tx, row.id)?.len(),
                row,
            })
        })
    }

    /// A page of organizations whose login or name holds a text, of everybody's.
    pub fn organizations_search(
        &self,
        permit: &Permit,
        text: &str,
        offset: usize,
        limit: usize,
    ) -> Result<Listed<Placed>, Fault> {
        self.read(permit, |tx| {
            let query = AccountQuery {
                kind: Some(AccountKind::Organization),
                limit,
                ..AccountQuery::default()
            };
            let (rows, total) = account::search(tx, &query, text, offset)?;
            let mut known: HashMap<EnterpriseId, Option<EnterpriseRow>> = HashMap::new();
            let mut items = Vec::with_capacity(rows.len());
            for row in rows {
                let group = match row.enterprise_id {
                    None => None,
                    Some(id) => match known.get(&id) {
                        Some(group) => group.clone(),
                        None => {
                            let group = enterprise::by_id(tx, id)?;
                            known.insert(id, group.clone());
                            group
                        }
                    },
                };
                items.push(Placed {
                    row,
                    enterprise: group,
                });
            }
            Ok(Listed {
                items,
                total: total.unsigned_abs(),
            })
        })
    }

    /// Every enterprise. There are few.
    pub fn enterprises_administered(&self, permit: &Permit) -> Result<Vec<Enterprise>, Fault> {
        self.read(permit, |tx| {
            let rows = enterprise::list(tx)?;
            rows.into_iter().map(|row| whole(tx, row)).collect()
        })
    }

    /// The enterprise that the path names, and organizations that it could take in: those in none whose login or
    /// name holds a text.
    pub fn enterprise_administered(
        &self,
        permit: &Permit,
        text: &str,
    ) -> Result<(Enterprise, Listed<AccountRow>), Fault> {
        let row = permit.gathered().enterprise().ok_or_else(Fault::not_found)?.id;
        self.read(permit, |tx| {
            let row = enterprise::by_id(tx, row)?.ok_or_else(Fault::not_found)?;
            let query = AccountQuery {
                kind: Some(AccountKind::Organization),
                free: true,
                limit: FREE_MAX,
                ..AccountQuery::default()
            };
            let (items, total) = account::search(tx, &query, text, 0)?;
            let free = Listed {
                items,
                total: total.unsigned_abs(),
            };
            Ok((whole(tx, row)?, free))
        })
    }
}

fn whole(tx: &mut Tx<'_>, row: EnterpriseRow) -> Result<Enterprise, Fault> {
    let query = AccountQuery {
        kind: Some(AccountKind::Organization),
        enterprise: Some(row.id),
        ..AccountQuery::default()
    };
    Ok(Enterprise {
        owners: enterprise::owners(tx, row.id)?,
        organizations: account::list(tx, &query)?,
        row,
    })
}
