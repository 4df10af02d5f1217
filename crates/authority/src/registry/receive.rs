//! Places for what is received before it can be decided on, because only then it says which package it is: few for each
//! credential and person, some for all, and none for whoever could publish nothing anyway.

use crate::Authority;
use crate::fault::{Fault, FaultKind};
use crate::gather::{Credential, Gathered};
use crate::permit::{Permit, Refused};
use bailiwick_catalogue::{Operation, OperationIndex, op, operation};
use bailiwick_decision::Deny;
use bailiwick_model::limit::{RECEIVED_MAX, RECEIVED_OF_ACCOUNT_MAX, RECEIVED_OF_TOKEN_MAX};
use bailiwick_model::{AccountId, Timestamp};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};

/// When it is worth trying again, in seconds.
const AGAIN_SECONDS: u32 = 10;

/// Whose places are counted together.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Holder {
    Token(i64),
    Session(i64),
    Person(AccountId),
    Everybody,
}

impl Holder {
    const fn most(self) -> usize {
        match self {
            Holder::Token(_) | Holder::Session(_) => RECEIVED_OF_TOKEN_MAX,
            Holder::Person(_) => RECEIVED_OF_ACCOUNT_MAX,
            Holder::Everybody => RECEIVED_MAX,
        }
    }
}

/// The places that are taken on this node.
#[derive(Debug, Default)]
pub(crate) struct Places(Mutex<HashMap<Holder, usize>>);

impl Places {
    /// Takes one for all of these, or tells whose are all taken.
    fn take(self: &Arc<Self>, holders: Vec<Holder>) -> Result<Place, Holder> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let full = |holder: &&Holder| taken.get(holder).is_some_and(|count| *count >= holder.most());
        if let Some(holder) = holders.iter().find(full) {
            return Err(*holder);
        }
        for holder in &holders {
            *taken.entry(*holder).or_default() += 1;
        }
        drop(taken);
        Ok(Place {
            places: self.clone(),
            holders,
        })
    }
}

/// A place that is taken; dropping it gives it back.
#[derive(Debug)]
pub struct Place {
    places: Arc<Places>,
    holders: Vec<Holder>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.0.lock().unwrap_or_else(PoisonError::into_inner);
        for holder in &self.holders {
            if let Entry::Occupied(mut entry) = taken.entry(*holder) {
                *entry.get_mut() -= 1;
                if *entry.get() == 0 {
                    entry.remove();
                }
            }
        }
    }
}

impl Authority {
    /// A place to receive what only its body tells of, for whoever could do something of it.
    // SECURITY: whatever is sent costs disk and time before anybody knows whether it may be. Without this, one token
    // without a single permission could hold every place, and nobody would publish. Who holds several tokens has no more
    // than one person's share of them.
    pub fn receive_begin(&self, permit: &Permit) -> Result<Place, Fault> {
        let gathered = permit.gathered();
        if let Some((operation, deny)) = could_be_none(permit.operation(), gathered, permit.now()) {
            let refused = Box::new(Refused {
                deny,
                operation: Some(operation),
                gathered: Gathered::clone(gathered),
                caller: permit.caller().clone(),
                now: permit.now(),
            });
            return Err(refused.into());
        }
        let mut holders = Vec::with_capacity(3);
        holders.extend(match &gathered.credential {
            Credential::Token(token, _) => Some(Holder::Token(token.facts.id.0)),
            Credential::Session(session, _) => Some(Holder::Session(session.facts.id.0)),
            Credential::Anonymous | Credential::Unknown => None,
        });
        holders.extend(permit.actor().map(Holder::Person));
        holders.push(Holder::Everybody);
        self.places.take(holders).map_err(busy)
    }
}

/// What an operation turns out to be once its body is read: itself, where its path says which package it is.
fn read_as(operation: &Operation) -> &'static [OperationIndex] {
    if operation.index == op::NUGET_RECEIVE {
        &[op::NUGET_PUSH]
    } else if operation.index == op::PYPI_RECEIVE {
        &[op::PYPI_UPLOAD, op::PYPI_REMOVE]
    } else {
        &[]
    }
}

/// Whether an operation says only in its body what it is about.
pub(crate) fn is_read_first(operation: &Operation) -> bool {
    !read_as(operation).is_empty()
}

/// Why whoever could do anywhere nothing of what is received is refused before it is.
// SECURITY: by the decision's own rules, on what is known before the body. It allows nothing: what the body names is decided
// for itself. It tells nothing but what the credential holds.
pub(crate) fn could_be_none(
    received: &'static Operation,
    gathered: &Gathered,
    now: Timestamp,
) -> Option<(&'static Operation, Deny)> {
    let mut first = None;
    let read_as = read_as(received).iter().filter_map(|index| operation(*index));
    let itself = std::iter::once(received).filter(|_| !is_read_first(received));
    for operation in read_as.chain(itself) {
        match bailiwick_decision::could(&gathered.facts(Some(operation), now)) {
            Ok(()) => return None,
            Err(deny) => first = first.or(Some((operation, deny))),
        }
    }
    first
}

fn busy(holder: Holder) -> Fault {
    let (kind, message) = match holder {
        Holder::Token(_) | Holder::Session(_) | Holder::Person(_) => (
            FaultKind::TooMany,
            "you are sending as many packages at a time as one may: try again when they are through",
        ),
        Holder::Everybody => (
            FaultKind::Unavailable,
            "too many packages are being received at the moment: try again in a minute",
        ),
    };
    Fault::new(kind, "registry.busy", message).after_seconds(AGAIN_SECONDS)
}

#[cfg(test)]
mod tests {
    use super::{Holder, Places, RECEIVED_MAX, RECEIVED_OF_ACCOUNT_MAX, RECEIVED_OF_TOKEN_MAX};
    use bailiwick_model::AccountId;
    use std::sync::Arc;

    fn of(token: i64, person: i64) -> Vec<Holder> {
        vec![
            Holder::Token(token),
            Holder::Person(AccountId(person)),
            Holder::Everybody,
        ]
    }

    #[test]
    fn nobody_takes_more_than_a_share() {
        let places = Arc::new(Places::default());
        let mut kept: Vec<_> = (0..RECEIVED_OF_TOKEN_MAX)
            .map(|_| places.take(of(1, 1)).unwrap())
            .collect();
        assert_eq!(places.take(of(1, 1)).unwrap_err(), Holder::Token(1));
        // Another token of the same person has what is left of the person's.
        kept.extend((RECEIVED_OF_TOKEN_MAX..RECEIVED_OF_ACCOUNT_MAX).map(|_| places.take(of(2, 1)).unwrap()));
        assert_eq!(places.take(of(3, 1)).unwrap_err(), Holder::Person(AccountId(1)));
        // And nobody else is kept out by that.
        let mut others = Vec::new();
        for number in 10..10 + (RECEIVED_MAX - RECEIVED_OF_ACCOUNT_MAX) as i64 {
            others.push(places.take(of(number, number)).unwrap());
        }
        assert_eq!(places.take(of(99, 99)).unwrap_err(), Holder::Everybody);
        drop(kept);
        assert!(places.take(of(99, 99)).is_ok() && places.take(of(1, 1)).is_ok());
        drop(others);
        assert!(places.0.lock().unwrap().is_empty());
    }
}
