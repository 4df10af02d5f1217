//! What the parts promise: escaping, isolation, sentences, words of time, stages, names by digest.

use super::*;
use bailiwick_model::time::{DAY, SECOND};
use bailiwick_model::{Level, Timestamp};

const NOW: Timestamp = Timestamp(1_795_242_188_000_000);

#[test]
fn data_is_never_markup() {
    let evil = "\"evil><script>alert(1)</script>";
    let field = field::Field {
        name: "name",
        label: "Name",
        error: evil,
        value: evil,
        ..Default::default()
    };
    let shown = [
        name::name(evil),
        name::repository(evil, evil),
        field::text(&field),
        field::textarea(&field, 3, 10),
        form::errors(&[("name", evil)]),
        code::secret("secret", "Token", evil, ""),
        callout::flash(&callout::Flash {
            weight: callout::Weight::Info,
            text: evil,
        }),
        confirm::typed(&confirm::Confirm {
            name: "confirm",
            phrase: evil,
            ..Default::default()
        }),
    ];
    for markup in shown {
        assert!(!markup.0.contains("<script"), "{}", markup.0);
        assert!(
            !markup.0.contains("\"evil"),
            "an attribute was closed: {}",
            markup.0
        );
    }
}

#[test]
fn names_are_isolated_so_that_they_cannot_reorder_their_neighbours() {
    assert_eq!(name::name("a\u{202e}b").0, "<bdi class=\"name\">a\u{202e}b</bdi>");
}

#[test]
fn an_error_is_tied_to_its_field() {
    let field = field::Field {
        name: "name",
        label: "Name",
        hint: html! { "h" },
        error: "e",
        ..Default::default()
    };
    let text = field::text(&field).0;
    assert!(
        text.contains("aria-describedby=\"name-hint name-error\""),
        "{text}"
    );
    assert!(
        text.contains("aria-invalid=\"true\"") && text.contains("id=\"name-error\""),
        "{text}"
    );
}

#[test]
fn what_was_typed_is_given_back_except_a_password() {
    let field = field::Field {
        name: "x",
        value: "\ntyped",
        ..Default::default()
    };
    assert!(field::textarea(&field, 2, 0).0.contains(">\n\ntyped</textarea>"));
    assert!(field::text(&field).0.contains("value=\"\ntyped\""));
    assert!(!field::password(&field, "current-password").0.contains("typed"));
}

#[test]
fn a_disabled_card_says_why() {
    let card = choice::Card {
        value: "globex",
        disabled: "globex blocks it",
        ..Default::default()
    };
    let text = choice::cards(
        &choice::Cards {
            name: "owner",
            ..Default::default()
        },
        &[card],
    )
    .0;
    assert!(
        text.contains("disabled") && text.contains("globex blocks it"),
        "{text}"
    );
    assert!(text.contains("aria-describedby=\"owner-text\""), "{text}");
}

#[test]
fn sentences_name_everything_and_end() {
    let held = [
        summary::Held {
            kind: "repository",
            title: "Issues",
            level: Level::Read,
        },
        summary::Held {
            kind: "repository",
            title: "Contents",
            level: Level::Write,
        },
        summary::Held {
            kind: "repository",
            title: "Pages",
            level: Level::Write,
        },
        summary::Held {
            kind: "organization",
            title: "Members",
            level: Level::Admin,
        },
    ];
    let grant = |reach, held| {
        summary::sentence(&summary::Grant {
            owner: "acme",
            reach,
            held,
        })
    };
    assert_eq!(
        grant(summary::Reach::Only(&["acme/site"]), &held[..1]),
        "Read issues of acme/site; nothing else."
    );
    assert_eq!(
        grant(summary::Reach::All, &held),
        "Read issues, read and write contents and pages of all repositories of acme; \
         administer members of the organization acme; nothing else."
    );
    assert_eq!(
        grant(summary::Reach::Only(&[]), &held[..1]),
        "Read issues of no repository yet; nothing else."
    );
    assert_eq!(
        grant(summary::Reach::Only(&["a/1", "a/2", "a/3", "a/4"]), &held[..1]),
        "Read issues of 4 repositories of acme; nothing else."
    );
    assert_eq!(
        grant(summary::Reach::Public, &[]),
        "Nothing of acme beyond what is public."
    );
}

#[test]
fn distances_in_words() {
    let at = |seconds: i64| time::relative_text(Timestamp(NOW.0 + seconds * SECOND), NOW);
    assert_eq!(at(0), "just now");
    assert_eq!(at(30), "in a moment");
    assert_eq!(at(-60), "1 minute ago");
    assert_eq!(at(7_200), "in 2 hours");
    assert_eq!(at(86_400 * 12), "in 12 days");
    assert_eq!(at(-86_400 * 90), "3 months ago");
    assert_eq!(at(86_400 * 365 * 3), "in 3 years");
    assert_eq!(
        time::relative_text(Timestamp(i64::MAX), Timestamp(i64::MIN))
            .split(' ')
            .next(),
        Some("in")
    );
}

#[test]
fn instants_keep_their_exact_title() {
    let text = time::moment(NOW).0;
    assert!(text.contains("datetime=\"2026-11-21T06:23:08Z\""), "{text}");
    assert!(text.contains("title=\"2026-11-21 06:23:08 UTC\""), "{text}");
    assert!(text.contains(">21 Nov 2026, 06:23 UTC<"), "{text}");
}

#[test]
fn an_end_within_a_week_is_marked_and_a_past_one_is_past() {
    let shown = |days: i64| time::expires(Some(Timestamp(NOW.0 + days * DAY)), NOW).0;
    assert!(shown(3).contains("class=\"soon\""));
    assert!(!shown(30).contains("class=\"soon\""));
    assert!(shown(-1).contains("Expired "));
    assert!(time::expires(None, NOW).0.contains("Never expires"));
}

#[test]
fn the_track_stops_where_the_decision_did() {
    let stops = stage::stopped_at("policy");
    let word = |outcome| {
        stops
            .iter()
            .filter(|stop| stop.outcome == outcome)
            .map(|stop| stop.word)
            .collect::<Vec<_>>()
    };
    assert_eq!(word(stage::Outcome::Stopped), ["policy"]);
    assert_eq!(word(stage::Outcome::Passed), ["live", "mapped", "grant"]);
    assert_eq!(
        word(stage::Outcome::Skipped),
        ["anonymous", "selection", "level", "role", "limits"]
    );
}

#[test]
fn assets_are_found_by_digest_and_name_only() {
    for asset in crate::asset::all() {
        assert_eq!(crate::asset::url(asset.name), asset.url);
        assert!(crate::asset::find(&asset.hash, asset.name).is_some());
        assert!(crate::asset::find("00000000000000000000", asset.name).is_none());
    }
    assert!(crate::asset::url("../Cargo.toml").is_empty());
}

#[test]
fn no_part_writes_what_the_content_policy_refuses() {
    let page = shell::page(
        &shell::Shell {
            title: "x",
            ..Default::default()
        },
        &html! { (stage::track(&stage::stopped_at("level"))) (icon::mark()) },
    );
    assert!(
        !page.0.contains(" style=") && !page.0.contains(" onclick="),
        "{}",
        page.0
    );
    assert_eq!(
        page.0.matches("<script").count(),
        1,
        "only the one that is linked"
    );
}
