//! The difference between two sets of rights, line by line: what is new, raised, lowered, gone, as it was.

use super::rights::{Reach, Rights, level, level_word, title};
use crate::look::diff::{Change, Line, diff};
use crate::look::{Markup, html};
use std::collections::BTreeSet;

/// Repositories named one by one; the rest is counted.
const NAMED_MAX: usize = 100;

struct Owned {
    change: Change,
    what: String,
    from: &'static str,
    to: &'static str,
}

/// The difference, changes first; `label` says between what and what.
pub fn difference(label: &str, from: &Rights, to: &Rights) -> Markup {
    let mut lines = permissions(from, to);
    lines.extend(repositories(&from.reach, &to.reach));
    lines.sort_by_key(|line| line.change == Change::Same);
    let lines: Vec<Line<'_>> = lines
        .iter()
        .map(|line| Line {
            change: line.change,
            what: &line.what,
            from: line.from,
            to: line.to,
        })
        .collect();
    html! {
        @if lines.is_empty() { p.soft { "Nothing: neither permissions nor repositories." } }
        @else { (diff(label, &lines)) }
    }
}

/// Whether two sets differ.
pub fn differs(from: &Rights, to: &Rights) -> bool {
    from != to
}

fn permissions(from: &Rights, to: &Rights) -> Vec<Owned> {
    let slugs: BTreeSet<&String> = from.permissions.keys().chain(to.permissions.keys()).collect();
    let mut lines: Vec<Owned> = slugs
        .into_iter()
        .map(|slug| {
            let (was, is) = (from.permissions.get(slug), to.permissions.get(slug));
            let change = match (was, is) {
                (None, _) => Change::Added,
                (Some(_), None) => Change::Removed,
                (Some(was), Some(is)) => match level(is).cmp(&level(was)) {
                    std::cmp::Ordering::Greater => Change::Raised,
                    std::cmp::Ordering::Less => Change::Lowered,
                    std::cmp::Ordering::Equal => Change::Same,
                },
            };
            Owned {
                change,
                what: title(slug).to_owned(),
                from: was.map_or("", |word| level_word(word)),
                to: is.map_or("", |word| level_word(word)),
            }
        })
        .collect();
    lines.sort_by(|one, other| one.what.cmp(&other.what));
    lines
}

const ALL: &str = "All, also future ones";

fn repositories(from: &Reach, to: &Reach) -> Vec<Owned> {
    let whole = |change, from, to| {
        vec![Owned {
            change,
            what: String::from("Repositories"),
            from,
            to,
        }]
    };
    match (from, to) {
        (Reach::None, Reach::None) => Vec::new(),
        (Reach::All, Reach::All) => whole(Change::Same, ALL, ALL),
        (Reach::None, Reach::All) => whole(Change::Added, "", ALL),
        (Reach::All, Reach::None) => whole(Change::Removed, ALL, ""),
        (Reach::Only(_), Reach::All) => whole(Change::Raised, "Selected ones", ALL),
        (Reach::All, Reach::Only(names)) => {
            let mut lines = whole(Change::Lowered, ALL, "Selected ones");
            lines.extend(each(names, names));
            lines
        }
        (Reach::None, Reach::Only(names)) => each(&[], names),
        (Reach::Only(names), Reach::None) => each(names, &[]),
        (Reach::Only(was), Reach::Only(is)) => each(was, is),
    }
}

fn each(was: &[String], is: &[String]) -> Vec<Owned> {
    let (before, after): (BTreeSet<&String>, BTreeSet<&String>) = (was.iter().collect(), is.iter().collect());
    let mut lines: Vec<Owned> = before
        .union(&after)
        .map(|name| Owned {
            change: match (before.contains(*name), after.contains(*name)) {
                (true, true) => Change::Same,
                (true, false) => Change::Removed,
                (false, _) => Change::Added,
            },
            what: (*name).clone(),
            from: "",
            to: "",
        })
        .collect();
    lines.sort_by_key(|line| line.change == Change::Same);
    let rest = lines.len().saturating_sub(NAMED_MAX);
    if rest > 0 {
        lines.truncate(NAMED_MAX);
        lines.push(Owned {
            change: Change::Same,
            what: format!("and {rest} more repositories"),
            from: "",
            to: "",
        });
    }
    lines
}
