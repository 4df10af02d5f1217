//! The audit log: the chain, what refuses to change it, pruning, searching.

use crate::fixture::{event, mint, user};
use crate::{NOW, World, on_both_engines};
use bailiwick_model::{
    AccountId, Digest, EnterpriseId, Event, Outcome, RepositoryId, Timestamp, TokenId, TokenKind,
};
use bailiwick_store::audit::{self, Break, Condition, Cursor, Fault, Match, Query};
use bailiwick_store::{EngineKind, StoreError, TokenRow, token};

on_both_engines!(
    chain_verifies,
    events_come_back_whole,
    event_and_change_commit_together,
    refused_to_update_delete_and_truncate,
    tampering_is_found,
    removal_is_found,
    truncation_is_found,
    pruning_keeps_the_chain,
    pruning_takes_only_a_prefix,
    nodes_have_chains_of_their_own,
    search_conditions,
    search_pages,
    spans_are_counted_by_outcome,
);

fn full(at: Timestamp) -> Event {
    let mut event = event("repo.access", at);
    event.operation = Some("repos/update".into());
    event.actor = Some(AccountId(7));
    event.actor_login = Some("Bob".into());
    event.user = Some("carol".into());
    event.token = Some(TokenId(3));
    event.hashed_token = Some(Digest::of(b"token"));
    event.access_type = Some("Fine-grained personal access token");
    event.owner = Some(AccountId(1));
    event.owner_login = Some("acme".into());
    event.enterprise = Some(EnterpriseId(2));
    event.repository = Some(RepositoryId(5));
    event.repository_name = Some("acme/site".into());
    event.address = Some("127.0.0.1".into());
    event.user_agent = Some("git/2".into());
    event.request_id = Some("r-1".into());
    event.outcome = Outcome::Refused;
    event.reason = "grant.pending".into();
    event.data.insert(
        "missing".into(),
        serde_json::json!({"issues": "read", "z": [1, 2], "a": null, "f": 0.1, "long": 1e300}),
    );
    event.data.insert("package".into(), "acme/site \"x\"".into());
    event
}

fn append(world: &World, node: &str, events: &[Event]) -> std::ops::Range<i64> {
    world.write(|tx| audit::append(tx, node, events))
}

fn numbered(world: &World, count: i64) {
    for number in 0..count {
        append(world, "n", &[event("a.b", NOW.plus_seconds(number))]);
    }
}

fn broken(world: &World) -> Option<Break> {
    world.read(|tx| audit::verify(tx, "n", 1)).broken
}

/// Does what an intruder with the database's own tools could do.
fn tamper(world: &World, sql: &str) {
    let disarm: &[&str] = match world.store.engine() {
        EngineKind::Sqlite => &[
            "DROP TRIGGER audit_event_no_update",
            "DROP TRIGGER audit_event_no_delete",
        ],
        EngineKind::Postgres => &["ALTER TABLE audit_event DISABLE TRIGGER ALL"],
    };
    world.write(|tx| {
        for statement in disarm {
            tx.execute(statement, &[])?;
        }
        tx.execute(sql, &[])
    });
}

fn chain_verifies(world: &World) {
    assert_eq!(append(world, "n", &[]), 1..1);
    assert_eq!(append(world, "n", &[full(NOW), event("a.b", NOW)]), 1..3);
    assert_eq!(append(world, "n", &[full(NOW)]), 3..4);
    let found = world.read(|tx| audit::verify(tx, "n", 1));
    assert_eq!((found.events, found.broken), (3, None));
    let found = world.read(|tx| audit::verify(tx, "n", 3));
    assert_eq!((found.events, found.broken), (1, None));
    let found = world.read(|tx| audit::verify(tx, "unheard-of", 1));
    assert_eq!((found.events, found.broken), (0, None));
    let heads = world.read(audit::heads);
    assert_eq!(
        (heads.len(), heads[0].position, heads[0].anchor_position),
        (1, 3, 0)
    );
}

fn events_come_back_whole(world: &World) {
    let given = full(NOW);
    append(world, "n", std::slice::from_ref(&given));
    let rows = world.read(|tx| audit::search(tx, &Query::new(Vec::new(), 10)));
    let row = &rows[0];
    assert_eq!(row.object().unwrap(), given.data);
    assert_eq!(row.hashed_token, given.hashed_token);
    assert_eq!(row.computed_hash(), row.hash);
    assert_eq!(row.outcome, Outcome::Refused);
    assert_eq!(row.user_login.as_deref(), Some("carol"));
    assert_eq!(
        (row.enterprise_id, row.repository_id),
        (given.enterprise, given.repository)
    );
}

fn event_and_change_commit_together(world: &World) {
    let error = world.refused(|tx| {
        audit::append(tx, "n", &[full(NOW)])?;
        Err::<(), _>(StoreError::Absent)
    });
    assert_eq!(error, StoreError::Absent);
    assert!(
        world
            .read(|tx| audit::search(tx, &Query::new(Vec::new(), 10)))
            .is_empty()
    );
    assert_eq!(append(world, "n", &[full(NOW)]), 1..2);
}

fn refused_to_update_delete_and_truncate(world: &World) {
    numbered(world, 2);
    let mut attempts = vec!["UPDATE audit_event SET reason = 'x'", "DELETE FROM audit_event"];
    if world.store.engine() == EngineKind::Postgres {
        attempts.push("TRUNCATE audit_event");
    } else {
        attempts.push(
            "INSERT OR REPLACE INTO audit_event SELECT id, node, position, format, at, 'x', operation_type, operation, \
             actor_id, actor_login, user_login, token_id, hashed_token, access_type, owner_id, owner_login, \
             enterprise_id, repository_id, repository_name, address, user_agent, request_id, outcome, reason, data, \
             prev_hash, hash FROM audit_event",
        );
    }
    for attempt in attempts {
        let error = world.refused(|tx| tx.execute(attempt, &[]));
        assert_eq!(error, StoreError::AppendOnly, "{attempt}");
    }
    assert_eq!(broken(world), None);
}

fn tampering_is_found(world: &World) {
    numbered(world, 5);
    tamper(
        world,
        "UPDATE audit_event SET reason = 'denied' WHERE position = 3",
    );
    assert_eq!(
        broken(world),
        Some(Break {
            position: 3,
            fault: Fault::Content
        })
    );
}

fn removal_is_found(world: &World) {
    numbered(world, 5);
    tamper(world, "DELETE FROM audit_event WHERE position = 3");
    assert_eq!(
        broken(world),
        Some(Break {
            position: 3,
            fault: Fault::Missing
        })
    );
}

fn truncation_is_found(world: &World) {
    numbered(world, 5);
    tamper(world, "DELETE FROM audit_event WHERE position > 3");
    assert_eq!(
        broken(world),
        Some(Break {
            position: 4,
            fault: Fault::Head
        })
    );
}

fn pruning_keeps_the_chain(world: &World) {
    numbered(world, 5);
    assert_eq!(world.write(|tx| audit::prune(tx, NOW)), 0);
    assert_eq!(world.write(|tx| audit::prune(tx, NOW.plus_seconds(3))), 3);
    let found = world.read(|tx| audit::verify(tx, "n", 1));
    assert_eq!((found.events, found.broken), (2, None));
    assert_eq!(append(world, "n", &[event("a.b", NOW.plus_seconds(9))]), 6..7);
    assert_eq!(world.write(|tx| audit::prune(tx, NOW.plus_days(1))), 3);
    let found = world.read(|tx| audit::verify(tx, "n", 1));
    assert_eq!((found.events, found.broken), (0, None));
    assert_eq!(append(world, "n", &[event("a.b", NOW.plus_days(2))]), 7..8);
    assert_eq!(broken(world), None);
    // The leave to delete does not outlast the pruning.
    assert_eq!(
        world.refused(|tx| tx.execute("DELETE FROM audit_event", &[])),
        StoreError::AppendOnly
    );
}

fn pruning_takes_only_a_prefix(world: &World) {
    append(
        world,
        "n",
        &[event("a", NOW), event("b", NOW.plus_days(9)), event("c", NOW)],
    );
    assert_eq!(world.write(|tx| audit::prune(tx, NOW.plus_days(1))), 1);
    assert_eq!(world.read(|tx| audit::verify(tx, "n", 1)).events, 2);
}

fn nodes_have_chains_of_their_own(world: &World) {
    assert_eq!(append(world, "one", &[event("a.b", NOW)]), 1..2);
    assert_eq!(append(world, "two", &[event("a.b", NOW)]), 1..2);
    assert_eq!(append(world, "one", &[event("a.b", NOW)]), 2..3);
    for node in ["one", "two"] {
        assert_eq!(world.read(|tx| audit::verify(tx, node, 1)).broken, None);
    }
    assert_eq!(world.read(audit::heads).len(), 2);
}

fn search_conditions(world: &World) {
    let token = world.write(|tx| {
        let bob = user(tx, "bob")?;
        mint(tx, bob, "a")?;
        mint(tx, bob, "b")?;
        let digest = Digest::of(b"token");
        token::insert(tx, TokenRow::new(TokenKind::FineGrained, bob, "c", digest, NOW))
    });
    assert_eq!(token.id, TokenId(3));
    append(
        world,
        "n",
        &[
            full(NOW),
            event("org.add_member", NOW.plus_seconds(1)),
            event("repo", NOW.plus_seconds(2)),
        ],
    );
    let found = |all: Vec<Condition>| {
        let rows = world.read(|tx| audit::search(tx, &Query::new(all, 10)));
        rows.iter().map(|row| row.position).collect::<Vec<_>>()
    };
    let none: [i64; 0] = [];
    for one in [
        Match::Action("repo.access".into()),
        Match::ActionPrefix("repo.".into()),
        Match::Operation("repos/update".into()),
        Match::Actor(AccountId(7)),
        Match::ActorLogin("bOB".into()),
        Match::User("Carol".into()),
        Match::Token(TokenId(3)),
        Match::HashedToken(Digest::of(b"token")),
        Match::AccessType("Fine-grained personal access token".into()),
        Match::Owner(AccountId(1)),
        Match::OwnerLogin("ACME".into()),
        Match::Enterprise(EnterpriseId(2)),
        Match::Repository(RepositoryId(5)),
        Match::RepositoryName("Acme/Site".into()),
        Match::Address("127.0.0.1".into()),
        Match::RequestId("r-1".into()),
        Match::Outcome(Outcome::Refused),
        Match::Reason("grant.pending".into()),
        Match::Package("acme/site \"x\"".into()),
        Match::PackagePrefix("acme/".into()),
        Match::PackagePrefix("acme/site \"".into()),
        Match::Created(None, Some(NOW.plus_seconds(1))),
    ] {
        assert_eq!(found(vec![Condition::is(one.clone())]), [1], "{one:?}");
        assert_eq!(found(vec![Condition::not(one.clone())]), [3, 2], "{one:?}");
    }
    assert_eq!(
        found(vec![Condition::is(Match::OperationType("modify".into()))]),
        [3, 2, 1]
    );
    let either = vec![Match::Action("repo".into()), Match::Token(TokenId(3))];
    assert_eq!(found(vec![Condition::any(either.clone())]), [3, 1]);
    assert_eq!(
        found(vec![Condition {
            negated: true,
            any: either
        }]),
        [2]
    );
    assert_eq!(found(vec![Condition::any(Vec::new())]), none);
    let both = vec![
        Condition::is(Match::Token(TokenId(3))),
        Condition::is(Match::Token(TokenId(4))),
    ];
    assert_eq!(found(both), none);
    let during = Match::Created(Some(NOW.plus_seconds(1)), Some(NOW.plus_seconds(2)));
    assert_eq!(found(vec![Condition::is(during)]), [2]);
    assert_eq!(
        found(vec![Condition::is(Match::Action("' OR '1'='1".into()))]),
        none
    );
    // What a token did is found by the digest that it had then.
    let hashed = |text: &[u8]| found(vec![Condition::is(Match::HashedToken(Digest::of(text)))]);
    world.write(|tx| token::regenerate(tx, token.id, Digest::of(b"token after"), "12345678", NOW, None));
    assert_eq!(hashed(b"token"), [1]);
    assert_eq!(hashed(b"token after"), none);
    assert_eq!(hashed(b"nobody's"), none);
    // Only a read is found by the operation that it was of.
    let of = || Match::ReadOf(vec!["repos/get".into(), "repos/update".into()]);
    assert_eq!(found(vec![Condition::is(of())]), none);
    let mut read = full(NOW.plus_seconds(3));
    read.action = "api.request".into();
    append(world, "n", &[read]);
    assert_eq!(found(vec![Condition::is(of())]), [4]);
    assert_eq!(found(vec![Condition::not(of())]), [3, 2, 1]);
    let mut beside = full(NOW.plus_seconds(4));
    beside.action = "api.request".into();
    beside.operation = Some("issues/list".into());
    append(world, "m", &[beside]);
    let all = Condition::any(vec![Match::Action("repo".into()), of()]);
    assert_eq!(found(vec![all]), [4, 3]);
}

fn search_pages(world: &World) {
    // Two events share each instant, so only the id orders them.
    let events: Vec<_> = (0..10)
        .map(|number| event("a.b", NOW.plus_seconds(number / 2)))
        .collect();
    append(world, "n", &events);
    for ascending in [false, true] {
        let mut query = Query {
            ascending,
            limit: 4,
            ..Query::new(Vec::new(), 4)
        };
        let mut seen: Vec<(Cursor, i64)> = Vec::new();
        loop {
            let page = world.read(|tx| audit::search(tx, &query));
            seen.extend(page.iter().map(|row| (row.cursor(), row.position)));
            match page.last() {
                Some(last) if page.len() == 4 => query.after = Some(last.cursor()),
                _ => break,
            }
            // New events elsewhere do not shift the pages.
            if !ascending {
                append(world, "other", &[event("late", NOW.plus_days(1))]);
            }
        }
        let positions: Vec<_> = seen.iter().map(|(_, position)| *position).take(10).collect();
        let expected: Vec<i64> = if ascending {
            (1..=10).collect()
        } else {
            (1..=10).rev().collect()
        };
        assert_eq!(positions, expected);
        let back = Query {
            before: Some(seen[8].0),
            after: None,
            ..query
        };
        let page = world.read(|tx| audit::search(tx, &back));
        assert_eq!(
            page.iter().map(|row| row.position).collect::<Vec<_>>(),
            expected[4..8]
        );
    }
}

fn spans_are_counted_by_outcome(world: &World) {
    let mut events = Vec::new();
    for (second, outcome, owner) in [
        (0, Outcome::Allowed, 1),
        (9, Outcome::Refused, 1),
        (10, Outcome::Failed, 1),
        (11, Outcome::Allowed, 1),
        (12, Outcome::Allowed, 2),
        (29, Outcome::Refused, 1),
        (30, Outcome::Allowed, 1),
    ] {
        let mut event = full(NOW.plus_seconds(second));
        event.outcome = outcome;
        event.owner = Some(AccountId(owner));
        events.push(event);
    }
    append(world, "n", &events);
    let step = 10 * bailiwick_model::time::SECOND;
    let counted = |all: Vec<Condition>| {
        let counts = world.read(|tx| audit::count(tx, &all, NOW, step, 3));
        let numbers = counts.iter().map(|one| (one.allowed, one.refused, one.failed));
        numbers.collect::<Vec<_>>()
    };
    let owner = || Condition::is(Match::Owner(AccountId(1)));
    assert_eq!(counted(vec![owner()]), [(1, 1, 0), (1, 0, 1), (0, 1, 0)]);
    assert_eq!(counted(Vec::new()), [(1, 1, 0), (2, 0, 1), (0, 1, 0)]);
    // What else is asked holds too, its bounds of time included.
    let from = Match::Created(Some(NOW.plus_seconds(5)), Some(NOW.plus_seconds(11)));
    assert_eq!(
        counted(vec![owner(), Condition::is(from)]),
        [(0, 1, 0), (0, 0, 1), (0, 0, 0)]
    );
    let refused = Condition::is(Match::Outcome(Outcome::Refused));
    assert_eq!(counted(vec![owner(), refused]), [(0, 1, 0), (0, 0, 0), (0, 1, 0)]);
    append(
        world,
        "n",
        &[{
            let mut event = full(NOW.plus_seconds(1));
            event.action = "api.request".into();
            event
        }],
    );
    assert_eq!(counted(vec![owner()]), [(1, 2, 0), (1, 0, 1), (0, 1, 0)]);
    let changes = Condition::not(Match::Action("api.request".into()));
    assert_eq!(
        counted(vec![owner(), changes.clone()]),
        [(1, 1, 0), (1, 0, 1), (0, 1, 0)]
    );
    let found = world.read(|tx| audit::search(tx, &Query::new(vec![owner(), changes], 10)));
    assert_eq!(found.len(), 6);
    let bob = Condition::not(Match::ActorLogin("bob".into()));
    assert_eq!(counted(vec![owner(), bob]), [(0, 0, 0); 3]);
}
