//! What a token asks for already, as it is sent back in an edit with what is added, and the change in words.

use crate::output::field;
use bailiwick_model::Level;
use serde_json::{Map, Value, json};

/// The grants of a token as an edit says them again: what is approved, or was asked for last. What was revoked is gone.
pub fn kept(token: &Value) -> Vec<Value> {
    let live = |grant: &&Value| field::text(grant, "/state") != "revoked";
    field::list(token, "/grants")
        .iter()
        .filter(live)
        .map(said_again)
        .collect()
}

fn said_again(grant: &Value) -> Value {
    let asked = grant.get("request").filter(|request| request.is_object());
    let asked = asked.filter(|request| field::text(request, "/state") == "pending");
    let wanted = asked.unwrap_or(grant);
    let login = field::text(grant, "/owner/login");
    let mut said = Map::new();
    if field::text(grant, "/owner/type") == "Enterprise" {
        said.insert("enterprise".into(), json!(login));
    } else {
        said.insert("owner".into(), json!(login));
        let selection = field::text(wanted, "/repository_selection");
        if selection == "subset" {
            let full = field::list(wanted, "/repositories")
                .iter()
                .filter_map(Value::as_str);
            let names: Vec<&str> = full.map(|name| name.rsplit('/').next().unwrap_or(name)).collect();
            said.insert("repositories".into(), json!(names));
        }
        said.insert("repository_selection".into(), json!(selection));
    }
    let kinds = wanted.get("permissions").and_then(Value::as_object);
    let flat = kinds
        .into_iter()
        .flat_map(Map::values)
        .filter_map(Value::as_object);
    let flat: Map<String, Value> = flat
        .flatten()
        .map(|(slug, level)| (slug.clone(), level.clone()))
        .collect();
    said.insert("permissions".into(), Value::Object(flat));
    if let Some(reason) = asked
        .and_then(|request| request.get("reason"))
        .filter(|why| why.is_string())
    {
        said.insert("reason".into(), reason.clone());
    }
    Value::Object(said)
}

/// Adds a grant to those that a token has: the wider of both, at its owner.
pub fn add(grants: &mut Vec<Value>, added: Value) {
    let Some(there) = grants.iter_mut().find(|grant| is_at(grant, &added)) else {
        grants.push(added);
        return;
    };
    let selection = match (selection(there), selection(&added)) {
        ("all", _) | (_, "all") => "all",
        ("subset", _) | (_, "subset") => "subset",
        _ => "none",
    };
    let names = names(there, &added);
    let levels = levels(there, &added);
    let Some(fields) = there.as_object_mut() else {
        return;
    };
    fields.insert("permissions".into(), levels);
    if let Some(reason) = added.get("reason") {
        fields.insert("reason".into(), reason.clone());
    }
    if fields.contains_key("enterprise") {
        return;
    }
    fields.insert("repository_selection".into(), json!(selection));
    fields.remove("repositories");
    if selection == "subset" {
        fields.insert("repositories".into(), names);
    }
}

/// Whether two grants are for the same owner or enterprise.
pub fn is_at(one: &Value, other: &Value) -> bool {
    ["owner", "enterprise"].iter().any(|kind| {
        let login = |grant: &Value| grant.get(*kind).and_then(Value::as_str).map(str::to_lowercase);
        login(one).is_some() && login(one) == login(other)
    })
}

fn selection(grant: &Value) -> &str {
    grant
        .get("repository_selection")
        .and_then(Value::as_str)
        .unwrap_or("none")
}

fn names(one: &Value, other: &Value) -> Value {
    let mut names: Vec<&Value> = Vec::new();
    for name in field::list(one, "/repositories")
        .iter()
        .chain(field::list(other, "/repositories"))
    {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    json!(names)
}

fn levels(one: &Value, other: &Value) -> Value {
    let of = |grant: &Value| {
        let levels = grant.get("permissions").and_then(Value::as_object);
        levels.cloned().unwrap_or_default()
    };
    let rank = |level: &Value| level.as_str().and_then(Level::parse);
    let mut all = of(one);
    for (slug, level) in of(other) {
        let wider = all.get(&slug).is_none_or(|there| rank(there) < rank(&level));
        if wider {
            all.insert(slug, level);
        }
    }
    Value::Object(all)
}

/// What an edit changes, a line for each owner.
pub fn change(before: &[Value], after: &[Value]) -> Vec<String> {
    let gone = before
        .iter()
        .filter(|grant| !after.iter().any(|one| is_at(one, grant)));
    let mut lines: Vec<String> = gone
        .map(|grant| format!("{}: {} → nothing", place(grant), words(grant)))
        .collect();
    for grant in after {
        let had = before.iter().find(|one| is_at(one, grant));
        let had = had.map_or_else(|| "nothing".to_owned(), words);
        let has = words(grant);
        lines.push(if had == has {
            format!("{}: {has}, as before", place(grant))
        } else {
            format!("{}: {had} → {has}", place(grant))
        });
    }
    lines
}

fn place(grant: &Value) -> String {
    match grant.get("enterprise") {
        Some(slug) => format!("enterprise {}", field::words(slug)),
        None => field::text(grant, "/owner"),
    }
}

fn words(grant: &Value) -> String {
    let permissions = field::text(grant, "/permissions");
    match selection(grant) {
        "all" => format!("{permissions} at all repositories"),
        "subset" => format!("{permissions} at {}", field::text(grant, "/repositories")),
        _ => permissions,
    }
}

/// What waits for approval, a line for each request.
pub fn waiting(token: &Value) -> Vec<String> {
    let grants = field::list(token, "/grants").iter();
    grants
        .filter(|grant| field::text(grant, "/request/state") == "pending")
        .map(|grant| {
            format!(
                "request {} waits for approval by {}; until then what was approved holds",
                field::text(grant, "/request/id"),
                field::text(grant, "/owner/login")
            )
        })
        .collect()
}
