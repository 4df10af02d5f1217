//! Exports of audit logs, how long they are kept, and when tokens were last used.

use crate::audit::{ORG, busy, event_like, find};
use crate::harness::World;
use bailiwick_store::audit as log;
use serde_json::{Value, json};

#[tokio::test]
async fn an_export_holds_everything_and_opens_safely_in_a_spreadsheet() {
    let world = World::new();
    let (_, token) = busy(&world).await;
    let request = http::Request::builder()
        .method("POST")
        .uri("/api/v3/repos/acme/site/issues")
        .header("authorization", format!("Bearer {token}"))
        .header("user-agent", "  =HYPERLINK(\"http://x\",\"y\")");
    let body = bailiwick_gate::whole(json!({"title": "formula"}).to_string());
    world.send(request.body(body).unwrap()).await.expect(201);
    // More than one page of the export.
    world
        .store
        .write(|tx| {
            let rows = log::search(
                tx,
                &log::Query::new(
                    vec![log::Condition::is(log::Match::Action("issue.create".into()))],
                    1,
                ),
            )?;
            let events = vec![event_like(&rows[0]); 1200];
            log::append(tx, "test", &events).map(|_| ())
        })
        .unwrap();
    let alice = world.session("alice");
    let csv = world
        .get(&format!("{ORG}?phrase=action:issue&format=csv"), &alice)
        .await
        .expect(200);
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    let text = String::from_utf8(csv.bytes).unwrap();
    let mut lines = text.split("\r\n");
    assert!(
        lines
            .next()
            .unwrap()
            .starts_with("'@timestamp,_document_id,action,")
    );
    assert_eq!(lines.filter(|line| !line.is_empty()).count(), 1203);
    assert!(text.contains("'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"") || text.contains("'  =HYPERLINK"));
    let lines = world
        .get(
            &format!("{ORG}?phrase=action:issue&format=jsonl&order=asc"),
            &alice,
        )
        .await
        .expect(200);
    let text = String::from_utf8(lines.bytes).unwrap();
    let events: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(events.len(), 1203);
    assert_eq!(events[0]["number"], 1);
    let exports = find(&world, &alice, ORG, "action:org.audit_log_export")
        .await
        .expect(200);
    assert_eq!(exports.json.as_array().unwrap().len(), 2);
    assert_eq!(exports.json[0]["format"], "jsonl");
    world.get(&format!("{ORG}?format=csv"), &token).await.expect(403);
}

#[test]
fn cells_never_start_a_formula() {
    use bailiwick_rest::view::audit::cell;
    for (text, expected) in [
        ("plain", "plain"),
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("  =1", "'  =1"),
        ("\t=1", "\"'\t=1\""),
        ("\rx", "\"'\rx\""),
        ("\u{a0}=1", "'\u{a0}=1"),
        ("\u{ff1d}1", "'\u{ff1d}1"),
        ("a,b", "\"a,b\""),
        ("say \"x\"", "\"say \"\"x\"\"\""),
        ("two\nlines", "\"two\nlines\""),
        (" blank ", "\" blank \""),
    ] {
        assert_eq!(cell(text), expected, "{text:?}");
    }
}

#[tokio::test]
async fn old_events_go_after_the_longest_time_anybody_set() {
    let world = World::new();
    busy(&world).await;
    assert_eq!(world.authority.audit_prune().unwrap(), 0);
    let alice = world.session("alice");
    for path in ["/enterprises/acme-enterprise", "/orgs/rival"] {
        let credential = if path.ends_with("rival") {
            world.session("mallory")
        } else {
            alice.clone()
        };
        let body = json!({"audit_retention_days": 30});
        world
            .call(
                "PUT",
                &format!("{path}/personal-access-token-policy"),
                &credential,
                body,
            )
            .await
            .expect(200);
    }
    world.advance_days(29);
    assert_eq!(world.authority.audit_prune().unwrap(), 0);
    world.advance_days(2);
    let removed = world.authority.audit_prune().unwrap();
    assert!(removed > 5, "{removed}");
    let left = world
        .store
        .read(|tx| log::search(tx, &log::Query::new(Vec::new(), 10)))
        .unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].action, "audit_log.prune");
    assert_eq!(left[0].object().unwrap()["removed"], removed);
    let verified = world.store.read(|tx| log::verify(tx, "test", 0)).unwrap();
    assert_eq!(verified.broken, None);
}

#[tokio::test]
async fn when_a_token_was_last_used_is_written_in_batches() {
    let world = World::new();
    let (id, token) = busy(&world).await;
    let session = world.session("bob");
    let path = format!("/user/personal-access-tokens/{id}");
    let before = world.get(&path, &session).await.expect(200);
    assert_eq!(before.json["last_used_at"], Value::Null);
    world.clock_forward_hours(1);
    world.get("/user", &token).await;
    world.authority.touch_flush();
    let after = world.get(&path, &session).await.expect(200);
    assert_eq!(after.json["last_used_at"], "2026-03-10T13:00:00Z");
    // A token that is over was presented, not used.
    world.advance_days(40);
    world.get("/user", &token).await.expect(401);
    world.authority.touch_flush();
    let session = world.session("bob");
    let over = world.get(&path, &session).await.expect(200);
    assert_eq!(over.json["last_used_at"], "2026-03-10T13:00:00Z");
}
