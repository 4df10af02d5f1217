//! How an upstream's directory is synchronised, as administrators see it and have it done.

use crate::browser::Browser;
use crate::harness::World;
use bailiwick_authority::upstream::synchronise::snapshot::{
    OwnerThere, RepositoryThere, Seen, Snapshot, UnreadThere,
};
use bailiwick_authority::upstream::synchronise::state::{Progress, Synchronisation};
use bailiwick_authority::{Fault, FaultKind};
use bailiwick_model::{OwnerKind, UpstreamId, Visibility};
use serde_json::json;

const PAGE: &str = "/admin/upstreams/forge/synchronisation";

async fn forge(world: &World, seconds: Option<u64>) -> UpstreamId {
    let alice = world.session("alice");
    let body = json!({"name": "forge", "kind": "gitea", "address": "http://127.0.0.1:9",
        "settings": {"facts_seconds_max": seconds}});
    let made = world
        .call("POST", "/admin/upstreams", &alice, body)
        .await
        .expect(201);
    let path = "/admin/upstreams/forge/owners/acme";
    world
        .call("PUT", path, &alice, json!({"id": "10"}))
        .await
        .expect(200);
    UpstreamId(made.json["id"].as_i64().unwrap())
}

fn there(count: usize) -> Snapshot {
    let owner = OwnerThere {
        key: "10".into(),
        login: "acme".into(),
        kind: Some(OwnerKind::Organization),
        base_role: None,
    };
    let repository = |number: usize| RepositoryThere {
        key: format!("{}", 100 + number),
        owner: "10".into(),
        owner_login: "acme".into(),
        name: format!("r{number}"),
        visibility: Seen::By(Visibility::Private),
        archived: Some(false),
        default_branch: None,
    };
    Snapshot {
        owners: vec![owner],
        repositories: (0..count).map(repository).collect(),
        ..Snapshot::default()
    }
}

fn finish(world: &World, id: UpstreamId, said: &Snapshot) -> Synchronisation {
    let work = world.authority.synchronise_begin(id).unwrap().unwrap();
    let progress = Progress {
        requests: 17,
        repositories: said.repositories.len() as u64,
        ..Progress::default()
    };
    world
        .authority
        .synchronise_finish(&work, said, Some(said), progress)
        .unwrap()
}

async fn see<'a>(browser: &Browser<'a>, says: &[&str], hides: &[&str]) {
    let mut page = browser.get(PAGE).await.expect(200);
    for text in says {
        page = page.says(text);
    }
    for text in hides {
        page = page.hides(text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_here_says_how_to_have_it_read() {
    let world = World::new();
    forge(&world, None).await;
    let alice = world.signed_in("alice");
    see(
        &alice,
        &["The directory is kept here", "/admin/upstreams/forge/settings"],
        &["Synchronise now"],
    )
    .await;
    let refused = alice.post(PAGE, &[]).await.expect(422);
    refused.says("is kept here");
    for browser in [world.signed_in("bob"), world.browser()] {
        for answer in [browser.get(PAGE).await, browser.post(PAGE, &[]).await] {
            assert!(
                matches!(answer.status, 303 | 401 | 403 | 404),
                "{}",
                answer.status
            );
        }
    }
    assert!(world.authority.synchronise_asks().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_success_and_faults_are_shown() {
    let world = World::new();
    let id = forge(&world, Some(3600)).await;
    let alice = world.signed_in("alice");
    see(
        &alice,
        &["Never synchronised", "None yet", "Synchronise now"],
        &["Running"],
    )
    .await;
    let work = world.authority.synchronise_begin(id).unwrap().unwrap();
    let progress = Progress {
        repositories: 12,
        second_look: true,
        ..Progress::default()
    };
    world.authority.synchronise_progress(&work, progress).unwrap();
    see(
        &alice,
        &["Running", "12 repositories", "looking a second time"],
        &[],
    )
    .await;
    let fault = Fault::new(
        FaultKind::BadGateway,
        "upstream.malformed",
        "what it says is <odd>",
    );
    let later = world.authority.now().plus_seconds(600);
    world
        .authority
        .synchronise_fail(&work, &fault, Some(later))
        .unwrap();
    let says = [
        "what it says is &lt;odd&gt;",
        "does not want to be asked before",
        "The last synchronisation failed",
    ];
    see(&alice, &says, &["<odd>", "Synchronise now"]).await;
    alice.post(PAGE, &[]).await.expect(422).says("asked before");
    world.clock_forward_seconds(601);
    let mut said = there(3);
    said.unread.push(UnreadThere {
        key: None,
        name: "labs".into(),
        code: "upstream.suspended",
        message: "the App is suspended at labs".into(),
    });
    finish(&world, id, &said);
    see(
        &alice,
        &["3 repositories new", "17 requests", "Synchronise now"],
        &["failed"],
    )
    .await;
    alice
        .get("/admin/upstreams/forge")
        .await
        .expect(200)
        .says(PAGE)
        .says("/admin/upstreams/forge/observations");
    alice
        .get("/admin/upstreams")
        .await
        .expect(200)
        .says("/admin/upstreams/forge/observations");
    let asked = alice.post(PAGE, &[]).await.expect(303);
    alice
        .get(asked.location())
        .await
        .expect(200)
        .says("It is synchronised now");
    assert_eq!(world.authority.synchronise_asks().len(), 1);
    world.clock_forward_hours(2);
    see(&alice, &["What is known is too old", "Facts too old"], &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_removals_are_shown_and_confirmed() {
    let world = World::new();
    let id = forge(&world, Some(3600)).await;
    let alice = world.signed_in("alice");
    finish(&world, id, &there(20));
    finish(&world, id, &there(0));
    see(
        &alice,
        &[
            "Stopped: it would remove 20 things at once",
            "20 repositories",
            "Remove 20 and go on",
        ],
        &[],
    )
    .await;
    alice
        .get("/admin/upstreams")
        .await
        .expect(200)
        .says("Synchronisation stopped");
    // Another number than what was shown is not confirmed.
    let fewer = alice.post(PAGE, &[("confirm_removals", "19")]).await.expect(422);
    fewer.says("20 things would be removed");
    let done = alice.post(PAGE, &[("confirm_removals", "20")]).await.expect(303);
    alice.get(done.location()).await.expect(200).says("Confirmed");
    assert_eq!(world.authority.synchronise_asks()[&id].confirmed, Some(20));
    finish(&world, id, &there(0));
    see(&alice, &["20 repositories gone"], &["Stopped"]).await;
}
