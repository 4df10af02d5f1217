//! Table and property tests of the pure types.

use crate::*;

fn counter() -> impl FnMut(&mut [u8]) {
    let mut next = 7_u8;
    move |bytes: &mut [u8]| {
        for byte in bytes {
            next = next.wrapping_mul(167).wrapping_add(13);
            *byte = next;
        }
    }
}

#[test]
fn a_generated_token_is_read_back_and_hides_itself() {
    let prefixes = vec![String::from("bwk"), String::from("old")];
    for kind in TokenKind::ALL {
        let token = TokenText::generate("bwk", kind, &mut counter());
        assert_eq!(token.reveal().len(), 3 + 2 + 36);
        let (read, digest) = TokenText::read(token.reveal(), &prefixes).unwrap();
        assert_eq!(read, kind);
        assert_eq!(digest, token.digest());
        assert!(!format!("{token:?}").contains(token.reveal()));
        let old = TokenText::generate("old", kind, &mut counter());
        assert!(TokenText::read(old.reveal(), &prefixes).is_ok());
        assert!(TokenText::read(old.reveal(), &prefixes[..1]).is_err());
    }
}

#[test]
fn every_changed_character_is_noticed() {
    let prefixes = vec![String::from("bwk")];
    let token = TokenText::generate("bwk", TokenKind::FineGrained, &mut counter());
    for place in 0..token.reveal().len() {
        for other in ['0', 'z', '_', 'é', ' '] {
            let mut text: Vec<char> = token.reveal().chars().collect();
            if text[place] != other {
                text[place] = other;
                let text: String = text.into_iter().collect();
                assert!(TokenText::read(&text, &prefixes).is_err(), "{place} {other}");
            }
        }
    }
    for text in ["", "bwk", "bwkf_", &"a".repeat(1 << 20)] {
        assert!(TokenText::read(text, &prefixes).is_err());
    }
}

#[test]
fn levels_hold_what_was_set_and_nothing_else() {
    let mut levels = Levels::NONE;
    for id in 0..128 {
        levels.set(PermissionId(id), Level::Admin);
        levels.set(
            PermissionId(id),
            if id % 2 == 0 { Level::Read } else { Level::Write },
        );
    }
    for id in 0..128 {
        assert_eq!(
            levels.get(PermissionId(id)),
            if id % 2 == 0 { Level::Read } else { Level::Write }
        );
    }
    assert_eq!(levels.get(PermissionId(200)), Level::None);
    assert_eq!(levels.iter().count(), 128);
    assert!(Levels::NONE.within(&levels) && !levels.within(&Levels::NONE));
}

#[test]
fn an_empty_subset_selects_nothing() {
    let empty = Selection::subset(vec![]);
    assert!(!empty.contains(RepositoryId(1)));
    assert!(Selection::subset(vec![RepositoryId(3), RepositoryId(1)]).contains(RepositoryId(1)));
    assert!(!Selection::All.within(&empty) && empty.within(&Selection::None));
}

#[test]
fn scopes_expand_and_normalise() {
    let set: ScopeSet = [Scope::AdminOrg, Scope::ReadOrg, Scope::User, Scope::UserEmail]
        .into_iter()
        .collect();
    assert_eq!(set.normalised().words(), "admin:org, user");
    assert!(set.expanded().contains(Scope::WriteOrg));
    assert!(!set.expanded().contains(Scope::Repo));
    for scope in Scope::ALL {
        assert_eq!(Scope::parse(scope.word()), Some(*scope));
    }
}

#[test]
fn names_refuse_what_could_be_confused() {
    for good in ["alice", "acme-corp", "a", "A1"] {
        assert!(name::login(good).is_ok(), "{good}");
    }
    for bad in [
        "",
        "-a",
        "a-",
        "a--b",
        "a.b",
        "а",
        "settings",
        "API",
        "a/b",
        "a\0",
        &"a".repeat(40),
    ] {
        assert!(name::login(bad).is_err(), "{bad}");
    }
    for bad in [
        "", ".", "..", "x.git", "x.GIT", "a/b", "a\\b", "a b", "x.lock", "é",
    ] {
        assert!(name::repository(bad).is_err(), "{bad}");
    }
    assert!(name::repository(".github").is_ok());
    assert_eq!(name::slug("  The Core--Team! "), "the-core-team");
    assert!(!name::is_plain_text("evil\u{202e}txt", true));
}

#[test]
fn instants_print_and_read() {
    let instant = Timestamp::parse("2026-03-10T12:00:00Z").unwrap();
    assert_eq!(instant.rfc3339(), "2026-03-10T12:00:00Z");
    assert_eq!(instant.header(), "2026-03-10 12:00:00 UTC");
    assert_eq!(
        Timestamp::parse("2026-03-10").unwrap().rfc3339(),
        "2026-03-10T00:00:00Z"
    );
    assert_eq!(Timestamp::parse("yesterday"), None);
    assert_eq!(instant.plus_days(1).rfc3339(), "2026-03-11T12:00:00Z");
}
