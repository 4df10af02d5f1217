//! The audit log: who may look, searching, errors beside the field, pages, one event, export.

use crate::browser::Browser;
use crate::harness::{Answered, World};
use bailiwick_gate::encode;
use serde_json::json;

const ORG: &str = "/organizations/acme/settings/audit-log";
const OWN: &str = "/settings/security-log";

/// A token of bob's that opened two issues and was refused contents; its id and text.
async fn busy(world: &World) -> (i64, String) {
    let (id, token) = world
        .mint_approved("bob", "busy", &["site"], json!({"issues": "write"}))
        .await;
    for title in ["one", "two"] {
        world
            .call("POST", "/repos/acme/site/issues", &token, json!({"title": title}))
            .await
            .expect(201);
    }
    world.get("/repos/acme/site/contents/", &token).await.expect(403);
    (id, token)
}

async fn find(browser: &Browser<'_>, path: &str, phrase: &str) -> Answered {
    browser.get(&format!("{path}?phrase={}", encode(phrase))).await
}

/// Text as an attribute holds it.
fn escaped(text: &str) -> String {
    text.replace('"', "&quot;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// How many events a page lists.
fn listed(page: &Answered) -> usize {
    page.text().matches("class=\"row-title\"").count()
}

/// The address that a link with this text leads to.
#[track_caller]
fn link(page: &Answered, text: &str) -> String {
    let (before, _) = page.text().split_once(text).expect(text);
    let address = before
        .rsplit("href=\"")
        .next()
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    address.replace("&amp;", "&")
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_may_read_the_log_see_it_and_nobody_else() {
    let world = World::new();
    busy(&world).await;
    let alice = world.signed_in("alice");
    for path in [ORG, "/enterprises/acme-enterprise/settings/audit-log", OWN] {
        alice.get(path).await.expect(200).says("<h1>");
        let visitor = world.browser().get(path).await.status;
        assert!(matches!(visitor, 303 | 404), "{path}: {visitor}");
    }
    let page = alice.get(ORG).await.expect(200).says("Open an issue");
    // What only reads is left out, and the field says so, until it is cleared.
    page.says("value=\"-action:api.request\"").hides("GET /repos");
    let all = alice.get(&format!("{ORG}?phrase=")).await.expect(200);
    all.says("value=\"\"").says("Open an issue");
    for login in ["bob", "carol", "mallory"] {
        let browser = world.signed_in(login);
        for path in [
            String::from(ORG),
            format!("{ORG}/1"),
            format!("{ORG}/export?format=csv"),
            String::from("/enterprises/acme-enterprise/settings/audit-log"),
        ] {
            let status = browser.get(&path).await.status;
            assert!(matches!(status, 403 | 404), "{login} {path}: {status}");
        }
        browser.get(OWN).await.expect(200).says("Security log");
    }
    // A token auditor is named for this.
    let role = json!({"role": "auditor"});
    let owner = world.session("alice");
    world
        .call("PUT", "/orgs/acme/personal-access-token-roles/bob", &owner, role)
        .await;
    world
        .signed_in("bob")
        .get(ORG)
        .await
        .expect(200)
        .says("Open an issue");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_finds_what_its_qualifiers_say() {
    let world = World::new();
    let (id, token) = busy(&world).await;
    let alice = world.signed_in("alice");
    let hash = bailiwick_model::Digest::of(token.as_bytes()).base64();
    for (phrase, count) in [
        (String::from("action:issue"), 2),
        (String::from("action:issue actor:alice"), 0),
        (format!("token_id:{id} action:issue"), 2),
        (format!("hashed_token:\"{hash}\" action:issue"), 2),
        (String::from("outcome:refused actor:bob"), 1),
        (String::from("action:issue created:>=2026-03-10"), 2),
        (String::from("action:issue created:<2026-03-10"), 0),
    ] {
        let page = find(&alice, ORG, &phrase).await.expect(200);
        assert_eq!(listed(&page), count, "{phrase}");
        // What was typed stays in the field, and is the start of what the field completes.
        assert!(
            page.text().contains(&format!("value=\"{}\"", escaped(&phrase))),
            "{phrase}"
        );
    }
    let refused = find(&alice, ORG, "outcome:refused actor:bob").await;
    refused
        .says("level.too_low")
        .says("Stopped at the stage")
        .says("contents:read")
        .says("1 event from 9 Feb 2026 to 10 Mar 2026 (UTC): 0 allowed, 1 refused, 0 failed.");
    let empty = find(&alice, ORG, "actor:nobody").await.expect(200);
    empty.says("No event matches").says("Clear the search");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phrase_that_cannot_be_read_is_told_beside_its_field() {
    let world = World::new();
    let alice = world.signed_in("alice");
    for (phrase, says) in [
        ("nonsense", "has no qualifier"),
        ("colour:red", "is not a qualifier"),
        ("created:yesterday", "write a date"),
        ("actor:\"bob", "quotation does not end"),
        ("outcome:<b>maybe</b>", "use allowed, refused or failed"),
    ] {
        let page = find(&alice, ORG, phrase).await.expect(422);
        let page = page
            .says(says)
            .says("id=\"phrase-error\"")
            .says("<title>Error: Audit log");
        assert!(!page.text().contains("<b>maybe") && !page.text().contains("Export CSV"));
        page.says(&format!("value=\"{}\"", escaped(phrase)))
            .says("<details class=\"disclosure\" open>");
    }
    // A cursor or a word of a menu that nobody was given is no search.
    for query in [
        "after=zzz",
        "include=everything",
        "order=sideways",
        "after=MTox&before=MTox",
    ] {
        alice.get(&format!("{ORG}?{query}")).await.expect(422);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_each_other_by_cursor() {
    let world = World::new();
    let (_, token) = busy(&world).await;
    for title in 0..40 {
        let body = json!({"title": format!("issue {title}")});
        world
            .call("POST", "/repos/acme/site/issues", &token, body)
            .await
            .expect(201);
        world.clock_forward_hours(1);
    }
    let alice = world.signed_in("alice");
    let first = find(&alice, ORG, "action:issue.create").await.expect(200);
    assert_eq!(listed(&first), 30);
    first.text().contains("rel=\"next\"");
    let next = link(&first, "<span>Next</span>");
    let second = alice.get(&next).await.expect(200).says("Page 2");
    assert_eq!(listed(&second), 12);
    let back = alice
        .get(&link(&second, "<span>Previous</span>"))
        .await
        .expect(200);
    assert_eq!(listed(&back), 30);
    // The other way round the oldest comes first, and a longer walk goes back by cursors too.
    let oldest = alice
        .get(&format!("{ORG}?phrase=action%3Aissue.create&order=asc"))
        .await
        .expect(200);
    assert_ne!(link(&oldest, "Open an issue"), link(&first, "Open an issue"));
    // Two days are drawn hour by hour.
    let hours = find(&alice, ORG, "action:issue created:>=2026-03-10T12:00:00Z").await;
    hours
        .says("Events by hour")
        .says("11 Mar, 12:00: 1 allowed, 0 refused, 0 failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_tells_everything_and_only_of_its_own_log() {
    let world = World::new();
    let (id, _) = busy(&world).await;
    let alice = world.signed_in("alice");
    let found = find(&alice, ORG, "outcome:refused actor:bob").await;
    let path = link(&found, "Get content");
    let page = alice.get(&path).await.expect(200);
    page.says("repos.get_content")
        .says("level.too_low")
        .says("stopped here")
        .says("127.0.0.1")
        .says("Hash before")
        .says(&format!("phrase=token%5Fid%3A{id}").replace("%5F", "_"))
        .says("&quot;missing_permission&quot;: &quot;contents&quot;");
    let number = path.rsplit('/').next().unwrap();
    // The same event is no event of another log, and hidden things look like missing ones.
    let mallory = world.signed_in("mallory");
    mallory
        .get(&format!("/organizations/rival/settings/audit-log/{number}"))
        .await
        .expect(404);
    mallory.get(&format!("{OWN}/{number}")).await.expect(404);
    alice.get(&format!("{ORG}/999999")).await.expect(404);
    world
        .signed_in("bob")
        .get(&format!("{OWN}/{number}"))
        .await
        .expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn ones_own_log_does_not_tell_from_where_others_acted() {
    let world = World::new();
    busy(&world).await;
    let bob = world.signed_in("bob");
    let found = find(&bob, OWN, "action:personal_access_token.access_granted")
        .await
        .expect(200);
    assert_eq!(listed(&found), 1);
    let page = bob.get(&link(&found, "Approve a token")).await.expect(200);
    page.says("Not told").hides("127.0.0.1").hides("Hash before");
    // Asking for the address does not find it out, neither way round.
    for phrase in ["ip:127.0.0.1", "-ip:127.0.0.1", "actor_ip:192.0.2.1"] {
        let phrase = format!("action:personal_access_token.access_granted {phrase}");
        let page = find(&bob, OWN, &phrase).await.expect(200);
        assert_eq!(listed(&page), 0, "{phrase}");
        page.says("0 events from");
    }
    let own = find(&bob, OWN, "action:issue ip:127.0.0.1").await.expect(200);
    assert_eq!(listed(&own), 2);
    let export = bob
        .get(&format!(
            "{OWN}/export?format=jsonl&phrase={}",
            encode("-ip:192.0.2.1")
        ))
        .await
        .expect(200);
    assert!(!export.text().contains("access_granted") && export.text().contains("issue.create"));
}

#[tokio::test(flavor = "multi_thread")]
async fn exports_hold_what_the_page_shows_and_are_on_record() {
    let world = World::new();
    busy(&world).await;
    let alice = world.signed_in("alice");
    let page = find(&alice, ORG, "action:issue").await.expect(200);
    let csv = alice
        .get(&link(&page, "<span>Export CSV</span>"))
        .await
        .expect(200);
    assert_eq!(
        csv.header("content-disposition"),
        "attachment; filename=\"audit-log.csv\""
    );
    assert_eq!(csv.text().lines().count(), 3);
    let lines = alice
        .get(&link(&page, "<span>Export JSON</span>"))
        .await
        .expect(200);
    assert_eq!(lines.text().lines().count(), 2);
    assert!(lines.text().lines().all(|line| line.contains("\"issue.create\"")));
    let recorded = find(&alice, ORG, "action:org.audit_log_export").await.expect(200);
    assert_eq!(listed(&recorded), 2);
    alice.get(&format!("{ORG}/export?format=pdf")).await.expect(422);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_with_markup_are_only_names() {
    let world = World::new();
    let nasty = "<img src=x onerror=alert(1)>wwwwwwww";
    let request = http::Request::builder()
        .uri("/settings/sessions")
        .header("user-agent", "<script>alert(1)</script>");
    let bob = world.signed_in("bob");
    bob.send(request, String::new()).await.expect(200);
    let (_, token) = world
        .mint("bob", nasty, &["site"], json!({"issues": "read"}))
        .await;
    // A refusal is written before it is answered, and with it the reads before.
    let refused = world.get("/repos/acme/site/contents/", &token).await.status;
    assert!(matches!(refused, 403 | 404), "{refused}");
    let found = find(&bob, OWN, "action:personal_access_token").await.expect(200);
    let found = found.hides("<img src=x");
    bob.get(&link(&found, "Ask for a token"))
        .await
        .expect(200)
        .hides("<img src=x");
    let seen = find(&bob, OWN, "action:api").await.expect(200);
    bob.get(&link(&seen, "Open the page /settings/sessions"))
        .await
        .expect(200)
        .hides("<script>alert")
        .says("&lt;script&gt;alert(1)");
}
