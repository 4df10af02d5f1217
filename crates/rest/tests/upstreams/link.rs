//! Who is who there: an administrator says so, and whoever it concerns may set a secret and end it.

use super::{SECRET, log, with_forge};
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
    let (world, alice) = with_forge().await;
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
