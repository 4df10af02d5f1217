//! `/repos/{owner}/{repo}/contents/{path}`, `/readme`.

use super::{SITE, commit, events, get_as, open, seed, set, tokens};
use crate::harness::World;
use bailiwick_git::Mode;
use serde_json::{Value, json};

#[tokio::test]
async fn files_directories_and_links_are_read() {
    let world = World::new();
    let seeded = seed(&world, "site");
    let token = tokens(&world).await.read;
    let contents = format!("{SITE}/contents");
    let file = world
        .get(&format!("{contents}/src/main.rs"), &token)
        .await
        .expect(200);
    assert_eq!(file.json["type"], "file");
    assert_eq!(file.json["encoding"], "base64");
    assert_eq!(file.json["content"], "Zm4gbWFpbigpIHsgcnVuKCkgfQo=\n");
    assert_eq!(file.json["size"], 20);
    let old = world
        .get(&format!("{contents}/src/main.rs?ref={}", seeded.first), &token)
        .await
        .expect(200);
    assert_eq!(old.json["content"], "Zm4gbWFpbigpIHt9Cg==\n");
    for path in ["", "/"] {
        let root = world.get(&format!("{contents}{path}"), &token).await.expect(200);
        let names: Vec<_> = root
            .json
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["name"].as_str().unwrap())
            .collect();
        assert_eq!(names, ["README.md", "away", "docs", "link", "src"]);
    }
    let listed = world.get(&format!("{contents}/src"), &token).await.expect(200);
    assert_eq!(listed.json[0]["path"], "src/main.rs");
    let object = get_as(
        &world,
        &format!("{contents}/src"),
        &token,
        "application/vnd.github.object",
    )
    .await
    .expect(200);
    assert_eq!(object.json["type"], "dir");
    assert_eq!(object.json["entries"][0]["name"], "main.rs");
    let raw = get_as(
        &world,
        &format!("{contents}/README.md"),
        &token,
        "application/vnd.github.raw+json",
    )
    .await
    .expect(200);
    assert_eq!(raw.bytes, b"# Site\n");
    // A link to a file answers the file; one that leads outside is only a link.
    let link = world.get(&format!("{contents}/link"), &token).await.expect(200);
    assert_eq!(link.json["type"], "file");
    let away = world.get(&format!("{contents}/away"), &token).await.expect(200);
    assert_eq!(
        (away.json["type"].as_str(), away.json["target"].as_str()),
        (Some("symlink"), Some("../../etc/passwd"))
    );
    world.get(&format!("{contents}/absent"), &token).await.expect(404);
    let missing = world
        .get(&format!("{contents}/src?ref=absent"), &token)
        .await
        .expect(404);
    assert_eq!(missing.json["message"], "No commit found for the ref absent");
    let readme = world.get(&format!("{SITE}/readme"), &token).await.expect(200);
    assert_eq!(readme.json["path"], "README.md");
    world.get(&format!("{SITE}/readme/src"), &token).await.expect(404);
}

#[tokio::test]
async fn a_large_file_has_no_bytes_in_json_and_streams_raw() {
    let world = World::new();
    let seeded = seed(&world, "site");
    let token = tokens(&world).await.read;
    let bytes: Vec<u8> = (0..2_000_000_u32).map(|at| (at % 251) as u8).collect();
    let repository = open(&world, "site");
    let base = repository.commit(seeded.second).unwrap().tree;
    let large = commit(
        &repository,
        Some(base),
        &[seeded.second],
        "large\n",
        &[("large.bin", Mode::File, &bytes)],
    );
    set(&repository, "refs/heads/large", None, large);
    let path = format!("{SITE}/contents/large.bin?ref=large");
    let json = world.get(&path, &token).await.expect(200);
    assert_eq!(
        (json.json["encoding"].as_str(), json.json["content"].as_str()),
        (Some("none"), Some(""))
    );
    assert_eq!(json.json["size"], 2_000_000);
    let raw = get_as(&world, &path, &token, "application/vnd.github.raw")
        .await
        .expect(200);
    assert!(raw.bytes == bytes);
}

#[tokio::test]
async fn a_file_is_made_changed_and_removed_with_one_event_each() {
    let world = World::new();
    seed(&world, "site");
    let tokens = tokens(&world).await;
    let path = format!("{SITE}/contents/notes/today.txt");
    let put = async |token: &str, body: Value| world.call("PUT", &path, token, body).await;
    let new = json!({"message": "add notes", "content": "b25l\nCg=="});
    put(&tokens.issues, new.clone()).await.expect(403);
    put(&tokens.read, new.clone()).await.expect(403);
    let made = put(&tokens.write, new.clone()).await.expect(201);
    assert_eq!(made.json["content"]["path"], "notes/today.txt");
    assert_eq!(made.json["commit"]["author"]["name"], "bob");
    let sha = made.json["content"]["sha"].as_str().unwrap().to_owned();
    let without = put(&tokens.write, new).await.expect(422);
    assert!(
        without.json["message"]
            .as_str()
            .unwrap()
            .contains("\"sha\" wasn't supplied")
    );
    let stale = json!({"message": "m", "content": "eA==", "sha": "0123456789012345678901234567890123456789"});
    let stale = put(&tokens.write, stale).await.expect(409);
    assert!(stale.json["message"].as_str().unwrap().contains("does not match"));
    let author = json!({"name": "Carol", "email": "carol@example.org", "date": "2026-01-02T03:04:05+02:00"});
    let edit = json!({"message": "edit", "content": "dHdv", "sha": sha, "author": author});
    let edited = put(&tokens.write, edit).await.expect(200);
    assert_eq!(
        edited.json["commit"]["author"],
        json!({"name": "Carol", "email": "carol@example.org", "date": "2026-01-02T01:04:05Z"})
    );
    assert_eq!(edited.json["commit"]["committer"]["name"], "bob");
    let sha = edited.json["content"]["sha"].as_str().unwrap().to_owned();
    let delete = async |body: Value| world.call("DELETE", &path, &tokens.write, body).await;
    delete(json!({"message": "m"})).await.expect(422);
    let gone = delete(json!({"message": "gone", "sha": sha})).await.expect(200);
    assert_eq!(gone.json["content"], Value::Null);
    delete(json!({"message": "again", "sha": sha})).await.expect(404);
    let allowed: Vec<_> = events(&world, "git.commit")
        .into_iter()
        .filter(|event| event.outcome == bailiwick_model::Outcome::Allowed)
        .collect();
    assert_eq!(allowed.len(), 3);
    let row = world
        .store
        .read(|tx| bailiwick_store::repository::by_id(tx, world.repositories["site"]))
        .unwrap()
        .unwrap();
    assert_eq!(row.pushed_at, Some(world.authority.now()));
    for (body, status) in [
        (json!({"content": "eA=="}), 422),
        (json!({"message": "m"}), 422),
        (json!({"message": "m", "content": "not base64!"}), 422),
        (
            json!({"message": "m", "content": "eA==", "branch": "absent"}),
            404,
        ),
        (
            json!({"message": "m", "content": "eA==", "author": {"name": "x>", "email": "x"}}),
            422,
        ),
        (
            json!({"message": "m", "content": "eA==", "author": {"name": "x", "email": "x", "date": "soon"}}),
            422,
        ),
    ] {
        put(&tokens.write, body.clone()).await.expect(status);
    }
}

#[tokio::test]
async fn no_path_leads_out_of_the_repository_or_into_its_git_directory() {
    let world = World::new();
    let seeded = seed(&world, "site");
    let tokens = tokens(&world).await;
    for (path, status) in [
        ("../secret", 400),
        ("a/../../b", 400),
        ("%2e%2e/secret", 400),
        ("%2E%2E%2Fsecret", 400),
        ("a//b", 400),
        ("a%5Cb", 400),
        ("a;x=y", 400),
        ("a%00b", 404),
        (".git/config", 422),
        (".GIT/config", 422),
        ("a/.git", 422),
        (".git./hooks/x", 422),
        (".git%20/hooks/x", 422),
        ("git~1/config", 422),
        (".git::$INDEX_ALLOCATION/config", 422),
        (".g%E2%80%8Cit/config", 422),
    ] {
        let url = format!("{SITE}/contents/{path}");
        let body = json!({"message": "m", "content": "eA=="});
        let answer = world.call("PUT", &url, &tokens.write, body).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.json);
        assert_ne!(world.get(&url, &tokens.read).await.status, 200, "{path}");
    }
    assert_eq!(
        open(&world, "site")
            .find_ref("refs/heads/main")
            .unwrap()
            .unwrap()
            .oid,
        seeded.second
    );
}
