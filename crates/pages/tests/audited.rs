//! Every page that changes something, walked mechanically: a forged form and a form of somebody who may not leave one
//! event each, of the page's operation, and change nothing. That a change records itself is tested with the use cases.

use crate::browser::Browser;
use crate::harness::{Answered, BASE_URL, World};
use bailiwick_catalogue::{Door, Operation, Requirement, operation};
use bailiwick_store::audit::{Condition, EventRow, Match, Query, search};

const OWN: [(&str, &str); 2] = [("origin", BASE_URL), ("sec-fetch-site", "same-origin")];

/// Every page that is served and changes something.
fn changing() -> Vec<&'static Operation> {
    let mut routes = bailiwick_gate::Routes::new();
    bailiwick_pages::register(&mut routes);
    let mut found: Vec<&Operation> = routes
        .operations()
        .filter_map(operation)
        .filter(|one| one.writes && one.door == Door::Page)
        .collect();
    found.sort_by_key(|one| one.id);
    found
}

/// A path of an operation: things of acme, which mallory has no part in.
fn path_of(operation: &Operation) -> String {
    operation
        .path
        .split('/')
        .map(|segment| match segment {
            "{org}" | "{owner}" => "acme",
            "{repo}" => "secret",
            "{enterprise}" => "acme-enterprise",
            "{username}" => "bob",
            segment if segment.ends_with("_id}") || segment.ends_with("_number}") => "1",
            segment if segment.starts_with('{') => "thing",
            segment => segment,
        })
        .collect::<Vec<_>>()
        .join("/")
}

/// What a request left in the log.
fn recorded(world: &World, answer: &Answered) -> Vec<EventRow> {
    let id = answer.header("x-github-request-id").to_owned();
    let query = Query::new(vec![Condition::is(Match::RequestId(id))], 100);
    world.store.read(|tx| search(tx, &query)).unwrap()
}

async fn played(browser: &Browser<'_>, operation: &Operation, csrf: &str) -> Answered {
    let fields = [("csrf", csrf), ("name", "x"), ("confirm", "x")];
    browser.post_raw(&path_of(operation), &fields, &OWN).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_form_leaves_one_refusal_at_every_page() {
    let world = World::new();
    let browser = world.signed_in("alice");
    let pages = changing();
    assert!(pages.len() > 12, "{}", pages.len());
    let before = world.rows_besides(&["audit_event", "audit_head", "ids", "session", "sqlite_sequence"]);
    for operation in pages {
        let answer = played(&browser, operation, "00").await;
        assert_eq!(answer.status, 403, "{}", operation.id);
        let seen: Vec<_> = recorded(&world, &answer)
            .into_iter()
            .map(|event| {
                (
                    event.operation.unwrap_or_default(),
                    event.outcome.word(),
                    event.reason,
                )
            })
            .collect();
        let wanted = (operation.id.to_owned(), "refused", String::from("form.stale"));
        assert_eq!(seen, [wanted], "{}", operation.id);
    }
    let after = world.rows_besides(&["audit_event", "audit_head", "ids", "session", "sqlite_sequence"]);
    let changed: Vec<_> = after.iter().filter(|row| !before.contains(row)).collect();
    assert!(changed.is_empty() && before.len() == after.len(), "{changed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_is_refused_and_recorded_at_every_page() {
    let world = World::new();
    let browser = world.signed_in("mallory");
    let csrf = browser.csrf().await;
    for operation in changing() {
        let own = matches!(operation.requirement, Requirement::Live)
            || !["{org}", "{owner}", "{enterprise}", "/admin"]
                .iter()
                .any(|part| operation.path.contains(part));
        if own {
            // One's own things: who is signed in may, and what is not theirs is not there.
            continue;
        }
        let answer = played(&browser, operation, &csrf).await;
        assert!(
            matches!(answer.status, 403 | 404),
            "{} {}",
            operation.id,
            answer.status
        );
        let seen: Vec<_> = recorded(&world, &answer)
            .into_iter()
            .map(|event| (event.operation.unwrap_or_default(), event.outcome.word()))
            .collect();
        assert_eq!(seen, [(operation.id.to_owned(), "refused")], "{}", operation.id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn visitors_are_sent_to_sign_in_at_every_page_that_changes_something() {
    let world = World::new();
    for operation in changing() {
        if operation.anonymous != bailiwick_catalogue::Anonymous::Never {
            continue;
        }
        let browser = world.browser();
        let csrf = browser.csrf().await;
        let answer = played(&browser, operation, &csrf).await;
        assert!(
            matches!(answer.status, 401 | 404),
            "{} {}",
            operation.id,
            answer.status
        );
        assert!(recorded(&world, &answer).is_empty(), "{}", operation.id);
    }
}
