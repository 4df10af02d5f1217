//! Requests that two servers would read differently. Here there is one reading or a refusal, and never a second request
//! that nobody sent.

use bailiwick_testkit::http::answers;
use serde_json::json;

use crate::world::World;

/// Sends raw bytes in which `{T}` is a token and `{S}` a smuggled request for something private.
fn ask(world: &World, token: &str, text: &str) -> Vec<bailiwick_testkit::Answer> {
    let smuggled = format!(
        "GET /api/v3/repos/acme/site/issues HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n"
    );
    let bytes = text.replace("{T}", token).replace("{S}", &smuggled);
    answers(&world.server.address.send_bytes(bytes.as_bytes()))
}

/// A world without TLS and one with it, each with a token.
fn worlds(name: &str) -> [(std::sync::Arc<World>, String); 2] {
    [World::shared(), World::shared_secure()].map(|world| {
        let token = world
            .token("bob", name, &["site"], json!({"issues": "write"}))
            .text;
        (world, token)
    })
}

#[test]
fn two_lengths_are_refused_and_nothing_after_them_is_read() {
    for (world, token) in worlds("smuggling-lengths") {
        for (name, text) in [
            (
                "length and chunks",
                "POST /api/v3/repos/acme/www/issues HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{S}",
            ),
            (
                "chunks and length",
                "POST /api/v3/repos/acme/www/issues HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n{S}",
            ),
            (
                "two lengths",
                "POST /api/v3/repos/acme/www/issues HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 200\r\n\r\n{S}",
            ),
            (
                "a list of lengths",
                "POST /api/v3/repos/acme/www/issues HTTP/1.1\r\nHost: x\r\nContent-Length: 0, 200\r\n\r\n{S}",
            ),
            (
                "a signed length",
                "POST /api/v3/repos/acme/www/issues HTTP/1.1\r\nHost: x\r\nContent-Length: +0\r\n\r\n{S}",
            ),
            (
                "an unknown coding",
                "POST /api/v3/repos/acme/www/issues HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{S}",
            ),
            (
                "chunks twice",
                "POST /api/v3/repos/acme/www/issues HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n{S}",
            ),
            (
                "a blank before the colon",
                "POST /api/v3/repos/acme/www/issues HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n{S}",
            ),
            (
                "a broken chunk size",
                "POST /api/v3/repos/acme/www/issues HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n{S}",
            ),
            (
                "a huge chunk size",
                "POST /api/v3/repos/acme/www/issues HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff1\r\n\r\n{S}",
            ),
        ] {
            let found = ask(&world, &token, text);
            assert!(found.len() <= 1, "{name}: {found:?}");
            assert!(
                found.iter().all(|it| (400..=501).contains(&it.status)),
                "{name}: {found:?}"
            );
        }
    }
}

#[test]
fn broken_heads_are_refused() {
    for (world, token) in worlds("smuggling-heads") {
        for (name, text) in [
            (
                "a folded header",
                "GET /api/v3/repos/acme/site/issues HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer\r\n {T}\r\nConnection: close\r\n\r\n",
            ),
            (
                "a header without a colon",
                "GET /api/v3/repos/acme/site/issues HTTP/1.1\r\nHost: x\r\nAuthorization Bearer {T}\r\nConnection: close\r\n\r\n",
            ),
            (
                "a carriage return alone",
                "GET /api/v3/repos/acme/site/issues HTTP/1.1\r\nHost: x\rAuthorization: Bearer {T}\r\nConnection: close\r\n\r\n",
            ),
            (
                "a zero byte in a header",
                "GET /api/v3/repos/acme/site/issues HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {T}\0\r\nConnection: close\r\n\r\n",
            ),
            (
                "a zero byte in the path",
                "GET /api/v3/repos/acme/site\0/issues HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {T}\r\nConnection: close\r\n\r\n",
            ),
            (
                "an unknown version",
                "GET /api/v3/repos/acme/site/issues HTTP/3.7\r\nHost: x\r\nAuthorization: Bearer {T}\r\nConnection: close\r\n\r\n",
            ),
            (
                "no version",
                "GET /api/v3/repos/acme/site/issues\r\nHost: x\r\nAuthorization: Bearer {T}\r\n\r\n",
            ),
            (
                "a blank in the path",
                "GET /api/v3/repos/acme/site /issues HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {T}\r\nConnection: close\r\n\r\n",
            ),
        ] {
            let found = ask(&world, &token, text);
            assert!(
                found.iter().all(|it| (400..=505).contains(&it.status)),
                "{name}: {found:?}"
            );
        }
    }
}

#[test]
fn a_bare_line_feed_hides_no_header() {
    for (world, token) in worlds("smuggling-line-feed") {
        // Whether a bare line feed ends a line or is an error: the credential must not appear from within another header.
        let found = ask(
            &world,
            "",
            &format!(
                "GET /api/v3/repos/acme/site/issues HTTP/1.1\r\nHost: x\r\nX-Note: a\n b {token}\r\nConnection: close\r\n\r\n"
            ),
        );
        assert!(
            found.iter().all(|it| (400..500).contains(&it.status)),
            "{found:?}"
        );
    }
}

#[test]
fn an_absolute_target_or_another_host_is_no_way_around() {
    for (world, token) in worlds("smuggling-target") {
        let _ = token;
        let weak = world
            .token("bob", "smuggling-weak", &["www"], json!({"issues": "write"}))
            .text;
        for text in [
            "GET http://x/api/v3/repos/acme/site/issues HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {T}\r\nConnection: close\r\n\r\n",
            "GET http://evil@x/api/v3/repos/acme/site/issues HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {T}\r\nConnection: close\r\n\r\n",
            "GET /api/v3/repos/acme/site/issues HTTP/1.1\r\nHost: x\r\nHost: y\r\nAuthorization: Bearer {T}\r\nConnection: close\r\n\r\n",
            "OPTIONS * HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {T}\r\nConnection: close\r\n\r\n",
            "CONNECT x:80 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {T}\r\nConnection: close\r\n\r\n",
        ] {
            let found = ask(&world, &weak, text);
            assert!(found.len() <= 1, "{text}: {found:?}");
            assert!(
                found
                    .iter()
                    .all(|it| !it.text().contains("Checkout") && it.status < 500),
                "{text}: {found:?}"
            );
        }
    }
}

#[test]
fn old_versions_and_upgrades_carry_nothing_along() {
    for (world, token) in worlds("smuggling-old") {
        let found = ask(
            &world,
            &token,
            "POST /api/v3/repos/acme/www/issues HTTP/1.0\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}{S}",
        );
        assert!(
            found.len() <= 1,
            "a connection of HTTP/1.0 ends with its answer: {found:?}"
        );
        let found = ask(
            &world,
            &token,
            "GET /api/v3/repos/acme/www HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nConnection: close\r\n\r\n",
        );
        assert!(found.iter().all(|it| it.status != 101), "{found:?}");
        let found = ask(
            &world,
            &token,
            "GET /api/v3/repos/acme/www HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n{S}",
        );
        assert!(found.iter().all(|it| it.status != 101), "{found:?}");
    }
}

#[test]
fn pipelined_requests_are_each_decided_alone() {
    for (world, token) in worlds("smuggling-pipeline") {
        let text = "GET /api/v3/repos/acme/site/issues HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {T}\r\n\r\n\
            GET /api/v3/repos/acme/site/issues HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        let statuses: Vec<u16> = ask(&world, &token, text).iter().map(|it| it.status).collect();
        assert_eq!(statuses, [200, 404], "a connection keeps no credential");
    }
}

#[test]
fn slow_and_endless_heads_end() {
    for (world, _) in worlds("smuggling-endless") {
        let endless = format!(
            "GET /api/v3/user HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n",
            "x".repeat(3_000_000)
        );
        let found = answers(&world.server.address.send_bytes(endless.as_bytes()));
        assert!(
            found.iter().all(|it| (400..500).contains(&it.status)),
            "{found:?}"
        );
        let many: String = (0..5000).map(|number| format!("X-{number}: y\r\n")).collect();
        let found = answers(
            &world
                .server
                .address
                .send_bytes(format!("GET /api/v3/user HTTP/1.1\r\nHost: x\r\n{many}\r\n").as_bytes()),
        );
        assert!(
            found.iter().all(|it| (400..500).contains(&it.status)),
            "{found:?}"
        );
        let long = format!("GET /api/v3/{} HTTP/1.1\r\nHost: x\r\n\r\n", "x".repeat(500_000));
        let found = answers(&world.server.address.send_bytes(long.as_bytes()));
        assert!(
            found.iter().all(|it| (400..500).contains(&it.status)),
            "{found:?}"
        );
        assert_eq!(
            world.get("/repos/acme/www", "").status,
            200,
            "and it still serves"
        );
    }
}
