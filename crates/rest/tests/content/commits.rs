//! `/repos/{owner}/{repo}/commits`, `/compare`, `/merges`.

use super::{SITE, commit, events, get_as, open, seed, set, tokens};
use crate::harness::World;
use bailiwick_git::Mode;
use serde_json::json;

#[tokio::test]
async fn commits_are_listed_by_revision_path_author_and_time() {
    let world = World::new();
    let seeded = seed(&world, "site");
    let token = tokens(&world).await.read;
    let list = async |query: &str| {
        let answer = world
            .get(&format!("{SITE}/commits{query}"), &token)
            .await
            .expect(200);
        let messages = answer.json.as_array().unwrap().iter();
        messages
            .map(|one| one["commit"]["message"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(list("").await, ["second", "first"]);
    assert_eq!(list("?sha=next&per_page=1").await, ["third"]);
    assert_eq!(list("?sha=next&per_page=1&page=3").await, ["first"]);
    assert_eq!(list("?path=docs").await, ["first"]);
    assert_eq!(list("?author=alice@example.org").await, ["second", "first"]);
    assert_eq!(list("?author=lice@example.org").await, Vec::<String>::new());
    assert_eq!(list("?author=mallory").await, Vec::<String>::new());
    assert_eq!(list("?since=2023-11-14T22:14:00Z").await, ["second"]);
    assert_eq!(list("?until=2023-11-14T22:13:30Z").await, ["first"]);
    assert_eq!(list("?path=../../etc").await, Vec::<String>::new());
    let first_page = world
        .get(&format!("{SITE}/commits?per_page=1"), &token)
        .await
        .expect(200);
    assert!(first_page.header("link").contains("page=2>; rel=\"next\""));
    assert_eq!(first_page.json[0]["parents"][0]["sha"], seeded.first.to_string());
    assert_eq!(first_page.json[0]["commit"]["verification"]["reason"], "unsigned");
    world
        .get(&format!("{SITE}/commits?sha=absent"), &token)
        .await
        .expect(404);
    world
        .get(&format!("{SITE}/commits?since=yesterday"), &token)
        .await
        .expect(422);
    world
        .get(&format!("{SITE}/commits?author=%1b"), &token)
        .await
        .expect(200);
}

#[tokio::test]
async fn a_commit_comes_with_files_and_in_other_forms() {
    let world = World::new();
    let seeded = seed(&world, "site");
    let token = tokens(&world).await.read;
    let path = format!("{SITE}/commits/{}", seeded.second);
    let found = world.get(&path, &token).await.expect(200);
    assert_eq!(
        found.json["stats"],
        json!({"total": 2, "additions": 1, "deletions": 1})
    );
    assert_eq!(found.json["files"][0]["filename"], "src/main.rs");
    assert!(
        found.json["files"][0]["patch"]
            .as_str()
            .unwrap()
            .contains("+fn main() { run() }")
    );
    let by_branch = world
        .get(&format!("{SITE}/commits/feature%2Fone"), &token)
        .await
        .expect(200);
    assert_eq!(by_branch.json["sha"], seeded.first.to_string());
    let sha = get_as(
        &world,
        &format!("{SITE}/commits/main"),
        &token,
        "application/vnd.github.sha",
    )
    .await
    .expect(200);
    assert_eq!(sha.bytes, seeded.second.to_string().into_bytes());
    let diff = get_as(&world, &path, &token, "application/vnd.github.v3.diff")
        .await
        .expect(200);
    assert!(diff.bytes.starts_with(b"diff --git a/src/main.rs"));
    let patch = get_as(&world, &path, &token, "application/vnd.github.patch+json")
        .await
        .expect(200);
    assert!(
        patch
            .bytes
            .starts_with(format!("From {}", seeded.second).as_bytes())
    );
    assert_eq!(
        patch.header("content-type"),
        "application/vnd.github.patch; charset=utf-8"
    );
    let missing = world
        .get(&format!("{SITE}/commits/absent"), &token)
        .await
        .expect(422);
    assert_eq!(missing.json["message"], "No commit found for SHA: absent");
    for revision in ["HEAD~1", "main%5E", "--all", ":%2Fsecond"] {
        world
            .get(&format!("{SITE}/commits/{revision}"), &token)
            .await
            .expect(422);
    }
}

#[tokio::test]
async fn comparison_stays_inside_the_repository() {
    let world = World::new();
    let seeded = seed(&world, "site");
    seed(&world, "secret");
    let token = tokens(&world).await.read;
    let compare = format!("{SITE}/compare");
    let found = world
        .get(&format!("{compare}/main...next"), &token)
        .await
        .expect(200);
    assert_eq!(found.json["status"], "ahead");
    assert_eq!(
        (found.json["ahead_by"].as_u64(), found.json["behind_by"].as_u64()),
        (Some(1), Some(0))
    );
    assert_eq!(found.json["merge_base_commit"]["sha"], seeded.second.to_string());
    assert_eq!(found.json["files"][0]["filename"], "src/run.rs");
    assert_eq!(found.json["commits"][0]["sha"], seeded.next.to_string());
    let slashed = world
        .get(&format!("{compare}/feature/one...acme:main"), &token)
        .await
        .expect(200);
    assert_eq!(slashed.json["total_commits"], 1);
    let paged = world
        .get(&format!("{compare}/v1...next?per_page=1&page=2"), &token)
        .await
        .expect(200);
    assert_eq!(paged.json["commits"][0]["sha"], seeded.next.to_string());
    assert_eq!(paged.json["files"], json!([]));
    let diff = get_as(
        &world,
        &format!("{compare}/main...next"),
        &token,
        "application/vnd.github.diff",
    )
    .await
    .expect(200);
    assert!(diff.bytes.starts_with(b"diff --git a/src/run.rs"));
    for elsewhere in [
        "main...acme:secret:main",
        "main...rival:main",
        "main..next",
        "main...absent",
        "...",
    ] {
        world
            .get(&format!("{compare}/{elsewhere}"), &token)
            .await
            .expect(404);
    }
}

#[tokio::test]
async fn a_merge_makes_a_commit_or_says_why_not() {
    let world = World::new();
    let seeded = seed(&world, "site");
    let tokens = tokens(&world).await;
    let repository = open(&world, "site");
    let base = repository.commit(seeded.second).unwrap().tree;
    let clash = commit(
        &repository,
        Some(base),
        &[seeded.second],
        "clash\n",
        &[("src/run.rs", Mode::File, b"other\n")],
    );
    set(&repository, "refs/heads/clash", None, clash);
    let merge = async |token: &str, base: &str, head: &str| {
        world
            .call(
                "POST",
                &format!("{SITE}/merges"),
                token,
                json!({"base": base, "head": head}),
            )
            .await
    };
    merge(&tokens.read, "main", "next").await.expect(403);
    merge(&tokens.write, "main", "v1").await.expect(204);
    merge(&tokens.write, "absent", "next").await.expect(404);
    let made = merge(&tokens.write, "main", "next").await.expect(201);
    assert_eq!(made.json["commit"]["message"], "Merge next into main");
    assert_eq!(made.json["parents"].as_array().unwrap().len(), 2);
    let conflict = merge(&tokens.write, "main", "clash").await.expect(409);
    assert_eq!(conflict.json["message"], "Merge conflict");
    let allowed = events(&world, "git.merge")
        .into_iter()
        .filter(|event| event.outcome == bailiwick_model::Outcome::Allowed);
    assert_eq!(allowed.count(), 2);
}
