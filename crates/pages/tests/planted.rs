//! Planted credentials on pages: shown, ended, deleted with their token; planting opened and refused.

use crate::browser::hidden;
use crate::harness::World;
use crate::token::LIST;
use bailiwick_model::TokenId;
use bailiwick_store::{PlantedRow, PlantedState, planted};
use serde_json::json;

const OWN: &str = "/settings/planted-credentials";
const HERE: &str = "/organizations/acme/settings/planted-credentials";
const POLICY: &str = "/organizations/acme/settings/personal-access-tokens";

/// A deploy key that a token of bob planted in acme/site, as the gateway records it.
fn plant(world: &World, token: i64, label: &str) -> i64 {
    let row = PlantedRow {
        id: 0,
        token_id: TokenId(token),
        actor_id: world.accounts["bob"],
        owner_id: Some(world.accounts["acme"]),
        enterprise_id: None,
        repository_id: Some(world.repositories["site"]),
        upstream_id: Some(1),
        operation: String::from("repos/create-deploy-key"),
        kind: String::from("deploy_key"),
        what: Some(String::from("17")),
        label: label.to_owned(),
        end_path: Some(String::from("/repos/{owner}/{repo}/keys/17")),
        created_at: world.authority.now(),
        lapses_at: None,
        state: PlantedState::Live,
        ended_at: None,
        ended_by: None,
        attempts: 0,
        next_at: None,
        problem: None,
    };
    world.store.write(|tx| planted::insert(tx, row)).unwrap().id
}

struct Stand;

impl bailiwick_authority::planted::Ender for Stand {
    fn end(
        &self,
        _: &bailiwick_authority::planted::Ending,
    ) -> Result<(), bailiwick_authority::planted::Unended> {
        Ok(())
    }
}

fn state(world: &World, id: i64) -> PlantedState {
    let row = world.store.read(|tx| planted::by_id(tx, id)).unwrap();
    row.unwrap().state
}

async fn world() -> (World, i64, i64) {
    let world = World::new();
    let (token, _) = world
        .mint_approved("bob", "deploy", &["site"], json!({"administration": "write"}))
        .await;
    let id = plant(&world, token, "<laptop>");
    (world, token, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_holder_sees_what_was_planted_and_ends_it() {
    let (world, token, id) = world().await;
    let bob = world.signed_in("bob");
    for path in [OWN.to_owned(), format!("{LIST}/{token}")] {
        bob.get(&path)
            .await
            .expect(200)
            .says("Deploy key")
            .says("&lt;laptop&gt;")
            .hides("<laptop>")
            .says("acme/site")
            .says("Works");
    }
    let end = format!("{OWN}/{id}/end");
    world.signed_in("mallory").post(&end, &[]).await.expect(404);
    // Without a gateway it waits, and says so.
    let waits = bob.post(&end, &[]).await.expect(303);
    bob.get(waits.location())
        .await
        .expect(200)
        .says("could not be done yet")
        .says("Being ended")
        .says("no gateway runs here");
    world.authority.end_planted_with(std::sync::Arc::new(Stand));
    let done = bob.post(&end, &[]).await.expect(303);
    bob.get(done.location()).await.expect(200).says("It has ended");
    assert_eq!(state(&world, id), PlantedState::Ended);
    bob.get(&format!("{LIST}/{token}/delete"))
        .await
        .expect(200)
        .hides("with_planted");
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_a_token_offers_to_end_what_it_planted() {
    for with in [true, false] {
        let (world, token, id) = world().await;
        world.authority.end_planted_with(std::sync::Arc::new(Stand));
        let bob = world.signed_in("bob");
        let path = format!("{LIST}/{token}/delete");
        bob.get(&path)
            .await
            .expect(200)
            .says("End what it planted as well")
            .says("&lt;laptop&gt;");
        let fields: &[(&str, &str)] = if with { &[("with_planted", "on")] } else { &[] };
        let done = bob.post(&path, fields).await.expect(303);
        let page = bob.get(done.location()).await.expect(200);
        if with {
            page.says("The token is deleted").hides("may still work");
            assert_eq!(state(&world, id), PlantedState::Ended);
        } else {
            page.says("may still work").says("Works").says("(ended)");
            assert_eq!(state(&world, id), PlantedState::Live);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organization_sees_what_was_planted_there_and_its_owners_end_it() {
    let (world, _, id) = world().await;
    world.authority.end_planted_with(std::sync::Arc::new(Stand));
    world.signed_in("bob").get(HERE).await.expect(403);
    let alice = world.signed_in("alice");
    alice
        .get(HERE)
        .await
        .expect(200)
        .says("Deploy key")
        .says("deploy")
        .says(&format!("{HERE}/{id}/end"));
    let done = alice.post(&format!("{HERE}/{id}/end"), &[]).await.expect(303);
    alice
        .get(done.location())
        .await
        .expect(200)
        .says("by <a class=\"login\" href=\"/alice\">");
    assert_eq!(state(&world, id), PlantedState::Ended);
}

#[tokio::test(flavor = "multi_thread")]
async fn planting_is_opened_by_hand() {
    let world = World::new();
    let bob = world.signed_in("bob");
    let own = || async {
        let path = "/user/personal-access-token-policy";
        let told = world.get(path, &world.session("bob")).await.expect(200);
        told.json["resolved"]["planting"].clone()
    };
    bob.get(OWN).await.expect(200).says("Nothing planted");
    assert_eq!(own().await, false);
    bob.post(OWN, &[("planting", "on")]).await.expect(303);
    assert_eq!(own().await, true);
    bob.post(OWN, &[]).await.expect(303);
    assert_eq!(own().await, false);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_policy_of_an_organization_opens_planting_unless_the_enterprise_forbids_it() {
    let world = World::new();
    let alice = world.signed_in("alice");
    let set = |above: bool| {
        let path = if above {
            "/enterprises/acme-enterprise/personal-access-token-policy"
        } else {
            "/orgs/acme/personal-access-token-policy"
        };
        let world = &world;
        async move {
            let told = world.get(path, &world.session("alice")).await.expect(200);
            told.json["set"]["planting"].clone()
        }
    };
    let save = |path: &'static str, planting: &'static str| {
        let alice = &alice;
        async move {
            let page = alice.get(path).await.expect(200);
            let seen = hidden(page.text(), "seen").replace("&quot;", "\"");
            let fields = [
                ("seen", seen.as_str()),
                ("several_owners_allowed", "on"),
                ("planting", planting),
            ];
            alice.post(path, &fields).await.expect(303);
        }
    };
    save(POLICY, "refuse").await;
    assert_eq!(set(false).await, json!(null), "what holds anyway is not said");
    save(POLICY, "allow").await;
    assert_eq!(set(false).await, true);
    alice.get(POLICY).await.says("Planting by tokens");
    save(POLICY, "refuse").await;
    assert_eq!(set(false).await, false);
    save(POLICY, "allow").await;
    let above = "/enterprises/acme-enterprise/settings/personal-access-tokens";
    save(above, "free").await;
    assert_eq!(set(true).await, json!(null));
    save(above, "refuse").await;
    assert_eq!(set(true).await, false);
    // The form does not touch what is fixed above.
    save(POLICY, "refuse").await;
    assert_eq!(set(false).await, true);
}
