//! Every single step that takes something away from a question, for the law that none of them opens anything.

use crate::question::{Carried, Given, Question, Rules, Thing};
use bailiwick_decision::{Known, Narrowed};
use bailiwick_model::time::DAY;
use bailiwick_model::{Level, RepositoryRole};
use std::collections::BTreeSet;

/// Every single step that takes something away, with its name.
pub fn tightenings(q: &Question) -> Vec<(String, Question)> {
    let mut all = Vec::new();
    let mut add = |name: String, change: &dyn Fn(&mut Question)| {
        let mut tighter = q.clone();
        change(&mut tighter);
        all.push((name, tighter));
    };
    for wait in [1, DAY, 45 * DAY, 400 * DAY] {
        add(format!("{wait} µs pass"), &|q| q.now += wait);
    }
    add(String::from("the credential is revoked"), &|q| {
        q.carried.life().into_iter().for_each(|life| life.revoked = true);
    });
    add(String::from("the principal is suspended"), &|q| {
        q.who.active = false
    });
    add(String::from("the rate is used up"), &|q| q.rate_exceeded = true);
    add(String::from("the credential is narrowed to nothing"), &|q| {
        q.narrowed = Some(Narrowed::default())
    });
    add(String::from("the credential is narrowed to reading"), &|q| {
        let before = q.narrowed.is_none_or(|narrowed| narrowed.read);
        q.narrowed = Some(Narrowed {
            read: before,
            ..Narrowed::default()
        })
    });
    add(String::from("the credential is not recognised"), &|q| {
        q.carried = Carried::Garbage
    });
    add(String::from("the operation is not known"), &|q| {
        q.operation = None
    });
    add(String::from("the operation plants"), &|q| {
        q.operation.iter_mut().for_each(|asked| asked.plants = true)
    });
    for part in q.things.keys().copied() {
        add(format!("thing {part} is not found"), &|q| {
            q.things.insert(part, Thing::Missing);
        });
    }
    grant_tightenings(q, &mut add);
    policy_tightenings(q, &mut add);
    role_tightenings(q, &mut add);
    all
}

type Add<'a> = &'a mut dyn FnMut(String, &dyn Fn(&mut Question));

fn grant_tightenings(q: &Question, add: Add<'_>) {
    if let Carried::Classic(_, scopes) = &q.carried {
        for scope in scopes.clone() {
            add(format!("{scope:?} is taken away"), &|q| {
                if let Carried::Classic(_, scopes) = &mut q.carried {
                    scopes.remove(&scope);
                }
            });
        }
    }
    let Carried::FineGrained(_, given) = &q.carried else {
        return;
    };
    for (place, one) in given.iter().enumerate() {
        let mut change = |name: &str, change: &dyn Fn(&mut Vec<Given>)| {
            add(format!("grant {place} {name}"), &|q| {
                if let Carried::FineGrained(_, given) = &mut q.carried {
                    change(given);
                }
            });
        };
        change("is removed", &|given| {
            given.remove(place);
        });
        change("is deactivated", &|given| given[place].active = false);
        change("no longer holds all repositories", &|given| {
            given[place].everything = false
        });
        change("holds no list", &|given| {
            given[place].everything = false;
            given[place].selected = None;
        });
        change("holds an empty list", &|given| {
            given[place].everything = false;
            given[place].selected = Some(BTreeSet::new());
        });
        for id in 100..104 {
            change("loses a repository", &|given| {
                given[place].selected.iter_mut().for_each(|ids| {
                    ids.remove(&id);
                });
            });
        }
        for permission in one.levels.keys() {
            for level in [Level::None, Level::Read, Level::Write] {
                change("has a level lowered", &|given| {
                    let held = given[place].levels.get_mut(permission).unwrap();
                    *held = level.min(*held);
                });
            }
        }
    }
}

fn policy_tightenings(q: &Question, add: Add<'_>) {
    for part in q.things.keys() {
        let mut change = |name: &str, change: &dyn Fn(&mut Rules)| {
            add(format!("the owner of {part} {name}"), &|q| {
                if let Some(Thing::Repository { owner, .. } | Thing::Account(owner)) = q.things.get_mut(part)
                {
                    change(&mut owner.rules);
                } else if let Some(Thing::Enterprise(_, rules)) = q.things.get_mut(part) {
                    change(rules);
                }
            });
        };
        change("blocks fine-grained tokens", &|rules| {
            rules.fine_grained.allowed = false
        });
        change("blocks classic tokens", &|rules| rules.classic.allowed = false);
        change("wants single owners", &|rules| rules.several_owners = false);
        change("refuses planting", &|rules| rules.planting = false);
        change("exempts nobody", &|rules| {
            rules.fine_grained.exempt = false;
            rules.classic.exempt = false;
        });
        for days in [-1, 1, 30, 100, 366] {
            change("shortens lifetimes", &|rules| {
                for kind in [&mut rules.fine_grained, &mut rules.classic] {
                    kind.days = Some(kind.days.map_or(days, |held| held.min(days)));
                }
            });
        }
    }
}

fn role_tightenings(q: &Question, add: Add<'_>) {
    add(String::from("leaves the organizations"), &|q| {
        q.who.organizations.clear()
    });
    add(String::from("leaves the enterprise"), &|q| {
        q.who.enterprises.clear()
    });
    add(String::from("decides for nobody"), &|q| q.who.approver_of.clear());
    add(String::from("reads for nobody"), &|q| q.who.auditor_of.clear());
    add(String::from("is no administrator"), &|q| {
        q.who.site_administrator = false
    });
    add(String::from("is not the author"), &|q| {
        q.conditions.author = Known::No
    });
    add(String::from("may be the author"), &|q| {
        q.conditions.author = Known::Unknown
    });
    for id in q.who.repositories.keys().copied() {
        add(format!("loses its role at {id}"), &|q| {
            q.who.repositories.remove(&id);
        });
        add(format!("only reads {id}"), &|q| {
            q.who
                .repositories
                .insert(id, RepositoryRole::Read.min(q.who.repositories[&id]));
        });
    }
    for part in q.things.keys() {
        add(format!("{part} is archived, without base role"), &|q| {
            if let Some(Thing::Repository { archived, owner, .. }) = q.things.get_mut(part) {
                *archived = true;
                owner.base = RepositoryRole::None;
            }
        });
    }
}
