//! `/repos/{owner}/{repo}/zipball`, `/tarball`.

use super::{SITE, events, seed, tokens};
use crate::harness::World;
use bailiwick_model::Outcome;

#[tokio::test]
async fn archives_stream_and_are_on_record() {
    let world = World::new();
    let seeded = seed(&world, "site");
    let tokens = tokens(&world).await;
    let short: String = seeded.second.to_string().chars().take(7).collect();
    for (path, start, ending) in [
        ("/zipball", &b"PK"[..], "zip"),
        ("/zipball/next", b"PK", "zip"),
        ("/tarball/refs/heads/feature/one", b"\x1f\x8b", "tar.gz"),
        ("/tarball/v2", b"\x1f\x8b", "tar.gz"),
    ] {
        let answer = world
            .get(&format!("{SITE}{path}"), &tokens.read)
            .await
            .expect(200);
        assert!(answer.bytes.starts_with(start), "{path}");
        assert!(answer.header("content-disposition").ends_with(ending), "{path}");
    }
    let named = world
        .get(&format!("{SITE}/tarball/main"), &tokens.read)
        .await
        .expect(200);
    assert_eq!(
        named.header("content-disposition"),
        format!("attachment; filename=acme-site-{short}.tar.gz")
    );
    world
        .get(&format!("{SITE}/tarball/absent"), &tokens.read)
        .await
        .expect(404);
    world
        .get(&format!("{SITE}/tarball/--output=x"), &tokens.read)
        .await
        .expect(404);
    world
        .get(&format!("{SITE}/zipball"), &tokens.issues)
        .await
        .expect(403);
    // Bulk reads are durable before the answer completes: they can be found at once.
    let allowed = events(&world, "repo.download_zip")
        .into_iter()
        .filter(|event| event.outcome == Outcome::Allowed);
    assert_eq!(allowed.count(), 5);
}
