//! What an upstream says of keeping its answers, to those who got them by a credential and to those who did not.

use crate::front::{Behind, Front};
use crate::git::bed::{Scripted, answer};
use bailiwick_model::UpstreamKind;

#[tokio::test(flavor = "multi_thread")]
async fn no_shared_cache_keeps_what_a_credential_opened() {
    let server = Scripted::start(|_, _| {
        let head = "cache-control: public, max-age=600\r\nsurrogate-control: max-age=600\r\n";
        answer(200, head, "bytes")
    })
    .await;
    let behind = Behind::new("artifacts", UpstreamKind::Generic, server.address.clone());
    let front = Front::before(vec![behind]).await;
    let (_, reader) = front.token("bob", &[("acme", Some(&["site"]), &[("packages", "read")])]);
    for (path, token, public) in [
        ("/-/artifacts/api/acme/site/artifacts/a", reader.as_str(), false),
        // What anybody reads is asked for as a visitor does, whoever asks.
        ("/-/artifacts/api/acme/www/artifacts/a", "", true),
        ("/-/artifacts/api/acme/www/artifacts/a", &reader, true),
    ] {
        let told = front.ask("GET", path, token, "").await.expect(200);
        let head = told.head.to_ascii_lowercase();
        assert_eq!(head.contains("cache-control: public"), public, "{path} {head}");
        assert_eq!(head.contains("cache-control: private"), !public, "{path} {head}");
        assert_eq!(head.contains("surrogate-control"), public, "{path} {head}");
    }
}
