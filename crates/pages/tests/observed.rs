//! What was observed of an upstream's own credentials, as administrators see it.

use crate::harness::World;
use bailiwick_model::{UpstreamKind, UpstreamMode};
use bailiwick_store::{ObservationRow, ObservedCredentialRow, UpstreamRow, observation, upstream};

fn seen(world: &World) -> i64 {
    let now = world.authority.now();
    let acme = world.accounts["acme"];
    let site = world.repositories["site"];
    world
        .store
        .write(|tx| {
            let forge = upstream::insert(
                tx,
                UpstreamRow {
                    mode: UpstreamMode::Observe,
                    observe_until: Some(now.plus_days(7)),
                    ..UpstreamRow::new("forge", UpstreamKind::GitHub, "https://forge.example.com", now)
                },
            )?;
            let credential = observation::insert(
                tx,
                ObservedCredentialRow {
                    id: 0,
                    upstream_id: forge.id,
                    digest: "ab".repeat(32),
                    kind: String::from("github_classic"),
                    login: Some(String::from("<b>bob</b>")),
                    upstream_key: Some(String::from("7")),
                    first_at: now,
                    last_at: now,
                    reads: 3,
                    writes: 1,
                    left_out: 2,
                },
            )?;
            for (operation, mapped, verdict) in [
                ("issues/create", true, "allowed"),
                ("repos/create-deploy-key", true, "policy.planting"),
                ("GET /api/v3/<i>", false, "operation.unmapped"),
            ] {
                let needs = if verdict == "allowed" {
                    format!(
                        r#"[{{"account":{},"permission":"issues","level":"write","repository":{}}}]"#,
                        acme.0, site.0
                    )
                } else {
                    String::from("[]")
                };
                let row = ObservationRow {
                    id: 0,
                    credential_id: credential.id,
                    operation: operation.to_owned(),
                    mapped,
                    target: String::from("acme/site"),
                    needs,
                    verdict: verdict.to_owned(),
                    requests: 1,
                    refused: 0,
                    first_at: now,
                    last_at: now,
                };
                observation::insert_use(tx, row)?;
            }
            Ok::<_, bailiwick_store::StoreError>(credential.id)
        })
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_see_the_narrowest_token_and_what_would_be_refused() {
    let world = World::new();
    let id = seen(&world);
    let (list, one) = (
        String::from("/admin/upstreams/forge/observations"),
        format!("/admin/upstreams/forge/observations/{id}"),
    );
    let alice = world.signed_in("alice");
    alice
        .get(&list)
        .await
        .expect(200)
        .says("&lt;b&gt;bob&lt;/b&gt;")
        .says("not linked")
        .says("1 would be refused")
        .says(&one);
    alice
        .get(&one)
        .await
        .expect(200)
        .says("issues: write")
        .says("acme/site")
        .says("open planting in the policy")
        .says("Without a mapping")
        .says("2 more requests")
        .says("/settings/personal-access-tokens/new?name=")
        .says("target_name=acme");
    for path in [
        "/admin/upstreams/none/observations",
        "/admin/upstreams/forge/observations/999",
    ] {
        assert_eq!(alice.get(path).await.status, 404, "{path}");
    }
    for browser in [world.signed_in("bob"), world.browser()] {
        for path in [&list, &one] {
            let status = browser.get(path).await.status;
            assert!(matches!(status, 303 | 403 | 404), "{path}: {status}");
        }
    }
}
