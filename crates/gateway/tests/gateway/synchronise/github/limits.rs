//! GitHub's rate limits are kept to: what says that it is enough is not asked again before its time.

use super::Land;
use bailiwick_authority::upstream::synchronise::state::Stand;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn an_installation_whose_limit_is_used_up_is_left_alone_and_the_others_are_read() {
    let land = Land::settled().await;
    land.well().await;
    let good_at = land.synchronised_at();
    land.world.clock_forward_seconds(60);
    {
        let mut there = land.forge.state();
        there.left.insert(31, 4);
        there.repository(100).name = "application".into();
        there.repository(110).name = "tools".into();
        there.asked.clear();
    }
    let state = land.well().await;
    assert_eq!(state.unread.len(), 1);
    assert_eq!(state.unread[0].code, "upstream.rate_limited");
    assert_eq!(state.unread[0].read_at, good_at);
    assert!(land.named("acme", "app").is_some(), "nothing changes there");
    assert!(land.named("acme-labs", "tools").is_some());
    assert_eq!(land.forge.state().left[&31], 0, "and nothing was asked in vain");
    // Not even for a token, until the limit is there again.
    land.forge.state().asked.clear();
    land.world.clock_forward_seconds(1700);
    assert_eq!(land.well().await.unread.len(), 1);
    let asked = land.forge.state().asked.clone();
    assert!(
        asked
            .iter()
            .all(|one| !one.contains("/31/") && !one.contains("acme")),
        "{asked:?}"
    );
    land.forge.state().left.insert(31, 5000);
    land.world.clock_forward_seconds(200);
    let state = land.well().await;
    assert!(state.unread.is_empty());
    assert!(land.named("acme", "application").is_some());
    // A round of some twenty requests of 5,000 leaves half of them to others every half minute.
    assert!((5..60).contains(&state.progress.seconds_apart), "{state:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_in_the_middle_is_no_less_than_the_word_before() {
    let land = Land::settled().await;
    land.well().await;
    // Somebody else uses the rest up.
    land.forge.state().left.insert(31, 0);
    let state = land.well().await;
    assert_eq!(state.unread[0].code, "upstream.rate_limited");
    assert!(land.named("acme", "app").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_for_all_stops_everything_until_its_time() {
    let land = Land::settled().await;
    land.well().await;
    let good_at = land.synchronised_at();
    for headers in [
        vec![("retry-after", "120".to_owned())],
        vec![
            ("x-ratelimit-limit", "5000".to_owned()),
            ("x-ratelimit-remaining", "0".to_owned()),
            (
                "x-ratelimit-reset",
                land.world
                    .authority
                    .now()
                    .plus_seconds(2 * 121 + 120)
                    .seconds()
                    .to_string(),
            ),
        ],
    ] {
        land.forge.state().next = Some((403, headers));
        land.world.clock_forward_seconds(121);
        let state = land.synchronise().await;
        assert_eq!(state.state, Stand::Failed);
        assert_eq!(state.error.as_ref().unwrap().code, "upstream.rate_limited");
        let until = land.world.authority.now().plus_seconds(120);
        assert_eq!(state.not_before, Some(until));
        let asked = land.forge.state().asked.len();
        assert_eq!(land.synchronise().await, state, "not asked again");
        assert_eq!(land.forge.state().asked.len(), asked);
        let path = "/admin/upstreams/forge/synchronise";
        let refused = land
            .world
            .call("POST", path, &land.alice, json!({}))
            .await
            .expect(409);
        assert_eq!(refused.json["reason"], "upstream.rate_limited");
    }
    assert_eq!(land.synchronised_at(), good_at);
    assert!(!land.stands().await["not_before"].is_null());
    land.world.clock_forward_seconds(121);
    let state = land.well().await;
    assert_eq!(state.not_before, None);
}
