//! What is bound to an upstream, changed in crowds.

use crate::fixture::{Acme, acme, repo};
use crate::{NOW, World, on_both_engines};
use bailiwick_model::{
    AccountId, OrganizationRole, RepositoryRole, Timestamp, UpstreamId, UpstreamKind, Visibility,
};
use bailiwick_store::{
    LinkBar, RepositoryRow, TeamRow, Tx, UpstreamLinkRow, UpstreamRow, account, collaborator, redirect,
    repository, synchronise, team, upstream,
};

on_both_engines!(
    names_are_swapped_and_old_paths_lead_on,
    links_swap_their_logins,
    only_what_is_bound_is_read,
    one_holder_at_a_time,
    the_time_of_facts_never_goes_back,
);

fn forge(tx: &mut Tx<'_>) -> bailiwick_store::Result<UpstreamId> {
    let row = UpstreamRow::new("forge", UpstreamKind::Gitea, "https://git.example", NOW);
    Ok(upstream::insert(tx, row)?.id)
}

fn bind(tx: &mut Tx<'_>, acme: &Acme) -> bailiwick_store::Result<UpstreamId> {
    let id = forge(tx)?;
    let mut owner = account::by_id(tx, acme.acme.id)?.unwrap();
    owner.upstream_id = Some(id);
    owner.upstream_name = Some(String::from("acme"));
    account::update(tx, &owner)?;
    Ok(id)
}

fn bound(row: &RepositoryRow, id: UpstreamId, name: &str) -> RepositoryRow {
    RepositoryRow {
        name: name.to_owned(),
        upstream_id: Some(id),
        upstream_name: Some(format!("acme/{name}")),
        upstream_key: Some(row.id.to_string()),
        ..row.clone()
    }
}

fn names_are_swapped_and_old_paths_lead_on(world: &World) {
    let acme = acme(world);
    let id = world.write(|tx| bind(tx, &acme));
    let placed = |first: &str, second: &str, third: &str| {
        let rows = [
            bound(&acme.site, id, first),
            bound(&acme.secret, id, second),
            bound(&acme.open, id, third),
        ];
        world.write(|tx| synchronise::place(tx, &rows));
    };
    placed("one", "two", "three");
    world.write(|tx| repository::take_number(tx, acme.site.id));
    placed("Two", "one", "four");
    let named = |name: &str| world.read(|tx| repository::by_name(tx, acme.acme.id, name));
    assert_eq!(named("two").unwrap().id, acme.site.id);
    assert_eq!(named("one").unwrap().id, acme.secret.id);
    assert_eq!(named("four").unwrap().id, acme.open.id);
    assert_eq!(named("two").unwrap().next_number, 2, "the counter stays");
    assert_eq!(named("one").unwrap().upstream_name.as_deref(), Some("acme/one"));
    let leads = |name: &str| world.read(|tx| redirect::find(tx, "acme", name));
    assert_eq!(leads("one"), None, "a live repository wins");
    assert_eq!(leads("two"), None);
    assert_eq!(leads("three"), Some(acme.open.id));
}

fn link(account: AccountId, upstream: UpstreamId, login: &str, key: &str) -> UpstreamLinkRow {
    UpstreamLinkRow {
        id: 0,
        upstream_id: upstream,
        account_id: account,
        login: login.to_owned(),
        upstream_key: Some(key.to_owned()),
        credential: None,
        expires_at: None,
        active: true,
        barred: None,
        created_at: NOW,
        updated_at: NOW,
    }
}

fn links_swap_their_logins(world: &World) {
    let acme = acme(world);
    let id = world.write(forge);
    let (mut one, mut other) = world.write(|tx| {
        let one = upstream::put_link(tx, link(acme.alice, id, "a", "1"))?;
        Ok((one, upstream::put_link(tx, link(acme.bob, id, "b", "2"))?))
    });
    std::mem::swap(&mut one.login, &mut other.login);
    other.active = false;
    other.barred = Some(LinkBar::Upstream);
    world.write(|tx| synchronise::put_links(tx, &[one.clone(), other.clone()]));
    let read = |account| world.read(|tx| upstream::link(tx, id, account)).unwrap();
    assert_eq!(read(acme.alice), one);
    assert_eq!(read(acme.bob), other);
    assert_eq!(read(acme.bob).login, "a");
}

fn only_what_is_bound_is_read(world: &World) {
    let acme = acme(world);
    let id = world.write(|tx| bind(tx, &acme));
    let team = world.write(|tx| {
        synchronise::place(tx, &[bound(&acme.site, id, "site")])?;
        // Bound on its own: its owner is not.
        let alone = repo(tx, acme.alice, "alone", Visibility::Private)?;
        synchronise::place(tx, &[bound(&alone, id, "alone")])?;
        collaborator::set(tx, alone.id, acme.bob, RepositoryRole::Read, NOW)?;
        let mut team = TeamRow::new(acme.acme.id, "ours", "Ours", NOW);
        team.upstream_id = Some(id);
        team.upstream_key = Some(String::from("7"));
        let team = team::insert(tx, team)?;
        team::set_member(tx, team.id, acme.bob, team::TeamRole::Member)?;
        team::set_repository(tx, team.id, acme.site.id, RepositoryRole::Write)?;
        Ok(team)
    });
    world.read(|tx| {
        let owners: Vec<AccountId> = synchronise::owners(tx, id)?.iter().map(|row| row.id).collect();
        assert_eq!(owners, [acme.acme.id]);
        assert_eq!(synchronise::repositories(tx, id)?.len(), 2);
        let others = synchronise::other_names(tx, id)?;
        assert_eq!(others.len(), 2, "secret and open: {others:?}");
        assert!(
            others
                .iter()
                .all(|(owner, name)| *owner == acme.acme.id && name != "site")
        );
        let members = synchronise::members(tx, id)?;
        assert!(members.contains(&(acme.acme.id, acme.alice, OrganizationRole::Owner)));
        assert_eq!(synchronise::team_members(tx, id)?, [(team.id, acme.bob)]);
        let roles = synchronise::team_roles(tx, id)?;
        assert_eq!(roles, [(team.id, acme.site.id, RepositoryRole::Write)]);
        assert!(synchronise::teams(tx, id)?.len() > 1, "those made here, too");
        let roles = synchronise::collaborators(tx, id)?;
        assert!(roles.iter().all(|(repository, _, _)| *repository == acme.site.id));
        assert!(roles.iter().any(|(_, person, _)| *person == acme.carol));
        Ok(())
    });
    let other = UpstreamId(id.0 + 1);
    assert!(world.read(|tx| synchronise::owners(tx, other)).is_empty());
    assert!(world.read(|tx| synchronise::repositories(tx, other)).is_empty());
}

fn one_holder_at_a_time(world: &World) {
    let id = world.write(forge);
    let later = |seconds: i64| Timestamp(NOW.0 + seconds * 1_000_000);
    let take = |holder: &str, now: Timestamp| {
        world.write(|tx| synchronise::lease(tx, id, holder, now, Timestamp(now.0 + 60_000_000)))
    };
    assert!(take("one", NOW));
    assert!(!take("other", later(59)));
    assert!(take("one", later(59)), "renewed");
    assert!(!take("other", later(60)));
    assert!(take("other", later(119)), "what has ended is free");
    assert!(world.read(|tx| synchronise::holds(tx, id, "other")));
    assert!(!world.read(|tx| synchronise::holds(tx, id, "one")));
    world.write(|tx| synchronise::release(tx, id, "one"));
    assert!(
        !take("one", later(120)),
        "what somebody else holds cannot be given back"
    );
    world.write(|tx| synchronise::release(tx, id, "other"));
    assert!(take("one", later(120)));
}

fn the_time_of_facts_never_goes_back(world: &World) {
    let id = world.write(forge);
    let later = Timestamp(NOW.0 + 5_000_000);
    world.write(|tx| synchronise::synchronised(tx, id, later));
    world.write(|tx| synchronise::synchronised(tx, id, NOW));
    world.write(|tx| synchronise::set_state(tx, id, r#"{"state":"done"}"#));
    let row = world.read(|tx| upstream::by_id(tx, id)).unwrap();
    assert_eq!(row.synchronised_at, Some(later));
    assert_eq!(row.synchronisation.as_deref(), Some(r#"{"state":"done"}"#));
}
