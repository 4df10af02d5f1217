//! Who is who there: an administrator says so, and whoever it concerns may set a secret and end it.

use super::{ALL, SECRET, log, with_forge};
use crate::harness::World;
use crate::teller;
use serde_json::{Value, json};

#[tokio::test]
async fn an_account_there_belongs_to_one_account_here() {
    let (world, alice) = with_forge().await;
    let put = |login: &str, body: Value| {
        let path = format!("/admin/upstreams/forge/links/{login}");
        let alice = alice.clone();
        let world = &world;
        async move { world.call("PUT", &path, &alice, body).await }
    };
    let made = put("bob", json!({"login": "Bobby", "id": "7"})).await.expect(201);
    assert_eq!(made.json["user"]["login"], "bob");
    assert_eq!(made.json["login"], "Bobby");
    put("bob", json!({"login": "Bobby", "id": "7", "active": false}))
        .await
        .expect(200);
    for (login, body, field) in [
        ("carol", json!({"login": "bobby"}), "login"),
        ("carol", json!({"login": "other", "id": "7"}), "id"),
        ("carol", json!({"login": ""}), "login"),
        ("carol", json!({"login": "a b"}), "login"),
        ("carol", json!({"login": "a\r\nSudo: root"}), "login"),
        ("carol", json!({"login": "carol", "id": ""}), "id"),
        (
            "carol",
            json!({"login": "carol", "secrets": {"password": "x"}}),
            "secrets",
        ),
    ] {
        let answer = put(login, body.clone()).await.expect(422);
        assert_eq!(answer.json["errors"][0]["field"], field, "{body}: {answer:?}");
    }
    // Nobody who acts.
    put("acme", json!({"login": "acme"})).await.expect(404);
    put("none", json!({"login": "none"})).await.expect(404);
    let listed = world
        .get("/admin/upstreams/forge/links", &alice)
        .await
        .expect(200);
    assert_eq!(listed.json.as_array().unwrap().len(), 1);
    assert_eq!(listed.json[0]["active"], false);
    world
        .call("DELETE", "/admin/upstreams/forge/links/bob", &alice, Value::Null)
        .await
        .expect(204);
    put("carol", json!({"login": "bobby", "id": "7"}))
        .await
        .expect(201);
}

#[tokio::test]
async fn one_may_set_ones_own_secret_and_never_choose_whom_one_is() {
    let (world, alice) = with_teller().await;
    let bob = world.session("bob");
    let own = "/user/upstream-links/forge/credential";
    let set = json!({"secrets": {"token": SECRET}});
    world.call("PUT", own, &bob, set.clone()).await.expect(404);
    let path = "/admin/upstreams/forge/links/bob";
    world
        .call("PUT", path, &alice, json!({"login": "bobby", "id": "7"}))
        .await
        .expect(201);
    let answer = world.call("PUT", own, &bob, set).await.expect(200);
    assert_eq!(answer.json["secrets"], json!(["token"]));
    let chosen = json!({"secrets": {"token": SECRET}, "login": "alice"});
    world.call("PUT", own, &bob, chosen).await.expect(422);
    let upstream = world.authority.upstreams().unwrap().named("forge").unwrap().id;
    let linked = world
        .authority
        .link(upstream, world.accounts["bob"])
        .unwrap()
        .unwrap();
    assert_eq!(linked.reveal("token"), Some(SECRET));
    let mine = world.get("/user/upstream-links", &bob).await.expect(200);
    assert_eq!(mine.json[0]["login"], "bobby");
    assert_eq!(world.get("/user/upstream-links", &alice).await.json, json!([]));
    assert!(!mine.text().contains(SECRET) && !log(&world).contains(SECRET));
    // The same person there keeps it; another is somebody else.
    world
        .call("PUT", path, &alice, json!({"login": "Bobby", "id": "7"}))
        .await
        .expect(200);
    let kept = world.get("/user/upstream-links", &bob).await;
    assert_eq!(kept.json[0]["secrets"], json!(["token"]));
    world
        .call("PUT", path, &alice, json!({"login": "robert", "id": "9"}))
        .await
        .expect(200);
    let gone = world.get("/user/upstream-links", &bob).await;
    assert_eq!(gone.json[0]["secrets"], json!([]));
    world
        .call("DELETE", "/user/upstream-links/forge", &bob, Value::Null)
        .await
        .expect(204);
    world
        .call("DELETE", "/user/upstream-links/forge", &bob, Value::Null)
        .await
        .expect(404);
    assert!(
        world
            .authority
            .link(upstream, world.accounts["bob"])
            .unwrap()
            .is_none()
    );
}

/// A server that tells whose a token is.
async fn with_teller() -> (World, String) {
    let world = World::new();
    let alice = world.session("alice");
    let forge = json!({"name": "forge", "kind": "gitea", "address": teller::start()});
    world.call("POST", ALL, &alice, forge).await.expect(201);
    (world, alice)
}

#[tokio::test]
async fn a_secret_is_sealed_only_for_whom_it_belongs_to() {
    let (world, alice) = with_teller().await;
    let bob = world.session("bob");
    let link = "/admin/upstreams/forge/links/bob";
    let own = "/user/upstream-links/forge/credential";
    let secrets = |token: &str| json!({"secrets": {"token": token}});
    for linked in [json!({"login": "bobby", "id": "7"}), json!({"login": "BOBBY"})] {
        world.call("DELETE", link, &alice, Value::Null).await;
        world.call("PUT", link, &alice, linked.clone()).await.expect(201);
        let mut refused = vec![
            ("of-alice", 422),
            ("unknown", 422),
            ("narrow", 422),
            ("broken", 502),
            ("mute", 502),
        ];
        // Without an id only the name can be compared.
        if linked.get("id").is_some() {
            refused.push(("of-another-bobby", 422));
        }
        for (token, status) in refused {
            let answer = world.call("PUT", own, &bob, secrets(token)).await.expect(status);
            assert!(!answer.text().contains(token) || token == "broken", "{answer:?}");
            // Whoever files it.
            let mut body = linked.clone();
            body["secrets"] = json!({"token": token});
            world.call("PUT", link, &alice, body).await.expect(status);
            let mine = world.get("/user/upstream-links", &bob).await.expect(200);
            assert_eq!(mine.json[0]["secrets"], json!([]), "{token}");
        }
        let set = world.call("PUT", own, &bob, secrets(SECRET)).await.expect(200);
        assert_eq!(set.json["secrets"], json!(["token"]));
    }
    assert!(!log(&world).contains("of-alice"));
}

#[tokio::test]
async fn a_server_that_cannot_be_asked_gets_no_secret_filed() {
    let world = World::new();
    let alice = world.session("alice");
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let forge = json!({"name": "forge", "kind": "gitea", "address": format!("http://{closed}")});
    world.call("POST", ALL, &alice, forge).await.expect(201);
    let link = "/admin/upstreams/forge/links/bob";
    world
        .call("PUT", link, &alice, json!({"login": "bobby"}))
        .await
        .expect(201);
    let (bob, own) = (world.session("bob"), "/user/upstream-links/forge/credential");
    let answer = world
        .call("PUT", own, &bob, json!({"secrets": {"token": SECRET}}))
        .await
        .expect(502);
    assert_eq!(answer.json["reason"], "upstream.whose");
    // Removing needs nobody's word.
    world
        .call("PUT", own, &bob, json!({"secrets": {}}))
        .await
        .expect(200);
}
