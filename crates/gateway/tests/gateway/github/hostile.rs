//! An upstream that fails, lies, hangs or attacks: a clear word, nothing leaked, nothing kept in memory.

use super::person::linked;
use super::wire::Said;
use bailiwick_store::audit::{Query, search};
use http_body_util::BodyExt;
use serde_json::json;
use std::time::Duration;

fn raw(text: &str) -> Said {
    Said::Raw(text.as_bytes().to_vec())
}

#[tokio::test(flavor = "multi_thread")]
async fn statuses_of_the_upstream_pass_and_its_sessions_do_not() {
    let (world, hub, token) = linked(json!({"issues": "write"})).await;
    for status in [400, 403, 404, 409, 410, 422, 429, 451, 500, 502, 503] {
        hub.say(Said::Whole(
            status,
            [
                ("content-type", "text/html"),
                ("set-cookie", "_gh_sess=1"),
                ("www-authenticate", "Basic realm=\"GitHub\""),
                ("x-oauth-scopes", "repo, admin:org"),
                ("x-accepted-oauth-scopes", "repo"),
                ("github-authentication-token-expiration", "2026-01-01"),
                ("x-ratelimit-remaining", "1"),
                ("strict-transport-security", "max-age=31536000"),
                ("access-control-allow-origin", "*"),
                ("server", "GitHub.com"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
            String::from("<html><body>Sign in</body></html>"),
        ));
        let answer = world.get("/repos/acme/site/issues", &token).await.expect(status);
        for name in ["set-cookie", "www-authenticate", "x-oauth-scopes", "server"] {
            assert_eq!(answer.header(name), "", "{status} {name}");
        }
        // What is said of these is about the caller's own token.
        assert_ne!(answer.header("x-ratelimit-remaining"), "1");
        assert_ne!(
            answer.header("github-authentication-token-expiration"),
            "2026-01-01"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_answer_is_a_clear_fault() {
    let (world, hub, token) = linked(json!({"issues": "write"})).await;
    for (said, status, reason) in [
        (raw(""), 502, "upstream.reset"),
        (raw("garbage\r\n\r\n"), 502, "upstream.malformed"),
        (
            raw("HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx"),
            502,
            "upstream.malformed",
        ),
        (
            raw("HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\nx"),
            502,
            "upstream.malformed",
        ),
        (
            raw("HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n"),
            502,
            "upstream.malformed",
        ),
    ] {
        hub.say(said);
        let body = json!({"title": "t"});
        let answer = world
            .call("POST", "/repos/acme/site/issues", &token, body)
            .await
            .expect(status);
        assert_eq!(answer.json["reason"], reason, "{answer:?}");
        assert_eq!(hub.taken().len(), 1, "a change is never sent twice");
        hub.state.lock().unwrap().next.clear();
    }
    // Each change that came to nothing is on record, as one that was passed on and as one that failed.
    let events = world
        .store
        .read(|tx| search(tx, &Query::new(Vec::new(), 500)))
        .unwrap();
    let of = |reason: &str| {
        let mut count = 0;
        for event in &events {
            let ours = event.operation.as_deref() == Some("issues/create");
            count += usize::from(ours && event.reason.starts_with(reason));
        }
        count
    };
    assert_eq!((of("forwarded"), of("upstream.")), (5, 5));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hang_ends_in_time() {
    let (world, hub, token) = linked(json!({"issues": "write"})).await;
    let alice = world.session("alice");
    let short = json!({"settings": {"answer_seconds_max": 1}});
    world
        .call("PATCH", "/admin/upstreams/hub", &alice, short)
        .await
        .expect(200);
    hub.say(Said::Nothing);
    let answer = world.get("/repos/acme/site/issues", &token).await.expect(504);
    assert_eq!(answer.json["reason"], "upstream.timeout");
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_the_limit_is_cut_off() {
    let (world, hub, token) = linked(json!({"issues": "write"})).await;
    let alice = world.session("alice");
    let small = json!({"settings": {"answer_bytes_max": 1 << 20}});
    world
        .call("PATCH", "/admin/upstreams/hub", &alice, small)
        .await
        .expect(200);
    // Ten gigabytes, announced.
    hub.say(raw(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 10000000000\r\n\r\n[1",
    ));
    let answer = world.get("/repos/acme/site/issues", &token).await.expect(502);
    assert_eq!(answer.json["reason"], "upstream.too_large");
    // And not announced: the body ends with an error, never as if it were whole.
    let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n".to_vec();
    hub.say(Said::Repeat(head, vec![b'['; 65536], 160_000));
    let request = http::Request::builder()
        .uri("/api/v3/repos/acme/site/issues")
        .header("authorization", format!("Bearer {token}"))
        .body(bailiwick_gate::whole(""))
        .unwrap();
    let answer = world.gate.answer(Some([127, 0, 0, 1].into()), request).await;
    let mut body = answer.body;
    let mut length = 0;
    let ended = loop {
        match body.frame().await {
            Some(Ok(frame)) => length += frame.into_data().map_or(0, |data| data.len()),
            Some(Err(_)) => break "broken",
            None => break "whole",
        }
    };
    assert_eq!(ended, "broken");
    assert!(length <= (1 << 20) + 65536, "{length}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_brought_credential_is_not_the_callers_to_see_in_headers() {
    let (world, hub, token) = linked(json!({"issues": "write"})).await;
    hub.say(Said::Whole(
        200,
        vec![
            ("content-type".into(), "application/json".into()),
            ("authorization".into(), "Bearer ghu_1".into()),
            ("proxy-authorization".into(), "Bearer ghu_1".into()),
            ("cookie".into(), "ghu_1".into()),
        ],
        String::from("{}"),
    ));
    let answer = world.get("/repos/acme/site/issues", &token).await.expect(200);
    for (name, value) in &answer.headers {
        assert!(!value.to_str().unwrap().contains("ghu_"), "{name}: {value:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_its_client_leaves_is_on_record() {
    let (world, hub, _) = linked(json!({"issues": "write"})).await;
    let (_, token) = world
        .mint_approved(
            "bob",
            "reads",
            &["site"],
            json!({"issues": "read", "contents": "read"}),
        )
        .await;
    for (path, operation) in [
        ("/repos/acme/site/issues", "issues/list-for-repo"),
        // A bulk read.
        ("/repos/acme/site/zipball/main", "repos/download-zipball-archive"),
    ] {
        hub.say(Said::Nothing);
        let mut tick = tokio::time::interval(Duration::from_millis(10));
        let arrives = async {
            while hub.taken().is_empty() {
                tick.tick().await;
            }
        };
        tokio::select! {
            answer = world.get(path, &token) => panic!("answered: {answer:?}"),
            // What the server does with a request whose connection or stream is gone: it drops it.
            () = arrives => {}
        }
        let found = || {
            let rows = world
                .store
                .read(|tx| search(tx, &Query::new(Vec::new(), 100)))
                .unwrap();
            rows.into_iter()
                .find(|row| row.operation.as_deref() == Some(operation))
        };
        let mut left = 3000;
        let event = loop {
            if let Some(event) = found() {
                break event;
            }
            assert!(left > 0, "nothing on record of {operation}");
            left -= 1;
            tick.tick().await;
        };
        assert_eq!(
            (event.outcome.word(), event.reason.as_str()),
            ("failed", "request.abandoned")
        );
    }
}
