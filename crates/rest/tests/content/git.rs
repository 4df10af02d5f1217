//! `/repos/{owner}/{repo}/git/…`.

use super::{SITE, get_as, open, seed, tokens};
use crate::harness::World;
use serde_json::{Value, json};

#[tokio::test]
async fn refs_are_read_made_moved_and_removed() {
    let world = World::new();
    let seeded = seed(&world, "site");
    let tokens = tokens(&world).await;
    let refs = format!("{SITE}/git/refs");
    let found = world
        .get(&format!("{SITE}/git/ref/heads/feature/one"), &tokens.read)
        .await
        .expect(200);
    assert_eq!(found.json["ref"], "refs/heads/feature/one");
    assert_eq!(found.json["object"]["type"], "commit");
    world
        .get(&format!("{SITE}/git/ref/heads/feat"), &tokens.read)
        .await
        .expect(404);
    let matching = world
        .get(&format!("{SITE}/git/matching-refs/heads/feat"), &tokens.read)
        .await
        .expect(200);
    assert_eq!(matching.json.as_array().unwrap().len(), 1);
    let post = async |token: &str, name: &str, sha: String| {
        world
            .call("POST", &refs, token, json!({"ref": name, "sha": sha}))
            .await
    };
    let (first, second) = (seeded.first.to_string(), seeded.second.to_string());
    post(&tokens.read, "refs/heads/x", second.clone())
        .await
        .expect(403);
    let made = post(&tokens.write, "refs/heads/x", second.clone())
        .await
        .expect(201);
    assert_eq!(made.json["object"]["sha"], second);
    let tree = seeded.repository.commit(seeded.first).unwrap().tree.to_string();
    for (name, sha, message) in [
        ("refs/heads/x", &second, "Reference already exists"),
        ("refs/heads/y", &"1".repeat(40), "Object does not exist"),
        ("refs/heads/y", &String::from("main"), "Object does not exist"),
        ("refs/heads/y", &tree, "Object is not a commit"),
        (
            "refs/heads/../../x",
            &second,
            "refs/heads/../../x is not a valid ref name.",
        ),
        ("refs/heads/-x", &second, "refs/heads/-x is not a valid ref name."),
        ("heads/y", &second, "heads/y is not a valid ref name."),
        ("refs/bailiwick/y", &second, "Reference name is reserved"),
        ("refs/pull/1/head", &second, "Reference name is reserved"),
        (
            "refs/heads/x/y",
            &second,
            "a ref of that name would lie inside another one",
        ),
    ] {
        let answer = post(&tokens.write, name, sha.clone()).await.expect(422);
        assert_eq!(answer.json["message"], message, "{name}");
    }
    let patch = async |name: &str, body: Value| {
        world
            .call("PATCH", &format!("{refs}/{name}"), &tokens.write, body)
            .await
    };
    let back = patch("heads/x", json!({"sha": first})).await.expect(422);
    assert_eq!(back.json["message"], "Update is not a fast forward");
    patch("heads/x", json!({"sha": first, "force": true}))
        .await
        .expect(200);
    patch("heads/x", json!({"sha": second})).await.expect(200);
    let absent = patch("heads/absent", json!({"sha": second})).await.expect(422);
    assert_eq!(absent.json["message"], "Reference does not exist");
    let delete = async |name: &str| {
        world
            .call("DELETE", &format!("{refs}/{name}"), &tokens.write, Value::Null)
            .await
    };
    delete("heads/x").await.expect(204);
    delete("heads/x").await.expect(422);
    delete("heads/main").await.expect(422);
    delete("tags/v1").await.expect(204);
}

#[tokio::test]
async fn trees_are_read_and_built() {
    let world = World::new();
    let seeded = seed(&world, "site");
    let tokens = tokens(&world).await;
    let trees = format!("{SITE}/git/trees");
    let flat = world
        .get(&format!("{trees}/main"), &tokens.read)
        .await
        .expect(200);
    assert_eq!(flat.json["tree"].as_array().unwrap().len(), 5);
    let deep = world
        .get(&format!("{trees}/{}?recursive=1", seeded.second), &tokens.read)
        .await
        .expect(200);
    let paths: Vec<_> = deep.json["tree"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["path"].as_str().unwrap())
        .collect();
    assert!(paths.contains(&"src/main.rs"));
    assert_eq!(deep.json["truncated"], false);
    let base = flat.json["sha"].as_str().unwrap();
    let post = async |body: Value| world.call("POST", &trees, &tokens.write, body).await;
    let lines = json!([
        {"path": "new.txt", "mode": "100644", "type": "blob", "content": "new"},
        {"path": "docs/guide.md", "mode": "100644", "type": "blob", "sha": null},
    ]);
    let made = post(json!({"base_tree": base, "tree": lines})).await.expect(201);
    let names: Vec<_> = made.json["tree"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["path"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["README.md", "away", "link", "new.txt", "src"]);
    let blob = "1".repeat(40);
    for (line, message) in [
        (
            json!({"path": "a", "mode": "100644", "sha": blob}),
            "Object does not exist",
        ),
        (
            json!({"path": "a", "mode": "100666", "content": "x"}),
            "Must supply a valid tree.mode",
        ),
        (
            json!({"path": "a", "mode": "100644"}),
            "Must supply either tree.sha or tree.content",
        ),
        (
            json!({"path": "absent", "mode": "100644", "sha": null}),
            "GitRPC::BadObjectState",
        ),
        (
            json!({"path": "../a", "mode": "100644", "content": "x"}),
            "tree.path contains a malformed path component",
        ),
        (
            json!({"path": ".git/config", "mode": "100644", "content": "x"}),
            "tree.path contains a malformed path component",
        ),
        (
            json!({"path": "a/.GIT/x", "mode": "100644", "content": "x"}),
            "tree.path contains a malformed path component",
        ),
        (
            json!({"path": "a\\..\\b", "mode": "100644", "content": "x"}),
            "tree.path contains a malformed path component",
        ),
        (
            json!({"path": "/a", "mode": "100644", "content": "x"}),
            "tree.path contains a malformed path component",
        ),
        (
            json!({"path": ".gitmodules", "mode": "120000", "content": "x"}),
            ".gitmodules cannot be a symbolic link",
        ),
    ] {
        let answer = post(json!({"base_tree": base, "tree": [line]})).await.expect(422);
        assert_eq!(answer.json["message"], message);
    }
    world
        .call("POST", &trees, &tokens.read, json!({"tree": []}))
        .await
        .expect(403);
}

#[tokio::test]
async fn blobs_commits_and_tags_are_written_and_read_back() {
    let world = World::new();
    let seeded = seed(&world, "site");
    let tokens = tokens(&world).await;
    let git = format!("{SITE}/git");
    let post = async |what: &str, body: Value| {
        world
            .call("POST", &format!("{git}/{what}"), &tokens.write, body)
            .await
    };
    let blob = post("blobs", json!({"content": "AAH/", "encoding": "base64"}))
        .await
        .expect(201);
    let sha = blob.json["sha"].as_str().unwrap();
    let read = world
        .get(&format!("{git}/blobs/{sha}"), &tokens.read)
        .await
        .expect(200);
    assert_eq!(read.json["content"], "AAH/\n");
    let raw = get_as(
        &world,
        &format!("{git}/blobs/{sha}"),
        &tokens.read,
        "application/vnd.github.raw",
    )
    .await
    .expect(200);
    assert_eq!(raw.bytes, [0, 1, 255]);
    post("blobs", json!({"content": "x", "encoding": "latin1"}))
        .await
        .expect(422);
    let tree = seeded.repository.commit(seeded.second).unwrap().tree.to_string();
    let body = json!({"message": "made", "tree": tree, "parents": [seeded.second.to_string()]});
    let made = post("commits", body.clone()).await.expect(201);
    assert_eq!(made.json["author"]["name"], "bob");
    let read = world
        .get(
            &format!("{git}/commits/{}", made.json["sha"].as_str().unwrap()),
            &tokens.read,
        )
        .await
        .expect(200);
    assert_eq!(read.json["message"], "made");
    let mut no_tree = body.clone();
    no_tree["tree"] = json!("1".repeat(40));
    assert_eq!(
        post("commits", no_tree).await.expect(422).json["message"],
        "Tree SHA does not exist"
    );
    let mut no_parent = body;
    no_parent["parents"] = json!([sha]);
    post("commits", no_parent).await.expect(422);
    let tag = json!({"tag": "v3", "message": "three", "object": seeded.second.to_string(), "type": "commit"});
    let made = post("tags", tag.clone()).await.expect(201);
    assert_eq!(made.json["tag"], "v3");
    let read = world
        .get(
            &format!("{git}/tags/{}", made.json["sha"].as_str().unwrap()),
            &tokens.read,
        )
        .await
        .expect(200);
    assert_eq!(read.json["object"]["sha"], seeded.second.to_string());
    let mut wrong = tag;
    wrong["type"] = json!("tree");
    post("tags", wrong).await.expect(422);
    for path in ["blobs", "trees", "commits", "tags"] {
        world
            .get(&format!("{git}/{path}/{}", "1".repeat(40)), &tokens.read)
            .await
            .expect(404);
    }
    // What lies in another repository is not here, whoever knows its id.
    let other = open(&world, "secret").create_blob(b"elsewhere").unwrap();
    world
        .get(&format!("{git}/blobs/{other}"), &tokens.read)
        .await
        .expect(404);
}
