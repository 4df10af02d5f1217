//! Passwords: argon2id hashes, and the rules of NIST SP 800-63B: length, and not one of the obvious ones.

use crate::clock::Random;
use crate::fault::{Fault, FaultKind};
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use bailiwick_model::limit::{PASSWORD_BYTES_MAX, PASSWORD_CHARS_MIN};
use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

/// Memory in KiB, passes and lanes: the second recommended option of RFC 9106, scaled to a small server.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Passwords that leaked often and are long enough to pass: folded, one a line, sorted.
static COMMON: &str = include_str!("../data/common-passwords.txt");
/// Letters of a context word before it must not occur in a password.
const CONTEXT_CHARS_MIN: usize = 4;

/// One hash at a time: each needs the memory above, and whoever asks for many at once must not get it all.
static TURN: Mutex<()> = Mutex::new(());
/// How many hold or wait for the turn; beyond a few, further ones are told to come back.
static WAITING: AtomicUsize = AtomicUsize::new(0);
/// Sign-ins that may wait, so that they never fill the threads that serve everybody.
const WAITING_MAX: usize = 8;

/// The turn to hash, given back when dropped.
struct Turn(#[expect(dead_code, reason = "held for its lock")] MutexGuard<'static, ()>);

impl Turn {
    fn take() -> Result<Turn, Fault> {
        if WAITING.fetch_add(1, Ordering::SeqCst) >= WAITING_MAX {
            WAITING.fetch_sub(1, Ordering::SeqCst);
            let message = "too many sign-ins at once: try again in a moment";
            return Err(Fault::new(FaultKind::TooMany, "session.busy", message));
        }
        Ok(Turn(TURN.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        WAITING.fetch_sub(1, Ordering::SeqCst);
    }
}

fn hasher() -> Result<Argon2<'static>, Fault> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
        .map_err(|error| Fault::internal("password.params", error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Checks a new password against the rules. Context is what everybody knows here: the login, the site's name.
pub fn check(password: &str, context: &[&str]) -> Result<(), Fault> {
    let invalid = |message: &str| Err(Fault::invalid("User", "password", "custom", message));
    if password.chars().count() < PASSWORD_CHARS_MIN {
        return invalid(&format!(
            "is too short: use at least {PASSWORD_CHARS_MIN} characters"
        ));
    }
    if password.len() > PASSWORD_BYTES_MAX {
        return invalid(&format!("is too long: use at most {PASSWORD_BYTES_MAX} bytes"));
    }
    let folded = password.to_lowercase();
    if is_common(&folded) {
        return invalid("is, or is built on, one of the passwords that leak most often: use another one");
    }
    if is_regular(&folded) {
        return invalid("is too easy to guess: it repeats itself or counts");
    }
    let words = context
        .iter()
        .flat_map(|text| text.split(['.', ':', '/']))
        .chain(["bailiwick"]);
    let telling =
        |word: &&str| word.chars().count() >= CONTEXT_CHARS_MIN && word.chars().any(char::is_alphabetic);
    for word in words.filter(telling) {
        if folded.contains(&word.to_lowercase()) {
            return invalid(&format!(
                "is too easy to guess: leave out {word}, which everybody knows here"
            ));
        }
    }
    Ok(())
}

/// Whether it is a common one, also behind the usual substitutes for letters.
fn is_common(folded: &str) -> bool {
    static LINES: LazyLock<HashSet<&str>> = LazyLock::new(|| COMMON.lines().collect());
    let plain = |text: &str| -> String {
        text.chars()
            .map(|letter| match letter {
                '0' => 'o',
                '1' | '!' => 'i',
                '3' => 'e',
                '4' | '@' => 'a',
                '5' | '$' => 's',
                '7' => 't',
                other => other,
            })
            .collect()
    };
    // Digits and signs at the end are what people add when they are told to.
    let stem = folded.trim_end_matches(|letter: char| !letter.is_alphabetic());
    let known = |text: &str| LINES.contains(text);
    known(folded) || known(stem) || known(&plain(folded)) || known(&plain(stem))
}

/// Whether it is a few characters again and again, or characters that follow one another.
fn is_regular(folded: &str) -> bool {
    const UNIT_MAX: usize = 4;
    let letters: Vec<u32> = folded.chars().map(u32::from).collect();
    let repeats = (1..=UNIT_MAX).any(|unit| {
        letters
            .iter()
            .zip(letters.iter().skip(unit))
            .all(|(one, other)| one == other)
    });
    let steps = |by: i64| {
        letters
            .iter()
            .zip(letters.iter().skip(1))
            // After 9 comes 0 where people count.
            .all(|(one, next)| i64::from(*next) - i64::from(*one) == by || (*one, *next) == (0x39, 0x30))
    };
    repeats || steps(1) || steps(-1)
}

/// Hashes a password for storage.
pub fn hash(password: &str, random: &dyn Random) -> Result<String, Fault> {
    let mut salt = [0_u8; 16];
    random.fill(&mut salt);
    let salt =
        SaltString::encode_b64(&salt).map_err(|error| Fault::internal("password.salt", error.to_string()))?;
    let _turn = Turn::take()?;
    let hash = hasher()?
        .hash_password(password.as_bytes(), &salt)
        .map_err(|error| Fault::internal("password.hash", error.to_string()))?;
    Ok(hash.to_string())
}

/// Whether a password is the stored one. Without a stored one the same work is done and the answer is no, so
/// that time does not tell which logins exist.
pub fn verify(password: &str, stored: Option<&str>) -> Result<bool, Fault> {
    // A valid hash of nothing anybody knows.
    const NOBODY: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    if password.len() > PASSWORD_BYTES_MAX {
        return Ok(false);
    }
    let text = stored.unwrap_or(NOBODY);
    let parsed =
        PasswordHash::new(text).map_err(|error| Fault::internal("password.stored", error.to_string()))?;
    let _turn = Turn::take()?;
    let good = hasher()?.verify_password(password.as_bytes(), &parsed).is_ok();
    Ok(good && stored.is_some())
}

#[cfg(test)]
mod tests;
