//! What an upstream has lately confirmed: that a name there still is the thing of an id. In memory alone, and gone with
//! a change of the upstream's address, trust or credential.

use bailiwick_model::Timestamp;
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

/// What a name can be of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Thing {
    /// A repository, by `owner/name`.
    Repository,
    /// A person or an organization, by the login.
    Account,
}

/// By id: the name, and until when that counts.
type Names = HashMap<String, (String, Timestamp)>;

/// The confirmations of one upstream.
#[derive(Debug, Default)]
pub struct Confirmed {
    repositories: RwLock<Names>,
    accounts: RwLock<Names>,
}

/// Names of one sort at the most; beyond that, all are asked for anew.
const NAMES_MAX: usize = 20_000;

impl Confirmed {
    fn of(&self, thing: Thing) -> &RwLock<Names> {
        match thing {
            Thing::Repository => &self.repositories,
            Thing::Account => &self.accounts,
        }
    }

    /// Whether the thing of an id is known to have this name.
    pub fn is(&self, thing: Thing, id: &str, name: &str, now: Timestamp) -> bool {
        let names = self.of(thing).read().unwrap_or_else(PoisonError::into_inner);
        names
            .get(id)
            .is_some_and(|(known, until)| now < *until && known == name)
    }

    /// The thing of an id has this name, and that counts until an instant.
    pub fn note(&self, thing: Thing, id: &str, name: &str, now: Timestamp, until: Timestamp) {
        let mut names = self.of(thing).write().unwrap_or_else(PoisonError::into_inner);
        if names.len() >= NAMES_MAX {
            names.retain(|_, (_, until)| now < *until);
        }
        if names.len() >= NAMES_MAX {
            names.clear();
        }
        names.insert(id.to_owned(), (name.to_owned(), until));
    }
}

#[cfg(test)]
mod tests {
    use super::{Confirmed, NAMES_MAX, Thing};
    use bailiwick_model::Timestamp;

    #[test]
    fn a_name_counts_for_its_thing_and_its_time() {
        let (confirmed, at) = (Confirmed::default(), Timestamp);
        confirmed.note(Thing::Repository, "7", "acme/site", at(0), at(60));
        assert!(confirmed.is(Thing::Repository, "7", "acme/site", at(59)));
        assert!(!confirmed.is(Thing::Repository, "7", "acme/site", at(60)));
        assert!(!confirmed.is(Thing::Repository, "7", "acme/www", at(0)));
        assert!(!confirmed.is(Thing::Repository, "8", "acme/site", at(0)));
        assert!(!confirmed.is(Thing::Account, "7", "acme/site", at(0)));
    }

    #[test]
    fn they_are_bounded() {
        let (confirmed, at) = (Confirmed::default(), Timestamp);
        for id in 0..=NAMES_MAX {
            confirmed.note(Thing::Account, &id.to_string(), "x", at(0), at(60));
        }
        let held = confirmed.accounts.read().unwrap().len();
        assert!((1..=NAMES_MAX).contains(&held), "{held}");
    }
}
