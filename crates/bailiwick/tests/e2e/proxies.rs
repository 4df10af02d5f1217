//! Whose request it is: a trusted proxy says so, nobody else does.

use bailiwick_testkit::Request;
use serde_json::json;

use crate::world::{SETTINGS, World};

/// How many requests the asking address has made by now.
fn used(world: &World, headers: &[(&str, &str)]) -> u64 {
    let mut request = Request::new("GET", "/api/v3/repos/acme/www");
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let answer = world.send(&request).expect(200);
    answer.header("x-ratelimit-used").parse().unwrap()
}

#[test]
fn a_trusted_proxy_tells_clients_apart() {
    let mut settings = SETTINGS.to_vec();
    settings.push(("BAILIWICK_TRUSTED_PROXIES", "127.0.0.0/8, 10.0.0.0/8"));
    // More connections at once than one address may have.
    settings.push(("BAILIWICK_CONNECTIONS_PER_ADDRESS_MAX", "2"));
    let world = World::with(&["demo"], &settings);
    let forwarded = |value: &str| used(&world, &[("X-Forwarded-For", value)]);
    assert_eq!(forwarded("203.0.113.1"), 1);
    assert_eq!(forwarded("203.0.113.2"), 1);
    assert_eq!(forwarded("203.0.113.1, 10.1.1.1"), 2);
    // Lies to the left of what the proxy saw.
    assert_eq!(forwarded("203.0.113.99, 203.0.113.1"), 3);
    assert_eq!(
        used(
            &world,
            &[
                ("X-Forwarded-For", "203.0.113.98"),
                ("X-Forwarded-For", "203.0.113.1")
            ]
        ),
        4
    );
    // Other headers say nothing.
    let other = [
        ("X-Real-IP", "203.0.113.50"),
        ("Forwarded", "for=203.0.113.51"),
        ("X-Forwarded-For", "203.0.113.1"),
    ];
    assert_eq!(used(&world, &other), 5);
    let held: Vec<_> = (0..4).map(|_| world.server.address.connect()).collect();
    assert_eq!(forwarded("203.0.113.1"), 6);
    drop(held);
    // The audit log has the client's address.
    let body = json!({"login": "alice", "password": world.password("alice")});
    let _ = world
        .send(
            &Request::new("POST", "/api/v3/sessions")
                .header("X-Forwarded-For", "127.0.0.9, 198.51.100.7, 10.0.0.1")
                .json(&body),
        )
        .expect(201);
    let events = world
        .get(
            "/user/audit-log?include=all&per_page=5&phrase=ip:198.51.100.7",
            &world.session("alice"),
        )
        .expect(200)
        .json();
    assert!(!events.as_array().unwrap().is_empty(), "{events}");
}

#[test]
fn nobody_else_is_believed() {
    let world = World::with(&["demo"], SETTINGS);
    let before = used(&world, &[]);
    for (name, value) in [
        ("X-Forwarded-For", "203.0.113.1"),
        ("X-Forwarded-For", "127.0.0.1, 203.0.113.2"),
        ("X-Real-IP", "203.0.113.3"),
        ("Forwarded", "for=203.0.113.4"),
    ] {
        let _ = used(&world, &[(name, value)]);
    }
    assert_eq!(used(&world, &[]), before + 5, "all of them were this address");
}

#[test]
fn the_log_warns_of_a_proxy_that_asks_in_vain() {
    let call = |world: &World| {
        let request = Request::new("GET", "/-/authorize/nginx/nosuch")
            .header("X-Original-Method", "GET")
            .header("X-Original-URI", "/")
            .header("X-Forwarded-For", "203.0.113.1");
        world.send(&request).expect(403)
    };
    let world = World::with(&["demo"], SETTINGS);
    let answer = call(&world);
    assert_eq!(answer.header("x-bailiwick-reason"), "authorize.untrusted_peer");
    assert!(
        answer
            .header("x-bailiwick-refusal")
            .contains("authorize_trusted_peers")
    );
    world
        .server
        .logs(&["WARN", "authorize.untrusted_peer", "127.0.0.1"]);
    let mut settings = SETTINGS.to_vec();
    settings.push(("BAILIWICK_AUTHORIZE_TRUSTED_PEERS", "127.0.0.1"));
    let world = World::with(&["demo"], &settings);
    assert_eq!(call(&world).header("x-bailiwick-reason"), "authorize.upstream");
    world.server.logs(&["WARN", "authorize.upstream", "nosuch"]);
}
