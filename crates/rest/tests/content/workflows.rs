//! A file under `.github/workflows` needs `workflows: write` as well, whichever way it gets there.

use super::{SITE, Seeded, commit, events, open, seed, set, tokens};
use crate::harness::{Answered, World};
use bailiwick_authority::content::file::FileInput;
use bailiwick_authority::{Caller, Names, RepositoryKey, decide};
use bailiwick_git::{Mode, Oid};
use bailiwick_model::Outcome;
use serde_json::{Value, json};

#[track_caller]
fn refused(answer: Answered) {
    let answer = answer.expect(403);
    assert_eq!(
        answer.json["message"],
        "Resource not accessible by personal access token"
    );
    assert_eq!(answer.json["reason"], "level.too_low");
    assert_eq!(answer.json["missing"], "workflows: write at acme/site");
    assert!(
        answer
            .header("x-accepted-github-permissions")
            .contains("workflows=write")
    );
    assert!(!answer.header("x-ratelimit-limit").is_empty());
}

fn tip(world: &World, name: &str) -> Option<Oid> {
    open(world, "site").find_ref(name).unwrap().map(|found| found.oid)
}

#[tokio::test]
async fn contents_cannot_bring_change_or_remove_a_workflow_without_it() {
    let world = World::new();
    let seeded = seed(&world, "site");
    let tokens = tokens(&world).await;
    let path = format!("{SITE}/contents/.github/workflows/ci.yml");
    let body = json!({"message": "ci", "content": "b246IHB1c2g="});
    refused(world.call("PUT", &path, &tokens.write, body.clone()).await);
    let other_case = format!("{SITE}/contents/.GitHub/Workflows/ci.yml");
    refused(world.call("PUT", &other_case, &tokens.write, body.clone()).await);
    assert_eq!(tip(&world, "refs/heads/main"), Some(seeded.second));
    // Each refusal is on record once, as a refusal.
    let found = events(&world, "git.commit");
    assert_eq!(found.len(), 2);
    assert!(
        found
            .iter()
            .all(|event| event.outcome == Outcome::Refused && event.reason == "level.too_low")
    );
    let made = world
        .call("PUT", &path, &tokens.workflows, body)
        .await
        .expect(201);
    let sha = made.json["content"]["sha"].clone();
    refused(
        world
            .call(
                "PUT",
                &path,
                &tokens.write,
                json!({"message": "m", "content": "eA==", "sha": sha}),
            )
            .await,
    );
    refused(
        world
            .call(
                "DELETE",
                &path,
                &tokens.write,
                json!({"message": "m", "sha": sha}),
            )
            .await,
    );
    // Beside it everything is as before.
    let beside = format!("{SITE}/contents/.github/CODEOWNERS");
    let body = json!({"message": "m", "content": "eA=="});
    world.call("PUT", &beside, &tokens.write, body).await.expect(201);
    world
        .call(
            "DELETE",
            &path,
            &tokens.workflows,
            json!({"message": "m", "sha": sha}),
        )
        .await
        .expect(200);
}

/// Blob, then tree, then commit, each allowed, since nothing leads to them.
async fn workflow_commit(world: &World, token: &str, seeded: &Seeded) -> String {
    let post = async |what: &str, body: Value| {
        let made = world
            .call("POST", &format!("{SITE}/git/{what}"), token, body)
            .await
            .expect(201);
        made.json["sha"].as_str().unwrap().to_owned()
    };
    let blob = post("blobs", json!({"content": "on: push"})).await;
    // In pieces: the innermost tree names no workflow at all.
    let file = post(
        "trees",
        json!({"tree": [{"path": "ci.yml", "mode": "100644", "type": "blob", "sha": blob}]}),
    )
    .await;
    let inner = post(
        "trees",
        json!({"tree": [{"path": "workflows", "mode": "040000", "type": "tree", "sha": file}]}),
    )
    .await;
    let base = seeded.repository.commit(seeded.second).unwrap().tree.to_string();
    let lines = json!([{"path": ".github", "mode": "040000", "type": "tree", "sha": inner}]);
    let tree = post("trees", json!({"base_tree": base, "tree": lines})).await;
    post(
        "commits",
        json!({"message": "ci", "tree": tree, "parents": [seeded.second.to_string()]}),
    )
    .await
}

#[tokio::test]
async fn git_data_cannot_bring_one_piece_by_piece() {
    let world = World::new();
    let seeded = seed(&world, "site");
    let tokens = tokens(&world).await;
    let sha = workflow_commit(&world, &tokens.write, &seeded).await;
    let refs = format!("{SITE}/git/refs");
    for name in ["refs/heads/ci", "refs/tags/ci", "refs/notes/ci"] {
        refused(
            world
                .call("POST", &refs, &tokens.write, json!({"ref": name, "sha": sha}))
                .await,
        );
        assert_eq!(tip(&world, name), None);
    }
    for force in [false, true] {
        let body = json!({"sha": sha, "force": force});
        refused(
            world
                .call("PATCH", &format!("{refs}/heads/main"), &tokens.write, body)
                .await,
        );
    }
    assert_eq!(tip(&world, "refs/heads/main"), Some(seeded.second));
    // An annotated tag hides nothing.
    let tag = json!({"tag": "ci", "message": "ci", "object": sha, "type": "commit"});
    let tag = world
        .call("POST", &format!("{SITE}/git/tags"), &tokens.write, tag)
        .await
        .expect(201);
    let body = json!({"ref": "refs/tags/ci", "sha": tag.json["sha"]});
    refused(world.call("POST", &refs, &tokens.write, body).await);
    let body = json!({"ref": "refs/heads/ci", "sha": sha});
    world
        .call("POST", &refs, &tokens.workflows, body)
        .await
        .expect(201);
    // What a branch holds already may be branched from.
    let body = json!({"ref": "refs/heads/ci2", "sha": sha});
    world.call("POST", &refs, &tokens.write, body).await.expect(201);
    let refusals = events(&world, "git.create_ref")
        .into_iter()
        .filter(|event| event.outcome == Outcome::Refused);
    assert_eq!(refusals.count(), 4);
}

#[tokio::test]
async fn a_merge_cannot_combine_one_that_no_branch_has() {
    let world = World::new();
    let seeded = seed(&world, "site");
    let tokens = tokens(&world).await;
    let repository = open(&world, "site");
    let base = repository.commit(seeded.second).unwrap().tree;
    let path = ".github/workflows/ci.yml";
    let lines = |first: &str, last: &str| format!("{first}\n1\n2\n3\n4\n5\n6\n7\n8\n{last}\n").into_bytes();
    let commit_ci = |parent: Oid, base: Oid, bytes: &[u8]| {
        commit(
            &repository,
            Some(base),
            &[parent],
            "ci\n",
            &[(path, Mode::File, bytes)],
        )
    };
    let root = commit_ci(seeded.second, base, &lines("a", "z"));
    let tree = repository.commit(root).unwrap().tree;
    let one = commit_ci(root, tree, &lines("A", "z"));
    let other = commit_ci(root, tree, &lines("a", "Z"));
    set(&repository, "refs/heads/one", None, one);
    set(&repository, "refs/heads/other", None, other);
    let body = json!({"base": "one", "head": "other"});
    refused(
        world
            .call("POST", &format!("{SITE}/merges"), &tokens.write, body.clone())
            .await,
    );
    assert_eq!(tip(&world, "refs/heads/one"), Some(one));
    world
        .call("POST", &format!("{SITE}/merges"), &tokens.workflows, body)
        .await
        .expect(201);
}

#[tokio::test]
async fn what_was_revoked_after_the_first_decision_moves_nothing() {
    let world = World::new();
    let seeded = seed(&world, "site");
    let token = tokens(&world).await.write;
    let operation =
        bailiwick_catalogue::operation(bailiwick_catalogue::op::REPOS_CREATE_OR_UPDATE_FILE_CONTENTS);
    let names = Names {
        repository: Some(RepositoryKey::Name("acme".into(), "site".into())),
        ..Names::default()
    };
    let authority = &world.authority;
    let gathered = authority
        .gather(&authority.present(&token), operation, &names.into())
        .unwrap();
    let permit = decide(operation, gathered, Caller::default(), authority.now()).unwrap();
    let owner = world.session("alice");
    let grants = world
        .get("/orgs/acme/personal-access-tokens?owner[]=bob", &owner)
        .await
        .expect(200);
    for grant in grants.json.as_array().unwrap() {
        let path = format!("/orgs/acme/personal-access-tokens/{}", grant["id"]);
        world
            .call("POST", &path, &owner, json!({"action": "revoke"}))
            .await
            .expect(204);
    }
    let input = FileInput {
        path: "late".into(),
        bytes: Some(b"late".to_vec()),
        message: "late".into(),
        ..FileInput::default()
    };
    let mut fault = authority.content_put(permit, &input).unwrap_err();
    let refused = fault.take_refused().unwrap();
    assert_eq!(refused.deny.reason.code(), "grant.inactive");
    assert_eq!(tip(&world, "refs/heads/main"), Some(seeded.second));
}

#[tokio::test]
async fn a_move_that_a_crash_left_without_its_event_is_recorded_at_start() {
    let world = World::new();
    let seeded = seed(&world, "site");
    let (bob, site) = (world.accounts["bob"], world.repositories["site"]);
    let update = json!([{
        "ref": "refs/heads/main", "before": seeded.first.to_string(), "after": seeded.second.to_string(),
        "actor": bob, "token": null,
    }]);
    let row = bailiwick_store::PushIntentRow {
        id: 0,
        node: "test".into(),
        repository_id: site,
        request_id: "1:2:3".into(),
        refs: update.to_string(),
        started_at: world.authority.now(),
    };
    world
        .store
        .write(|tx| bailiwick_store::push_intent::insert(tx, row))
        .unwrap();
    assert_eq!(world.authority.push_reconcile().unwrap(), 1);
    let found = events(&world, "git.push");
    assert_eq!(found[0].reason, "push.interrupted");
    assert_eq!(found[0].actor_id, Some(bob));
    // What ended well leaves nothing open.
    let token = tokens(&world).await.write;
    let body = json!({"message": "m", "content": "eA=="});
    let path = format!("{SITE}/contents/x");
    world.call("PUT", &path, &token, body).await.expect(201);
    assert_eq!(world.authority.push_reconcile().unwrap(), 0);
}
