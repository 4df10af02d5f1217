//! Pushes that are refused here: the upstream hears nothing of them, and git shows why.

use super::bed::{Arrived, Bed, commit, noise};
use super::push::FLOWS;
use super::world::{Behind, World, bad, good, read};
use bailiwick_gate::whole;

const WRITE: &[(&str, &str)] = &[("contents", "write")];

fn posts(bed: &Bed) -> Vec<Arrived> {
    let mut all = bed.wire.take();
    all.retain(|one| one.line.starts_with("POST"));
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_write_is_told_what_is_missing() {
    let bed = Bed::start().await;
    let seed = bed.seeded("team/website");
    let world = World::before(Behind::bed(&bed)).await;
    commit(&seed, "README", "second\n");
    let (_, reads) = world.token("bob", &["site"], &[("contents", "read")]);
    let (_, writes) = world.token("bob", &["site"], WRITE);
    let (_, pending) = world.granted("bob", &["site"], FLOWS, false);
    let (_, elsewhere) = world.token("bob", &["www"], FLOWS);
    let push = |token: &str| bad(&seed, &["push", &world.url(token, "acme/site.git"), "main"]);
    let error = push(&reads);
    assert!(
        error.contains("remote: missing: contents: write at acme/site"),
        "{error}"
    );
    // Which files a push touches cannot be seen in passing: that it needs the permission is said before it is sent.
    let error = push(&writes);
    assert!(error.contains("workflows"), "{error}");
    assert!(push(&pending).contains("not found"));
    assert!(push(&elsewhere).contains("not found"));
    assert_eq!(bed.wire.take(), []);
    let pushes = world.events("git.push");
    assert!(
        pushes
            .iter()
            .all(|(outcome, reason, _)| outcome == "refused" && reason != "allowed"),
        "{pushes:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_with_one_forbidden_ref_is_refused_whole() {
    let bed = Bed::start().await;
    let seed = bed.seeded("team/website");
    let world = World::before(Behind::bed(&bed)).await;
    let (id, token) = world.token("bob", &["site"], FLOWS);
    let url = world.url(&token, "acme/site.git");
    // Larger than any buffer on the way: the words must come through all the same.
    commit(&seed, "noise", noise(6 << 20));
    for name in [
        "refs/for/main",
        "refs/pull/1/head",
        "refs/changes/01/1/1",
        "refs/merge-requests/1/head",
        "refs/meta/config",
    ] {
        let error = bad(&seed, &["push", &url, "main:good", &format!("main:{name}")]);
        let words = format!("the whole push is refused: {name} is no branch, tag or note");
        assert!(error.matches(&words).count() == 2, "{error}");
        assert!(
            error.contains(&format!("[remote rejected] main -> {name}")),
            "{error}"
        );
    }
    let error = bad(&seed, &["push", "-o", "repo.private=false", &url, "main:good"]);
    assert!(error.contains("push options are not passed on"), "{error}");
    assert_eq!(posts(&bed), []);
    assert!(bed.tip("team/website", "good").is_none());
    let all = world.all_events();
    let pushes: Vec<_> = all.iter().filter(|event| event.0 == "git.push").collect();
    assert_eq!(pushes.len(), 6, "{all:?}");
    for push in &pushes[..5] {
        assert_eq!(
            (push.1.as_str(), push.2.as_str(), push.3),
            ("refused", "push.ref_forbidden", Some(id))
        );
    }
    assert_eq!(pushes[5].2, "push.options");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_client_sends_is_refused() {
    let bed = Bed::start().await;
    let seed = bed.seeded("team/website");
    let head = good(&seed, &["rev-parse", "HEAD"]).trim().to_owned();
    let world = World::before(Behind::bed(&bed)).await;
    let (_, token) = world.token("bob", &["site"], FLOWS);
    let zero = "0".repeat(40);
    let line = |text: String| format!("{:04x}{text}", text.len() + 4);
    let create = |name: &str| line(format!("{zero} {head} {name}\0report-status")) + "0000";
    for (body, status) in [
        (create("HEAD"), 400),
        (create("refs/heads/../../config"), 400),
        (create("refs/heads/a.lock"), 400),
        (create("refs/heads/a\nb"), 400),
        (create("refs/heads/good").replace("0000", ""), 400),
        ("zzzz".to_owned(), 400),
        (create("refs/heads/x").replacen("00", "ff", 1), 400),
    ] {
        let headers = [("content-type", "application/x-git-receive-pack-request")];
        let path = "/acme/site.git/git-receive-pack";
        let answer = world
            .send("POST", path, &token, &headers, whole(body.clone()))
            .await;
        let (got, text) = read(answer).await;
        // A name that git itself would refuse is refused in git's own way.
        let said = String::from_utf8_lossy(&text).into_owned();
        assert!(
            got == status || said.contains("ng HEAD the whole push is refused"),
            "{body:?}: {got} {said}"
        );
    }
    let headers = [("content-type", "application/x-git-upload-pack-request")];
    let path = "/acme/site.git/git-receive-pack";
    let answer = world
        .send("POST", path, &token, &headers, whole(create("refs/heads/x")))
        .await;
    assert_eq!(answer.status(), 400);
    assert_eq!(bed.wire.take(), []);
}
