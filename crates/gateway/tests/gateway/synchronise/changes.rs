//! What changes there changes here, and takes with it what it would take if somebody here had done it.

use super::{Town, repository_there};
use bailiwick_model::{OrganizationRole, RepositoryRole, Visibility};
use bailiwick_store::{collaborator, membership, team, upstream};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn everything_below_bound_owners_arrives_and_nothing_else() {
    let town = Town::new().await;
    let state = Town::well(town.synchronise().await);
    assert_eq!(state.changes.repositories_created, 3);
    let app = town.named("acme", "app").unwrap();
    assert_eq!(app.upstream_key.as_deref(), Some("100"));
    assert_eq!(app.upstream_name.as_deref(), Some("acme/app"));
    assert_eq!(
        (app.visibility, app.default_branch.as_str()),
        (Visibility::Private, "trunk")
    );
    assert!(town.named("acme", "not-ours").is_none());
    // What has the name here is another thing.
    assert_eq!(town.named("acme", "site").unwrap().upstream_id, None);
    let codes: Vec<&str> = state.conflicts.iter().map(|one| one.code.as_str()).collect();
    assert_eq!(codes, ["repository.name_taken"]);
    let (acme, accounts) = (town.acme(), &town.world.accounts);
    town.world
        .store
        .read(|tx| {
            let bob = membership::get(tx, acme, accounts["bob"])?.unwrap();
            assert_eq!(bob.role, OrganizationRole::Member);
            assert!(
                membership::get(tx, acme, accounts["alice"])?.is_some(),
                "kept here"
            );
            let makers = team::by_slug(tx, acme, "makers")?.unwrap();
            assert_eq!(
                team::members(tx, makers.id)?.len(),
                1,
                "the stranger is not linked"
            );
            let role = team::repository(tx, makers.id, app.id)?;
            assert_eq!(role, Some(RepositoryRole::Write));
            let carol = collaborator::get(tx, app.id, accounts["carol"])?;
            assert_eq!(carol, Some(RepositoryRole::Write));
            let link = upstream::link(tx, town.id, accounts["carol"])?.unwrap();
            assert_eq!(link.upstream_key.as_deref(), Some("3"), "taken down once");
            Ok::<_, bailiwick_store::StoreError>(())
        })
        .unwrap();
    assert!(state.unlinked >= 3, "{state:?}");
    assert_eq!(state.kept_here, 2, "alice, at both");
    assert_eq!(town.events("upstream.synchronise").len(), 1);
    assert_eq!(town.synchronised_at(), Some(town.world.authority.now()));
    let shown = town.stands().await;
    assert_eq!(shown["state"], "done");
    assert_eq!(shown["stale"], false);
    assert_eq!(shown["conflicts"][0]["thing"], "acme/site");
    // Again: nothing to do, and nothing to tell.
    let again = Town::well(town.synchronise().await);
    assert_eq!(again.changes, Default::default());
    assert_eq!(town.events("upstream.synchronise").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_name_keeps_the_id_and_the_grants() {
    let town = Town::new().await;
    Town::well(town.synchronise().await);
    let before = town.named("acme", "app").unwrap();
    let (token, _) = town
        .world
        .mint_approved("bob", "t", &["app"], json!({"contents": "read"}))
        .await;
    town.forge.state().repository(100).name = "application".into();
    town.forge.state().repository(101).name = "app".into();
    Town::well(town.synchronise().await);
    assert_eq!(town.named("acme", "application").unwrap().id, before.id);
    assert_eq!(
        town.named("acme", "app").unwrap().upstream_key.as_deref(),
        Some("101")
    );
    assert_eq!(granted(&town, token).await, ["acme/application"]);
    assert_eq!(town.events("repo.rename").len(), 2);
}

/// The repositories that bob's token still reaches at acme.
async fn granted(town: &Town, token: i64) -> Vec<String> {
    let bob = town.world.session("bob");
    let path = format!("/user/personal-access-tokens/{token}");
    let shown = town.world.get(&path, &bob).await.expect(200).json;
    let grant = &shown["grants"][0];
    let all = grant["repositories"].as_array().cloned().unwrap_or_default();
    all.iter().map(|one| one.as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_moves_or_goes_leaves_its_grants_for_good() {
    let town = Town::new().await;
    Town::well(town.synchronise().await);
    let app = town.named("acme", "app").unwrap();
    let (token, _) = town
        .world
        .mint_approved("bob", "t", &["app", "lib"], json!({"contents": "read"}))
        .await;
    town.forge.state().repository(100).owner = 11;
    town.forge.state().repositories.retain(|one| one.id != 101);
    let state = Town::well(town.synchronise().await);
    assert_eq!(state.changes.repositories_transferred, 1);
    assert_eq!(state.changes.repositories_removed, 1);
    assert_eq!(town.row(app.id).owner_id, town.world.accounts["acme-labs"]);
    assert!(granted(&town, token).await.is_empty());
    assert_eq!(town.events("repo.transfer").len(), 2, "one at each owner");
    assert_eq!(town.events("repo.destroy").len(), 1);
    // Coming back does not bring the grants back.
    town.forge.state().repository(100).owner = 10;
    town.forge
        .state()
        .repositories
        .push(repository_there(101, 10, "lib"));
    Town::well(town.synchronise().await);
    assert_eq!(town.row(app.id).owner_id, town.acme());
    assert!(granted(&town, token).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_see_and_who_may_do_what_follows() {
    let town = Town::new().await;
    town.forge.state().repository(102).private = false;
    Town::well(town.synchronise().await);
    let docs = town.named("acme", "docs").unwrap();
    assert_eq!(docs.visibility, Visibility::Public);
    {
        let mut there = town.forge.state();
        there.repository(102).private = true;
        there.repository(102).archived = true;
        there.repository(100).collaborators.insert(3, "read");
        let makers = there.teams.iter_mut().find(|team| team.id == 51).unwrap();
        makers.code = "read";
        makers.name = "Builders".into();
        makers.repositories = vec![101];
    }
    Town::well(town.synchronise().await);
    assert_eq!(town.row(docs.id).visibility, Visibility::Private);
    assert!(town.row(docs.id).archived_at.is_some());
    assert_eq!(town.events("repo.access").len(), 1);
    let (app, lib) = (
        town.named("acme", "app").unwrap(),
        town.named("acme", "lib").unwrap(),
    );
    let (acme, carol) = (town.acme(), town.world.accounts["carol"]);
    town.world
        .store
        .read(|tx| {
            let builders = team::by_slug(tx, acme, "builders")?.unwrap();
            assert_eq!(
                team::repository(tx, builders.id, lib.id)?,
                Some(RepositoryRole::Read)
            );
            assert_eq!(team::repository(tx, builders.id, app.id)?, None);
            assert_eq!(collaborator::get(tx, app.id, carol)?, Some(RepositoryRole::Read));
            Ok::<_, bailiwick_store::StoreError>(())
        })
        .unwrap();
    // An organization that not everybody may see shows nothing to everybody.
    town.forge.state().repository(102).private = false;
    town.forge
        .state()
        .organizations
        .insert(10, ("acme".into(), "limited"));
    Town::well(town.synchronise().await);
    assert_eq!(town.row(docs.id).visibility, Visibility::Private);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_loses_the_grants_there() {
    let town = Town::new().await;
    Town::well(town.synchronise().await);
    let (_, text) = town
        .world
        .mint_approved("bob", "t", &["app"], json!({"contents": "read"}))
        .await;
    town.forge.state().members.retain(|(_, user)| *user != 2);
    town.forge
        .state()
        .teams
        .iter_mut()
        .for_each(|team| team.members.retain(|user| *user != 2));
    let state = Town::well(town.synchronise().await);
    assert_eq!(state.changes.members_removed, 1);
    assert_eq!(town.events("org.remove_member").len(), 1);
    assert_eq!(town.events("personal_access_token.access_revoked").len(), 1);
    assert_eq!(town.fetch("acme/app", &text).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_deactivated_there_is_refused_here_at_once() {
    let town = Town::new().await;
    Town::well(town.synchronise().await);
    let (_, text) = town
        .world
        .mint_approved("bob", "t", &["app"], json!({"contents": "read"}))
        .await;
    let before = town.fetch("acme/app", &text).await;
    assert!(!before.text().contains("not active"), "{}", before.text());
    town.forge.state().users.get_mut(&2).unwrap().1 = false;
    let state = Town::well(town.synchronise().await);
    assert_eq!(state.changes.links_updated, 1);
    let refused = town.fetch("acme/app", &text).await;
    assert_eq!(refused.status, 403);
    assert!(refused.text().contains("not active"), "{}", refused.text());
    // And welcome again, under whatever name.
    *town.forge.state().users.get_mut(&2).unwrap() = ("robert".into(), true);
    Town::well(town.synchronise().await);
    let bob = town.world.accounts["bob"];
    let link = town
        .world
        .store
        .read(|tx| upstream::link(tx, town.id, bob))
        .unwrap()
        .unwrap();
    assert_eq!((link.login.as_str(), link.active), ("robert", true));
    // Somebody else of the old name is somebody else.
    town.forge.state().forget(2);
    town.forge.state().users.insert(77, ("robert".into(), true));
    Town::well(town.synchronise().await);
    assert_eq!(
        town.fetch("acme/app", &text).await.status,
        404,
        "left with the person"
    );
}
