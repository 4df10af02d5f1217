//! What a token is about to plant is on the list before Gitea hears of it, and leaves it only with Gitea's word.

use crate::front::{Behind, Front};
use crate::recorder::{Recorder, answer, json};
use bailiwick_model::UpstreamKind;
use bailiwick_store::{PlantedRow, PlantedState, Store, StoreError, planted};
use serde_json::json as value;
use std::sync::{Arc, Mutex};

const HOOKS: &str = "/api/v1/repos/acme/site/hooks";
const BODY: &str = r#"{"type":"gitea","config":{"url":"https://x.example.com","content_type":"json"}}"#;

fn rows(store: &Store, front: &Front) -> Vec<PlantedRow> {
    let actor = front.accounts["alice"];
    store
        .read(|tx| planted::of_actor(tx, actor, None, 0, 100))
        .unwrap_or_else(|error: StoreError| panic!("{error}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_answered_stays_on_the_list() {
    let next: Arc<Mutex<Vec<u8>>> = Arc::default();
    // What was on the list when the request was there.
    let held: Arc<Mutex<Option<Store>>> = Arc::default();
    let before: Arc<Mutex<Vec<usize>>> = Arc::default();
    let (say, reads, notes) = (next.clone(), held.clone(), before.clone());
    let recorder = Recorder::answering(move |_| {
        if let Some(store) = &*reads.lock().unwrap() {
            let unknown = store
                .read(|tx| planted::unknown_at(tx, 1))
                .unwrap_or_else(|error: StoreError| panic!("{error}"));
            notes.lock().unwrap().push(usize::try_from(unknown).unwrap());
        }
        say.lock().unwrap().clone()
    })
    .await;
    let front = Front::before(vec![Behind::new("forge", UpstreamKind::Gitea, recorder.url())]).await;
    front.open_planting(&["acme"]);
    *held.lock().unwrap() = Some(front.store.clone());
    let (id, token) = front.token(
        "alice",
        &[("acme", Some(&["site"]), &[("repository_hooks", "write")])],
    );
    let made = json(
        201,
        &value!({"id": 7, "config": {"url": "https://x.example.com"}}),
    );
    let malformed = b"HTTP/1.1 201 Created\r\ncontent-length: lots\r\n\r\n".to_vec();
    for (said, status, left, what) in [
        // Its word that nothing was made.
        (json(422, &value!({"message": "no"})), 422, 0, None),
        (answer(302, "text/html", b""), 302, 0, None),
        // No word of it.
        (malformed, 502, 1, None),
        (json(500, &value!({})), 500, 2, None),
        (made, 201, 3, Some("7")),
    ] {
        *next.lock().unwrap() = said;
        before.lock().unwrap().clear();
        let known = rows(&front.store, &front).len();
        front.ask("POST", HOOKS, &token, BODY).await.expect(status);
        assert_eq!(
            *before.lock().unwrap(),
            [known + 1],
            "noted before it is asked: {status}"
        );
        let all = rows(&front.store, &front);
        assert_eq!(all.len(), left, "{status}: {all:?}");
        let Some(newest) = all.first() else { continue };
        assert_eq!(newest.what.as_deref(), what, "{status}");
        assert_eq!((newest.kind.as_str(), newest.token_id), ("hook", id));
        let state = if what.is_some() {
            PlantedState::Live
        } else {
            PlantedState::Unknown
        };
        assert_eq!((newest.state, newest.problem.is_some()), (state, what.is_none()));
    }
    let noted = front
        .events()
        .iter()
        .filter(|event| event.action == "planted.create")
        .count();
    assert_eq!(noted, 3);
    // What was never asked for is not on it.
    drop(recorder);
    let nowhere = Behind::new("forge", UpstreamKind::Gitea, String::from("http://127.0.0.1:9"));
    let front = Front::before(vec![nowhere]).await;
    front.open_planting(&["acme"]);
    let (_, token) = front.token(
        "alice",
        &[("acme", Some(&["site"]), &[("repository_hooks", "write")])],
    );
    front.ask("POST", HOOKS, &token, BODY).await.expect(502);
    assert!(rows(&front.store, &front).is_empty());
}
