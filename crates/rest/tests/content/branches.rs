//! `/repos/{owner}/{repo}/branches`, `/tags`.

use super::{SITE, open, seed, tokens};
use crate::harness::World;
use serde_json::json;

#[tokio::test]
async fn branches_and_tags_are_listed_and_found() {
    let world = World::new();
    let seeded = seed(&world, "site");
    let tokens = tokens(&world).await;
    let all = world
        .get(&format!("{SITE}/branches"), &tokens.read)
        .await
        .expect(200);
    let names: Vec<_> = all
        .json
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["feature/one", "main", "next"]);
    assert_eq!(all.json[1]["commit"]["sha"], seeded.second.to_string());
    assert_eq!(all.json[1]["protected"], false);
    let page = world
        .get(&format!("{SITE}/branches?per_page=2&page=1"), &tokens.read)
        .await
        .expect(200);
    assert_eq!(page.json.as_array().unwrap().len(), 2);
    assert!(page.header("link").contains("rel=\"next\""));
    let one = world
        .get(&format!("{SITE}/branches/feature%2Fone"), &tokens.read)
        .await
        .expect(200);
    assert_eq!(one.json["name"], "feature/one");
    assert_eq!(one.json["commit"]["commit"]["message"], "first");
    assert_eq!(one.json["protection"]["enabled"], false);
    let missing = world
        .get(&format!("{SITE}/branches/absent"), &tokens.read)
        .await
        .expect(404);
    assert_eq!(missing.json["message"], "Branch not found");
    let tags = world.get(&format!("{SITE}/tags"), &tokens.read).await.expect(200);
    assert_eq!(tags.json[0]["name"], "v2");
    // An annotated tag stands for its commit.
    assert_eq!(tags.json[0]["commit"]["sha"], seeded.second.to_string());
    let heads = format!("{SITE}/commits/{}/branches-where-head", seeded.second);
    let heads = world.get(&heads, &tokens.read).await.expect(200);
    assert_eq!(heads.json[0]["name"], "main");
    world
        .get(&format!("{SITE}/branches"), &tokens.issues)
        .await
        .expect(403);
    let (_, stranger) = world
        .mint_approved("bob", "elsewhere", &["www"], json!({"contents": "read"}))
        .await;
    world
        .get(&format!("{SITE}/branches"), &stranger)
        .await
        .expect(404);
}

#[tokio::test]
async fn a_branch_is_renamed_once_and_never_over_another() {
    let world = World::new();
    seed(&world, "site");
    let tokens = tokens(&world).await;
    let path = format!("{SITE}/branches/next/rename");
    world
        .call("POST", &path, &tokens.read, json!({"new_name": "later"}))
        .await
        .expect(403);
    world
        .call("POST", &path, &tokens.write, json!({"new_name": "main"}))
        .await
        .expect(422);
    world
        .call("POST", &path, &tokens.write, json!({"new_name": "-x"}))
        .await
        .expect(422);
    let made = world
        .call("POST", &path, &tokens.write, json!({"new_name": "later"}))
        .await
        .expect(201);
    assert_eq!(made.json["name"], "later");
    world
        .call("POST", &path, &tokens.write, json!({"new_name": "again"}))
        .await
        .expect(404);
    let main = format!("{SITE}/branches/main/rename");
    world
        .call("POST", &main, &tokens.write, json!({"new_name": "trunk"}))
        .await
        .expect(422);
    let names: Vec<_> = open(&world, "site")
        .branches()
        .unwrap()
        .iter()
        .map(|one| one.short_name().to_owned())
        .collect();
    assert_eq!(names, ["feature/one", "later", "main"]);
}

#[tokio::test]
async fn an_empty_repository_says_so() {
    let world = World::new();
    let tokens = tokens(&world).await;
    assert_eq!(
        world
            .get(&format!("{SITE}/branches"), &tokens.read)
            .await
            .expect(200)
            .json,
        json!([])
    );
    for path in [
        "/commits",
        "/commits/main",
        "/git/ref/heads/main",
        "/git/trees/main",
        "/git/matching-refs/heads",
    ] {
        let answer = world
            .get(&format!("{SITE}{path}"), &tokens.read)
            .await
            .expect(409);
        assert_eq!(answer.json["message"], "Git Repository is empty.", "{path}");
    }
    let blob = json!({"content": "x"});
    world
        .call("POST", &format!("{SITE}/git/blobs"), &tokens.write, blob)
        .await
        .expect(409);
    let root = world
        .get(&format!("{SITE}/contents"), &tokens.read)
        .await
        .expect(404);
    assert_eq!(root.json["message"], "This repository is empty.");
    // The first file makes the default branch.
    let file = json!({"message": "begin", "content": "aGk="});
    world
        .call("PUT", &format!("{SITE}/contents/hi"), &tokens.write, file)
        .await
        .expect(201);
    let branch = world
        .get(&format!("{SITE}/branches/main"), &tokens.read)
        .await
        .expect(200);
    assert_eq!(branch.json["commit"]["author"]["login"], "bob");
}
