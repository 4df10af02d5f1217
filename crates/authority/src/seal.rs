//! Sealing: secrets that must be recovered are kept encrypted, under a key that is not in the database.

use crate::clock::Random;
use crate::fault::Fault;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::digest::{SHA256, digest};
use ring::hkdf::{HKDF_SHA256, Prk, Salt};
use zeroize::Zeroizing;

/// The first part of every sealed text: how it is made.
const FORMAT: &str = "s1";
/// The first part of every text that was sealed for a short time.
const FORMAT_SHORT: &str = "s2";
/// Digits of the id that tells which key sealed a text.
const ID_DIGITS: usize = 8;
/// Bytes from which the key of a text for a short time is derived.
const SALT_LEN: usize = 16;

/// Keys: the first seals, every one opens, so that keys can be changed one after the other.
pub struct Seal(Vec<Key>);

/// A key, and what keys of texts for a short time are derived from.
struct Key {
    id: String,
    key: LessSafeKey,
    root: Prk,
}

impl Key {
    /// The key of one text.
    fn derived(&self, salt: &[u8], about: &str) -> Option<LessSafeKey> {
        let info = [salt, about.as_bytes()];
        let okm = self.root.expand(&info, &AES_256_GCM).ok()?;
        Some(LessSafeKey::new(UnboundKey::from(okm)))
    }
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Seal({} keys)", self.0.len())
    }
}

impl Seal {
    /// From the keys' bytes, the newest first.
    pub fn new(keys: &[Zeroizing<[u8; 32]>]) -> Result<Seal, Fault> {
        keys.iter()
            .map(|bytes| {
                let id: String = digest(&SHA256, &**bytes)
                    .as_ref()
                    .iter()
                    .map(|byte| format!("{byte:02x}"))
                    .collect::<String>()
                    .chars()
                    .take(ID_DIGITS)
                    .collect();
                let key = UnboundKey::new(&AES_256_GCM, &**bytes)
                    .map_err(|error| Fault::internal("seal.key", error.to_string()))?;
                Ok(Key {
                    id,
                    key: LessSafeKey::new(key),
                    root: Salt::new(HKDF_SHA256, b"bailiwick: for a short time").extract(&**bytes),
                })
            })
            .collect::<Result<Vec<_>, Fault>>()
            .map(Seal)
    }

    /// A key that lives as long as the process.
    pub(crate) fn fleeting(random: &dyn Random) -> Result<Seal, Fault> {
        let mut key = Zeroizing::new([0_u8; 32]);
        random.fill(&mut *key);
        Seal::new(&[key])
    }

    /// Seals bytes. Whoever opens them must say the same about what they are.
    // SECURITY: `about` binds the text to its place: a row's seed moved to another person's row does not open.
    pub(crate) fn close(&self, plain: &[u8], about: &str, random: &dyn Random) -> Result<String, Fault> {
        let Key { id, key, .. } = self
            .0
            .first()
            .ok_or_else(|| Fault::internal("seal.key", "there is no key to seal with"))?;
        // 96 random bits: at the few seals a person makes, a nonce does not come twice.
        let mut nonce = [0_u8; NONCE_LEN];
        random.fill(&mut nonce);
        let mut bytes = plain.to_vec();
        key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(about.as_bytes()),
            &mut bytes,
        )
        .map_err(|error| Fault::internal("seal.close", error.to_string()))?;
        let mut all = nonce.to_vec();
        all.append(&mut bytes);
        Ok(format!("{FORMAT}.{id}.{}", URL_SAFE_NO_PAD.encode(all)))
    }

    /// Opens what was sealed; `None` if it was changed, is something else, or its key is gone.
    pub(crate) fn open(&self, sealed: &str, about: &str) -> Option<Zeroizing<Vec<u8>>> {
        let mut parts = sealed.split('.');
        let (format, id, text, end) = (parts.next()?, parts.next()?, parts.next()?, parts.next());
        if format != FORMAT || end.is_some() {
            return None;
        }
        let Key { key, .. } = self.0.iter().find(|key| key.id == id)?;
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (nonce, rest) = bytes.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        opened(key, nonce, about, rest)
    }

    /// Seals what machines ask for often and throw away soon, under a key of its own.
    // SECURITY: one key bears only so many random nonces before one comes twice. Here every text has its own key.
    pub(crate) fn close_short(
        &self,
        plain: &[u8],
        about: &str,
        random: &dyn Random,
    ) -> Result<String, Fault> {
        let no_key = || Fault::internal("seal.key", "there is no key to seal with");
        let newest = self.0.first().ok_or_else(no_key)?;
        let mut all = vec![0_u8; SALT_LEN];
        random.fill(&mut all);
        let key = newest.derived(&all, about).ok_or_else(no_key)?;
        let mut bytes = plain.to_vec();
        let nonce = Nonce::assume_unique_for_key([0; NONCE_LEN]);
        key.seal_in_place_append_tag(nonce, Aad::from(about.as_bytes()), &mut bytes)
            .map_err(|error| Fault::internal("seal.close", error.to_string()))?;
        all.append(&mut bytes);
        Ok(format!(
            "{FORMAT_SHORT}.{}.{}",
            newest.id,
            URL_SAFE_NO_PAD.encode(all)
        ))
    }

    /// Opens what was sealed for a short time.
    pub(crate) fn open_short(&self, sealed: &str, about: &str) -> Option<Zeroizing<Vec<u8>>> {
        let (id, text) = sealed
            .strip_prefix(FORMAT_SHORT)?
            .strip_prefix('.')?
            .split_once('.')?;
        let key = self.0.iter().find(|key| key.id == id)?;
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (salt, rest) = bytes.split_at_checked(SALT_LEN)?;
        let key = key.derived(salt, about)?;
        opened(&key, Nonce::assume_unique_for_key([0; NONCE_LEN]), about, rest)
    }
}

fn opened(key: &LessSafeKey, nonce: Nonce, about: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(sealed.to_vec());
    let length = key
        .open_in_place(nonce, Aad::from(about.as_bytes()), &mut bytes)
        .ok()?
        .len();
    bytes.truncate(length);
    Some(bytes)
}

#[cfg(test)]
mod tests;
