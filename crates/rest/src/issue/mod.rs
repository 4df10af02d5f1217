//! Issues with their comments, labels and assignees.

mod assignee;
mod change;
mod comment;
mod label;
mod list;

use bailiwick_authority::Fault;
use bailiwick_gate::{Call, Request, Routes, encode};
use bailiwick_model::Timestamp;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    assignee::register(routes);
    change::register(routes);
    comment::register(routes);
    label::register(routes);
    list::register(routes);
}

/// The request's own path below the base URL, for links to other pages.
pub(crate) fn own_path(call: &Call) -> String {
    let mut path = format!("/api/v3{}", call.permit.operation().path);
    for (name, value) in &call.request.parameters {
        path = path.replace(&format!("{{{name}}}"), &encode(value));
    }
    path
}

/// One word of a fixed choice in the query. Anything else is 422, as at GitHub.
pub(crate) fn choice<T: Copy>(
    request: &Request,
    name: &str,
    words: &[(&str, T)],
    default: T,
) -> Result<T, Fault> {
    let Some(given) = request.query.get(name).filter(|given| !given.is_empty()) else {
        return Ok(default);
    };
    match words.iter().find(|(word, _)| *word == given) {
        Some((_, value)) => Ok(*value),
        None => {
            let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let message = format!("use one of {}", words.join(", "));
            Err(Fault::invalid("Query", name, "invalid", message))
        }
    }
}

/// An instant in the query.
pub(crate) fn instant(request: &Request, name: &str) -> Result<Option<Timestamp>, Fault> {
    match request.query.get(name).filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => match Timestamp::parse(text) {
            Some(at) => Ok(Some(at)),
            None => Err(Fault::invalid(
                "Query",
                name,
                "invalid",
                "use an RFC 3339 instant",
            )),
        },
    }
}
