//! What tokens plant: refused until the owner opens it, recorded under the token, listed, ended with it.

use crate::harness::World;
use bailiwick_authority::planted::{Ender, Ending, Unended};
use bailiwick_authority::{Authority, Caller, Names, RepositoryKey, Witness, decide};
use bailiwick_catalogue::by_id;
use bailiwick_store::audit::{Condition, Match, Query, search};
use bailiwick_store::{EventRow, PlantedState, planted};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

const OWN: &str = "/user/planted-credentials";
const HERE: &str = "/orgs/acme/planted-credentials";
const TOKENS: &str = "/user/personal-access-tokens";
const POLICY: &str = "/orgs/acme/personal-access-token-policy";

/// What the gateway would hold after a token was allowed an operation at acme/site.
fn witness(world: &World, token: &str, id: &str) -> Witness {
    let operation = by_id(id).unwrap();
    let names = Arc::new(Names {
        repository: Some(RepositoryKey::Name("acme".into(), "site".into())),
        ..Names::default()
    });
    let presented = world.authority.present(token);
    let gathered = world
        .authority
        .gather(&presented, Some(operation), &names)
        .unwrap();
    let now = world.authority.now();
    let permit = decide(Some(operation), gathered, Caller::default(), now).unwrap();
    world.authority.witness(&permit)
}

fn answer() -> Value {
    json!({"id": 17, "title": "laptop", "key": "ssh-ed25519 AAAA", "read_only": true})
}

/// alice's token with which a deploy key was planted: the token's id and text, and the id of the record.
async fn planter(world: &World) -> (i64, String, i64) {
    world.open_planting(&["acme"]);
    let (id, token) = world
        .mint_approved("alice", "planter", &["site"], json!({"administration": "write"}))
        .await;
    let seen = witness(world, &token, "repos/create-deploy-key");
    let row = world
        .authority
        .plant_answered(&seen, Some(3), None, &answer())
        .unwrap()
        .unwrap();
    (id, token, row.id)
}

/// A deploy key that a token of alice planted in acme/site.
pub async fn deploy_key(world: &World) -> i64 {
    planter(world).await.2
}

/// Answers as told, and keeps what it was asked for.
#[derive(Default)]
struct Stand {
    trouble: Mutex<Option<String>>,
    asked: Mutex<Vec<String>>,
}

impl Ender for Stand {
    fn end(&self, ending: &Ending) -> Result<(), Unended> {
        self.asked.lock().unwrap().push(ending.path.clone());
        match &*self.trouble.lock().unwrap() {
            None => Ok(()),
            Some(text) => Err(Unended(text.clone())),
        }
    }
}

impl Stand {
    fn at(authority: &Authority) -> Arc<Stand> {
        let stand = Arc::new(Stand::default());
        authority.end_planted_with(stand.clone());
        stand
    }

    fn fails_with(&self, text: Option<&str>) {
        *self.trouble.lock().unwrap() = text.map(str::to_owned);
    }

    fn count(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

fn events(world: &World, action: &str) -> Vec<EventRow> {
    let condition = Condition::is(Match::Action(action.to_owned()));
    let query = Query {
        ascending: true,
        ..Query::new(vec![condition], 100)
    };
    world.store.read(|tx| search(tx, &query)).unwrap()
}

fn state(world: &World, id: i64) -> PlantedState {
    let row = world.store.read(|tx| planted::by_id(tx, id)).unwrap();
    row.unwrap().state
}

#[tokio::test]
async fn a_token_plants_only_where_the_owner_opened_it() {
    let world = World::new();
    let (_, token) = world
        .mint_approved("alice", "admin", &["site"], json!({"administration": "write"}))
        .await;
    let classic = world.mint_classic("alice", "classic", &["repo"]).await;
    let keys = "/repos/acme/site/keys";
    for credential in [&token, &classic] {
        let refused = world.call("POST", keys, credential, json!({})).await.expect(403);
        assert_eq!(
            (&refused.json["reason"], &refused.json["stage"]),
            (&json!("policy.planting"), &json!("policy"))
        );
        let help = refused.json["help"].as_str().unwrap();
        assert!(help.contains("an owner of acme can allow it"), "{help}");
        world.get(keys, credential).await.expect(501);
    }
    let session = world.session("alice");
    // Served by nothing here, but allowed: a person plants by their own hand.
    world.call("POST", keys, &session, json!({})).await.expect(501);

    let open = json!({"planting": true});
    let set = world
        .call("PUT", POLICY, &session, open.clone())
        .await
        .expect(200);
    assert_eq!(
        (
            &set.json["resolved"]["planting"],
            &set.json["resolved"]["planting_by"]
        ),
        (&json!(true), &json!("organization"))
    );
    for credential in [&token, &classic] {
        world.call("POST", keys, credential, json!({})).await.expect(501);
    }
    let above = "/enterprises/acme-enterprise/personal-access-token-policy";
    world
        .call("PUT", above, &session, json!({"planting": false}))
        .await
        .expect(200);
    world.call("PUT", POLICY, &session, open).await.expect(200);
    let refused = world.call("POST", keys, &token, json!({})).await.expect(403);
    let help = refused.json["help"].as_str().unwrap();
    assert!(
        help.contains("the enterprise acme-enterprise forbids it"),
        "{help}"
    );
}

#[tokio::test]
async fn a_persons_own_account_is_opened_by_the_person_in_a_session() {
    let world = World::new();
    let session = world.session("bob");
    let body = json!({"name": "own", "grants": [{"owner": "bob", "permissions": {"keys": "write"}}]});
    let made = world.call("POST", TOKENS, &session, body).await.expect(201);
    let token = made.json["token"].as_str().unwrap().to_owned();
    let refused = world
        .call("POST", "/user/keys", &token, json!({}))
        .await
        .expect(403);
    assert_eq!(refused.json["reason"], "policy.planting");
    assert!(
        refused.json["help"]
            .as_str()
            .unwrap()
            .contains("policy set --own planting=true")
    );

    let policy = "/user/personal-access-token-policy";
    assert_eq!(
        world.get(policy, &session).await.json["resolved"]["planting"],
        false
    );
    world
        .call("PUT", policy, &token, json!({"planting": true}))
        .await
        .expect(403);
    let other = json!({"planting": true, "classic": {"allowed": false}});
    world.call("PUT", policy, &session, other).await.expect(422);
    let set = world
        .call("PUT", policy, &session, json!({"planting": true}))
        .await
        .expect(200);
    assert_eq!(set.json["resolved"]["planting"], true);
    world
        .call("POST", "/user/keys", &token, json!({}))
        .await
        .expect(501);
}

#[tokio::test]
async fn no_token_opens_planting() {
    let world = World::new();
    let session = world.session("alice");
    let body = json!({"name": "policies", "grants": [{"owner": "acme", "permissions": {"organization_administration": "write"}}]});
    let made = world.call("POST", TOKENS, &session, body).await.expect(201);
    let token = made.json["token"].as_str().unwrap().to_owned();
    let open = json!({"planting": true});
    let refused = world.call("PUT", POLICY, &token, open.clone()).await.expect(403);
    assert_eq!(refused.json["reason"], "policy.planting_by_token");
    world
        .call("PUT", POLICY, &token, json!({"planting": false}))
        .await
        .expect(200);
    // Taking a refusal back is opening, where the enterprise opens.
    world.call("PUT", POLICY, &token, json!({})).await.expect(403);
    world
        .call("PUT", POLICY, &session, open.clone())
        .await
        .expect(200);
    world.call("PUT", POLICY, &token, open).await.expect(200);
}

#[tokio::test]
async fn a_token_mints_for_no_owner_that_refuses() {
    let world = World::new();
    let session = world.session("alice");
    let body = json!({"name": "minter", "expires_in": 30, "grants": [
        {"owner": "alice", "permissions": {"personal_access_tokens": "write"}},
        {"owner": "acme", "repositories": ["site"], "permissions": {"issues": "write"}},
    ]});
    let made = world.call("POST", TOKENS, &session, body).await.expect(201);
    let minter = made.json["token"].as_str().unwrap().to_owned();
    let child = json!({"name": "child", "expires_in": 7, "grants": [{"owner": "acme", "repositories": ["site"], "permissions": {"issues": "read"}}]});
    let mint = || world.call("POST", TOKENS, &minter, child.clone());
    assert_eq!(mint().await.expect(403).json["stage"], "policy");
    world.open_planting(&["alice"]);
    let refused = mint().await.expect(403);
    assert_eq!(refused.json["reason"], "policy.planting");
    world.open_planting(&["acme"]);
    let made = mint().await.expect(201);
    // The same for a new secret of what is there.
    world.call("PUT", POLICY, &session, json!({})).await.expect(200);
    let path = format!("{TOKENS}/{}/regenerate", made.json["id"]);
    let refused = world.call("POST", &path, &minter, json!({})).await.expect(403);
    assert_eq!(refused.json["reason"], "policy.planting");
}

#[tokio::test]
async fn what_a_token_planted_is_recorded_and_listed() {
    let world = World::new();
    let (token_id, token, id) = planter(&world).await;
    let created = events(&world, "planted.create");
    assert_eq!(created.len(), 1);
    assert_eq!(created[0].token_id.map(|id| id.0), Some(token_id));
    assert_eq!(created[0].repository_name.as_deref(), Some("acme/site"));
    let data: Value = serde_json::from_str(&created[0].data).unwrap();
    assert_eq!(data["planted_id"], id);

    let alice = world.session("alice");
    for path in [
        OWN.to_owned(),
        format!("{OWN}?token_id={token_id}"),
        HERE.to_owned(),
    ] {
        let listed = world.get(&path, &alice).await.expect(200);
        let one = &listed.json[0];
        assert_eq!(listed.json.as_array().unwrap().len(), 1);
        assert_eq!(one["id"], id);
        assert_eq!(
            (
                &one["kind"],
                &one["label"],
                &one["what"],
                &one["state"],
                &one["can_end"]
            ),
            (
                &json!("deploy_key"),
                &json!("laptop"),
                &json!("17"),
                &json!("live"),
                &json!(true)
            )
        );
        assert_eq!(
            one["token"],
            json!({"id": token_id, "name": "planter", "ended": false})
        );
        assert_eq!(
            (&one["owner"], &one["repository"]),
            (&json!("acme"), &json!("acme/site"))
        );
        assert!(!listed.text().contains("AAAA"), "the key itself is kept nowhere");
    }
    let other = world.get(&format!("{OWN}?token_id=99"), &alice).await.expect(200);
    assert_eq!(other.json, json!([]));
    world.get(&format!("{OWN}?token_id=x"), &alice).await.expect(422);
    // Nobody else's list, nobody else's to end.
    let bob = world.session("bob");
    assert_eq!(world.get(OWN, &bob).await.expect(200).json, json!([]));
    world.get(HERE, &bob).await.expect(403);
    world
        .call("DELETE", &format!("{OWN}/{id}"), &bob, Value::Null)
        .await
        .expect(404);
    world
        .call("DELETE", &format!("{HERE}/{id}"), &bob, Value::Null)
        .await
        .expect(403);
    let rival = format!("/orgs/acme-labs/planted-credentials/{id}");
    world
        .call("DELETE", &rival, &alice, Value::Null)
        .await
        .expect(404);

    // What plants nothing, and what no token did, leaves nothing.
    let read = witness(&world, &token, "repos/list-deploy-keys");
    assert_eq!(
        world
            .authority
            .plant_answered(&read, None, None, &answer())
            .unwrap(),
        None
    );
    let by_hand = witness(&world, &alice, "repos/create-deploy-key");
    assert_eq!(
        world
            .authority
            .plant_answered(&by_hand, None, None, &answer())
            .unwrap(),
        None
    );
}

#[tokio::test]
async fn an_ending_is_done_where_the_thing_is_kept() {
    let world = World::new();
    let (.., id) = planter(&world).await;
    let stand = Stand::at(&world.authority);
    let alice = world.session("alice");
    let path = format!("{OWN}/{id}");
    let ended = world.call("DELETE", &path, &alice, Value::Null).await.expect(200);
    assert_eq!(
        (&ended.json["state"], &ended.json["ended_by"]),
        (&json!("ended"), &json!("alice"))
    );
    assert_eq!(*stand.asked.lock().unwrap(), ["/repos/acme/site/keys/17"]);
    assert_eq!(events(&world, "planted.ended").len(), 1);
    let again = world.call("DELETE", &path, &alice, Value::Null).await.expect(409);
    assert_eq!(again.json["reason"], "planted.ended");
    assert_eq!(stand.count(), 1);
}

#[tokio::test]
async fn an_ending_that_fails_alarms_once_and_is_tried_again() {
    let world = World::new();
    let (.., id) = planter(&world).await;
    let stand = Stand::at(&world.authority);
    stand.fails_with(Some("it answered 502"));
    let alice = world.session("alice");
    let path = format!("{HERE}/{id}");
    let failed = world.call("DELETE", &path, &alice, Value::Null).await.expect(200);
    assert_eq!(
        (&failed.json["state"], &failed.json["problem"]),
        (&json!("failed"), &json!("it answered 502"))
    );
    assert_eq!(events(&world, "planted.end_failed").len(), 1);
    let sweep = || world.authority.sweep(world.authority.now()).unwrap().planted;
    assert_eq!(sweep(), 0, "not at once");
    world.clock_forward_hours(1);
    assert_eq!(sweep(), 1);
    assert_eq!(
        events(&world, "planted.end_failed").len(),
        1,
        "the same trouble is told once"
    );
    stand.fails_with(Some("it timed out"));
    world.clock_forward_hours(1);
    assert_eq!(sweep(), 1);
    assert_eq!(events(&world, "planted.end_failed").len(), 2);
    stand.fails_with(None);
    world.clock_forward_hours(1);
    assert_eq!((sweep(), state(&world, id)), (1, PlantedState::Ended));
    world.clock_forward_hours(1);
    assert_eq!((sweep(), stand.count()), (0, 4));
    assert_eq!(events(&world, "planted.ended").len(), 1);
}

#[tokio::test]
async fn without_a_gateway_an_ending_waits_and_says_so() {
    let world = World::new();
    let (.., id) = planter(&world).await;
    let alice = world.session("alice");
    let waits = world
        .call("DELETE", &format!("{OWN}/{id}"), &alice, Value::Null)
        .await
        .expect(200);
    assert_eq!(waits.json["state"], "pending");
    assert_eq!(waits.json["problem"], "no gateway runs here that could end it");
    assert_eq!(events(&world, "planted.end_failed").len(), 1);
    Stand::at(&world.authority);
    world.clock_forward_hours(1);
    world.authority.sweep(world.authority.now()).unwrap();
    assert_eq!(state(&world, id), PlantedState::Ended);
}

#[tokio::test]
async fn a_token_is_deleted_with_what_it_planted_or_without() {
    for with in [false, true] {
        let world = World::new();
        let (token, _, id) = planter(&world).await;
        let stand = Stand::at(&world.authority);
        let alice = world.session("alice");
        let path = format!("{TOKENS}/{token}?with_planted={with}");
        world
            .call(
                "DELETE",
                &format!("{TOKENS}/{token}?with_planted=yes"),
                &alice,
                Value::Null,
            )
            .await
            .expect(422);
        let left = world.call("DELETE", &path, &alice, Value::Null).await.expect(200);
        let told = left.json["message"].as_str().unwrap();
        assert_eq!(left.json["planted"][0]["token"]["ended"], true);
        let (expected, message) = if with {
            (PlantedState::Ended, "what it planted has ended")
        } else {
            (PlantedState::Live, "1 may still work")
        };
        assert_eq!((state(&world, id), stand.count()), (expected, usize::from(with)));
        assert!(told.contains(message), "{told}");
        assert_eq!(events(&world, "planted.end").len(), usize::from(with));
        // What is left can be ended when the token is gone.
        if !with {
            world
                .call("DELETE", &format!("{OWN}/{id}"), &alice, Value::Null)
                .await
                .expect(200);
            assert_eq!(state(&world, id), PlantedState::Ended);
        }
    }
}

#[tokio::test]
async fn what_nothing_here_can_end_is_recorded_and_says_so() {
    let world = World::new();
    let (_, token, _) = planter(&world).await;
    let alice = world.session("alice");
    let seen = witness(&world, &token, "repos/create-deploy-key");
    let row = world
        .authority
        .plant_answered(&seen, None, None, &Value::Null)
        .unwrap()
        .unwrap();
    assert_eq!((row.state, row.what), (PlantedState::Unknown, None));
    let path = format!("{OWN}/{}", row.id);
    let refused = world.call("DELETE", &path, &alice, Value::Null).await.expect(409);
    assert_eq!(refused.json["reason"], "planted.no_end");

    let seen = witness(&world, &token, "actions/create-registration-token-for-repo");
    let lapses = json!({"token": "SECRET", "expires_at": "2026-03-10T13:00:00Z"});
    let row = world
        .authority
        .plant_answered(&seen, None, None, &lapses)
        .unwrap()
        .unwrap();
    let mine = || world.get(OWN, &alice);
    assert_eq!(mine().await.json[0]["state"], "live");
    world.clock_forward_hours(2);
    let listed = mine().await;
    assert_eq!(
        (&listed.json[0]["id"], &listed.json[0]["state"]),
        (&json!(row.id), &json!("lapsed"))
    );
    assert!(!listed.text().contains("SECRET"));
}

#[tokio::test]
async fn what_is_begun_is_listed_until_it_is_known_not_to_be() {
    let world = World::new();
    let (_, token, _) = planter(&world).await;
    let alice = world.session("alice");
    let seen = witness(&world, &token, "repos/create-deploy-key");
    let begin = || world.authority.plant_begin(&seen, Some(3)).unwrap().unwrap();
    let newest = || async { world.get(OWN, &alice).await.expect(200).json[0].clone() };
    let before = newest().await;
    let begun = begin();
    let listed = newest().await;
    assert_eq!(
        (&listed["id"], &listed["state"]),
        (&json!(begun), &json!("unknown"))
    );
    assert_eq!(
        (&listed["kind"], &listed["can_end"]),
        (&json!("deploy_key"), &json!(false))
    );
    assert!(listed["problem"].as_str().unwrap().contains("no answer came"));
    world.authority.plant_refused(begun).unwrap();
    assert_eq!(newest().await["id"], before["id"]);
    // Not known: it stays, with an event; its token's ending tells of it.
    let begun = begin();
    world.authority.plant_unanswered(&seen, begun).unwrap();
    assert_eq!(newest().await["state"], "unknown");
    // Known: the same row.
    let begun = begin();
    let row = world
        .authority
        .plant_answered(&seen, Some(3), Some(begun), &answer())
        .unwrap()
        .unwrap();
    assert_eq!((row.id, row.problem), (begun, None));
    assert_eq!(newest().await["state"], "live");
    // A session plants by its person's hand.
    let by_hand = witness(&world, &world.session("alice"), "repos/create-deploy-key");
    assert_eq!(world.authority.plant_begin(&by_hand, Some(3)).unwrap(), None);
}
