//! The main job, as a newcomer walks it: mint, wait, approve, use over REST and Git, be refused, be revoked, and find
//! every step in the log. The same walk on both databases.

use bailiwick_testkit::postgres::Cluster;
use bailiwick_testkit::program::git_run;
use base64::Engine;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::git::Push;
use crate::world::{Minted, World, commit, comparable, head};

#[test]
fn the_walk_through_on_the_embedded_database() {
    walk(World::start(&["demo"]), &["serve"]);
}

#[test]
fn the_walk_through_on_postgresql() {
    let cluster = Cluster::shared();
    let url = cluster.create_database();
    walk(
        World::start(&["demo", "--database", &url]),
        &["serve", "--database", &url],
    );
}

fn walk(world: World, again: &[&str]) {
    let triage = a_pending_token_opens_only_what_is_public(&world);
    an_approved_token_opens_what_it_names(&world, &triage);
    let writer = a_second_token_clones_commits_and_pushes(&world);
    a_revoked_grant_ends_also_what_has_begun(&world, &writer);
    the_log_tells_each_step(&world, &triage, &writer);
    a_restart_keeps_everything(world, again, &triage, &writer);
}

fn a_pending_token_opens_only_what_is_public(world: &World) -> Minted {
    let triage = world.mint(
        "bob",
        "triage",
        json!([{
            "owner": "acme", "repository_selection": "subset", "repositories": ["site"],
            "permissions": {"issues": "read"}, "reason": "to triage",
        }]),
    );
    let (prefix, rest) = triage.text.split_at(5);
    assert_eq!(prefix, "bwkf_");
    assert!(
        rest.len() == 36 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()),
        "{rest}"
    );
    assert_eq!(triage.json["state"], "pending");

    let _ = world.get("/repos/acme/www", &triage.text).expect(200);
    let _ = world.get("/repos/acme/www/issues", &triage.text).expect(200);
    let _ = world.get("/user", &triage.text).expect(200);
    for (hidden, nothing) in [
        ("/repos/acme/site/issues", "/repos/acme/nothing/issues"),
        ("/repos/acme/site", "/repos/acme/nothing"),
        ("/repos/acme/handbook", "/repos/acme/nothing"),
        (
            "/repos/acme-labs/rocket/issues",
            "/repos/acme-labs/nothing/issues",
        ),
        (
            "/repos/acme/site/contents/README.md",
            "/repos/acme/nothing/contents/README.md",
        ),
    ] {
        let (hidden, nothing) = (world.get(hidden, &triage.text), world.get(nothing, &triage.text));
        assert_eq!(
            comparable(&hidden),
            comparable(&nothing),
            "a hidden thing answers like nothing"
        );
        assert_eq!(hidden.status, 404);
        assert_eq!(hidden.json()["message"], "Not Found");
    }
    triage
}

fn an_approved_token_opens_what_it_names(world: &World, triage: &Minted) {
    let owner = world.session("alice");
    let requests = world
        .get("/orgs/acme/personal-access-token-requests", &owner)
        .expect(200)
        .json();
    let asked = requests
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["token_id"] == triage.id)
        .expect("the owner sees it");
    assert_eq!(asked["owner"]["login"], "bob");
    assert_eq!(asked["reason"], "to triage");
    assert_eq!(asked["permissions"]["repository"]["issues"], "read");
    // A member cannot approve, least of all their own.
    let path = format!("/orgs/acme/personal-access-token-requests/{}", asked["id"]);
    let refused = world.api("POST", &path, &world.session("bob"), json!({"action": "approve"}));
    assert!([403, 404].contains(&refused.status), "{}", refused.text());
    world.approve(triage);

    let issues = world
        .get("/repos/acme/site/issues", &triage.text)
        .expect(200)
        .json();
    assert_eq!(issues.as_array().unwrap().len(), 2, "{issues}");
    let refused = world
        .get("/repos/acme/site/contents/README.md", &triage.text)
        .expect(403);
    assert_eq!(refused.header("x-accepted-github-permissions"), "contents=read");
    let body = refused.json();
    assert_eq!(
        body["message"],
        "Resource not accessible by personal access token"
    );
    assert_eq!(body["reason"], "level.too_low");
    assert!(body["missing"].to_string().contains("contents"), "{body}");
    let refused = world
        .api(
            "POST",
            "/repos/acme/site/issues",
            &triage.text,
            json!({"title": "no"}),
        )
        .expect(403);
    assert!(
        refused
            .header("x-accepted-github-permissions")
            .contains("issues=write"),
        "{:?}",
        refused.headers
    );
    // Another private repository of the same owner was not selected.
    let _ = world.get("/repos/acme/handbook/issues", &triage.text).expect(404);

    let room = world.room("refused-clone");
    let ran = git_run(
        &room,
        ["clone", &world.git_url(&triage.text, "acme/site"), "clone"],
    )
    .fails();
    assert!(
        ran.stderr.contains("contents") && ran.stderr.contains("403"),
        "git says what is wrong: {}",
        ran.stderr
    );
    assert!(
        !ran.stderr.contains(&triage.text) || ran.stderr.matches(&triage.text).count() <= 1,
        "{}",
        ran.stderr
    );
}

fn a_second_token_clones_commits_and_pushes(world: &World) -> Minted {
    let writer = world.token("bob", "writer", &["site"], json!({"contents": "write"}));
    // Basic, the token as password of any user name.
    let clone = world.checkout(&writer.text, "acme/site", "walk-basic");
    commit(
        &clone,
        "src/catalogue.txt",
        b"anvil\nrope\nbirdseed\nmagnet\n",
        "Sell magnets",
    );
    let _ = git_run(&clone, ["push", "origin", "HEAD:main"]).works();
    assert_eq!(world.branch("acme/site", "main"), Some(head(&clone)));
    // Bearer, as automation does.
    let header = format!("http.extraHeader=Authorization: Bearer {}", writer.text);
    let room = world.room("walk-bearer");
    let _ = git_run(
        &room,
        [
            "-c",
            &header,
            "clone",
            "--quiet",
            &world.git_url("", "acme/site"),
            "clone",
        ],
    )
    .works();
    let clone = room.join("clone");
    commit(
        &clone,
        "src/catalogue.txt",
        b"anvil\nrope\nbirdseed\nmagnet\nspring\n",
        "Sell springs",
    );
    let _ = git_run(&clone, ["-c", &header, "push", "origin", "HEAD:main"]).works();
    assert_eq!(world.branch("acme/site", "main"), Some(head(&clone)));
    let commit = world
        .get(
            &format!("/repos/acme/site/commits/{}", head(&clone)),
            &writer.text,
        )
        .expect(200)
        .json();
    assert_eq!(commit["commit"]["message"], "Sell springs");
    // Contents alone do not open the issues.
    let _ = world.get("/repos/acme/site/issues", &writer.text).expect(403);
    writer
}

fn a_revoked_grant_ends_also_what_has_begun(world: &World, writer: &Minted) {
    let clone = world.checkout(&writer.text, "acme/site", "walk-waiting");
    let before = world.branch("acme/site", "main");
    commit(&clone, "late.txt", b"too late\n", "Come too late");
    let push = Push::prepare(&clone, "refs/heads/main");
    // One push has asked for the refs and waits to start; another is in the middle of its pack.
    push.ask(world, &writer.text);
    let mut open = push.begin(world, &writer.text);
    open.send_half();
    world.revoke(writer);
    let refused = push.send(world, &writer.text);
    assert!(
        [401, 403, 404].contains(&refused.status),
        "{} {}",
        refused.status,
        refused.text()
    );
    let answer = open.finish();
    assert!(
        answer.status >= 400 || answer.text().contains("ng refs/heads/main"),
        "a push in the middle of its pack is refused: {} {}",
        answer.status,
        answer.text()
    );
    assert_eq!(world.branch("acme/site", "main"), before, "nothing moved");
    let _ = world
        .get("/repos/acme/site/contents/README.md", &writer.text)
        .expect(404);
    let _ = git_run(&clone, ["push", "origin", "HEAD:main"]).fails();
    let _ = git_run(&clone, ["fetch", "origin"]).fails();
    // The token itself lives: what is public answers.
    let _ = world.get("/repos/acme/www", &writer.text).expect(200);
}

fn the_log_tells_each_step(world: &World, triage: &Minted, writer: &Minted) {
    let owner = world.session("alice");
    let find = |phrase: &str| -> Vec<serde_json::Value> {
        let path = format!("/orgs/acme/audit-log?include=all&per_page=100&phrase={phrase}");
        world
            .get(&path, &owner)
            .expect(200)
            .json()
            .as_array()
            .unwrap()
            .clone()
    };
    let actions = |phrase: &str| -> Vec<String> {
        find(phrase)
            .iter()
            .map(|it| it["action"].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    let of_triage = actions(&format!("token_id:{}", triage.id));
    for action in [
        "personal_access_token.request_created",
        "personal_access_token.access_granted",
    ] {
        assert!(
            of_triage.iter().any(|it| it == action),
            "{action} in {of_triage:?}"
        );
    }
    let of_writer = actions(&format!("token_id:{}", writer.id));
    for action in ["git.clone", "git.push", "personal_access_token.access_revoked"] {
        assert!(
            of_writer.iter().any(|it| it == action),
            "{action} in {of_writer:?}"
        );
    }
    let digest = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(writer.text.as_bytes()));
    let escaped = digest.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let by_hash = find(&format!("hashed_token:%22{escaped}%22"));
    assert!(
        by_hash.iter().any(|it| it["action"] == "git.push"),
        "found by its hash"
    );
    assert!(
        by_hash.iter().all(|it| it["hashed_token"] == digest.as_str()),
        "and nothing else is"
    );
    let push = by_hash.iter().find(|it| it["action"] == "git.push").unwrap();
    assert_eq!(push["actor"], "bob");
    assert_eq!(push["repo"], "acme/site");
    assert_eq!(push["org"], "acme");
    assert_eq!(
        push["programmatic_access_type"],
        "Fine-grained personal access token"
    );
    // Nobody else reads it.
    for login in ["bob", "mallory"] {
        let answer = world.get("/orgs/acme/audit-log", &world.session(login));
        assert!([403, 404].contains(&answer.status), "{login}: {}", answer.status);
    }
}

fn a_restart_keeps_everything(world: World, again: &[&str], triage: &Minted, writer: &Minted) {
    let before = world.branch("acme/site", "main");
    let world = world.restart(again);
    assert_eq!(world.branch("acme/site", "main"), before);
    assert_eq!(
        world
            .get("/repos/acme/site/issues", &triage.text)
            .expect(200)
            .json()
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let _ = world
        .get("/repos/acme/site/contents/README.md", &writer.text)
        .expect(404);
    let path = format!("/orgs/acme/audit-log?include=all&phrase=token_id:{}", writer.id);
    let log = world.get(&path, &world.session("alice")).expect(200).json();
    assert!(
        log.as_array()
            .unwrap()
            .iter()
            .any(|it| it["action"] == "git.push")
    );
}
