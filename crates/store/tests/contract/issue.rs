//! Issues and comments over several repositories and in the order of time.

use crate::fixture::acme;
use crate::{NOW, World, on_both_engines};
use bailiwick_store::comment::{self, CommentQuery};
use bailiwick_store::issue::{self, Assigned, IssueQuery};
use bailiwick_store::{IssueRow, RepositoryRow};

on_both_engines!(issues_across_repositories, comments_by_time);

fn open(
    world: &World,
    repository: &RepositoryRow,
    title: &str,
    hours: i64,
    by: bailiwick_model::AccountId,
) -> IssueRow {
    let at = NOW.plus_seconds(hours * 3600);
    world.write(|tx| issue::insert(tx, IssueRow::new(repository.id, by, title, at)))
}

fn issues_across_repositories(world: &World) {
    let acme = acme(world);
    let first = open(world, &acme.site, "first", 0, acme.alice);
    let second = open(world, &acme.secret, "second", 1, acme.bob);
    open(world, &acme.open, "third", 2, acme.bob);
    world.write(|tx| issue::set_assignees(tx, first.id, &[acme.bob]));
    let titles = |repositories: &[&RepositoryRow], query: IssueQuery| -> Vec<String> {
        let ids: Vec<_> = repositories.iter().map(|row| row.id).collect();
        let query = IssueQuery { limit: 10, ..query };
        let rows = world.read(|tx| issue::list_across(tx, &ids, &query));
        rows.into_iter().map(|row| row.title).collect()
    };
    let all = [&acme.site, &acme.secret, &acme.open];
    assert_eq!(titles(&all, IssueQuery::default()), ["third", "second", "first"]);
    assert_eq!(titles(&all[..2], IssueQuery::default()), ["second", "first"]);
    assert!(
        titles(&[], IssueQuery::default()).is_empty(),
        "no repository is none, not all"
    );
    let assigned = IssueQuery {
        assigned: Some(Assigned::To(acme.bob)),
        ..IssueQuery::default()
    };
    assert_eq!(titles(&all, assigned), ["first"]);
    let second_page = IssueQuery {
        offset: 1,
        ascending: true,
        ..IssueQuery::default()
    };
    assert_eq!(titles(&all, second_page), ["second", "third"]);
    assert_eq!(
        world.read(|tx| issue::repositories_assigned(tx, acme.bob)),
        [acme.site.id]
    );
    let mut created = world.read(|tx| issue::repositories_created(tx, acme.bob));
    created.sort_unstable();
    let mut expected = [second.repository_id, acme.open.id];
    expected.sort_unstable();
    assert_eq!(created, expected);
}

fn comments_by_time(world: &World) {
    let acme = acme(world);
    let on = open(world, &acme.site, "talk", 0, acme.alice);
    let mut ids = Vec::new();
    for hours in 0..3 {
        let at = NOW.plus_seconds(hours * 3600);
        let row = world.write(|tx| comment::insert(tx, (acme.site.id, on.id), acme.bob, "text", at));
        ids.push(row.id);
    }
    world.write(|tx| comment::update(tx, ids[0], "edited", NOW.plus_seconds(9 * 3600)));
    let list = |edited: bool, descending: bool| -> Vec<_> {
        let query = CommentQuery {
            since: None,
            offset: 0,
            limit: 10,
        };
        let order = (edited, descending);
        let rows = world.read(|tx| comment::of_repository_by_time(tx, acme.site.id, query, order));
        rows.into_iter().map(|row| row.id).collect()
    };
    assert_eq!(list(false, false), ids);
    assert_eq!(list(false, true), [ids[2], ids[1], ids[0]]);
    assert_eq!(list(true, true), [ids[0], ids[2], ids[1]]);
}
