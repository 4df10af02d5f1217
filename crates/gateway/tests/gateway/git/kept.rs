//! What is kept here of repositories that are reached by Git alone: who may do what with them, and their settings.

use super::world::{Behind, World, read};
use bailiwick_gate::whole;
use serde_json::{Value, json};

const ADMIN: &[(&str, &str)] = &[
    ("administration", "write"),
    ("organization_administration", "write"),
    ("members", "write"),
    ("contents", "write"),
];
const SITE: &str = "/api/v3/repos/acme/site";

async fn ask(world: &World, token: &str, method: &str, path: &str, body: Value) -> (u16, Value) {
    let body = match body {
        Value::Null => whole(""),
        body => whole(body.to_string()),
    };
    let (status, bytes) = read(world.send(method, path, token, &[], body).await).await;
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_teams_and_settings_are_given_here() {
    // Nobody listens there: nothing of this is asked of it.
    let world = World::before(Behind::at("http://127.0.0.1:9".into())).await;
    let (id, alice) = world.token("alice", &["site", "www"], ADMIN);
    let mallory = format!("{SITE}/collaborators/mallory");
    let role = format!("{mallory}/permission");
    let put = ask(&world, &alice, "PUT", &mallory, json!({"permission": "triage"})).await;
    assert_eq!(put.0, 204, "{}", put.1);
    let given = ask(&world, &alice, "GET", &role, Value::Null).await;
    assert_eq!((given.0, &given.1["role_name"]), (200, &json!("triage")));
    let listed = ask(
        &world,
        &alice,
        "GET",
        &format!("{SITE}/collaborators"),
        Value::Null,
    )
    .await;
    assert!(listed.1.to_string().contains("mallory"), "{}", listed.1);
    let all = world.all_events();
    let added = all.iter().filter(|event| event.0 == "repo.add_member");
    let added: Vec<_> = added.map(|event| (event.1.as_str(), event.3)).collect();
    assert_eq!(added, [("allowed", Some(id))], "{all:?}");
    assert_eq!(ask(&world, &alice, "DELETE", &mallory, Value::Null).await.0, 204);
    assert_eq!(
        ask(&world, &alice, "GET", &role, Value::Null).await.1["role_name"],
        "none"
    );

    let made = ask(
        &world,
        &alice,
        "POST",
        "/api/v3/orgs/acme/teams",
        json!({"name": "devs"}),
    )
    .await;
    assert_eq!(made.0, 201, "{}", made.1);
    let team = "/api/v3/orgs/acme/teams/devs/repos/acme/site";
    let put = ask(&world, &alice, "PUT", team, json!({"permission": "push"})).await;
    assert_eq!(put.0, 204, "{}", put.1);
    let teams = ask(&world, &alice, "GET", &format!("{SITE}/teams"), Value::Null).await;
    assert_eq!(teams.1[0]["slug"], "devs", "{}", teams.1);
    assert_eq!(ask(&world, &alice, "DELETE", team, Value::Null).await.0, 204);

    let told = ask(&world, &alice, "PATCH", SITE, json!({"description": "our site"})).await;
    assert_eq!((told.0, &told.1["description"]), (200, &json!("our site")));
    let told = ask(&world, &alice, "GET", SITE, Value::Null).await;
    assert_eq!((told.0, &told.1["description"]), (200, &json!("our site")));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_takes_the_same_leave_as_anywhere() {
    let world = World::before(Behind::at("http://127.0.0.1:9".into())).await;
    let mallory = format!("{SITE}/collaborators/mallory");
    let (_, writer) = world.token("bob", &["site"], ADMIN);
    let (_, reader) = world.token("alice", &["site"], &[("metadata", "read")]);
    let (_, other) = world.token("alice", &["www"], ADMIN);
    for token in [&writer, &reader, &other] {
        let (status, said) = ask(&world, token, "PUT", &mallory, json!({"permission": "admin"})).await;
        assert!(matches!(status, 403 | 404), "{status} {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_kept_here_says_where_it_is() {
    let world = World::before(Behind::at("http://127.0.0.1:9".into())).await;
    let (_, alice) = world.token("alice", &["site"], ADMIN);
    let said = |answer: (u16, Value)| {
        (
            answer.0,
            answer.1["message"].as_str().unwrap_or_default().to_owned(),
        )
    };
    let (status, message) = said(ask(&world, &alice, "GET", &format!("{SITE}/branches"), Value::Null).await);
    assert_eq!(status, 501);
    assert!(
        message.contains("asked by Git and LFS") && message.contains("is kept here, below /api/v3"),
        "{message}"
    );
    // What the directory cannot do to it is refused, and by nothing else.
    let (status, message) = said(ask(&world, &alice, "DELETE", SITE, Value::Null).await);
    assert_eq!(status, 409);
    assert!(message.contains("delete it there"), "{message}");
}

#[test]
fn every_operation_that_may_be_kept_is_one_that_the_directory_has() {
    use bailiwick_authority::upstream::place::{is_kept, may_be_kept};
    use bailiwick_model::UpstreamKind;
    let mut routes = bailiwick_gate::Routes::new();
    bailiwick_rest::directory::register(&mut routes);
    let kept: Vec<_> = bailiwick_catalogue::OPERATIONS
        .iter()
        .filter(|one| is_kept(one, UpstreamKind::Git) && !one.id.starts_with("packages/"))
        .collect();
    assert!(kept.iter().all(|one| may_be_kept(one)));
    assert!(
        !kept
            .iter()
            .any(|one| is_kept(one, UpstreamKind::Gitea) || is_kept(one, UpstreamKind::GitHub))
    );
    for id in [
        "repos/add-collaborator",
        "teams/list-repos-in-org",
        "repos/update",
    ] {
        let operation = bailiwick_catalogue::by_id(id).unwrap();
        assert!(
            is_kept(operation, UpstreamKind::Git) && routes.get(operation.index).is_some(),
            "{id}"
        );
    }
    for id in ["repos/list-branches", "issues/create", "git/upload-pack"] {
        let operation = bailiwick_catalogue::by_id(id).unwrap();
        assert!(!may_be_kept(operation), "{id}");
    }
}
