//! Passwords: argon2id hashes, and the rules of NIST SP 800-63B: length, and not one of the obvious ones.

use crate::clock::Random;
use crate::fault::{Fault, FaultKind};
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use bailiwick_model::limit::{PASSWORD_BYTES_MAX, PASSWORD_CHARS_MIN};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Memory in KiB, passes and lanes: the second recommended option of RFC 9106, scaled to a small server.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Passwords that everybody tries first. Compared without case.
const OBVIOUS: [&str; 16] = [
    "1234567890",
    "12345678910",
    "123456789a",
    "qwertyuiop",
    "password12",
    "password123",
    "password1234",
    "passwordpassword",
    "iloveyou12",
    "administrator",
    "changeme123",
    "letmein123",
    "welcome123",
    "qwerty12345",
    "bailiwick1",
    "bailiwick123",
];

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

/// Checks a new password against the rules.
pub fn check(password: &str, login: &str) -> Result<(), Fault> {
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
    let single = password
        .chars()
        .next()
        .is_some_and(|first| password.chars().all(|each| each == first));
    if OBVIOUS.contains(&folded.as_str()) || single || folded.contains(&login.to_lowercase()) {
        return invalid("is too easy to guess: do not use a common password or the login");
    }
    Ok(())
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
