//! At which addresses passkeys are offered, and how challenges wait.

#![allow(
    clippy::unwrap_used,
    reason = "a test that finds something else than it expects must fail"
)]

use super::challenge::{Ceremony, Challenges};
use super::site;
use crate::factor::Purpose;
use bailiwick_model::limit::{CHALLENGE_SECONDS, CHALLENGES_MAX};
use bailiwick_model::{SessionId, Timestamp};
use passki::AuthenticationOptions;

const NOW: Timestamp = Timestamp(1_760_000_000_000_000);

#[test]
fn passkeys_are_bound_to_domains() {
    for (base_url, id, origin) in [
        (
            "https://bailiwick.example",
            "bailiwick.example",
            "https://bailiwick.example",
        ),
        (
            "https://Bailiwick.Example:443",
            "bailiwick.example",
            "https://bailiwick.example",
        ),
        (
            "https://b.example:8443/below",
            "b.example",
            "https://b.example:8443",
        ),
        ("http://localhost:8417", "localhost", "http://localhost:8417"),
    ] {
        let site = site(base_url).unwrap();
        assert_eq!((site.rp_id.as_str(), site.rp_origins[0].as_str()), (id, origin));
    }
    for base_url in [
        "http://127.0.0.1:8417",
        "https://192.0.2.1",
        "https://[2001:db8::1]:443",
        "http://bailiwick.example",
        "bailiwick.example",
        "https://",
    ] {
        assert!(site(base_url).is_none(), "{base_url}");
    }
}

fn ceremony() -> Ceremony {
    let site = site("http://localhost").unwrap();
    Ceremony::Authenticate(
        site.start_passkey_authentication(&[], AuthenticationOptions::default())
            .unwrap()
            .1,
    )
}

#[test]
fn a_challenge_is_for_one_answer_one_purpose_and_five_minutes() {
    let waiting = Challenges::default();
    let sudo = |id| Purpose::Sudo(SessionId(id));
    let keep = |name: &str| waiting.keep(name, sudo(1), ceremony(), NOW);
    keep("a");
    assert!(waiting.take("a", &sudo(1), NOW).is_some());
    assert!(waiting.take("a", &sudo(1), NOW).is_none(), "once");
    keep("b");
    assert!(waiting.take("b", &sudo(2), NOW).is_none(), "another session's");
    assert!(waiting.take("b", &sudo(1), NOW).is_none(), "and used by that");
    keep("c");
    assert!(
        waiting
            .take("c", &sudo(1), NOW.plus_seconds(CHALLENGE_SECONDS))
            .is_none(),
        "late"
    );
    assert!(waiting.take("never", &sudo(1), NOW).is_none());
}

#[test]
fn challenges_are_bounded() {
    let waiting = Challenges::default();
    let ceremony = ceremony();
    for each in 0..=CHALLENGES_MAX {
        waiting.keep(&each.to_string(), Purpose::SignIn, ceremony.clone(), NOW);
    }
    assert!(
        waiting.take("0", &Purpose::SignIn, NOW).is_none(),
        "the oldest went"
    );
    assert!(waiting.take("1", &Purpose::SignIn, NOW).is_some());
    let last = CHALLENGES_MAX.to_string();
    assert!(waiting.take(&last, &Purpose::SignIn, NOW).is_some());
}
