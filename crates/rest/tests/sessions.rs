//! `POST /sessions` and sudo mode of somebody with a second factor, as GitHub's clients give its code.

use crate::harness::World;
use bailiwick_authority::names::Names;
use bailiwick_authority::{Caller, decide};
use bailiwick_model::PasskeyId;
use bailiwick_store::{Object, PasskeyRow, Secret, account, passkey};
use serde_json::json;
use std::sync::Arc;

const PASSWORD: &str = "seven quiet herons";

/// Gives alice a password, a passkey and recovery codes.
fn prepare(world: &World) -> Vec<String> {
    let alice = world.accounts["alice"];
    let now = world.authority.now();
    let hash = bailiwick_authority::password::hash(PASSWORD, &*crate::harness::random()).unwrap();
    let key = PasskeyRow {
        id: PasskeyId(0),
        user_id: alice,
        name: String::from("Laptop"),
        folded: String::new(),
        credential_id: vec![1],
        credential: Object::new(),
        counter: 0,
        backed_up: false,
        created_at: now,
        last_used_at: None,
    };
    world
        .store
        .write(|tx| {
            let mut row = account::by_id(tx, alice)?.unwrap();
            row.password_hash = Some(Secret(hash));
            account::update(tx, &row)?;
            passkey::insert(tx, key).map(|_| ())
        })
        .unwrap();
    let operation = bailiwick_catalogue::by_id("web/recovery-codes");
    let presented = world.authority.present(&world.session("alice"));
    let gathered = world
        .authority
        .gather(&presented, operation, &Arc::new(Names::default()))
        .unwrap();
    let permit = decide(operation, gathered, Caller::default(), now).unwrap();
    let codes = world.authority.recovery_codes_regenerate(permit).unwrap();
    codes.0.iter().map(|code| code.to_string()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_alone_is_not_enough() {
    let world = World::new();
    let codes = prepare(&world);
    let alone = json!({"login": "alice", "password": PASSWORD});
    let asked = world
        .call("POST", "/sessions", "", alone.clone())
        .await
        .expect(401);
    assert_eq!(asked.header("x-github-otp"), "required; app");
    assert_eq!(asked.json["reason"], "two_factor.required");
    assert_eq!(
        asked.json["message"],
        "Must specify two-factor authentication OTP code."
    );
    assert!(asked.json.get("token").is_none());

    let wrong = json!({"login": "alice", "password": PASSWORD, "otp": "000000"});
    let refused = world.call("POST", "/sessions", "", wrong).await.expect(401);
    assert_eq!(refused.header("x-github-otp"), "required; app");
    assert_eq!(refused.json["reason"], "two_factor.bad_code");

    // A wrong password does not tell that there is a second factor.
    let guess = json!({"login": "alice", "password": "not hers at all", "otp": codes[0]});
    let refused = world.call("POST", "/sessions", "", guess).await.expect(401);
    assert_eq!(refused.header("x-github-otp"), "");

    let both = json!({"login": "alice", "password": PASSWORD, "otp": codes[0]});
    let made = world
        .call("POST", "/sessions", "", both.clone())
        .await
        .expect(201);
    let session = made.json["token"].as_str().unwrap().to_owned();
    world.get("/sessions", &session).await.expect(200);
    world.call("POST", "/sessions", "", both).await.expect(401);

    let request = http::Request::builder()
        .method("POST")
        .uri("/api/v3/sessions")
        .header("x-github-otp", &codes[1])
        .body(bailiwick_gate::whole(alone.to_string()))
        .unwrap();
    world.send(request).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn sudo_takes_one_proof() {
    let world = World::new();
    let codes = prepare(&world);
    let session = world.session("alice");
    let sudo = |body| world.call("POST", "/sessions/sudo", &session, body);
    sudo(json!({})).await.expect(422);
    sudo(json!({"password": PASSWORD, "otp": "000000"}))
        .await
        .expect(422);
    sudo(json!({"otp": codes[0]})).await.expect(401);
    sudo(json!({"password": PASSWORD})).await.expect(200);
}
