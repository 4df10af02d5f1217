//! The text form of credentials, their digest, and what keeps both from being printed by accident.
//!
//! Text: `PREFIX` + kind letter + `_` + 30 random base62 characters + 6 base62 characters of the
//! CRC-32 (IEEE) of all that precedes. The checksum lets garbage be refused before any look-up.

use crate::limit::TOKEN_TEXT_BYTES_MAX;
use sha2::Digest as _;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The alphabet of random parts and checksums.
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Random characters in a token: 30 × log2(62) = 178 bits.
const RANDOM_CHARS: usize = 30;
/// Characters of the checksum.
const CHECKSUM_CHARS: usize = 6;

/// What kind of credential a text is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum TokenKind {
    /// Per-repository, per-permission, approved by resource owners.
    FineGrained,
    /// Scopes over everything its owner reaches.
    Classic,
    /// A person's session in a browser or a terminal: a credential, but not a token.
    Session,
}

impl TokenKind {
    /// Every kind.
    pub const ALL: [TokenKind; 3] = [TokenKind::FineGrained, TokenKind::Classic, TokenKind::Session];

    /// The letter after the prefix.
    pub const fn letter(self) -> char {
        match self {
            TokenKind::FineGrained => 'f',
            TokenKind::Classic => 'c',
            TokenKind::Session => 's',
        }
    }

    /// The word in storage and our own JSON.
    pub const fn word(self) -> &'static str {
        match self {
            TokenKind::FineGrained => "fine_grained",
            TokenKind::Classic => "classic",
            TokenKind::Session => "session",
        }
    }

    /// The kind of a word; `None` for any other text.
    pub fn parse(word: &str) -> Option<TokenKind> {
        TokenKind::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// How GitHub's audit log calls this kind (`programmatic_access_type`).
    pub const fn access_type(self) -> &'static str {
        match self {
            TokenKind::FineGrained => "Fine-grained personal access token",
            TokenKind::Classic => "Personal access token (classic)",
            TokenKind::Session => "Session",
        }
    }
}

/// Why a text is not a token of ours. Says nothing of what was in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenTextError {
    /// Longer or shorter than any token.
    Length,
    /// No known prefix and kind letter.
    Prefix,
    /// A character outside the alphabet.
    Character,
    /// The checksum does not match.
    Checksum,
}

/// The text of a credential: zeroed when dropped, never printed by `Debug`, and without `Display`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct TokenText {
    // SECURITY: private and without Display; the only reader is `reveal`, which is easy to search for.
    text: String,
    #[zeroize(skip)]
    kind: TokenKind,
}

impl TokenText {
    /// Makes a new token from random bytes that `fill` supplies.
    pub fn generate(prefix: &str, kind: TokenKind, fill: &mut dyn FnMut(&mut [u8])) -> TokenText {
        let mut text = String::with_capacity(prefix.len() + 2 + RANDOM_CHARS + CHECKSUM_CHARS);
        text.push_str(prefix);
        text.push(kind.letter());
        text.push('_');
        let mut random = [0_u8; 64];
        let mut left = RANDOM_CHARS;
        while left > 0 {
            fill(&mut random);
            for byte in random {
                // Rejecting 248..=255 keeps every character equally likely.
                if byte < 248 && left > 0 {
                    text.push(char::from(base62(u32::from(byte) % 62)));
                    left -= 1;
                }
            }
        }
        random.zeroize();
        let sum = checksum(&text);
        text.extend(sum.map(char::from));
        TokenText { text, kind }
    }

    /// Reads a presented text into its kind and its digest: nothing else of it is needed afterwards. `prefixes` are the
    /// current and the former ones.
    pub fn read(text: &str, prefixes: &[String]) -> Result<(TokenKind, Digest), TokenTextError> {
        if text.len() > TOKEN_TEXT_BYTES_MAX {
            return Err(TokenTextError::Length);
        }
        let (kind, random) = prefixes
            .iter()
            .find_map(|prefix| {
                let rest = text.strip_prefix(prefix.as_str())?;
                let kind = TokenKind::ALL
                    .into_iter()
                    .find(|kind| rest.starts_with(kind.letter()))?;
                rest.get(1..)?.strip_prefix('_').map(|random| (kind, random))
            })
            .ok_or(TokenTextError::Prefix)?;
        if random.len() != RANDOM_CHARS + CHECKSUM_CHARS {
            return Err(TokenTextError::Length);
        }
        // All are looked at, so that several can be at once.
        if !random
            .bytes()
            .fold(true, |good, byte| good & byte.is_ascii_alphanumeric())
        {
            return Err(TokenTextError::Character);
        }
        let (body, sum) = text
            .split_at_checked(text.len() - CHECKSUM_CHARS)
            .ok_or(TokenTextError::Length)?;
        if checksum(body) != sum.as_bytes() {
            return Err(TokenTextError::Checksum);
        }
        Ok((kind, Digest::of(text.as_bytes())))
    }

    /// The text itself, for the one answer that shows it.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// The SHA-256 of the text: all that is ever stored.
    pub fn digest(&self) -> Digest {
        Digest::of(self.text.as_bytes())
    }

    /// The last eight characters, which credential lists show.
    pub fn last_eight(&self) -> &str {
        self.text.get(self.text.len().saturating_sub(8)..).unwrap_or("")
    }
}

impl std::fmt::Debug for TokenText {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "TokenText({}, hidden)", self.kind.word())
    }
}

fn base62(value: u32) -> u8 {
    BASE62.get(value as usize % 62).copied().unwrap_or(b'0')
}

fn checksum(text: &str) -> [u8; CHECKSUM_CHARS] {
    let mut value = crc32fast::hash(text.as_bytes());
    let mut characters = [b'0'; CHECKSUM_CHARS];
    for slot in characters.iter_mut().rev() {
        *slot = base62(value % 62);
        value /= 62;
    }
    characters
}

/// The SHA-256 of a credential's text. Compared in constant time.
#[derive(Clone, Copy, Eq)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Hashes bytes.
    pub fn of(bytes: &[u8]) -> Digest {
        Digest(sha2::Sha256::digest(bytes).into())
    }

    /// The digest stored as bytes; `None` unless there are exactly 32.
    pub fn from_bytes(bytes: &[u8]) -> Option<Digest> {
        bytes.try_into().ok().map(Digest)
    }

    /// The 32 bytes, for storage.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Standard base64 with padding: the form of `hashed_token` in audit events.
    pub fn base64(&self) -> String {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(self.0)
    }

    /// Reads base64 with or without padding, as searches write it.
    pub fn parse_base64(text: &str) -> Option<Digest> {
        use base64::Engine as _;
        let bytes = base64::engine::general_purpose::STANDARD_NO_PAD
            .decode(text.trim_end_matches('='))
            .ok()?;
        Digest::from_bytes(&bytes)
    }
}

impl PartialEq for Digest {
    fn eq(&self, other: &Digest) -> bool {
        let ((ours, _), (theirs, _)) = (self.0.as_chunks::<8>(), other.0.as_chunks::<8>());
        // All of it, eight bytes at a time.
        let apart = ours.iter().zip(theirs).fold(0, |apart, (one, other)| {
            apart | (u64::from_ne_bytes(*one) ^ u64::from_ne_bytes(*other))
        });
        apart.ct_eq(&0).into()
    }
}

impl std::hash::Hash for Digest {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        // A digest is uniform already: its first eight bytes are the hash.
        let mut first = [0_u8; 8];
        first.copy_from_slice(self.0.first_chunk::<8>().unwrap_or(&[0; 8]));
        state.write_u64(u64::from_ne_bytes(first));
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Digest({})", self.base64())
    }
}
