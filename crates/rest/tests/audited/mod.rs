//! Audit coverage of everything that changes something. Each served operation that writes has a recipe in one of
//! the tables beside this file, or stands among the exempt with the reason; nothing else is left to memory.
//! Every recipe is played three times: with broken input, by a token that may not, and as it should be.

mod access;
mod admin;
mod check;
mod content;
mod issue;
mod organization;
mod package;
mod recipe;
mod repository;
mod team;
mod token;
mod upstream;

use crate::harness::World;
use bailiwick_catalogue::{Operation, operation};
use bailiwick_store::audit::{Condition, EventRow, Match, Query, search};
use recipe::{Played, Recipe};
use std::collections::BTreeSet;

/// Served operations that write and have no recipe, each with its reason. May only shrink.
const EXEMPT: &[(&str, &str)] = &[];

/// Operations that no live credential is refused: what they take is in the body.
const NEVER_REFUSED: &[&str] = &["bailiwick/create-session"];

/// Changes that leave everything as it was, because nothing is left to change.
const CHANGES_NOTHING: &[&str] = &["orgs/update-membership-for-authenticated-user"];

fn all() -> Vec<Recipe> {
    [
        access::recipes(),
        admin::recipes(),
        check::recipes(),
        content::recipes(),
        issue::recipes(),
        organization::recipes(),
        package::recipes(),
        repository::recipes(),
        team::recipes(),
        token::recipes(),
        upstream::recipes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Operations that this surface serves and that change something.
fn served() -> BTreeSet<&'static str> {
    let mut routes = bailiwick_gate::Routes::new();
    bailiwick_rest::register(&mut routes);
    let served = routes.operations().filter_map(operation);
    served
        .filter(|operation| operation.writes)
        .map(|operation| operation.id)
        .collect()
}

#[test]
fn every_served_change_has_a_recipe() {
    let served = served();
    let recipes = all();
    let mut known = BTreeSet::new();
    for recipe in &recipes {
        assert!(known.insert(recipe.operation.id), "{} twice", recipe.operation.id);
    }
    for (id, reason) in EXEMPT {
        assert!(served.contains(id), "{id} is exempt and not served");
        assert!(!reason.is_empty(), "{id} is exempt for no reason");
        assert!(known.insert(id), "{id} is exempt and has a recipe");
    }
    let missing: Vec<_> = served.difference(&known).collect();
    assert!(missing.is_empty(), "served changes without a recipe: {missing:?}");
    let strange: Vec<_> = known.difference(&served).collect();
    assert!(
        strange.is_empty(),
        "recipes for what is not served or changes nothing: {strange:?}"
    );
}

/// Everything that a request left in the log, oldest first.
fn recorded(world: &World, request_id: &str) -> Vec<EventRow> {
    let query = Query {
        ascending: true,
        ..Query::new(vec![Condition::is(Match::RequestId(request_id.to_owned()))], 100)
    };
    world.store.read(|tx| search(tx, &query)).unwrap()
}

/// The one event that a request which changed nothing left: of its operation, under the operation's own action.
#[track_caller]
fn only(world: &World, operation: &Operation, played: &Played, outcome: &str) -> EventRow {
    let mut events = recorded(world, &played.request_id);
    let seen: Vec<_> = events
        .iter()
        .map(|event| {
            (
                event.action.as_str(),
                event.operation.as_deref(),
                event.outcome.word(),
            )
        })
        .collect();
    let wanted = (operation.action, Some(operation.id), outcome);
    assert_eq!(seen, [wanted], "{} {}", played.status, played.text);
    events.remove(0)
}

async fn play(recipe: &Recipe) {
    let operation = recipe.operation;
    let kitchen = recipe::Kitchen::prepare(recipe).await;
    let world = &kitchen.world;
    let before = kitchen.state();

    let failed = kitchen.play_wrong(recipe).await;
    assert!(
        (400..500).contains(&failed.status),
        "{}: {failed:?}",
        operation.id
    );
    only(world, operation, &failed, recipe.wrong_outcome());
    assert_eq!(
        kitchen.state(),
        before,
        "{} failed and changed something",
        operation.id
    );

    if !NEVER_REFUSED.contains(&operation.id) {
        let (token, refused) = kitchen.play_refused(recipe).await;
        assert!(
            matches!(refused.status, 403 | 404),
            "{}: {refused:?}",
            operation.id
        );
        let event = only(world, operation, &refused, "refused");
        assert_eq!(event.token_id, Some(token), "{}", operation.id);
        assert_ne!(event.reason, "allowed", "{}", operation.id);
        // What minting the token left is not of the request.
        let state = kitchen.state_refused();
        assert_eq!(
            state.0, state.1,
            "{} was refused and changed something",
            operation.id
        );
    }

    let before = kitchen.state();
    let done = kitchen.play_right(recipe).await;
    assert!((200..300).contains(&done.status), "{}: {done:?}", operation.id);
    // Where this fails, the comparisons above would not see a change either.
    let changed = kitchen.state() != before;
    assert_eq!(
        changed,
        !CHANGES_NOTHING.contains(&operation.id),
        "{}",
        operation.id
    );
    let events = recorded(world, &done.request_id);
    let seen: Vec<_> = events.iter().map(|event| event.action.as_str()).collect();
    let wanted: Vec<_> = std::iter::once(recipe.action)
        .chain(recipe.more.iter().copied())
        .collect();
    assert_eq!(seen, wanted, "{}", operation.id);
    assert!(
        events[0].actor_id.is_some() || recipe.is_anonymous(),
        "{}",
        operation.id
    );
    for event in &events {
        assert_eq!(event.operation.as_deref(), Some(operation.id));
        assert_eq!(
            (event.outcome.word(), event.reason.as_str()),
            ("allowed", "allowed")
        );
    }
}

/// Plays every recipe of a table and tells of all that fail.
async fn play_all(recipes: Vec<Recipe>) {
    let mut failed = Vec::new();
    for recipe in recipes {
        let id = recipe.operation.id;
        if tokio::spawn(async move { play(&recipe).await }).await.is_err() {
            failed.push(id);
        }
    }
    assert!(failed.is_empty(), "{failed:?}");
}

macro_rules! tables {
    ($($noun:ident)*) => {$(
        mod $noun {
            #[tokio::test]
            async fn each_change_leaves_one_event_done_refused_or_failed() {
                super::super::play_all(super::super::$noun::recipes()).await;
            }
        }
    )*};
}

mod play {
    tables! { access admin check content issue organization repository team token }
}
