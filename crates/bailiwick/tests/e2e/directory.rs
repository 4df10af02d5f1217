//! The gateway before a directory of bare repositories: served where they lie, by the same tokens, with the same rules
//! of pushes; the directory is never written to but by Git.

use bailiwick_testkit::program::git_run;
use serde_json::{Value, json};
use std::path::Path;

use crate::world::{World, commit, head};

const WORKFLOW: &str = ".github/workflows/ci.yml";

/// A bare repository with one commit.
fn bare(world: &World, room: &str) -> std::path::PathBuf {
    let base = world.room(room);
    let target = base.join("upstairs/tools.git");
    std::fs::create_dir_all(&target).unwrap();
    let _ = git_run(&target, ["init", "--quiet", "--bare", "--initial-branch=main"]).works();
    let work = world.room(&format!("{room}-work"));
    let _ = git_run(&work, ["init", "--quiet", "--initial-branch=main"]).works();
    commit(&work, "README.md", b"tools\n", "Begin");
    let _ = git_run(&work, ["push", "--quiet", target.to_str().unwrap(), "main"]).works();
    base
}

fn tip(base: &Path, name: &str) -> Option<String> {
    let ran = git_run(&base.join("upstairs/tools.git"), ["rev-parse", "--verify", name]);
    ran.stdout.split_whitespace().next().map(str::to_owned)
}

#[test]
fn a_directory_is_served_with_the_rules_of_every_push() {
    let world = World::start(&["demo"]);
    let base = bare(&world, "directory");
    let alice = world.session("alice");
    let upstream = json!({"name": "disk", "kind": "git", "address": format!("file:{}", base.display())});
    let _ = world
        .api("POST", "/admin/upstreams", &alice, upstream)
        .expect(201);
    let place = "/admin/upstreams/disk/repositories/acme/tools";
    let _ = world
        .api("PUT", place, &alice, json!({"name": "upstairs/tools"}))
        .expect(201);
    let reader = world.token("alice", "disk-read", &["tools"], json!({"contents": "read"}));
    let writer = world.token("alice", "disk-write", &["tools"], json!({"contents": "write"}));
    let both = json!({"contents": "write", "workflows": "write"});
    let flows = world.token("alice", "disk-flows", &["tools"], both);
    let other = world.token("alice", "disk-other", &["site"], json!({"contents": "write"}));
    let room = world.room("directory-clones");
    let clone_by = |token: &str, into: &str| {
        git_run(
            &room,
            ["clone", "--quiet", &world.git_url(token, "acme/tools"), into],
        )
    };
    let _ = clone_by(&other.text, "no").fails();
    let _ = clone_by("", "visitor").fails();
    let _ = clone_by(&reader.text, "read").works();
    commit(&room.join("read"), "a.txt", b"a\n", "Add a");
    let _ = git_run(&room.join("read"), ["push", "origin", "HEAD:main"]).fails();
    let _ = clone_by(&writer.text, "write").works();
    let clone = room.join("write");
    commit(&clone, "a.txt", b"a\n", "Add a");
    let _ = git_run(&clone, ["push", "origin", "HEAD:main"]).works();
    assert_eq!(tip(&base, "main"), Some(head(&clone)));
    // The objects are looked into here as well.
    commit(&clone, WORKFLOW, b"on: push\n", "Run something");
    let refused = git_run(&clone, ["push", "origin", "HEAD:flow"]).fails();
    assert!(refused.stderr.contains("workflow"), "{}", refused.stderr);
    assert_eq!(tip(&base, "refs/heads/flow"), None);
    let url = world.git_url(&flows.text, "acme/tools");
    let _ = git_run(&clone, ["push", &url, "HEAD:flow"]).works();
    assert_eq!(tip(&base, "refs/heads/flow"), Some(head(&clone)));
    // Its API is nobody's, and nothing that is done here removes it.
    let api = world.get("/repos/acme/tools/branches", &alice);
    assert_eq!(api.status, 501, "{api:?}");
    let _ = world.api("DELETE", place, &alice, Value::Null).expect(204);
    assert!(tip(&base, "main").is_some());
    let _ = clone_by(&writer.text, "after").fails();
}
