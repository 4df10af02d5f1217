//! What changes there changes here, and takes with it what it would take if somebody here had done it.

use super::{Land, directory, repository};
use bailiwick_authority::upstream::synchronise::state::Stand;
use bailiwick_model::{OrganizationRole, RepositoryRole, Visibility};
use bailiwick_store::{account, collaborator, membership, team, upstream};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn everything_below_bound_owners_arrives_and_nothing_else() {
    let land = Land::settled().await;
    let state = land.well().await;
    assert_eq!(state.changes.repositories_created, 4);
    assert!(state.unread.is_empty(), "{state:?}");
    let app = land.named("acme", "app").unwrap();
    assert_eq!(app.upstream_key.as_deref(), Some("100"));
    assert_eq!(
        (app.visibility, app.default_branch.as_str()),
        (Visibility::Private, "trunk")
    );
    assert!(land.named("acme", "not-ours").is_none());
    assert!(land.named("acme-labs", "tool").is_some());
    let codes: Vec<&str> = state.conflicts.iter().map(|one| one.code.as_str()).collect();
    assert_eq!(codes, ["repository.name_taken"]);
    let (acme, labs, accounts) = (
        land.acme(),
        land.world.accounts["acme-labs"],
        &land.world.accounts,
    );
    land.world
        .store
        .read(|tx| {
            let bob = membership::get(tx, acme, accounts["bob"])?.unwrap();
            assert_eq!(bob.role, OrganizationRole::Member);
            let bob = membership::get(tx, labs, accounts["bob"])?.unwrap();
            assert_eq!(bob.role, OrganizationRole::Owner);
            assert_eq!(account::by_id(tx, acme)?.unwrap().base_role, RepositoryRole::None);
            let row = account::by_id(tx, labs)?.unwrap();
            assert_eq!(
                (row.base_role, row.upstream_key.as_deref()),
                (RepositoryRole::Read, Some("11"))
            );
            let makers = team::by_slug(tx, acme, "makers")?.unwrap();
            assert_eq!(
                team::members(tx, makers.id)?.len(),
                1,
                "the stranger is not linked"
            );
            assert_eq!(
                team::repository(tx, makers.id, app.id)?,
                Some(RepositoryRole::Write)
            );
            let young = team::by_slug(tx, acme, "young-makers")?.unwrap();
            assert_eq!(young.parent_id, Some(makers.id));
            let carol = collaborator::get(tx, app.id, accounts["carol"])?;
            assert_eq!(carol, Some(RepositoryRole::Write));
            let link = upstream::link(tx, land.id, accounts["carol"])?.unwrap();
            assert_eq!((link.upstream_key.as_deref(), link.active), (Some("3"), true));
            Ok::<_, bailiwick_store::StoreError>(())
        })
        .unwrap();
    assert!(state.unlinked >= 3, "{state:?}");
    assert!(state.progress.requests > 10);
    {
        // Where nothing is bound nothing was asked.
        let there = land.forge.state();
        assert!(
            there.asked.iter().all(|one| !one.contains("installations/33/")),
            "{:?}",
            there.asked
        );
    }
    assert_eq!(land.synchronised_at(), Some(land.world.authority.now()));
    let again = land.well().await;
    assert_eq!(again.changes, Default::default());
    assert_eq!(land.events("upstream.synchronise").len(), 1);
    assert!(land.doctor().await.contains("1 things could not be taken over"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_loses_the_grants_there() {
    let land = Land::settled().await;
    land.well().await;
    let (_, text) = land
        .world
        .mint_approved("bob", "t", &["app"], json!({"contents": "read"}))
        .await;
    land.forge.state().members.retain(|one| (one.0, one.1) != (10, 2));
    land.forge.state().team(50).members.retain(|user| *user != 2);
    let state = land.well().await;
    assert_eq!(state.changes.members_removed, 1);
    assert_eq!(land.events("org.remove_member").len(), 1);
    assert_eq!(land.events("personal_access_token.access_revoked").len(), 1);
    assert_eq!(land.fetch("acme/app", &text).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn lower_roles_are_lower_here() {
    let land = Land::settled().await;
    land.well().await;
    let (app, lib) = (
        land.named("acme", "app").unwrap(),
        land.named("acme", "lib").unwrap(),
    );
    {
        let mut there = land.forge.state();
        there.repository(100).collaborators.insert(3, "triage");
        there.team(50).repositories.insert(101, "read");
        there.members.retain(|one| *one != (11, 2, true));
        there.members.push((11, 2, false));
        there.organizations.insert(11, ("labs".into(), None));
    }
    let state = land.well().await;
    let codes: Vec<&str> = state.conflicts.iter().map(|one| one.code.as_str()).collect();
    assert_eq!(codes, ["owner.base_role_unknown", "repository.name_taken"]);
    let (acme, labs, accounts) = (
        land.acme(),
        land.world.accounts["acme-labs"],
        &land.world.accounts,
    );
    land.world
        .store
        .read(|tx| {
            let carol = collaborator::get(tx, app.id, accounts["carol"])?;
            assert_eq!(carol, Some(RepositoryRole::Triage));
            let makers = team::by_slug(tx, acme, "makers")?.unwrap();
            assert_eq!(
                team::repository(tx, makers.id, lib.id)?,
                Some(RepositoryRole::Read)
            );
            let bob = membership::get(tx, labs, accounts["bob"])?.unwrap();
            assert_eq!(bob.role, OrganizationRole::Member);
            // What is not told gives nothing.
            assert_eq!(account::by_id(tx, labs)?.unwrap().base_role, RepositoryRole::None);
            Ok::<_, bailiwick_store::StoreError>(())
        })
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_hidden_renamed_moved_or_deleted_is_so_here() {
    let mut there = directory();
    there.repository(102).visibility = "public";
    there.repositories.push(repository(104, 10, "old"));
    let land = Land::of(there).await;
    land.well().await;
    let id = |name: &str| land.named("acme", name).unwrap().id;
    let (app, lib, docs) = (id("app"), id("lib"), id("docs"));
    assert_eq!(land.row(docs).visibility, Visibility::Public);
    let (token, _) = land
        .world
        .mint_approved("bob", "t", &["app", "lib"], json!({"contents": "read"}))
        .await;
    {
        let mut there = land.forge.state();
        there.repository(102).visibility = "private";
        there.repository(102).archived = true;
        there.repository(101).name = "library".into();
        there.repository(100).owner = 11;
        there.repositories.retain(|one| one.id != 104);
    }
    let state = land.well().await;
    assert_eq!(state.changes.repositories_transferred, 1);
    assert_eq!(state.changes.repositories_removed, 1);
    assert_eq!(land.row(docs).visibility, Visibility::Private);
    assert!(land.row(docs).archived_at.is_some());
    assert_eq!(land.row(lib).name, "library");
    assert_eq!(land.row(app).owner_id, land.world.accounts["acme-labs"]);
    assert!(land.named("acme", "old").is_none());
    assert_eq!(land.events("repo.rename").len(), 1);
    assert_eq!(land.events("repo.destroy").len(), 1);
    let bob = land.world.session("bob");
    let path = format!("/user/personal-access-tokens/{token}");
    let shown = land.world.get(&path, &bob).await.expect(200).json;
    assert_eq!(
        shown["grants"][0]["repositories"],
        json!(["acme/library"]),
        "what moved left its grant behind"
    );
    // acme belongs to an enterprise here.
    land.forge.state().repository(102).visibility = "internal";
    land.well().await;
    assert_eq!(land.row(docs).visibility, Visibility::Internal);
    // To an owner that is not bound: gone.
    land.forge.state().repository(100).owner = 12;
    land.well().await;
    assert!(land.named("acme-labs", "app").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organization_keeps_its_id_under_another_name() {
    let land = Land::settled().await;
    land.well().await;
    land.forge
        .state()
        .organizations
        .insert(10, ("apex".into(), Some("none")));
    // Somebody else takes the old name, with an installation of their own.
    land.forge
        .state()
        .organizations
        .insert(12, ("acme".into(), Some("admin")));
    land.well().await;
    let row = land
        .world
        .store
        .read(|tx| account::by_id(tx, land.acme()))
        .unwrap()
        .unwrap();
    assert_eq!(
        (row.login.as_str(), row.upstream_name.as_deref()),
        ("apex", Some("apex"))
    );
    assert!(land.named("acme", "app").is_some());
    assert!(land.named("acme", "not-ours").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_suspended_or_deleted_there_is_refused_here() {
    let land = Land::settled().await;
    land.well().await;
    let link = |name: &str| {
        let account = land.world.accounts[name];
        let row = land.world.store.read(|tx| upstream::link(tx, land.id, account));
        row.unwrap().unwrap()
    };
    land.forge.state().users.get_mut(&2).unwrap().1 = true;
    land.well().await;
    assert!(!link("bob").active);
    *land.forge.state().users.get_mut(&2).unwrap() = ("robert".into(), false);
    land.well().await;
    assert_eq!((link("bob").login.as_str(), link("bob").active), ("robert", true));
    {
        let mut there = land.forge.state();
        there.users.remove(&3);
        there.repository(100).collaborators.remove(&3);
        // Somebody else of the same name is somebody else.
        there.users.insert(77, ("carol".into(), false));
    }
    let state = land.well().await;
    assert!(!link("carol").active);
    assert_eq!(link("carol").upstream_key.as_deref(), Some("3"));
    assert_eq!(state.changes.collaborators_removed, 1);
    // An organization of a person's number is nobody.
    land.forge.state().users.remove(&2);
    land.forge.state().members.retain(|one| one.1 != 2);
    land.forge.state().team(50).members.retain(|user| *user != 2);
    land.forge
        .state()
        .organizations
        .insert(2, ("robert".into(), None));
    land.well().await;
    assert!(!link("bob").active);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_that_is_bound_alone_is_followed_by_its_number() {
    let land = Land::settled().await;
    let path = "/admin/upstreams/forge/repositories/bob/notes";
    let made = json!({"name": "notes", "private": true});
    let bob = land.world.session("bob");
    land.world
        .call("POST", "/user/repos", &bob, made)
        .await
        .expect(201);
    let body = json!({"name": "others/not-ours", "id": "120"});
    land.world.call("PUT", path, &land.alice, body).await.expect(200);
    land.forge.state().repository(120).name = "renamed".into();
    land.well().await;
    let row = land.named("bob", "notes").unwrap();
    assert_eq!(row.upstream_name.as_deref(), Some("others/renamed"));
    // Where the App is suspended nobody knows whether it is still there.
    land.forge.state().installations.get_mut(&33).unwrap().suspended = true;
    let state = land.well().await;
    let unread: Vec<&str> = state.unread.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(unread, ["others/renamed"]);
    assert!(land.named("bob", "notes").is_some());
    land.forge.state().installations.get_mut(&33).unwrap().suspended = false;
    land.forge.state().repositories.retain(|one| one.id != 120);
    land.well().await;
    assert!(land.named("bob", "notes").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_looks_empty_stops_and_alarms() {
    let mut there = directory();
    for id in 200..220 {
        there.repositories.push(repository(id, 10, &format!("r{id}")));
    }
    let land = Land::of(there).await;
    land.well().await;
    let good_at = land.synchronised_at();
    land.world.clock_forward_hours(1);
    land.forge.state().repositories.retain(|one| one.id < 200);
    let state = land.synchronise().await;
    assert_eq!(state.state, Stand::Stopped);
    assert_eq!(state.removals.unwrap().repositories, 20);
    assert!(land.named("acme", "r200").is_some(), "nothing is applied");
    assert_eq!(land.synchronised_at(), good_at, "the facts grow old");
    assert!(land.doctor().await.contains("it would remove 20 things at once"));
    let path = "/admin/upstreams/forge/synchronise";
    land.world
        .call("POST", path, &land.alice, json!({"confirm_removals": 20}))
        .await
        .expect(202);
    let state = land.well().await;
    assert_eq!(state.changes.repositories_removed, 20);
}
