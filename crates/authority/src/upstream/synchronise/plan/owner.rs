//! Owners: known by their id there. One that is gone is emptied, never handed to another of its name.

use super::{Bound, Matched, OwnerChange, Plan, Unread};
use crate::upstream::synchronise::current::{Current, OwnerHere};
use crate::upstream::synchronise::snapshot::{Conflict, OwnerThere, Snapshot};
use bailiwick_model::AccountId;
use bailiwick_model::name::{self, fold};
use std::collections::BTreeSet;

pub(super) fn owners(current: &Current, snapshot: &Snapshot, matched: &mut Matched, plan: &mut Plan) {
    let mut renames = Vec::new();
    for (id, here) in &current.owners {
        let Some(there) = find(here, current, snapshot) else {
            let mut unread = snapshot.unread.iter();
            match unread.find(|one| one.is(here.key.as_ref(), &here.upstream_name)) {
                // INVARIANT: not seen is not gone: nothing below it changes, and what is known of it grows old.
                Some(one) => {
                    matched.alone.insert(*id);
                    plan.unread.push(Unread {
                        what: Bound::Owner(*id),
                        name: here.upstream_name.clone(),
                        known: here.key.is_some(),
                        code: one.code,
                        message: one.message.clone(),
                    });
                }
                None => missing(*id, here, matched, plan),
            }
            continue;
        };
        if there.kind.is_some_and(|kind| kind != here.kind) {
            plan.conflicts.push(Conflict::new(
                "owner.kind",
                &there.login,
                "is a person on one side and an organization on the other: unbind it and bind what is meant",
            ));
            matched.alone.insert(*id);
            continue;
        }
        matched.owners.insert(there.key.clone(), *id);
        let change = OwnerChange {
            id: *id,
            key: there.key.clone(),
            upstream_name: there.login.clone(),
            login: None,
            base_role: there.base_role.unwrap_or(here.base_role),
        };
        // An owner that was bound under another name keeps the name it was given here.
        let follows = fold(&here.login) == fold(&here.upstream_name) && here.login != there.login;
        if follows {
            renames.push(change);
        } else if differs(here, &change) {
            plan.owners.push(change);
        }
    }
    rename(current, renames, plan);
}

/// By id; by the name that was bound only until the id is known.
fn find<'a>(here: &OwnerHere, current: &Current, snapshot: &'a Snapshot) -> Option<&'a OwnerThere> {
    if let Some(key) = &here.key {
        return snapshot.owners.iter().find(|there| there.key == *key);
    }
    let known = |key: &String| {
        current
            .owners
            .values()
            .any(|other| other.key.as_ref() == Some(key))
    };
    let folded = fold(&here.upstream_name);
    let named = |there: &&OwnerThere| fold(&there.login) == folded && !known(&there.key);
    snapshot.owners.iter().find(named)
}

fn missing(id: AccountId, here: &OwnerHere, matched: &mut Matched, plan: &mut Plan) {
    let message = if here.key.is_some() {
        plan.owners_gone.push(id);
        "is gone at the upstream: unbind it here, or bind what took its place"
    } else {
        matched.alone.insert(id);
        "is not found at the upstream: was it bound under the right name?"
    };
    let code = if here.key.is_some() {
        "owner.gone"
    } else {
        "owner.unknown"
    };
    plan.conflicts
        .push(Conflict::new(code, &here.upstream_name, message));
}

fn differs(here: &OwnerHere, change: &OwnerChange) -> bool {
    here.key.as_ref() != Some(&change.key)
        || here.upstream_name != change.upstream_name
        || here.base_role != change.base_role
        || change.login.is_some()
}

/// Logins that can be followed, in an order in which each is free when its turn comes.
fn rename(current: &Current, mut waiting: Vec<OwnerChange>, plan: &mut Plan) {
    let login = |id: &AccountId| current.owners.get(id).map(|here| fold(&here.login));
    let mut taken: BTreeSet<String> = current.logins_taken.clone();
    taken.extend(current.owners.keys().filter_map(login));
    loop {
        let mut left = Vec::new();
        let mut moved = false;
        for mut change in waiting {
            let own = login(&change.id);
            let wanted = fold(&change.upstream_name);
            let valid = name::login(&change.upstream_name).is_ok();
            if valid && (own.as_ref() == Some(&wanted) || !taken.contains(&wanted)) {
                if let Some(own) = own {
                    taken.remove(&own);
                }
                taken.insert(wanted);
                change.login = Some(change.upstream_name.clone());
                plan.owners.push(change);
                moved = true;
            } else {
                left.push(change);
            }
        }
        waiting = left;
        if !moved || waiting.is_empty() {
            break;
        }
    }
    for change in waiting {
        plan.conflicts.push(Conflict::new(
            "owner.name_taken",
            &change.upstream_name,
            "this login is taken here or is no login here: the owner keeps the one it has",
        ));
        if current
            .owners
            .get(&change.id)
            .is_some_and(|here| differs(here, &change))
        {
            plan.owners.push(change);
        }
    }
}
