//! Pushes that are inspected before the upstream hears of them, beside a mirror that follows it.

use super::bed::{Bed, commit, noise};
use super::push::FLOWS;
use super::world::{Behind, World, bad, good, read};
use crate::under_way::push_body;
use bailiwick_gate::{streamed, whole};
use tokio::io::AsyncWriteExt;

const WRITE: &[(&str, &str)] = &[("contents", "write")];
const PUSH: (&str, &str) = ("content-type", "application/x-git-receive-pack-request");
const RECEIVE: &str = "/acme/site.git/git-receive-pack";

async fn inspecting(bed: &Bed) -> World {
    World::before(Behind::bed(bed).with(|settings| settings.inspect = true)).await
}

/// The pushes that arrived there.
fn arrived(bed: &Bed) -> usize {
    let all = bed.wire.requests();
    all.iter()
        .filter(|one| one.line.starts_with("POST") && one.line.contains("git-receive-pack"))
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn ordinary_files_pass_and_workflows_do_not() {
    let bed = Bed::start().await;
    let seed = bed.seeded("team/website");
    let world = inspecting(&bed).await;
    let (id, token) = world.token("bob", &["site"], WRITE);
    let url = world.url(&token, "acme/site.git");
    let head = commit(&seed, "src/a", "ordinary\n");
    good(&seed, &["push", "--quiet", &url, "main", "main:refs/tags/t"]);
    assert_eq!(bed.tip("team/website", "main"), Some(head.clone()));
    assert_eq!(bed.tip("team/website", "t"), Some(head.clone()));
    let pushes = world.events("git.push");
    assert_eq!(pushes.len(), 1, "{pushes:?}");
    assert_eq!(
        (pushes[0].0.as_str(), pushes[0].1.as_str()),
        ("allowed", "forwarded")
    );
    assert_eq!(arrived(&bed), 1);
    // What was pushed is what arrived, to the byte.
    let posts: Vec<_> = bed
        .wire
        .requests()
        .into_iter()
        .filter(|one| one.line.contains("git-receive-pack") && one.line.starts_with("POST"))
        .collect();
    assert_eq!(posts[0].header("content-length"), posts[0].body.len().to_string());
    assert_eq!(posts[0].header("authorization"), Bed::authorization());

    for file in [
        ".github/workflows/ci.yml",
        ".gitea/workflows/ci.yml",
        ".forgejo/workflows/x/y.yml",
        ".GitHub/Workflows/ci.yml",
    ] {
        commit(&seed, file, "on: push\n");
        let error = bad(&seed, &["push", &url, "main", "main:refs/heads/also"]);
        let words = format!("create or update workflow `{file}` without `workflows` permission");
        assert!(error.contains(&words), "{error}");
        assert_eq!(bed.tip("team/website", "main"), Some(head.clone()));
        good(&seed, &["reset", "--quiet", "--hard", "HEAD~1"]);
    }
    assert_eq!(arrived(&bed), 1, "the upstream has heard of none of them");
    let all = world.all_events();
    let refused: Vec<_> = all
        .iter()
        .filter(|event| event.0 == "git.push" && event.1 == "refused")
        .collect();
    assert_eq!(refused.len(), 4, "{all:?}");
    assert_eq!(refused[0].3, Some(id));
    assert_eq!(refused[0].4["workflow"], ".github/workflows/ci.yml");
    assert_eq!(refused[0].4["upstream"], "plain");
    // With the permission nothing is open, and nothing has to be received here first.
    let (_, whole) = world.token("bob", &["site"], FLOWS);
    commit(&seed, ".github/workflows/ci.yml", "on: push\n");
    good(
        &seed,
        &["push", "--quiet", &world.url(&whole, "acme/site.git"), "main"],
    );
    assert_eq!(arrived(&bed), 2);
    // A branch that brings no workflow that is not there already passes again.
    let next = commit(&seed, "src/b", "ordinary\n");
    good(&seed, &["push", "--quiet", &url, "main", "main:refs/heads/other"]);
    assert_eq!(bed.tip("team/website", "other"), Some(next));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mirror_follows_what_others_do_there() {
    let bed = Bed::start().await;
    let seed = bed.seeded("team/website");
    let world = inspecting(&bed).await;
    let (_, token) = world.token("bob", &["site"], WRITE);
    let url = world.url(&token, "acme/site.git");
    let bare = bed.bare("team/website");
    let bare = bare.to_str().unwrap();
    commit(&seed, "a", "1\n");
    good(&seed, &["push", "--quiet", &url, "main:refs/heads/dir"]);
    // Behind the mirror's back: a name becomes a directory, a base is moved, a tag and a pull request come.
    good(&seed, &["push", "--quiet", bare, ":refs/heads/dir"]);
    let base = commit(&seed, "b", "2\n");
    good(
        &seed,
        &[
            "push",
            "--quiet",
            bare,
            "main",
            "main:refs/heads/dir/inner",
            "main:refs/pull/1/head",
        ],
    );
    let head = commit(&seed, "c", "3\n");
    good(&seed, &["fetch", "--quiet", bare]);
    good(&seed, &["push", "--quiet", &url, "main"]);
    assert_eq!(bed.tip("team/website", "main"), Some(head));
    // One whose base has moved meanwhile is the upstream's to refuse, and is refused.
    good(&seed, &["checkout", "--quiet", "-B", "old", &base]);
    commit(&seed, "d", "4\n");
    let error = bad(&seed, &["push", &url, "old:main"]);
    assert!(error.contains("rejected"), "{error}");
    good(&seed, &["push", "--quiet", "--force", &url, "old:main"]);
    good(&seed, &["push", "--quiet", &url, ":refs/heads/dir/inner"]);
    assert_eq!(bed.tip("team/website", "dir/inner"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_huge_pack_is_kept_on_disk_and_passed_on() {
    let bed = Bed::start().await;
    let seed = bed.seeded("team/website");
    let world = inspecting(&bed).await;
    let (_, token) = world.token("bob", &["site"], WRITE);
    let head = commit(&seed, "noise", noise(24 << 20));
    good(
        &seed,
        &["push", "--quiet", &world.url(&token, "acme/site.git"), "main"],
    );
    assert_eq!(bed.tip("team/website", "main"), Some(head));
    let left: Vec<_> = std::fs::read_dir(world.path("mirrors"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .filter(|name| name.len() != 2 && name != "staging")
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn packs_that_no_git_makes_do_not_arrive() {
    let bed = Bed::start().await;
    let seed = bed.seeded("team/website");
    let world = inspecting(&bed).await;
    let (_, token) = world.token("bob", &["site"], WRITE);
    let url = world.url(&token, "acme/site.git");
    // A tree with a directory that a checkout must not write.
    let blob = good(&seed, &["hash-object", "-w", "README"]).trim().to_owned();
    for path in [".git", ".GIT", "git~1", ".git "] {
        let tree = world.path("tree");
        let mut bytes = format!("100644 {path}\0").into_bytes();
        bytes.extend((0..20).map(|at| u8::from_str_radix(&blob[at * 2..at * 2 + 2], 16).unwrap()));
        std::fs::write(&tree, bytes).unwrap();
        let write = ["hash-object", "-w", "-t", "tree", "--literally"];
        let tree = good(&seed, &[&write[..], &[tree.to_str().unwrap()]].concat());
        let made = good(&seed, &["commit-tree", "-m", "bad", tree.trim()]);
        let error = bad(&seed, &["push", &url, &format!("{}:refs/heads/bad", made.trim())]);
        assert!(
            error.contains("unpack") || error.contains("hasDotgit"),
            "{path}: {error}"
        );
    }
    // A pack whose base is nowhere, one that is cut short, one that is none, and a ref to an object that never comes.
    let head = commit(&seed, "x", "x\n");
    let body = push_body(&seed, &head, "refs/heads/bad");
    let start = body.windows(4).position(|window| window == b"PACK").unwrap();
    let mut thin = body.clone();
    thin.truncate(start);
    thin.extend_from_slice(&thin_pack());
    let cut = body[..body.len() - 25].to_vec();
    let mut garbage = body.clone();
    garbage[start + 20] ^= 0x55;
    let other = "2".repeat(40);
    let absent = String::from_utf8_lossy(&body[..start])
        .replace(&head, &other)
        .into_bytes();
    let absent = [absent, body[start..].to_vec()].concat();
    for (at, body) in [thin, cut, garbage, absent].into_iter().enumerate() {
        let (status, text) = read(world.send("POST", RECEIVE, &token, &[PUSH], whole(body)).await).await;
        let text = String::from_utf8_lossy(&text).into_owned();
        assert!(
            status != 200 || text.contains("ng refs/heads/bad") || text.contains("unpack "),
            "{at}: {status} {text}"
        );
    }
    assert_eq!(arrived(&bed), 0);
    assert!(bed.tip("team/website", "bad").is_none());
    let pushes = world.events("git.push");
    assert_eq!(pushes.len(), 8, "{pushes:?}");
    assert!(pushes.iter().all(|push| push.0 != "allowed"), "{pushes:?}");
}

/// One delta against an object that is nowhere.
fn thin_pack() -> Vec<u8> {
    use flate2::{Compression, write::ZlibEncoder};
    use std::io::Write;
    let mut pack = b"PACK\0\0\0\x02\0\0\0\x01".to_vec();
    // Source size 1, target size 1, insert one byte.
    let delta = [1_u8, 1, 1, b'x'];
    pack.push(0x70 | delta.len() as u8);
    pack.extend_from_slice(&[0x33; 20]);
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
    packed.write_all(&delta).unwrap();
    pack.extend_from_slice(&packed.finish().unwrap());
    let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, &pack);
    pack.extend_from_slice(digest.as_ref());
    pack
}

#[tokio::test(flavor = "multi_thread")]
async fn revoked_between_nothing_arrives() {
    let bed = Bed::start().await;
    let seed = bed.seeded("team/website");
    let world = inspecting(&bed).await;
    let (id, token) = world.token("bob", &["site"], WRITE);
    let head = commit(&seed, "noise", noise(4 << 20));
    let body = push_body(&seed, &head, "refs/heads/late");
    let (mut client, server) = tokio::io::duplex(64 << 10);
    let sending = async {
        client.write_all(&body[..body.len() - 1]).await.unwrap();
        world.revoke(id);
        // The last byte comes too late.
        let _ = client.write_all(&body[body.len() - 1..]).await;
        client
    };
    let answering = world.send("POST", RECEIVE, &token, &[PUSH], streamed(server));
    let (_open, answer) = tokio::join!(sending, answering);
    assert_eq!(answer.status(), 403);
    assert_eq!(arrived(&bed), 0);
    let pushes = world.events("git.push");
    assert_eq!(pushes.len(), 1, "{pushes:?}");
    assert_eq!(
        (pushes[0].0.as_str(), pushes[0].1.as_str()),
        ("refused", "token.revoked")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_mirror_that_is_up_to_date_nothing_passes() {
    let bed = Bed::start().await;
    let seed = bed.seeded("team/website");
    let world = inspecting(&bed).await;
    let (_, token) = world.token("bob", &["site"], WRITE);
    let url = world.url(&token, "acme/site.git");
    let head = commit(&seed, "a", "1\n");
    // The upstream shows a ref whose objects it has lost.
    let bare = bed.bare("team/website");
    good(&bare, &["update-ref", "refs/heads/side", "main"]);
    let lost = commit(&seed, "b", "lost\n");
    good(&seed, &["push", "--quiet", bare.to_str().unwrap(), "main:side"]);
    let loose = bare.join(format!("objects/{}/{}", &lost[..2], &lost[2..]));
    assert!(loose.exists(), "{}", loose.display());
    std::fs::remove_file(&loose).unwrap();
    let body = push_body(&seed, &head, "refs/heads/late");
    let (status, text) = read(world.send("POST", RECEIVE, &token, &[PUSH], whole(body)).await).await;
    assert!(
        matches!(status, 403 | 502),
        "{status} {}",
        String::from_utf8_lossy(&text)
    );
    assert_eq!(arrived(&bed), 0);
    let _ = url;
}
