//! Codes of authenticator apps (RFC 6238, in the parameters every app knows: SHA-1, six digits, thirty seconds).

use bailiwick_model::Timestamp;
use bailiwick_model::time::SECOND;
use ring::hmac;
use zeroize::Zeroizing;

/// Seconds that a code is shown.
const STEP_SECONDS: i64 = 30;
/// Steps before and after the present one whose codes are taken too, for clocks that differ.
const STEPS_AROUND: i64 = 1;
/// Bytes of a seed: the hash's length, as RFC 4226 recommends.
pub(crate) const SEED_BYTES: usize = 20;
/// RFC 4648.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The step at an instant.
pub(crate) fn step(now: Timestamp) -> i64 {
    now.0.div_euclid(SECOND * STEP_SECONDS)
}

/// The code of a step.
pub(crate) fn code(seed: &[u8], step: i64) -> u32 {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, seed);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let bytes = tag.as_ref();
    let offset = usize::from(bytes.last().copied().unwrap_or_default() & 0x0f);
    let four = bytes
        .get(offset..offset + 4)
        .and_then(|four| <[u8; 4]>::try_from(four).ok())
        .unwrap_or_default();
    (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000
}

/// The step whose code this is, around the present one and after the last that was taken.
pub(crate) fn matching(seed: &[u8], digits: &str, now: Timestamp, last_step: i64) -> Option<i64> {
    let six = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let given: u32 = digits.parse().ok().filter(|_| six)?;
    let present = step(now);
    let around = present - STEPS_AROUND..=present + STEPS_AROUND;
    // Each code is computed, whichever it is, so that time tells nothing.
    around.fold(None, |found, step| {
        let good = (code(seed, step) == given) & (step > last_step);
        if good { Some(step) } else { found }
    })
}

/// The seed as people type it where a QR code cannot be read: base32 in groups of four.
pub(crate) fn grouped(seed: &[u8]) -> Zeroizing<String> {
    let plain = base32(seed);
    let mut text = Zeroizing::new(String::with_capacity(plain.len() * 5 / 4));
    for (place, letter) in plain.chars().enumerate() {
        if place > 0 && place % 4 == 0 {
            text.push(' ');
        }
        text.push(letter);
    }
    text
}

/// The address that a QR code holds, in the form authenticator apps agreed on.
pub(crate) fn uri(seed: &[u8], issuer: &str, login: &str) -> Zeroizing<String> {
    // Logins and host names need no encoding, a port's colon does.
    let issuer = issuer.replace(':', "%3A");
    let secret = base32(seed);
    Zeroizing::new(format!(
        "otpauth://totp/{issuer}:{login}?secret={}&issuer={issuer}&algorithm=SHA1&digits=6&period={STEP_SECONDS}",
        secret.as_str()
    ))
}

fn base32(bytes: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(bytes.len() * 8 / 5 + 1));
    let (mut bits, mut held) = (0_u32, 0_u32);
    let mut push = |value: u32| {
        let letter = BASE32.get((value & 31) as usize).copied().unwrap_or_default();
        text.push(char::from(letter));
    };
    for byte in bytes {
        bits = (bits << 8 | u32::from(*byte)) & 0xffff;
        held += 8;
        while held >= 5 {
            held -= 5;
            push(bits >> held);
        }
    }
    if held > 0 {
        push(bits << (5 - held));
    }
    text
}

#[cfg(test)]
mod tests;
