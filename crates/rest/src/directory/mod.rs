//! Users, organizations, teams and repositories: who there is and who belongs where.

mod account;
mod collaborator;
mod member;
mod organization;
mod repository;
mod repository_change;
mod repository_list;
mod service;
mod team;

pub(crate) use repository_change::visibility;

use bailiwick_authority::Fault;
use bailiwick_gate::{Reply, Request, Routes};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    account::register(routes);
    collaborator::register(routes);
    member::register(routes);
    organization::register(routes);
    repository::register(routes);
    repository_change::register(routes);
    repository_list::register(routes);
    service::register(routes);
    team::register(routes);
}

/// Tells an absent field from a null one.
pub(crate) fn present<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(deserializer).map(Some)
}

/// `since`, from which lists in the order of ids go on; nonsense is the beginning.
pub(crate) fn since(request: &Request) -> i64 {
    let text = request.query.get("since").unwrap_or("0");
    text.parse::<i64>()
        .ok()
        .filter(|id| (0..=bailiwick_model::id::ID_MAX).contains(id))
        .unwrap_or(0)
}

/// A page of a list that goes on after the last id.
pub(crate) fn page_since(
    request: &Request,
    path: &str,
    items: Vec<Value>,
    last: Option<i64>,
    size: usize,
) -> Reply {
    let reply = Reply::json(&Value::Array(items));
    match last {
        Some(last) => {
            let link = format!(
                "<{}{path}?since={last}&per_page={size}>; rel=\"next\"",
                request.base_url
            );
            reply.with(http::header::LINK, &link)
        }
        None => reply,
    }
}

/// A word of a query, or 422.
pub(crate) fn word<T>(
    request: &Request,
    name: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Fault> {
    match request.query.get(name) {
        None | Some("") => Ok(None),
        Some(text) => match read(text) {
            Some(value) => Ok(Some(value)),
            None => Err(Fault::invalid(
                "Query",
                name,
                "invalid",
                "is not one of the words that are offered",
            )),
        },
    }
}
