//! `/user`, `/users`, `/orgs`, `/repos`, `/teams` and `/admin`: who there is and who belongs where.

mod account;
mod admin;
mod collaborator;
mod member;
mod operations;
mod repository;
mod repository_move;
mod service;
mod team;

use crate::harness::World;
use bailiwick_store::audit;

/// The newest events, newest first: action, operation and outcome of those that operations left.
pub fn events(world: &World, limit: usize) -> Vec<audit::EventRow> {
    world
        .store
        .read(|tx| audit::search(tx, &audit::Query::new(Vec::new(), limit)))
        .unwrap()
}

/// The newest main event of a change: the first of its request. Further events of the same request follow it;
/// reads are recorded whenever the recorder comes to them.
#[track_caller]
pub fn expect_event(world: &World, action: &str) -> audit::EventRow {
    let mut all = events(world, 60);
    all.retain(|event| event.action != "api.request");
    let request = all[0].request_id.clone();
    let same: Vec<_> = all
        .into_iter()
        .filter(|event| event.request_id == request)
        .collect();
    let main = same.last().unwrap().clone();
    assert_eq!(main.action, action);
    assert_eq!(main.outcome, bailiwick_model::Outcome::Allowed);
    // Whatever else the change did, it tells of itself once.
    let again = same
        .iter()
        .filter(|event| event.action == action && event.owner_id == main.owner_id);
    assert_eq!(again.count(), 1);
    main
}

/// The values of a field in a list.
pub fn column(list: &serde_json::Value, field: &str) -> Vec<String> {
    let list = list.as_array().unwrap().iter();
    list.map(|item| item[field].as_str().unwrap_or("").to_owned())
        .collect()
}

/// A field of an event's data.
pub fn field(event: &audit::EventRow, name: &str) -> serde_json::Value {
    let data: serde_json::Value = serde_json::from_str(&event.data).unwrap();
    data[name].clone()
}

/// The full names in a list of repositories.
pub fn names(list: &serde_json::Value) -> Vec<String> {
    column(list, "full_name")
}

/// The repositories that lie on disk.
pub fn on_disk(world: &World) -> Vec<u64> {
    world.authority.git().ids().unwrap()
}
