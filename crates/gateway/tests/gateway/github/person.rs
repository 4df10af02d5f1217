//! Persons act with their own tokens: linked by GitHub's own sign-in, renewed in time, and never lost.

use super::hub::{self, Hub};
use super::{set_secrets, world};
use crate::browser::{Browser, hidden};
use crate::harness::{Answered, World};
use bailiwick_store::audit::{Query, search};
use bailiwick_store::{LinkBar, UpstreamLinkRow, upstream};
use serde_json::{Value, json};
use std::sync::Arc;

const PAGE: &str = "/settings/linked-accounts";

/// Begins a link in a browser, and gives the address there.
pub async fn begin(browser: &Browser<'_>) -> String {
    let page = browser.post(&format!("{PAGE}/hub/begin"), &[]).await.expect(200);
    let start = page.text().find("/login/oauth/authorize").unwrap();
    let from = page.text()[..start].rfind('"').unwrap() + 1;
    page.text()[from..]
        .split('"')
        .next()
        .unwrap()
        .replace("&amp;", "&")
}

/// Comes back, and presses the button.
pub async fn come_back(browser: &Browser<'_>, path: &str) -> Answered {
    let page = browser.get(path).await.expect(200);
    let fields = [
        ("code", hidden(page.text(), "code")),
        ("state", hidden(page.text(), "state")),
    ];
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    browser.post(&format!("{PAGE}/callback"), &fields).await
}

/// Links a person.
pub async fn link(world: &World, hub: &Hub, login: &str, theirs: &str, id: u64) {
    let browser = world.signed_in(login);
    let path = hub.consent(&begin(&browser).await, theirs, id);
    let done = come_back(&browser, &path).await.expect(303);
    assert_eq!(done.location(), "/settings/linked-accounts?done=account-linked");
}

/// A world before a hub where bob is linked, and a token of his for `acme/site`.
pub async fn linked(permissions: Value) -> (World, Hub, String) {
    let (world, hub) = world().await;
    let (_, token) = world.mint_approved("bob", "t", &["site"], permissions).await;
    link(&world, &hub, "bob", "bobby", 7).await;
    hub.taken();
    (world, hub, token)
}

fn row(world: &World, login: &str) -> Option<UpstreamLinkRow> {
    let account = world.accounts[login];
    let read = |tx: &mut bailiwick_store::Tx<'_>| {
        let there = upstream::by_name(tx, "hub")?.unwrap();
        upstream::link(tx, there.id, account)
    };
    world.store.read::<_, bailiwick_store::StoreError>(read).unwrap()
}

fn log(world: &World) -> String {
    let rows = world
        .store
        .read(|tx| search(tx, &Query::new(Vec::new(), 500)))
        .unwrap();
    format!("{rows:?}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_links_and_acts_as_oneself() {
    let (world, hub) = world().await;
    let (_, token) = world
        .mint_approved("bob", "t", &["site"], json!({"issues": "read"}))
        .await;
    let answer = world.get("/repos/acme/site/issues", &token).await.expect(403);
    assert_eq!(answer.json["reason"], "upstream.not_linked");
    assert!(hub.taken().is_empty());
    link(&world, &hub, "bob", "bobby", 7).await;
    let answer = world.get("/repos/acme/site/issues", &token).await.expect(200);
    assert_eq!(answer.json["who"], "bobby");
    let kept = row(&world, "bob").unwrap();
    assert_eq!(
        (kept.login.as_str(), kept.upstream_key.as_deref()),
        ("bobby", Some("7"))
    );
    // Sealed at rest, and in no record.
    let secrets: Vec<String> = hub.refresh_tokens();
    for table in world.rows_besides(&[]) {
        for secret in secrets.iter().map(String::as_str).chain(["ghu_", hub::SECRET]) {
            assert!(!table.contains(secret), "{table}");
        }
    }
    assert!(log(&world).contains("upstream_link.create"));
    let page = world.signed_in("bob").get(PAGE).await.expect(200);
    page.says("bobby").hides("ghu_").hides("ghr_");
    // The caller's own token went nowhere.
    for seen in hub.taken() {
        assert!(
            !seen.raw.contains(&token) && !seen.raw.contains("bwk_"),
            "{}",
            seen.raw
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_session_that_began_finishes_and_once() {
    let (world, hub) = world().await;
    let (bob, mallory) = (world.signed_in("bob"), world.signed_in("mallory"));
    // An attacker's own consent, followed by the victim.
    let lure = hub.consent(&begin(&mallory).await, "mallory-there", 66);
    come_back(&bob, &lure).await.expect(410);
    assert!(row(&world, "bob").is_none());
    // It is used up with that, for the attacker as well.
    come_back(&mallory, &lure).await.expect(410);
    // Another session of the same person is another session.
    let path = hub.consent(&begin(&bob).await, "bobby", 7);
    come_back(&world.signed_in("bob"), &path).await.expect(410);
    // Twice.
    let path = hub.consent(&begin(&bob).await, "bobby", 7);
    come_back(&bob, &path).await.expect(303);
    come_back(&bob, &path).await.expect(410);
    // Too late.
    let path = hub.consent(&begin(&bob).await, "bobby", 7);
    world.clock_forward_seconds(601);
    come_back(&bob, &path).await.expect(410);
    // Made up.
    for query in ["code=x&state=y", "code=x&state="] {
        let status = bob.get(&format!("{PAGE}/callback?{query}")).await.status;
        assert_eq!(status, 200, "a page that changes nothing");
    }
    bob.post(&format!("{PAGE}/callback"), &[("code", "x"), ("state", "y")])
        .await
        .expect(410);
    bob.get(&format!("{PAGE}/callback?error=access_denied&state=x"))
        .await
        .expect(200)
        .says("Nothing was linked");
    // A forged form.
    let path = hub.consent(&begin(&bob).await, "bobby", 7);
    let page = bob.get(&path).await;
    let state = hidden(page.text(), "state");
    let forged = [("csrf", "00"), ("code", "code1"), ("state", state.as_str())];
    bob.post_raw(
        &format!("{PAGE}/callback"),
        &forged,
        &[("origin", "https://evil.example.com")],
    )
    .await
    .expect(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_one_is_linked_to_does_not_change_by_itself() {
    let (world, hub) = world().await;
    link(&world, &hub, "bob", "bobby", 7).await;
    let bob = world.signed_in("bob");
    // The browser is signed in as somebody else over there.
    let path = hub.consent(&begin(&bob).await, "other", 8);
    hub.taken();
    come_back(&bob, &path).await.expect(409);
    assert_eq!(row(&world, "bob").unwrap().login, "bobby");
    let seen = hub.taken();
    let given_back = seen.last().unwrap();
    assert_eq!(given_back.method, "DELETE", "{}", given_back.raw);
    // Nobody else is that account here.
    let carol = world.signed_in("carol");
    let path = hub.consent(&begin(&carol).await, "bobby", 7);
    come_back(&carol, &path).await.expect(409);
    assert!(row(&world, "carol").is_none());
    // The same account under its new name is the same.
    let path = hub.consent(&begin(&bob).await, "bobby-two", 7);
    come_back(&bob, &path).await.expect(303);
    assert_eq!(row(&world, "bob").unwrap().login, "bobby-two");
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_do_not_link_and_sessions_prove_themselves() {
    let (world, _hub) = world().await;
    let token = world.mint_classic("bob", "t", &["repo", "user"]).await;
    let path = "/user/upstreams/hub/link";
    world.call("POST", path, &token, json!({})).await.expect(403);
    let session = world.session("bob");
    let begun = world.call("POST", path, &session, json!({})).await.expect(201);
    assert!(
        begun.json["authorize_url"]
            .as_str()
            .unwrap()
            .contains("code_challenge_method=S256")
    );
    world
        .call("POST", "/user/upstreams/none/link", &session, json!({}))
        .await
        .expect(404);
    world.clock_forward_hours(3);
    let answer = world.call("POST", path, &session, json!({})).await.expect(403);
    assert_eq!(answer.json["reason"], "session.sudo_required");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_renewed_once_before_it_ends() {
    let (world, hub, token) = linked(json!({"issues": "read"})).await;
    let world = Arc::new(world);
    world.clock_forward_seconds(28_800 - 200);
    let gate = Arc::new(tokio::sync::Semaphore::new(0));
    hub.state.lock().unwrap().gate = Some(gate.clone());
    let crowd: Vec<_> = (0..30)
        .map(|_| {
            let (world, token) = (world.clone(), token.clone());
            tokio::spawn(async move { world.get("/repos/acme/site/issues", &token).await })
        })
        .collect();
    gate.add_permits(1);
    for one in crowd {
        assert_eq!(one.await.unwrap().expect(200).json["who"], "bobby");
    }
    assert_eq!(hub.lendings(), 1);
    // And again after that, with the next refresh token.
    gate.add_permits(1);
    world.clock_forward_seconds(28_800);
    world.get("/repos/acme/site/issues", &token).await.expect(200);
    assert_eq!(hub.lendings(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_hangs_up_takes_nothing_along() {
    let (world, hub, token) = linked(json!({"issues": "read"})).await;
    let world = Arc::new(world);
    world.clock_forward_seconds(28_800);
    let gate = Arc::new(tokio::sync::Semaphore::new(0));
    hub.state.lock().unwrap().gate = Some(gate.clone());
    hub.taken();
    let caller = {
        let (world, token) = (world.clone(), token.clone());
        tokio::spawn(async move { world.get("/repos/acme/site/issues", &token).await })
    };
    while hub.lendings() == 0 {
        tokio::task::yield_now().await;
    }
    caller.abort();
    assert!(caller.await.is_err());
    gate.add_permits(1);
    // Whoever comes next waits for the same answer, and the refresh token is used once.
    world.get("/repos/acme/site/issues", &token).await.expect(200);
    assert_eq!(hub.lendings(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_node_renewed_is_read_again() {
    let (world, hub, token) = linked(json!({"issues": "read"})).await;
    world.clock_forward_seconds(28_800);
    // Another node used the refresh token up, and stores what it was given while this one is refused.
    let used = hub.refresh_tokens().pop().unwrap();
    let (next, refresh) = hub.refresh_elsewhere(&used, bailiwick_authority::Clock::now(&*world.clock));
    let given = bailiwick_authority::upstream::renew::Given {
        token: zeroize::Zeroizing::new(next),
        refresh: Some(zeroize::Zeroizing::new(refresh)),
        expires_at: Some(bailiwick_authority::Clock::now(&*world.clock).plus_seconds(28_800)),
    };
    let there = row(&world, "bob").unwrap().upstream_id;
    let (authority, bob) = (world.authority.clone(), world.accounts["bob"]);
    let asked = hub.clone();
    asked.taken();
    let other = tokio::spawn(async move {
        while asked.lendings() == 0 {
            tokio::task::yield_now().await;
        }
        authority.link_renewed(there, bob, &used, &given).unwrap()
    });
    world.get("/repos/acme/site/issues", &token).await.expect(200);
    assert!(other.await.unwrap());
    assert!(row(&world, "bob").unwrap().active);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_refresh_ends_the_link_and_linking_again_mends_it() {
    let (world, hub, token) = linked(json!({"issues": "read"})).await;
    world.clock_forward_seconds(28_800);
    // The App's own secret is wrong: nobody's link ends for that.
    set_secrets(&world, super::KEY, "wrong").await;
    let answer = world.get("/repos/acme/site/issues", &token).await.expect(502);
    assert_eq!(answer.json["reason"], "upstream.credential_refused");
    assert!(row(&world, "bob").unwrap().active);
    set_secrets(&world, super::KEY, hub::SECRET).await;
    // Taken back over there.
    hub.forget_refresh_tokens();
    let answer = world.get("/repos/acme/site/issues", &token).await.expect(403);
    assert_eq!(answer.json["reason"], "upstream.link_ended");
    let ended = row(&world, "bob").unwrap();
    assert!(!ended.active && ended.credential.is_none());
    assert!(log(&world).contains("upstream.refresh_refused"));
    hub.taken();
    let answer = world.get("/repos/acme/site/issues", &token).await.expect(403);
    assert_eq!(answer.json["reason"], "upstream.inactive");
    assert!(hub.taken().is_empty());
    world
        .signed_in("bob")
        .get(PAGE)
        .await
        .expect(200)
        .says("Link an account");
    link(&world, &hub, "bob", "bobby", 7).await;
    world.get("/repos/acme/site/issues", &token).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_switched_off_does_not_switch_themselves_on() {
    let (world, hub, token) = linked(json!({"issues": "read"})).await;
    let (alice, bob) = (world.session("alice"), world.signed_in("bob"));
    // Begun before, and brought back after.
    let path = hub.consent(&begin(&bob).await, "bobby", 7);
    let at = "/admin/upstreams/hub/links/bob";
    let off = json!({"login": "bobby", "id": "7", "active": false});
    let switched = world.call("PUT", at, &alice, off).await.expect(200);
    assert_eq!(switched.json["barred"], "administrator");
    let refused = come_back(&bob, &path).await.expect(403);
    refused.says("an administrator has switched off your account");
    hub.taken();
    let page = bob.get(PAGE).await.expect(200);
    page.says("Switched off by an administrator")
        .hides("Link an account");
    let session = world.session("bob");
    let answer = world
        .call("POST", "/user/upstreams/hub/link", &session, json!({}))
        .await
        .expect(403);
    assert_eq!(answer.json["reason"], "upstream.barred");
    // Ending it takes the secret along, and leaves the word of the administrator.
    world
        .call("DELETE", "/user/upstream-links/hub", &session, json!(null))
        .await
        .expect(204);
    let kept = row(&world, "bob").unwrap();
    assert!(!kept.active && kept.credential.is_none());
    world
        .call("POST", "/user/upstreams/hub/link", &session, json!({}))
        .await
        .expect(403);
    let answer = world.get("/repos/acme/site/issues", &token).await.expect(403);
    assert_eq!(answer.json["reason"], "upstream.inactive");
    assert!(hub.taken().is_empty());
    // Only an administrator takes it back.
    let on = json!({"login": "bobby", "id": "7"});
    let switched = world.call("PUT", at, &alice, on).await.expect(200);
    assert_eq!(switched.json["barred"], json!(null));
    link(&world, &hub, "bob", "bobby", 7).await;
    world.get("/repos/acme/site/issues", &token).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_the_upstream_switched_off_waits_for_it() {
    let (world, hub) = world().await;
    link(&world, &hub, "bob", "bobby", 7).await;
    let before = row(&world, "bob").unwrap();
    let lost = UpstreamLinkRow {
        active: false,
        barred: Some(LinkBar::Upstream),
        credential: None,
        ..before.clone()
    };
    let write = |row: UpstreamLinkRow| {
        let put = |tx: &mut bailiwick_store::Tx<'_>| bailiwick_store::synchronise::put_links(tx, &[row]);
        world.store.write::<_, bailiwick_store::StoreError>(put).unwrap();
    };
    write(lost);
    let session = world.session("bob");
    let answer = world
        .call("POST", "/user/upstreams/hub/link", &session, json!({}))
        .await
        .expect(403);
    assert_eq!(answer.json["reason"], "upstream.barred");
    // A next token that another node was given meanwhile switches nothing on either.
    let given = bailiwick_authority::upstream::renew::Given {
        token: String::from("ghu_next").into(),
        refresh: None,
        expires_at: None,
    };
    let (id, account) = (before.upstream_id, before.account_id);
    assert!(!world.authority.link_renewed(id, account, "used", &given).unwrap());
    assert!(!row(&world, "bob").unwrap().active);
    world
        .signed_in("bob")
        .get(PAGE)
        .await
        .expect(200)
        .says("Switched off by the server");
    write(before);
    world
        .call("POST", "/user/upstreams/hub/link", &session, json!({}))
        .await
        .expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_taken_back_early_tells_to_link_again() {
    let (world, hub, token) = linked(json!({"issues": "read"})).await;
    hub.say(hub::json_with(401, &json!({"message": "Bad credentials"})));
    let answer = world.get("/repos/acme/site/issues", &token).await.expect(403);
    assert_eq!(answer.json["reason"], "upstream.link_ended");
    assert!(!answer.text().contains("Bad credentials"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_stored_is_kept_until_it_can() {
    let (world, hub, token) = linked(json!({"issues": "read"})).await;
    world.clock_forward_seconds(28_800);
    hub.taken();
    let refuse = "CREATE TRIGGER full BEFORE UPDATE ON upstream_link BEGIN SELECT RAISE(ABORT, 'full'); END";
    let run = |sql: &'static str| world.store.write(|tx| tx.execute(sql, &[])).unwrap();
    run(refuse);
    world.get("/repos/acme/site/issues", &token).await.expect(200);
    run("DROP TRIGGER full");
    world.get("/repos/acme/site/issues", &token).await.expect(200);
    assert_eq!(hub.lendings(), 1, "the refresh token was used once");
    let link = world
        .authority
        .link_stored(row(&world, "bob").unwrap().upstream_id, world.accounts["bob"])
        .unwrap()
        .unwrap();
    assert_eq!(
        link.reveal("refresh"),
        hub.refresh_tokens().first().map(String::as_str)
    );
}
