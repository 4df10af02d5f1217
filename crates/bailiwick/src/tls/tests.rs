//! Our own authority over its life, and what is shown when files change.

use super::self_signed::{SelfSigned, names};
use super::{Protection, Source};
use bailiwick_gate::{Pair, Tls};
use bailiwick_model::Timestamp;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

fn now() -> Timestamp {
    Timestamp::parse("2026-03-10").unwrap()
}

fn own(directory: &Path, more: &[&str]) -> SelfSigned {
    let more = more.iter().map(|name| (*name).to_owned());
    SelfSigned::new(
        directory.join("tls"),
        more.chain(["localhost".into(), "127.0.0.1".into()]).collect(),
    )
}

/// The files as they are: authority, its key, certificate, its key.
fn files(own: &SelfSigned) -> [Vec<u8>; 4] {
    ["ca.pem", "ca.key", "server.pem", "server.key"].map(|name| fs::read(own.directory().join(name)).unwrap())
}

fn end(own: &SelfSigned) -> Timestamp {
    let [_, _, certificate, key] = files(own);
    Pair::from_pem(&certificate, &key).unwrap().ends_at()
}

#[test]
fn names_are_those_by_which_clients_come() {
    let of = |url: Option<&str>, bound: &str| names(url, bound.parse().unwrap()).join(" ");
    assert_eq!(of(None, "127.0.0.1:1"), "localhost 127.0.0.1 ::1");
    assert_eq!(of(None, "0.0.0.0:1"), "localhost 127.0.0.1 ::1");
    assert_eq!(of(None, "192.0.2.7:1"), "localhost 127.0.0.1 ::1 192.0.2.7");
    assert_eq!(
        of(Some("https://Git.Example:8443/x"), "[::1]:1"),
        "git.example localhost 127.0.0.1 ::1"
    );
    assert_eq!(
        of(Some("https://[2001:db8::1]"), "[::]:1"),
        "2001:db8::1 localhost 127.0.0.1 ::1"
    );
}

#[test]
fn both_are_kept_and_their_keys_are_closed_to_others() {
    let root = tempfile::tempdir().unwrap();
    let own = own(root.path(), &[]);
    own.prepare(now()).unwrap();
    let made = files(&own);
    own.prepare(now().plus_days(59)).unwrap();
    assert_eq!(files(&own), made);
    for name in ["ca.key", "server.key"] {
        let mode = fs::metadata(own.directory().join(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    assert_eq!(
        fs::read_dir(own.directory()).unwrap().count(),
        4,
        "nothing staged is left"
    );
}

#[test]
fn the_certificate_is_renewed_before_it_ends_and_the_authority_stays() {
    let root = tempfile::tempdir().unwrap();
    let own = own(root.path(), &[]);
    own.prepare(now()).unwrap();
    let [authority, authority_key, certificate, key] = files(&own);
    assert_eq!(end(&own), now().plus_days(90));
    let later = now().plus_days(61);
    own.prepare(later).unwrap();
    let after = files(&own);
    assert_eq!((&after[0], &after[1]), (&authority, &authority_key));
    assert!(after[2] != certificate && after[3] != key);
    assert_eq!(end(&own), later.plus_days(90));
}

#[test]
fn another_name_needs_another_certificate_by_the_same_authority() {
    let root = tempfile::tempdir().unwrap();
    own(root.path(), &[]).prepare(now()).unwrap();
    let before = files(&own(root.path(), &[]));
    let named = own(root.path(), &["git.example"]);
    named.prepare(now()).unwrap();
    let after = files(&named);
    assert_eq!(after[0], before[0]);
    assert_ne!(after[2], before[2]);
    named.prepare(now()).unwrap();
    assert_eq!(files(&named), after);
}

#[test]
fn an_authority_that_ends_is_made_again_with_its_key() {
    let root = tempfile::tempdir().unwrap();
    let own = own(root.path(), &[]);
    own.prepare(now()).unwrap();
    let before = files(&own);
    let later = now().plus_days(3600);
    own.prepare(later).unwrap();
    let after = files(&own);
    assert_ne!(after[0], before[0]);
    assert_eq!(after[1], before[1]);
    assert_eq!(end(&own), later.plus_days(90));
}

#[test]
fn what_is_lost_or_broken_is_made_again_or_said() {
    let root = tempfile::tempdir().unwrap();
    let own = own(root.path(), &[]);
    own.prepare(now()).unwrap();
    let made = files(&own);
    let file = |name: &str| own.directory().join(name);
    for name in ["server.pem", "server.key"] {
        fs::write(file(name), "garbage").unwrap();
        own.prepare(now()).unwrap();
        assert_eq!(end(&own), now().plus_days(90), "{name}");
    }
    // The same key: whoever trusts the former file trusts what comes.
    fs::remove_file(file("ca.pem")).unwrap();
    own.prepare(now()).unwrap();
    assert_eq!(files(&own)[1], made[1]);
    fs::remove_file(file("ca.key")).unwrap();
    let why = own.prepare(now()).expect_err("no key");
    assert!(why.contains("ca.key is missing beside"), "{why}");
    fs::write(file("ca.key"), "garbage").unwrap();
    let why = own.prepare(now()).expect_err("no key");
    assert!(why.contains("ca.key"), "{why}");
    // Another installation's key.
    let other = tempfile::tempdir().unwrap();
    let others = self::own(other.path(), &[]);
    others.prepare(now()).unwrap();
    fs::write(file("ca.key"), &files(&others)[1]).unwrap();
    let why = own.prepare(now()).expect_err("a key of another");
    assert!(why.contains("ca.pem: the key does not belong"), "{why}");
}

#[test]
fn files_that_change_are_shown_and_broken_ones_are_not() {
    let root = tempfile::tempdir().unwrap();
    let made = |name: &str, at: Timestamp| {
        let own = own(&root.path().join(name), &[]);
        own.prepare(at).unwrap();
        let [_, _, certificate, key] = files(&own);
        (certificate, key)
    };
    let (first, second) = (made("first", now()), made("second", now().plus_days(5)));
    let ended = made("ended", now().plus_days(-100));
    let (certificate, key) = (root.path().join("it.pem"), root.path().join("it.key"));
    let put = |pair: &(Vec<u8>, Vec<u8>)| {
        fs::write(&certificate, &pair.0).unwrap();
        fs::write(&key, &pair.1).unwrap();
    };
    put(&first);
    let source = Source::Files {
        certificate: certificate.clone(),
        key: key.clone(),
    };
    let texts = source.texts(now()).unwrap();
    let tls = Arc::new(Tls::new(source.pair(&texts).unwrap()).unwrap());
    let mut protection = Protection {
        tls: tls.clone(),
        source,
        texts,
    };
    let shown = |days: i64| assert_eq!(tls.ends_at(), now().plus_days(days));
    assert_eq!(protection.look(now()), Ok(None));
    shown(90);
    // Halfway through the exchange.
    fs::write(&certificate, &second.0).unwrap();
    let why = protection.look(now()).unwrap_err();
    assert!(
        why.contains("it.key: the key does not belong to the certificate"),
        "{why}"
    );
    shown(90);
    fs::write(&key, &second.1).unwrap();
    assert_eq!(protection.look(now()), Ok(Some(now().plus_days(95))));
    shown(95);
    put(&ended);
    assert!(protection.look(now()).unwrap_err().contains("it has ended"));
    fs::remove_file(&key).unwrap();
    assert!(
        protection
            .look(now())
            .unwrap_err()
            .contains("it.key: No such file")
    );
    shown(95);
    put(&first);
    assert_eq!(protection.look(now()), Ok(Some(now().plus_days(90))));
    shown(90);
}
