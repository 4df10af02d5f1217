//! Repositories and their names, and what hangs on them.

use crate::fixture::{acme, ids, repo};
use crate::{NOW, World, on_both_engines};
use bailiwick_model::{AccountId, RepositoryRole, Visibility};
use bailiwick_store::check::CheckRunQuery;
use bailiwick_store::comment::CommentQuery;
use bailiwick_store::issue::{Assigned, IssueQuery};
use bailiwick_store::repository::{NAME_TAKEN, RepositoryQuery};
use bailiwick_store::{
    CheckRunRow, CheckSuiteRow, IssueRow, LabelRow, Object, StatusRow, check, collaborator, comment, issue,
    label, repository, status,
};

on_both_engines!(
    names_are_unique_per_owner,
    lists_pass_the_filter,
    absent_lists_mean_all_and_empty_ones_none,
    collaborators,
    numbers_count_per_repository,
    issues_are_filtered,
    comments_are_counted,
    labels,
    newest_status_of_each_context,
    check_runs,
);

fn names_are_unique_per_owner(world: &World) {
    let acme = acme(world);
    let error = world.refused(|tx| repo(tx, acme.acme.id, "SITE", Visibility::Public));
    assert!(error.is_conflict_of(NAME_TAKEN), "{error:?}");
    world.write(|tx| repo(tx, acme.alice, "site", Visibility::Public));
    world.write(|tx| repository::delete(tx, acme.site.id, NOW));
    let again = world.write(|tx| repo(tx, acme.acme.id, "Site", Visibility::Private));
    assert_eq!(
        world.read(|tx| repository::by_name(tx, acme.acme.id, "site")),
        Some(again)
    );
    assert!(
        world
            .read(|tx| repository::by_id(tx, acme.site.id))
            .unwrap()
            .deleted_at
            .is_some()
    );
}

fn lists_pass_the_filter(world: &World) {
    let acme = acme(world);
    let query = RepositoryQuery {
        owners: Some(vec![acme.acme.id]),
        ..RepositoryQuery::default()
    };
    let all = world.read(|tx| repository::list(tx, &query, &|_| true));
    assert_eq!(ids(&all), [acme.site.id, acme.secret.id, acme.open.id]);
    let public = world.read(|tx| repository::list(tx, &query, &|row| row.visibility == Visibility::Public));
    assert_eq!(ids(&public), [acme.open.id]);
    assert!(
        world
            .read(|tx| repository::list(tx, &query, &|_| false))
            .is_empty()
    );
    let query = RepositoryQuery {
        after: Some(acme.site.id),
        visibility: Some(Visibility::Private),
        ..query
    };
    assert_eq!(
        ids(&world.read(|tx| repository::list(tx, &query, &|_| true))),
        [acme.secret.id]
    );
}

fn absent_lists_mean_all_and_empty_ones_none(world: &World) {
    let acme = acme(world);
    let all = RepositoryQuery::default();
    assert_eq!(world.read(|tx| repository::list(tx, &all, &|_| true)).len(), 3);
    let none = RepositoryQuery {
        owners: Some(Vec::new()),
        ..RepositoryQuery::default()
    };
    assert!(world.read(|tx| repository::list(tx, &none, &|_| true)).is_empty());
    let none = RepositoryQuery {
        ids: Some(Vec::new()),
        ..RepositoryQuery::default()
    };
    assert!(world.read(|tx| repository::list(tx, &none, &|_| true)).is_empty());
    let both = RepositoryQuery {
        ids: Some(vec![acme.site.id, acme.open.id]),
        owners: Some(vec![acme.mallory]),
        ..RepositoryQuery::default()
    };
    assert!(world.read(|tx| repository::list(tx, &both, &|_| true)).is_empty());
}

fn collaborators(world: &World) {
    let acme = acme(world);
    collaborator_roles(world, &acme);
    let outside = world.read(|tx| collaborator::outside(tx, acme.acme.id));
    assert_eq!(outside.iter().map(|row| row.id).collect::<Vec<_>>(), [acme.carol]);
    assert_eq!(
        ids(&world.read(|tx| collaborator::repositories(tx, acme.carol, &|_| true))),
        [acme.site.id]
    );
    assert!(
        world
            .read(|tx| collaborator::repositories(tx, acme.carol, &|_| false))
            .is_empty()
    );
    assert_eq!(
        world.write(|tx| collaborator::remove_all(tx, acme.acme.id, acme.carol)),
        [acme.site.id]
    );
    assert!(!world.write(|tx| collaborator::remove(tx, acme.site.id, acme.carol)));
}

fn collaborator_roles(world: &World, acme: &crate::fixture::Acme) {
    world.write(|tx| collaborator::set(tx, acme.site.id, acme.bob, RepositoryRole::Admin, NOW));
    world.write(|tx| collaborator::set(tx, acme.site.id, acme.carol, RepositoryRole::Write, NOW));
    let rows = world.read(|tx| collaborator::list(tx, acme.site.id));
    let roles: Vec<_> = rows.iter().map(|(role, row)| (row.id, *role)).collect();
    assert_eq!(
        roles,
        [
            (acme.bob, RepositoryRole::Admin),
            (acme.carol, RepositoryRole::Write)
        ]
    );
}

fn open(world: &World, repository: &bailiwick_store::RepositoryRow, by: AccountId, title: &str) -> IssueRow {
    world.write(|tx| issue::insert(tx, IssueRow::new(repository.id, by, title, NOW)))
}

fn numbers_count_per_repository(world: &World) {
    let acme = acme(world);
    let first = open(world, &acme.site, acme.alice, "one");
    let other = open(world, &acme.open, acme.alice, "one");
    let second = open(world, &acme.site, acme.alice, "two");
    assert_eq!((first.number, second.number, other.number), (1, 2, 1));
    // An edit with a row read before must not turn the counter back.
    world.write(|tx| repository::update(tx, &acme.site));
    assert_eq!(open(world, &acme.site, acme.alice, "three").number, 3);
    assert_eq!(
        world.read(|tx| issue::by_number(tx, acme.site.id, 2)),
        Some(second)
    );
    assert_eq!(world.read(|tx| issue::by_number(tx, acme.secret.id, 1)), None);
}

fn issues_are_filtered(world: &World) {
    let acme = acme(world);
    let first = open(world, &acme.site, acme.alice, "one");
    let mut second = open(world, &acme.site, acme.bob, "two");
    let bug = world.write(|tx| label::insert(tx, LabelRow::new(acme.site.id, "Bug", "ff0000")));
    world.write(|tx| label::attach(tx, first.id, bug.id));
    world.write(|tx| issue::set_assignees(tx, first.id, &[acme.bob]));
    second.state = "closed".into();
    second.closed_at = Some(NOW);
    world.write(|tx| issue::update(tx, &second));
    let numbers = |query: IssueQuery| {
        let query = IssueQuery { limit: 10, ..query };
        let rows = world.read(|tx| issue::list(tx, acme.site.id, &query));
        assert_eq!(
            world.read(|tx| issue::count(tx, acme.site.id, &query)),
            rows.len() as i64
        );
        rows.iter().map(|row| row.number).collect::<Vec<_>>()
    };
    let all = IssueQuery::default();
    assert_eq!(numbers(all.clone()), [2, 1]);
    assert_eq!(
        numbers(IssueQuery {
            ascending: true,
            ..all.clone()
        }),
        [1, 2]
    );
    assert_eq!(
        numbers(IssueQuery {
            state: Some("open".into()),
            ..all.clone()
        }),
        [1]
    );
    assert_eq!(
        numbers(IssueQuery {
            labels: vec!["bug".into()],
            ..all.clone()
        }),
        [1]
    );
    assert_eq!(
        numbers(IssueQuery {
            labels: vec!["bug".into(), "none".into()],
            ..all.clone()
        }),
        [] as [i64; 0]
    );
    assert_eq!(
        numbers(IssueQuery {
            assigned: Some(Assigned::To(acme.bob)),
            ..all.clone()
        }),
        [1]
    );
    assert_eq!(
        numbers(IssueQuery {
            assigned: Some(Assigned::Anybody),
            ..all.clone()
        }),
        [1]
    );
    assert_eq!(
        numbers(IssueQuery {
            assigned: Some(Assigned::Nobody),
            ..all.clone()
        }),
        [2]
    );
    assert_eq!(
        numbers(IssueQuery {
            creator: Some(acme.bob),
            ..all.clone()
        }),
        [2]
    );
    assert_eq!(
        numbers(IssueQuery {
            since: Some(NOW.plus_seconds(1)),
            ..all
        }),
        [] as [i64; 0]
    );
    assert_eq!(world.read(|tx| issue::assignees(tx, first.id)).len(), 1);
}

fn comments_are_counted(world: &World) {
    let acme = acme(world);
    let row = open(world, &acme.site, acme.alice, "one");
    let later = NOW.plus_seconds(5);
    let place = (acme.site.id, row.id);
    let first = world.write(|tx| comment::insert(tx, place, acme.bob, "hello", later));
    let second = world.write(|tx| comment::insert(tx, place, acme.bob, "again", later));
    let counted = world.read(|tx| issue::by_id(tx, row.id)).unwrap();
    assert_eq!((counted.comments, counted.updated_at), (2, later));
    let query = CommentQuery {
        since: None,
        offset: 0,
        limit: 10,
    };
    assert_eq!(
        world.read(|tx| comment::list(tx, row.id, query)),
        [first.clone(), second.clone()]
    );
    let edited = world
        .write(|tx| comment::update(tx, first.id, "edited", later.plus_seconds(1)))
        .unwrap();
    let query = CommentQuery {
        since: Some(later.plus_seconds(1)),
        ..query
    };
    assert_eq!(
        world.read(|tx| comment::of_repository(tx, acme.site.id, query)),
        [edited]
    );
    assert!(world.write(|tx| comment::delete(tx, second.id, later)));
    assert!(!world.write(|tx| comment::delete(tx, second.id, later)));
    assert_eq!(world.read(|tx| issue::by_id(tx, row.id)).unwrap().comments, 1);
}

fn labels(world: &World) {
    let acme = acme(world);
    let bug = world.write(|tx| label::insert(tx, LabelRow::new(acme.site.id, "Bug", "ff0000")));
    let error = world.refused(|tx| label::insert(tx, LabelRow::new(acme.site.id, "bUG", "00ff00")));
    assert!(error.is_conflict_of(label::NAME_TAKEN), "{error:?}");
    let row = open(world, &acme.site, acme.alice, "one");
    world.write(|tx| label::attach(tx, row.id, bug.id));
    world.write(|tx| label::attach(tx, row.id, bug.id));
    assert_eq!(
        world.read(|tx| label::of_issue(tx, row.id)),
        std::slice::from_ref(&bug)
    );
    assert!(world.write(|tx| label::delete(tx, bug.id)));
    assert!(world.read(|tx| label::of_issue(tx, row.id)).is_empty());
    assert!(world.read(|tx| label::list(tx, acme.site.id)).is_empty());
}

fn newest_status_of_each_context(world: &World) {
    let acme = acme(world);
    let set = |context: &str, state: &str| {
        let row = StatusRow {
            id: bailiwick_model::StatusId(0),
            repository_id: acme.site.id,
            sha: "a".repeat(40),
            state: state.into(),
            context: context.into(),
            description: None,
            target_url: None,
            creator_id: acme.bob,
            created_at: NOW,
            updated_at: NOW,
        };
        world.write(|tx| status::insert(tx, row))
    };
    set("ci", "pending");
    let lint = set("lint", "failure");
    let ci = set("ci", "success");
    let sha = "a".repeat(40);
    assert_eq!(
        world.read(|tx| status::latest(tx, acme.site.id, &sha)),
        [ci, lint]
    );
    assert_eq!(
        world
            .read(|tx| status::list(tx, acme.site.id, &sha, (1, 5)))
            .len(),
        2
    );
    assert_eq!(world.read(|tx| status::count(tx, acme.site.id, &sha)), 3);
    assert!(world.read(|tx| status::latest(tx, acme.open.id, &sha)).is_empty());
}

fn check_runs(world: &World) {
    let acme = acme(world);
    let suite = CheckSuiteRow {
        id: bailiwick_model::CheckSuiteId(0),
        repository_id: acme.site.id,
        head_sha: "b".repeat(40),
        head_branch: Some("main".into()),
        status: "queued".into(),
        conclusion: None,
        creator_id: acme.bob,
        created_at: NOW,
        updated_at: NOW,
    };
    let suite = world.write(|tx| check::insert_suite(tx, suite));
    let mut output = Object::new();
    output.insert("title".into(), "Fine".into());
    let run = CheckRunRow {
        id: bailiwick_model::CheckRunId(0),
        repository_id: acme.site.id,
        suite_id: suite.id,
        head_sha: suite.head_sha.clone(),
        name: "build".into(),
        status: "in_progress".into(),
        conclusion: None,
        external_id: None,
        details_url: None,
        started_at: Some(NOW),
        completed_at: None,
        output,
        annotations: vec![serde_json::json!({"path": "a", "start_line": 1})],
        creator_id: acme.bob,
        created_at: NOW,
        updated_at: NOW,
    };
    let first = world.write(|tx| check::insert_run(tx, run.clone()));
    let mut second = world.write(|tx| check::insert_run(tx, run));
    second.status = "completed".into();
    second.conclusion = Some("success".into());
    world.write(|tx| check::update_run(tx, &second));
    assert_eq!(
        world.read(|tx| check::run(tx, acme.site.id, first.id)),
        Some(first.clone())
    );
    assert_eq!(world.read(|tx| check::run(tx, acme.open.id, first.id)), None);
    let all = CheckRunQuery {
        head_sha: Some(suite.head_sha.clone()),
        limit: 10,
        ..CheckRunQuery::default()
    };
    assert_eq!(
        world.read(|tx| check::runs(tx, acme.site.id, &all)),
        [second.clone(), first]
    );
    let latest = CheckRunQuery { latest: true, ..all };
    assert_eq!(world.read(|tx| check::runs(tx, acme.site.id, &latest)), [second]);
    assert_eq!(world.read(|tx| check::count_runs(tx, acme.site.id, &latest)), 1);
    assert_eq!(
        world.read(|tx| check::suites(tx, acme.site.id, &suite.head_sha)),
        std::slice::from_ref(&suite)
    );
    assert_eq!(world.read(|tx| check::suite(tx, acme.open.id, suite.id)), None);
}
