//! The clients people use, unchanged: Octokit, PyGithub, git-lfs, curl. `gh`, which speaks TLS alone, is in `tls.rs`.

use std::path::{Path, PathBuf};
use std::process::Command;

use bailiwick_testkit::program::{git, git_run, node, python, run};
use serde_json::json;

use crate::world::{World, head};

/// A script of this folder.
pub fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/e2e/clients")
        .join(name)
}

#[test]
fn octokit() {
    let world = World::shared();
    let token = world
        .token(
            "bob",
            "client-octokit",
            &["site"],
            json!({"contents": "write", "issues": "write"}),
        )
        .text;
    let narrow = world
        .token(
            "bob",
            "client-octokit-narrow",
            &["site"],
            json!({"issues": "read"}),
        )
        .text;
    let ran = run(node(&script("octokit.mjs"))
        .env("URL", world.url())
        .env("TOKEN", &token)
        .env("NARROW", &narrow))
    .works();
    assert!(ran.stdout.contains("octokit is content"), "{}", ran.said());
}

#[test]
fn pygithub() {
    let world = World::shared();
    let token = world
        .token(
            "bob",
            "client-pygithub",
            &["site"],
            json!({"contents": "write", "issues": "write"}),
        )
        .text;
    let narrow = world
        .token(
            "bob",
            "client-pygithub-narrow",
            &["site"],
            json!({"issues": "read"}),
        )
        .text;
    let ran = run(python()
        .arg(script("pygithub.py"))
        .env("URL", world.url())
        .env("TOKEN", &token)
        .env("NARROW", &narrow))
    .works();
    assert!(ran.stdout.contains("pygithub is content"), "{}", ran.said());
}

#[test]
fn curl_with_a_token_as_password() {
    let world = World::shared();
    let token = world
        .token("bob", "client-curl", &["site"], json!({"issues": "read"}))
        .text;
    let url = format!("{}/api/v3/repos/acme/site/issues", world.url());
    let ran = run(Command::new("curl").args([
        "--silent",
        "--fail",
        "--noproxy",
        "*",
        "--user",
        &format!("bob:{token}"),
        &url,
    ]))
    .works();
    assert!(ran.stdout.contains("Checkout fails"), "{}", ran.said());
}

#[test]
fn git_lfs_pushes_and_pulls() {
    let world = World::shared();
    let token = world
        .token("bob", "client-lfs", &["site"], json!({"contents": "write"}))
        .text;
    let reader = world
        .token("bob", "client-lfs-reader", &["site"], json!({"contents": "read"}))
        .text;
    let clone = world.checkout(&token, "acme/site", "lfs");
    let _ = git_run(&clone, ["lfs", "install", "--local"]).works();
    let _ = git_run(&clone, ["checkout", "--quiet", "-b", "lfs"]).works();
    let _ = git_run(&clone, ["lfs", "track", "*.bin"]).works();
    let bytes: Vec<u8> = (0..3_000_000_u32)
        .map(|number| (number.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    std::fs::write(clone.join("large.bin"), &bytes).unwrap();
    let _ = git_run(&clone, ["add", "--all"]).works();
    let _ = git_run(&clone, ["commit", "--quiet", "--message", "Add a large file"]).works();
    let _ = git_run(&clone, ["push", "--quiet", "origin", "lfs"]).works();
    assert_eq!(world.branch("acme/site", "lfs"), Some(head(&clone)));
    // A reader gets it, and cannot add to it.
    let room = world.room("lfs-reader");
    let url = world.git_url(&reader, "acme/site");
    let _ = run(git(&room)
        .env("GIT_LFS_SKIP_SMUDGE", "1")
        .args(["clone", "--quiet", "--branch", "lfs", &url, "clone"]))
    .works();
    let second = room.join("clone");
    let _ = git_run(&second, ["lfs", "install", "--local"]).works();
    let _ = git_run(&second, ["lfs", "pull"]).works();
    assert_eq!(std::fs::read(second.join("large.bin")).unwrap(), bytes);
    std::fs::write(second.join("other.bin"), b"something else").unwrap();
    let _ = git_run(&second, ["add", "--all"]).works();
    let _ = git_run(&second, ["commit", "--quiet", "--message", "Add another"]).works();
    let ran = git_run(&second, ["lfs", "push", "--all", "origin"]).fails();
    assert!(
        ran.said().contains("not accessible by personal access token"),
        "{}",
        ran.said()
    );
    // A link handed out by the batch opens nothing without a credential, and nothing after the end of the token.
    links_end_with_the_token(&world, &bytes);
}

fn links_end_with_the_token(world: &World, bytes: &[u8]) {
    use bailiwick_testkit::Request;
    use sha2::{Digest, Sha256};
    let token = world.token("bob", "client-lfs-ended", &["site"], json!({"contents": "read"}));
    let oid: String = Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let batch = json!({"operation": "download", "objects": [{"oid": oid, "size": bytes.len()}]});
    let answer = world.send(
        &Request::new("POST", "/acme/site.git/info/lfs/objects/batch")
            .basic("bob", &token.text)
            .header("Accept", "application/vnd.git-lfs+json")
            .header("Content-Type", "application/vnd.git-lfs+json")
            .body(batch.to_string()),
    );
    let action = answer.expect(200).json()["objects"][0]["actions"]["download"].clone();
    let path = action["href"]
        .as_str()
        .expect("a link")
        .replacen(&world.url(), "", 1);
    let get = || {
        let mut request = Request::new("GET", &path);
        let headers = action["header"].as_object();
        for (name, value) in headers.into_iter().flatten() {
            request = request.header(name, value.as_str().unwrap());
        }
        if !headers.is_some_and(|it| it.contains_key("Authorization")) {
            request = request.basic("bob", &token.text);
        }
        world.send(&request)
    };
    assert_eq!(get().expect(200).body, bytes);
    let bare = world.send(&Request::new("GET", &path));
    assert!([401, 403, 404].contains(&bare.status), "{}", bare.status);
    world.revoke(&token);
    let ended = get();
    assert!([401, 403, 404].contains(&ended.status), "{}", ended.status);
}
