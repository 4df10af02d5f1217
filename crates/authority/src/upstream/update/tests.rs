//! Which changes take a credential from the server that it was set for.

use super::moves_elsewhere;
use bailiwick_model::{Timestamp, UpstreamId, UpstreamKind};
use bailiwick_store::UpstreamRow;
use serde_json::{Value, json};

fn row(kind: UpstreamKind, address: &str, settings: &Value) -> UpstreamRow {
    UpstreamRow {
        id: UpstreamId(1),
        settings: settings.to_string(),
        ..UpstreamRow::new("forge", kind, address, Timestamp(0))
    }
}

#[test]
fn another_place_or_another_trust_is_elsewhere() {
    let forge = "https://git.example.com";
    let pin = |digit: &str| digit.repeat(64);
    let (one, other) = (pin("1"), pin("2"));
    let spelled = (1..=32).map(|_| "11").collect::<Vec<_>>().join(":");
    for (moves, before, after) in [
        (
            false,
            (forge, json!({})),
            (forge, json!({"inspect": true, "poll_seconds": 60})),
        ),
        (
            false,
            (forge, json!({})),
            ("https://git.example.com:443", json!({})),
        ),
        (true, (forge, json!({})), ("https://evil.example.com", json!({}))),
        (
            true,
            (forge, json!({})),
            ("https://git.example.com/sub", json!({})),
        ),
        (
            true,
            ("https://git.example.com/a", json!({})),
            ("https://git.example.com/b", json!({})),
        ),
        (true, (forge, json!({})), ("http://git.example.com", json!({}))),
        (
            true,
            (forge, json!({})),
            ("https://git.example.com:8443", json!({})),
        ),
        // The API's own address, and the one that it has anyway.
        (
            false,
            (forge, json!({})),
            (forge, json!({"api_address": "https://git.example.com/api/v1"})),
        ),
        (
            true,
            (forge, json!({})),
            (forge, json!({"api_address": "https://git.example.com/evil"})),
        ),
        (
            true,
            (forge, json!({"api_address": "https://api.example.com"})),
            (forge, json!({})),
        ),
        // Who may present a certificate.
        (true, (forge, json!({})), (forge, json!({"authorities": "PEM"}))),
        (
            true,
            (forge, json!({"authorities": "PEM"})),
            (forge, json!({"authorities": "OTHER"})),
        ),
        (true, (forge, json!({"authorities": "PEM"})), (forge, json!({}))),
        (true, (forge, json!({})), (forge, json!({"pins": [one]}))),
        (
            true,
            (forge, json!({"pins": [one]})),
            (forge, json!({"pins": [one, other]})),
        ),
        (true, (forge, json!({"pins": [one]})), (forge, json!({}))),
        (
            false,
            (forge, json!({"pins": [one, other]})),
            (forge, json!({"pins": [other]})),
        ),
        (
            false,
            (forge, json!({"pins": [one]})),
            (forge, json!({"pins": [spelled]})),
        ),
    ] {
        let told = format!("{before:?} {after:?}");
        let before = row(UpstreamKind::Gitea, before.0, &before.1);
        let after = row(UpstreamKind::Gitea, after.0, &after.1);
        assert_eq!(moves_elsewhere(&before, &after), moves, "{told}");
    }
    let directory = |path: &str| row(UpstreamKind::Git, path, &json!({}));
    assert!(
        !moves_elsewhere(&directory("file:/a"), &directory("file:/b")),
        "it has no credential"
    );
    assert!(moves_elsewhere(
        &directory("https://a.example.com"),
        &directory("file:/b")
    ));
}
