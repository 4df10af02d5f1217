//! Search phrases: what they mean, and what is refused.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use bailiwick_model::{Digest, Outcome, Timestamp, TokenId};
use bailiwick_wire::phrase::{Condition, Form, PhraseError, QUALIFIERS, Term, parse};
use proptest::prelude::*;

fn conditions(text: &str) -> Vec<Condition> {
    parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}")).0
}

fn one(text: &str) -> Term {
    let mut all = conditions(text);
    assert_eq!(all.len(), 1, "{text}");
    all.remove(0).any.remove(0)
}

fn at(text: &str) -> Option<Timestamp> {
    Some(Timestamp::parse(text).unwrap())
}

#[test]
fn qualifiers_have_their_values() {
    let text = |text: &str| text.to_owned();
    for (phrase, expected) in [
        ("action:repo.create", Term::Action(text("repo.create"))),
        (
            "action:personal_access_token",
            Term::Category(text("personal_access_token")),
        ),
        ("actor:bob", Term::Actor(text("bob"))),
        ("user:carol", Term::User(text("carol"))),
        ("org:acme", Term::Organization(text("acme"))),
        ("repo:acme/site", Term::Repository(text("acme/site"))),
        ("ip:127.0.0.1", Term::Address(text("127.0.0.1"))),
        ("actor_ip:0:0:0:0:0:0:0:1", Term::Address(text("::1"))),
        ("operation:modify", Term::OperationType(text("modify"))),
        ("country:de", Term::Country(text("de"))),
        ("token_id:42", Term::Token(TokenId(42))),
        ("outcome:refused", Term::Outcome(Outcome::Refused)),
        ("reason:grant.pending", Term::Reason(text("grant.pending"))),
        ("request_id:0A:1:2", Term::RequestId(text("0A:1:2"))),
        ("package:acme/site/app", Term::Package(text("acme/site/app"))),
        ("package:@acme/*", Term::PackagePrefix(text("@acme/"))),
        ("package:com.acme:app", Term::Package(text("com.acme:app"))),
    ] {
        assert_eq!(one(phrase), expected, "{phrase}");
    }
}

#[test]
fn hashed_tokens_are_read_with_and_without_quotes_and_padding() {
    let digest = Digest::of(b"token");
    let padded = digest.base64();
    let bare = padded.trim_end_matches('=');
    for text in [padded.as_str(), bare] {
        assert_eq!(
            one(&format!("hashed_token:\"{text}\"")),
            Term::HashedToken(digest)
        );
        assert_eq!(one(&format!("hashed_token:{text}")), Term::HashedToken(digest));
    }
}

#[test]
fn times_are_whole_days_or_seconds() {
    for (phrase, from, to) in [
        ("created:2026-03-10", at("2026-03-10"), at("2026-03-11")),
        ("created:>=2026-03-10", at("2026-03-10"), None),
        ("created:>2026-03-10", at("2026-03-11"), None),
        ("created:<=2026-03-10", None, at("2026-03-11")),
        ("created:<2026-03-10", None, at("2026-03-10")),
        (
            "created:2026-03-10..2026-03-12",
            at("2026-03-10"),
            at("2026-03-13"),
        ),
        ("created:*..2026-03-12", None, at("2026-03-13")),
        ("created:2026-03-10..*", at("2026-03-10"), None),
        (
            "created:2026-03-10T12:00:00Z",
            at("2026-03-10T12:00:00Z"),
            at("2026-03-10T12:00:01Z"),
        ),
        (
            "created:>=2026-03-10T14:00:00+02:00",
            at("2026-03-10T12:00:00Z"),
            None,
        ),
    ] {
        assert_eq!(one(phrase), Term::Created(from, to), "{phrase}");
    }
}

#[test]
fn repeated_qualifiers_are_alternatives_and_others_narrow() {
    let all = conditions("actor:bob  actor:\"carol\" -action:repo -action:git.push\toutcome:allowed");
    assert_eq!(all.len(), 3);
    assert_eq!(
        all[0].any,
        [Term::Actor("bob".into()), Term::Actor("carol".into())]
    );
    assert!(all[1].negated);
    assert_eq!(
        all[1].any,
        [Term::Category("repo".into()), Term::Action("git.push".into())]
    );
    // The same qualifier wanted and left out are two conditions.
    assert_eq!(conditions("actor:bob -actor:bob").len(), 2);
    assert_eq!(conditions("ip:::1 actor_ip:127.0.0.1").len(), 1);
    assert!(conditions("  ").is_empty());
}

#[test]
fn what_is_not_understood_is_refused() {
    let free = |text: &str| Err(PhraseError::FreeText(text.into()));
    assert_eq!(parse("hello"), free("hello"));
    assert_eq!(parse("actor:bob and"), free("and"));
    assert_eq!(parse("\"free text\""), free("\"free text\""));
    for (phrase, name) in [
        ("colour:red", "colour"),
        ("Action:repo", "Action"),
        (":x", ""),
        ("--actor:bob", "-actor"),
    ] {
        assert_eq!(
            parse(phrase),
            Err(PhraseError::UnknownQualifier(name.into())),
            "{phrase}"
        );
    }
    assert_eq!(parse("actor:\"bob"), Err(PhraseError::OpenQuote));
    assert_eq!(parse(&"a".repeat(3000)), Err(PhraseError::TooLong));
    for (phrase, form) in [
        ("action:", Form::Action),
        ("action:repo.", Form::Action),
        ("action:a%b", Form::Action),
        ("actor:", Form::Login),
        ("repo:site", Form::Repository),
        ("repo:a/b/c", Form::Repository),
        ("created:yesterday", Form::Created),
        ("created:2026-13-01", Form::Created),
        ("created:2026-01-01..", Form::Created),
        ("ip:localhost", Form::Address),
        ("operation:destroy", Form::OperationType),
        ("token_id:-1", Form::Number),
        ("token_id:+1", Form::Number),
        ("token_id:99999999999999999999", Form::Number),
        ("hashed_token:abc", Form::Base64),
        ("outcome:maybe", Form::Outcome),
        ("reason:", Form::Code),
        ("request_id:\"\"", Form::Anything),
    ] {
        match parse(phrase) {
            Err(PhraseError::Value(_, _, given)) => assert_eq!(given, form, "{phrase}"),
            other => panic!("{phrase}: {other:?}"),
        }
    }
}

proptest! {
    #[test]
    fn no_text_panics_or_loses_a_word(text in "[ -~\\n\"äß:.<>=*-]{0,80}") {
        if let Ok(phrase) = parse(&text) {
            let colons = text.matches(':').count();
            let terms: usize = phrase.0.iter().map(|condition| condition.any.len()).sum();
            prop_assert!(terms <= colons);
            prop_assert!(text.trim().is_empty() == phrase.0.is_empty());
        }
    }

    #[test]
    fn words_with_a_known_qualifier_are_terms_or_errors(
        name in proptest::sample::select(&QUALIFIERS[..]), value in "[a-z0-9./>=-]{1,12}",
    ) {
        match parse(&format!("{name}:{value}")) {
            Ok(phrase) => prop_assert_eq!(phrase.0.len(), 1),
            Err(PhraseError::Value(_, given, _)) => prop_assert_eq!(given, value),
            Err(other) => prop_assert!(false, "{:?}", other),
        }
    }
}
