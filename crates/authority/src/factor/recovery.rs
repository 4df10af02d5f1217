//! Recovery codes: random, shown once, stored as digests, each good for one sign-in.

use crate::clock::Random;
use bailiwick_model::limit::RECOVERY_CODES;
use bailiwick_model::{AccountId, Digest};
use zeroize::Zeroizing;

/// Letters and digits that are not mistaken for one another (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Characters of a code: 80 bits, beyond guessing also from the digests.
const CHARS: usize = 16;

/// New recovery codes, in the form they are shown once.
pub struct RecoveryCodes(pub Vec<Zeroizing<String>>);

impl std::fmt::Debug for RecoveryCodes {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "RecoveryCodes({} hidden)", self.0.len())
    }
}

impl RecoveryCodes {
    /// Ten new ones.
    pub(crate) fn generate(random: &dyn Random) -> RecoveryCodes {
        RecoveryCodes((0..RECOVERY_CODES).map(|_| one(random)).collect())
    }

    /// What is stored of them.
    pub(crate) fn digests(&self, person: AccountId) -> Vec<Digest> {
        self.0.iter().map(|code| digest(person, code)).collect()
    }
}

fn one(random: &dyn Random) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new([0_u8; CHARS]);
    random.fill(&mut *bytes);
    let mut code = Zeroizing::new(String::with_capacity(CHARS + 3));
    for (place, byte) in bytes.iter().enumerate() {
        if place > 0 && place % 4 == 0 {
            code.push('-');
        }
        let letter = ALPHABET.get(usize::from(byte & 31)).copied().unwrap_or_default();
        code.push(char::from(letter));
    }
    code
}

/// The digest of a code as somebody typed it: spaces, hyphens and case do not count, nor look-alikes.
pub(crate) fn digest(person: AccountId, typed: &str) -> Digest {
    let plain: Zeroizing<String> = Zeroizing::new(
        typed
            .chars()
            .filter(|letter| !letter.is_whitespace() && *letter != '-')
            .map(|letter| match letter.to_ascii_lowercase() {
                'o' => '0',
                'i' | 'l' => '1',
                other => other,
            })
            .collect(),
    );
    let text = Zeroizing::new(format!("recovery code of {person}\n{}", plain.as_str()));
    Digest::of(text.as_bytes())
}

#[cfg(test)]
mod tests {
    //! Codes are what they should be, and are found again however they are typed.

    use super::{RecoveryCodes, digest};
    use crate::clock::Random;
    use bailiwick_model::AccountId;
    use std::sync::atomic::{AtomicU8, Ordering};

    struct Counting(AtomicU8);

    impl Random for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill_with(|| self.0.fetch_add(7, Ordering::SeqCst));
        }
    }

    #[test]
    fn ten_different_codes_in_groups() {
        let codes = RecoveryCodes::generate(&Counting(AtomicU8::new(0)));
        assert_eq!(codes.0.len(), 10);
        for code in &codes.0 {
            assert_eq!(code.len(), 19, "{}", code.as_str());
            assert_eq!(code.split('-').map(str::len).collect::<Vec<_>>(), [4, 4, 4, 4]);
        }
        assert_eq!(format!("{codes:?}"), "RecoveryCodes(10 hidden)");
    }

    #[test]
    fn typing_does_not_matter_but_the_person_does() {
        let person = AccountId(7);
        let code = digest(person, "01ab-cdef-ghjk-mnpq");
        assert_eq!(digest(person, " O1AB cdef GHJKmnpq "), code);
        assert_eq!(digest(person, "olab-cdef-ghjk-mnpq"), code);
        assert_ne!(digest(person, "01ab-cdef-ghjk-mnpr"), code);
        assert_ne!(digest(AccountId(8), "01ab-cdef-ghjk-mnpq"), code);
    }
}
