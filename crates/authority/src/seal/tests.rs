//! Sealed texts open where they belong, and nowhere else.

#![allow(
    clippy::unwrap_used,
    reason = "a test that finds something else than it expects must fail"
)]

use super::Seal;
use crate::clock::Random;
use std::sync::atomic::{AtomicU8, Ordering};
use zeroize::Zeroizing;

struct Counting(AtomicU8);

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill_with(|| self.0.fetch_add(1, Ordering::SeqCst));
    }
}

fn key(byte: u8) -> Zeroizing<[u8; 32]> {
    Zeroizing::new([byte; 32])
}

#[test]
fn opens_what_it_sealed() {
    let random = Counting(AtomicU8::new(0));
    let seal = Seal::new(&[key(1)]).unwrap();
    let sealed = seal.close(b"seed", "totp of 7", &random).unwrap();
    assert_eq!(seal.open(&sealed, "totp of 7").unwrap().as_slice(), b"seed");
    assert!(!sealed.contains("seed"));
    let again = seal.close(b"seed", "totp of 7", &random).unwrap();
    assert_ne!(sealed, again, "a fresh nonce each time");
}

#[test]
fn opens_nothing_else() {
    let random = Counting(AtomicU8::new(0));
    let seal = Seal::new(&[key(1)]).unwrap();
    let sealed = seal.close(b"seed", "totp of 7", &random).unwrap();
    assert!(
        seal.open(&sealed, "totp of 8").is_none(),
        "moved to another person"
    );
    assert!(Seal::new(&[key(2)]).unwrap().open(&sealed, "totp of 7").is_none());
    for end in [1, 5, 20] {
        assert!(seal.open(&sealed[..sealed.len() - end], "totp of 7").is_none());
    }
    let mut changed = sealed.clone().into_bytes();
    let middle = changed.len() - 4;
    changed[middle] = if changed[middle] == b'A' { b'B' } else { b'A' };
    assert!(
        seal.open(&String::from_utf8(changed).unwrap(), "totp of 7")
            .is_none()
    );
    for text in [
        "",
        ".",
        "s1",
        "s1..",
        "s1.00000000.AAAA",
        &format!("{sealed}.x"),
        "s2.a.b",
    ] {
        assert!(seal.open(text, "totp of 7").is_none(), "{text}");
    }
}

#[test]
fn old_keys_still_open() {
    let random = Counting(AtomicU8::new(0));
    let old = Seal::new(&[key(1)])
        .unwrap()
        .close(b"seed", "a", &random)
        .unwrap();
    let both = Seal::new(&[key(2), key(1)]).unwrap();
    assert!(both.open(&old, "a").is_some());
    let new = both.close(b"seed", "a", &random).unwrap();
    assert!(
        Seal::new(&[key(2)]).unwrap().open(&new, "a").is_some(),
        "the first seals"
    );
    assert!(Seal::new(&[]).unwrap().close(b"seed", "a", &random).is_err());
}

#[test]
fn what_is_sealed_for_a_short_time_opens_in_its_place_alone() {
    let random = Counting(AtomicU8::new(0));
    let seal = Seal::new(&[key(1)]).unwrap();
    let sealed = seal.close_short(b"seven", "registry token", &random).unwrap();
    let later = Seal::new(&[key(2), key(1)]).unwrap();
    assert_eq!(
        later.open_short(&sealed, "registry token").unwrap().as_slice(),
        b"seven"
    );
    assert_ne!(
        sealed,
        seal.close_short(b"seven", "registry token", &random).unwrap()
    );
    assert!(seal.open_short(&sealed, "upload").is_none(), "another place");
    assert!(seal.open(&sealed, "registry token").is_none(), "another format");
    let long = seal.close(b"seven", "registry token", &random).unwrap();
    assert!(seal.open_short(&long, "registry token").is_none());
    assert!(
        Seal::new(&[key(3)])
            .unwrap()
            .open_short(&sealed, "registry token")
            .is_none()
    );
    for at in 0..sealed.len() {
        let mut changed = sealed.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        // The last letter of base64 may hold bits that count for nothing: then it does not decode.
        assert!(seal.open_short(&changed, "registry token").is_none(), "{at}");
    }
    for broken in ["", "s2", "s2.", "s2.x", "s2.x.", "s2..AAAA", "s2.00000000.!"] {
        assert!(seal.open_short(broken, "registry token").is_none(), "{broken}");
    }
}
