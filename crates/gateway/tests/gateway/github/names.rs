//! A name that became free at GitHub leads to whatever has it by now: not to what was decided on.

use super::person::linked;
use super::{robot, world};
use serde_json::json;

const ISSUES: &str = "/repos/acme/site/issues";

#[tokio::test(flavor = "multi_thread")]
async fn another_repository_of_the_name_is_not_reached() {
    let (world, hub, token) = linked(json!({"issues": "read", "contents": "read"})).await;
    world.get(ISSUES, &token).await.expect(200);
    // One question a minute.
    for _ in 0..3 {
        world.get(ISSUES, &token).await.expect(200);
    }
    assert_eq!(hub.asked_about_names(), ["/api/v3/repos/acme-inc/site-up"]);
    hub.number("/repos/acme-inc/site-up", 9999);
    world.clock_forward_seconds(60);
    let answer = world.get(ISSUES, &token).await.expect(409);
    assert_eq!(answer.json["reason"], "upstream.renamed");
    let git = |path: &str| {
        let pair = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("x:{token}"));
        let request = http::Request::get(path.to_owned()).header("authorization", format!("Basic {pair}"));
        world.send(request.body(bailiwick_gate::whole("")).unwrap())
    };
    let clone = "/acme/site.git/info/refs?service=git-upload-pack";
    git(clone).await.expect(409);
    assert!(hub.taken().is_empty(), "nothing but the questions");
    // A redirect tells that it has another name.
    hub.number("/repos/acme-inc/site-up", 0);
    world.get(ISSUES, &token).await.expect(409);
    // It is back, at once.
    hub.number("/repos/acme-inc/site-up", 4242);
    world.get(ISSUES, &token).await.expect(200);
    git(clone).await.expect(200);
    assert_eq!(hub.taken().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_binding_or_address_is_asked_about_at_once() {
    let (world, hub, token) = linked(json!({"issues": "read", "contents": "read"})).await;
    world.get(ISSUES, &token).await.expect(200);
    let (alice, number) = (
        world.session("alice"),
        json!({"name": "acme-inc/site-up", "id": "4243"}),
    );
    let path = "/admin/upstreams/hub/repositories/acme/site";
    world.call("PUT", path, &alice, number).await.expect(200);
    hub.taken();
    world.get(ISSUES, &token).await.expect(409);
    assert!(hub.taken().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn organizations_and_service_accounts_are_asked_about_too() {
    let (world, hub) = world().await;
    let robot = robot(&world, "robot", json!({"issues": "read"})).await;
    world.get(ISSUES, &robot).await.expect(200);
    hub.number("/repos/acme-inc/site-up", 9999);
    world.clock_forward_seconds(60);
    world.get(ISSUES, &robot).await.expect(409);
    // A visitor is not led astray either.
    world.get("/orgs/acme", "").await.expect(200);
    hub.number("/users/acme-inc", 78);
    world.clock_forward_seconds(60);
    hub.taken();
    let answer = world.get("/orgs/acme", "").await.expect(409);
    assert_eq!(answer.json["reason"], "upstream.somebody_else");
    assert!(hub.taken().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_told_is_not_passed_on() {
    let (world, hub, token) = linked(json!({"issues": "read", "contents": "read"})).await;
    hub.state
        .lock()
        .unwrap()
        .numbers
        .remove("/repos/acme-inc/site-up");
    world.get(ISSUES, &token).await.expect(404);
    assert!(hub.taken().is_empty());
}
