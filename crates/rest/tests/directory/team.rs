//! Teams, their members and repositories.

use super::{column, expect_event};
use crate::harness::World;
use serde_json::{Value, json};

async fn team(world: &World, body: Value) -> Value {
    let alice = world.session("alice");
    world
        .call("POST", "/orgs/acme/teams", &alice, body)
        .await
        .expect(201)
        .json
}

#[tokio::test]
async fn the_life_of_a_team() {
    let world = World::new();
    let alice = world.session("alice");
    world
        .call(
            "POST",
            "/orgs/acme/teams",
            &world.session("bob"),
            json!({"name": "x"}),
        )
        .await
        .expect(403);
    let made = team(
        &world,
        json!({"name": "Site Crew", "privacy": "closed", "repo_names": ["acme/site"]}),
    )
    .await;
    assert_eq!(made["slug"], "site-crew");
    assert_eq!(
        (&made["members_count"], &made["repos_count"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(made["organization"]["login"], "acme");
    expect_event(&world, "team.create");
    let taken = json!({"name": "site crew"});
    let refused = world
        .call("POST", "/orgs/acme/teams", &alice, taken)
        .await
        .expect(422);
    assert_eq!(refused.json["errors"][0]["code"], "already_exists");
    world
        .call("POST", "/orgs/acme/teams", &alice, json!({}))
        .await
        .expect(422);
    let foreign = json!({"name": "y", "repo_names": ["rival/plans"]});
    world
        .call("POST", "/orgs/acme/teams", &alice, foreign)
        .await
        .expect(422);
    let path = "/orgs/acme/teams/site-crew";
    let edited = world
        .call("PATCH", path, &alice, json!({"name": "Web"}))
        .await
        .expect(200)
        .json;
    assert_eq!(edited["slug"], "web");
    expect_event(&world, "team.rename");
    let by_id = world
        .get(&format!("/teams/{}", made["id"]), &alice)
        .await
        .expect(200)
        .json;
    assert_eq!(by_id["name"], "Web");
    world
        .call("DELETE", "/orgs/acme/teams/web", &alice, Value::Null)
        .await
        .expect(204);
    expect_event(&world, "team.destroy");
    world.get("/orgs/acme/teams/web", &alice).await.expect(404);
}

#[tokio::test]
async fn secret_teams_are_there_for_their_members() {
    let world = World::new();
    team(&world, json!({"name": "quiet", "privacy": "secret"})).await;
    team(&world, json!({"name": "open", "privacy": "closed"})).await;
    let bob = world.session("bob");
    let seen = world.get("/orgs/acme/teams", &bob).await.expect(200).json;
    assert_eq!(column(&seen, "slug"), ["open"]);
    world.get("/orgs/acme/teams/quiet", &bob).await.expect(404);
    world
        .get("/orgs/acme/teams/quiet/members", &bob)
        .await
        .expect(404);
    let alice = world.session("alice");
    world
        .call("PUT", "/orgs/acme/teams/quiet/memberships/bob", &alice, json!({}))
        .await
        .expect(200);
    world.get("/orgs/acme/teams/quiet", &bob).await.expect(200);
    let own = world.get("/user/teams", &bob).await.expect(200).json;
    assert_eq!(column(&own, "slug"), ["quiet"]);
    let (_, token) = world
        .mint_approved("bob", "t", &["site"], json!({"issues": "read"}))
        .await;
    assert_eq!(world.get("/user/teams", &token).await.expect(200).json, json!([]));
}

#[tokio::test]
async fn teams_below_have_the_roles_of_those_above() {
    let world = World::new();
    let alice = world.session("alice");
    let none = json!({"default_repository_permission": "none"});
    world.call("PATCH", "/orgs/acme", &alice, none).await.expect(200);
    let parent = team(&world, json!({"name": "parent", "privacy": "closed"})).await;
    let child = team(&world, json!({"name": "child", "parent_team_id": parent["id"]})).await;
    assert_eq!(child["parent"]["slug"], "parent");
    world
        .call("PUT", "/orgs/acme/teams/child/memberships/bob", &alice, json!({}))
        .await
        .expect(200);
    expect_event(&world, "team.add_member");
    let bob = world.session("bob");
    world.get("/repos/acme/secret", &bob).await.expect(404);
    let put = json!({"permission": "push"});
    world
        .call("PUT", "/orgs/acme/teams/parent/repos/acme/secret", &alice, put)
        .await
        .expect(204);
    expect_event(&world, "team.add_repository");
    let seen = world.get("/repos/acme/secret", &bob).await.expect(200).json;
    assert_eq!(seen["role_name"], "write");
    let listed = world
        .get("/orgs/acme/teams/child/repos", &bob)
        .await
        .expect(200)
        .json;
    assert_eq!(column(&listed, "full_name"), ["acme/secret"]);
    assert_eq!(listed[0]["role_name"], "write");
    world
        .get("/orgs/acme/teams/child/repos/acme/secret", &bob)
        .await
        .expect(204);
    let members = world
        .get("/orgs/acme/teams/parent/members", &alice)
        .await
        .expect(200)
        .json;
    assert_eq!(column(&members, "login"), ["alice", "bob"]);
    let children = world
        .get("/orgs/acme/teams/parent/teams", &alice)
        .await
        .expect(200)
        .json;
    assert_eq!(column(&children, "slug"), ["child"]);
    let teams = world
        .get("/repos/acme/secret/teams", &alice)
        .await
        .expect(200)
        .json;
    assert_eq!(
        (&teams[0]["slug"], &teams[0]["permission"]),
        (&json!("parent"), &json!("push"))
    );
    // No circle.
    let circle = json!({"parent_team_id": child["id"]});
    world
        .call("PATCH", "/orgs/acme/teams/parent", &alice, circle)
        .await
        .expect(422);
    let repo = "/orgs/acme/teams/parent/repos/acme/secret";
    world.call("DELETE", repo, &alice, Value::Null).await.expect(204);
    expect_event(&world, "team.remove_repository");
    world.get("/repos/acme/secret", &bob).await.expect(404);
}

#[tokio::test]
async fn only_members_and_only_own_repositories() {
    let world = World::new();
    let alice = world.session("alice");
    let made = team(&world, json!({"name": "crew", "privacy": "closed"})).await;
    let outsider = "/orgs/acme/teams/crew/memberships/mallory";
    world.call("PUT", outsider, &alice, json!({})).await.expect(422);
    world.get(outsider, &alice).await.expect(404);
    let foreign = "/orgs/acme/teams/crew/repos/acme-labs/rocket";
    world.call("PUT", foreign, &alice, json!({})).await.expect(422);
    world
        .call(
            "PUT",
            "/orgs/acme/teams/crew/repos/rival/plans",
            &alice,
            json!({}),
        )
        .await
        .expect(404);
    // A team of acme is nothing in another organization.
    world.get("/orgs/acme-labs/teams/crew", &alice).await.expect(404);
    world
        .get(&format!("/teams/{}", made["id"]), &world.session("mallory"))
        .await
        .expect(404);
    let maintainer = json!({"role": "maintainer"});
    let place = "/orgs/acme/teams/crew/memberships/bob";
    let view = world
        .call("PUT", place, &alice, maintainer)
        .await
        .expect(200)
        .json;
    assert_eq!(
        (&view["role"], &view["state"]),
        (&json!("maintainer"), &json!("active"))
    );
    world.call("DELETE", place, &alice, Value::Null).await.expect(204);
    expect_event(&world, "team.remove_member");
    world.call("DELETE", place, &alice, Value::Null).await.expect(404);
}

/// A member of the organization who is not in a secret team cannot tell its id from one that is no team's.
#[tokio::test(flavor = "multi_thread")]
async fn the_id_of_a_secret_team_tells_members_nothing() {
    let world = World::new();
    let made = team(&world, json!({"name": "plotters", "privacy": "secret"})).await;
    let (_, token) = world
        .mint_approved(
            "bob",
            "people",
            &["site"],
            json!({"members": "read", "issues": "read"}),
        )
        .await;
    let bob = world.session("bob");
    for credential in [bob.as_str(), token.as_str()] {
        for (method, path) in [
            ("GET", ""),
            ("PATCH", ""),
            ("DELETE", ""),
            ("GET", "/members"),
            ("PUT", "/memberships/bob"),
            ("GET", "/repos"),
            ("PUT", "/repos/acme/site"),
        ] {
            let ask = |id: Value| {
                let path = format!("/teams/{id}{path}");
                let world = &world;
                async move { world.call(method, &path, credential, json!({})).await }
            };
            let (hidden, missing) = (ask(made["id"].clone()).await, ask(json!(987_654)).await);
            assert_eq!(hidden.status, 404, "{method} {path}");
            assert_eq!(hidden.json, missing.json, "{method} {path}");
            let names = |headers: &http::HeaderMap| {
                let mut names: Vec<String> = headers.keys().map(ToString::to_string).collect();
                names.sort();
                names
            };
            assert_eq!(names(&hidden.headers), names(&missing.headers), "{method} {path}");
        }
    }
}
