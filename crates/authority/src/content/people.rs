//! Who stands behind the names and addresses in commits, for display only: a commit proves nothing.

use crate::Authority;
use crate::fault::{Fault, FaultKind};
use crate::permit::Permit;
use crate::rows::AccountRow;
use bailiwick_git::{Commit, Signature};
use bailiwick_model::{AccountId, Timestamp};
use bailiwick_store::account;
use std::collections::{BTreeSet, HashMap};

/// Accounts by the address that commits name.
#[derive(Clone, Debug, Default)]
pub struct People(HashMap<String, AccountRow>);

impl People {
    /// The account behind an address.
    pub fn by_email(&self, email: &str) -> Option<&AccountRow> {
        self.0.get(&email.to_ascii_lowercase())
    }
}

/// An author, committer or tagger as a body gives it.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// The instant in ISO 8601, with its zone; now where there is none.
    pub date: Option<String>,
}

impl Identity {
    /// The identity as it is written into an object.
    pub(crate) fn signature(&self, now: Timestamp) -> Result<Signature, Fault> {
        let (seconds, offset_minutes) = match &self.date {
            None => (now.seconds(), 0),
            Some(text) => {
                let at = Timestamp::parse(text).ok_or_else(|| {
                    Fault::new(
                        FaultKind::Invalid,
                        "git.date",
                        format!("Invalid request.\n\n\"{text}\" is not a valid date-time."),
                    )
                })?;
                (at.seconds(), zone(text))
            }
        };
        Ok(Signature {
            name: self.name.clone(),
            email: self.email.clone(),
            seconds,
            offset_minutes,
        })
    }
}

/// The zone at the end of a date that was read already, in minutes ahead of UTC.
fn zone(text: &str) -> i32 {
    let Some((sign, digits)) = text
        .get(10..)
        .and_then(|rest| rest.rfind(['+', '-']).and_then(|at| rest.get(at..)))
        .and_then(|zone| zone.split_at_checked(1))
    else {
        return 0;
    };
    let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
    let part = |from: usize| {
        digits
            .get(from..from + 2)
            .and_then(|two| two.parse::<i32>().ok())
            .unwrap_or(0)
    };
    let minutes = part(0) * 60 + part(2);
    if sign == "-" { -minutes } else { minutes }
}

impl Authority {
    /// The part after the @ of addresses that lead to an account without telling its own.
    fn noreply_domain(&self) -> String {
        let rest = self
            .settings
            .base_url
            .split_once("://")
            .map_or(self.settings.base_url.as_str(), |(_, rest)| rest);
        let host = rest.split(['/', ':']).next().unwrap_or("localhost");
        format!("users.noreply.{host}")
    }

    /// The caller as author and committer.
    pub(crate) fn own_signature(&self, permit: &Permit) -> Result<Signature, Fault> {
        let account = &permit
            .gathered()
            .principal_record()
            .ok_or_else(Fault::not_found)?
            .row;
        let name = account
            .name
            .clone()
            .filter(|name| !name.trim().is_empty())
            .unwrap_or_else(|| account.login.clone());
        Ok(Signature {
            name,
            email: account
                .email
                .clone()
                .unwrap_or_else(|| self.noreply_address(account)),
            seconds: permit.now().seconds(),
            offset_minutes: 0,
        })
    }

    fn noreply_address(&self, account: &AccountRow) -> String {
        format!("{}+{}@{}", account.id, account.login, self.noreply_domain())
    }

    /// The addresses under which an account commits.
    pub(crate) fn addresses(&self, account: &AccountRow) -> Vec<String> {
        account
            .email
            .iter()
            .cloned()
            .chain([self.noreply_address(account)])
            .collect()
    }

    /// The accounts behind the authors and committers of commits.
    pub fn people(&self, permit: &Permit, commits: &[Commit]) -> Result<People, Fault> {
        let emails: BTreeSet<String> = commits
            .iter()
            .flat_map(|commit| [&commit.author.email, &commit.committer.email])
            .map(|email| email.to_ascii_lowercase())
            .collect();
        let domain = format!("@{}", self.noreply_domain());
        let (noreply, others): (Vec<String>, Vec<String>) = emails
            .into_iter()
            .filter(|email| !email.is_empty())
            .partition(|email| email.ends_with(&domain));
        let ids: Vec<(AccountId, String)> = noreply
            .into_iter()
            .filter_map(|email| Some((AccountId(email.split_once('+')?.0.parse().ok()?), email)))
            .collect();
        self.read(permit, |tx| {
            let mut people = HashMap::new();
            let wanted: Vec<AccountId> = ids.iter().map(|(id, _)| *id).collect();
            let accounts = account::by_ids(tx, &wanted)?;
            for (id, email) in ids {
                let found = accounts
                    .iter()
                    .find(|row| row.id == id && row.deleted_at.is_none());
                people.extend(found.map(|row| (email, row.clone())));
            }
            for row in account::by_emails(tx, &others)? {
                let email = row.email.as_deref().unwrap_or_default().to_ascii_lowercase();
                people.insert(email, row);
            }
            Ok(People(people))
        })
    }
}
