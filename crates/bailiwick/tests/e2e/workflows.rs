//! A file under `.github/workflows` needs `workflows` as well as `contents`, whichever way it comes: push, contents
//! API, Git data API. Code that runs with the repository's secrets must not come in by a side door.

use bailiwick_testkit::http::base64;
use bailiwick_testkit::program::git_run;
use serde_json::json;

use crate::world::{Minted, World, commit, head};

const FILE: &str = ".github/workflows/new.yml";

/// A workflow that no other test has. The same file that a branch has already is no change, and the tests share a
/// repository.
fn text(test: &str) -> String {
    format!("on: push\njobs: {{}}\n# {test}\n")
}

fn tokens(world: &World, name: &str) -> (Minted, Minted) {
    let with = json!({"contents": "write", "workflows": "write"});
    (
        world.token(
            "bob",
            &format!("{name}-without"),
            &["site"],
            json!({"contents": "write"}),
        ),
        world.token("bob", &format!("{name}-with"), &["site"], with),
    )
}

#[test]
fn by_push() {
    let world = World::shared();
    let (without, with) = tokens(&world, "workflows-push");
    let clone = world.checkout(&without.text, "acme/site", "workflows-push");
    commit(&clone, FILE, text("by push").as_bytes(), "Run something");
    let ran = git_run(&clone, ["push", "origin", "HEAD:by-push"]).fails();
    assert!(ran.stderr.contains("workflow"), "git says why: {}", ran.stderr);
    assert_eq!(world.branch("acme/site", "by-push"), None);
    // Several refs at once: not by hiding it behind an allowed one, and an atomic push is refused whole.
    let ran = git_run(
        &clone,
        ["push", "--atomic", "origin", "HEAD~1:allowed", "HEAD:hidden"],
    )
    .fails();
    assert_eq!(
        (
            world.branch("acme/site", "allowed"),
            world.branch("acme/site", "hidden")
        ),
        (None, None),
        "{}",
        ran.stderr
    );
    // Not in an earlier commit of the push either.
    commit(&clone, "harmless.txt", b"nothing\n", "Do nothing");
    let _ = git_run(&clone, ["push", "origin", "HEAD:by-push"]).fails();
    // Not as a tag.
    let _ = git_run(&clone, ["push", "origin", "HEAD:refs/tags/by-push"]).fails();
    let url = world.git_url(&with.text, "acme/site");
    let _ = git_run(&clone, ["push", &url, "HEAD:by-push"]).works();
    assert_eq!(world.branch("acme/site", "by-push"), Some(head(&clone)));
}

#[test]
fn removing_and_renaming_count_too() {
    let world = World::shared();
    let (without, _) = tokens(&world, "workflows-remove");
    let clone = world.checkout(&without.text, "acme/site", "workflows-remove");
    let _ = git_run(&clone, ["rm", "--quiet", ".github/workflows/ci.yml"]).works();
    let _ = git_run(&clone, ["commit", "--quiet", "--message", "Test nothing"]).works();
    // A branch that begins without the file removes nothing; taking it from a branch that has it does.
    let before = world.branch("acme/site", "main");
    let _ = git_run(&clone, ["push", "origin", "HEAD:main"]).fails();
    assert_eq!(world.branch("acme/site", "main"), before);
}

#[test]
fn by_the_contents_api() {
    let world = World::shared();
    let (without, with) = tokens(&world, "workflows-contents");
    let body = json!({"message": "Run something", "content": base64(text("by the contents API").as_bytes()), "branch": "rockets"});
    let path = format!("/repos/acme/site/contents/{FILE}");
    let refused = world.api("PUT", &path, &without.text, body.clone());
    assert!(
        [403, 404].contains(&refused.status),
        "{} {}",
        refused.status,
        refused.text()
    );
    for spelling in [
        ".github%2Fworkflows%2Fnew.yml",
        ".github//workflows/new.yml",
        "./.github/workflows/new.yml",
        "x/../.github/workflows/new.yml",
    ] {
        let path = format!("/repos/acme/site/contents/{spelling}");
        let answer = world.api("PUT", &path, &without.text, body.clone());
        assert!(
            (400..500).contains(&answer.status),
            "{spelling}: {} {}",
            answer.status,
            answer.text()
        );
    }
    let made = world.api("PUT", &path, &with.text, body).expect(201).json();
    assert_eq!(made["content"]["path"], FILE);
    // Deleting is a change as well.
    let body = json!({"message": "Stop it", "sha": made["content"]["sha"], "branch": "rockets"});
    let refused = world.api("DELETE", &path, &without.text, body.clone());
    assert!(
        [403, 404].contains(&refused.status),
        "{} {}",
        refused.status,
        refused.text()
    );
    let _ = world.api("DELETE", &path, &with.text, body).expect(200);
}

#[test]
fn by_the_git_data_api() {
    let world = World::shared();
    let (without, with) = tokens(&world, "workflows-data");
    let base = world.branch("acme/site", "main").unwrap();
    for (token, may) in [(&without, false), (&with, true)] {
        let post =
            |path: &str, body| world.api("POST", &format!("/repos/acme/site/git/{path}"), &token.text, body);
        let tree = world
            .get(&format!("/repos/acme/site/git/commits/{base}"), &token.text)
            .expect(200)
            .json();
        let entry =
            json!({"path": FILE, "mode": "100644", "type": "blob", "content": text("by the Git data API")});
        let tree = post(
            "trees",
            json!({"base_tree": tree["tree"]["sha"], "tree": [entry]}),
        );
        let made = (tree.status == 201).then(|| {
            let body = json!({"message": "Run something", "tree": tree.json()["sha"], "parents": [base]});
            post("commits", body)
        });
        let name = if may { "data-with" } else { "data-without" };
        let moved = made.filter(|made| made.status == 201).map(|made| {
            post(
                "refs",
                json!({"ref": format!("refs/heads/{name}"), "sha": made.json()["sha"]}),
            )
        });
        let status = moved.as_ref().map(|moved| moved.status);
        assert_eq!(
            status == Some(201),
            may,
            "{status:?} {:?}",
            moved.map(|moved| moved.text())
        );
        assert_eq!(world.branch("acme/site", name).is_some(), may);
    }
}
