//! Pages that take over the rule of another operation, so that a page never has a rule of its own.

use crate::parse::Operation;
use crate::read::faults::Fault;
use crate::template::params;

/// Gives every row with `as` the rule of the row that it names. A page is for sessions, and visitors where they may.
pub fn take_over(rows: &mut [Operation]) -> Result<(), Fault> {
    for at in 0..rows.len() {
        let Some((line, id)) = rows.get(at).and_then(|row| row.same_as.clone()) else {
            continue;
        };
        let Some(page) = rows.get(at) else { continue };
        let fault = |message: String| Fault {
            file: page.file.clone(),
            line,
            message,
        };
        let other = rows.iter().find(|row| row.id == id);
        let other = other.ok_or_else(|| fault(format!("no operation `{id}`")))?;
        if other.same_as.is_some() {
            return Err(fault(format!("`{id}` takes over a rule itself")));
        }
        if other.writes && page.method == "GET" {
            return Err(fault(format!("`{id}` changes something, and a GET never does")));
        }
        // The same names in the path lead to the same things; more of them would be things that no term is about.
        let names = params(&page.segments);
        let asked = ["owner", "repo", "org", "enterprise", "team_id", "repository_id"];
        if let Some(name) = asked
            .iter()
            .find(|name| params(&other.segments).contains(name) && !names.contains(name))
        {
            return Err(fault(format!(
                "`{id}` is about `{{{name}}}`, which this path does not name"
            )));
        }
        let (needs, anonymous, rest) = (other.needs.clone(), other.anonymous, (other.writes, other.bulk));
        let (sudo, plants, spans, action) = (other.sudo, other.plants, other.spans, other.action.clone());
        let Some(page) = rows.get_mut(at) else { continue };
        page.needs = needs;
        page.anonymous = anonymous;
        page.kinds = (false, false, true);
        (page.writes, page.bulk) = rest;
        page.sudo = sudo;
        page.plants = plants;
        page.spans = spans;
        if page.action.is_empty() {
            page.action = action;
        }
        if page.why.is_empty() {
            page.why = format!("the rule of {id}");
        }
    }
    Ok(())
}
