//! Names of packages, tags and digests, by the specification's grammar and no other.

use core::fmt;

/// The longest name, in bytes.
const NAME_BYTES_MAX: usize = 255;
/// The longest tag, in bytes.
const TAG_BYTES_MAX: usize = 128;

/// Words that part a name from a call. No name holds one as a whole component.
// SECURITY: a registry that reads paths from the front would find another package in them.
const RESERVED: [&str; 5] = ["manifests", "blobs", "uploads", "tags", "referrers"];

/// The name of a package: lower-case components between slashes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Name(String);

impl Name {
    /// Reads a name. There is one way to write each.
    pub fn parse(text: &str) -> Option<Name> {
        let good = (1..=NAME_BYTES_MAX).contains(&text.len()) && text.split('/').all(is_component);
        good.then(|| Name(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`
fn is_component(text: &str) -> bool {
    if RESERVED.contains(&text) {
        return false;
    }
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let mut gap = String::new();
    let mut begun = false;
    for byte in text.bytes() {
        if !letter(byte) {
            if !begun || !matches!(byte, b'.' | b'_' | b'-') {
                return false;
            }
            gap.push(char::from(byte));
            continue;
        }
        if !is_gap(&gap) {
            return false;
        }
        gap.clear();
        begun = true;
    }
    begun && gap.is_empty()
}

fn is_gap(text: &str) -> bool {
    matches!(text, "" | "." | "_" | "__") || text.bytes().all(|byte| byte == b'-')
}

impl fmt::Display for Name {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// A tag.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Tag(String);

impl Tag {
    /// `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`
    pub fn parse(text: &str) -> Option<Tag> {
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let first = text.bytes().next().is_some_and(letter);
        let rest = text
            .bytes()
            .all(|byte| letter(byte) || matches!(byte, b'.' | b'-'));
        (first && rest && text.len() <= TAG_BYTES_MAX).then(|| Tag(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// What bytes are called by their hash: `sha256:` or `sha512:` and lower-case digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Digest(String);

impl Digest {
    /// Reads a digest. Algorithms that nobody here computes are unknown.
    pub fn parse(text: &str) -> Option<Digest> {
        let (algorithm, digits) = text.split_once(':')?;
        let length = match algorithm {
            "sha256" => 64,
            "sha512" => 128,
            _ => return None,
        };
        let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        (digits.len() == length && digits.bytes().all(hex)).then(|| Digest(text.to_owned()))
    }

    /// Of the 32 bytes of a SHA-256.
    pub fn of_sha256(bytes: &[u8]) -> Option<Digest> {
        let mut text = String::from("sha256:");
        for byte in bytes {
            text.push_str(&format!("{byte:02x}"));
        }
        Digest::parse(&text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As the value of a query.
    pub fn in_query(&self) -> String {
        self.0.replace(':', "%3A")
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// How a manifest is named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reference {
    /// By a tag, which moves.
    Tag(Tag),
    /// By what it is.
    Digest(Digest),
}

impl Reference {
    /// Reads a reference: no tag holds a colon, every digest does.
    pub fn parse(text: &str) -> Option<Reference> {
        if text.contains(':') {
            Digest::parse(text).map(Reference::Digest)
        } else {
            Tag::parse(text).map(Reference::Tag)
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reference::Tag(tag) => tag.fmt(out),
            Reference::Digest(digest) => digest.fmt(out),
        }
    }
}
