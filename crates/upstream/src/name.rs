//! Names of headers from their bytes. A few come with nearly every message: these are told by two comparisons of words, and
//! the rest is read by the library.

use http::header::{self, HeaderName, InvalidHeaderName};

/// The first bytes of a name and the last ones, which overlap where it is short.
type Words = [u64; 2];

/// A name that is told at once.
struct Known {
    words: Words,
    // The bit of each letter that a capital one lacks.
    case: Words,
    name: HeaderName,
}

/// The lengths of what two words can tell.
const LENGTH_MIN: usize = 4;
const LENGTH_MAX: usize = 16;

const fn known(text: &str, name: HeaderName) -> Known {
    let text = text.as_bytes();
    assert!(text.len() >= LENGTH_MIN && text.len() <= LENGTH_MAX);
    let mut case = [0; LENGTH_MAX];
    let (mut left, mut at) = (text, 0);
    while let [first, rest @ ..] = left {
        let slot: &mut [u8] = &mut case;
        let (_, slot) = slot.split_at_mut(at);
        if let ([slot, ..], true) = (slot, first.is_ascii_lowercase()) {
            *slot = 0x20;
        }
        (left, at) = (rest, at + 1);
    }
    let (case, _) = case.split_at(text.len());
    Known {
        words: words(text),
        case: words(case),
        name,
    }
}

/// The words of a name. Of one that is too short there are none, and one that is too long is not all in them.
const fn words(bytes: &[u8]) -> Words {
    if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        return [u64::from_ne_bytes(*first), u64::from_ne_bytes(*last)];
    }
    match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        (Some(first), Some(last)) => [
            u32::from_ne_bytes(*first) as u64,
            u32::from_ne_bytes(*last) as u64,
        ],
        _ => [0; 2],
    }
}

static OF_4: [Known; 5] = [
    known("host", header::HOST),
    known("date", header::DATE),
    known("etag", header::ETAG),
    known("vary", header::VARY),
    known("link", header::LINK),
];
static OF_6: [Known; 3] = [
    known("server", header::SERVER),
    known("accept", header::ACCEPT),
    known("cookie", header::COOKIE),
];
static OF_8: [Known; 1] = [known("location", header::LOCATION)];
static OF_10: [Known; 3] = [
    known("connection", header::CONNECTION),
    known("user-agent", header::USER_AGENT),
    known("set-cookie", header::SET_COOKIE),
];
static OF_12: [Known; 2] = [
    known("content-type", header::CONTENT_TYPE),
    known("x-request-id", HeaderName::from_static("x-request-id")),
];
static OF_13: [Known; 5] = [
    known("authorization", header::AUTHORIZATION),
    known("last-modified", header::LAST_MODIFIED),
    known("accept-ranges", header::ACCEPT_RANGES),
    known("cache-control", header::CACHE_CONTROL),
    known("if-none-match", header::IF_NONE_MATCH),
];
static OF_14: [Known; 1] = [known("content-length", header::CONTENT_LENGTH)];
static OF_15: [Known; 2] = [
    known("accept-encoding", header::ACCEPT_ENCODING),
    known("accept-language", header::ACCEPT_LANGUAGE),
];
static OF_16: [Known; 1] = [known("content-encoding", header::CONTENT_ENCODING)];

/// The names that are told at once, by their length: of no other than two words can tell.
fn of_length(length: usize) -> &'static [Known] {
    match length {
        4 => &OF_4,
        6 => &OF_6,
        8 => &OF_8,
        10 => &OF_10,
        12 => &OF_12,
        13 => &OF_13,
        14 => &OF_14,
        15 => &OF_15,
        16 => &OF_16,
        _ => &[],
    }
}

/// The name that these bytes are, in whatever case.
pub fn header_name(bytes: &[u8]) -> Result<HeaderName, InvalidHeaderName> {
    let [first, last] = words(bytes);
    for known in of_length(bytes.len()) {
        let [first_case, last_case] = known.case;
        // Exact: only where the name has a letter may a byte differ, and only by what a capital one lacks.
        if [first | first_case, last | last_case] == known.words {
            return Ok(known.name.clone());
        }
    }
    HeaderName::from_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::{header_name, of_length};
    use http::HeaderName;
    use proptest::prelude::*;

    fn all() -> Vec<&'static str> {
        let all = (0..=64).flat_map(of_length);
        all.map(|known| known.name.as_str()).collect()
    }

    #[test]
    fn each_name_is_told_whatever_is_made_of_one_byte() {
        for name in all() {
            for at in 0..name.len() {
                for byte in 0..=u8::MAX {
                    let mut bytes = name.as_bytes().to_vec();
                    bytes[at] = byte;
                    let theirs = HeaderName::from_bytes(&bytes).ok();
                    assert_eq!(header_name(&bytes).ok(), theirs, "{bytes:?}");
                    // What is known is told as the library tells it, and not as a name of somebody's own.
                    bytes.make_ascii_uppercase();
                    let theirs = HeaderName::from_bytes(&bytes).ok();
                    assert_eq!(header_name(&bytes).ok(), theirs, "{bytes:?}");
                }
            }
        }
        assert!(all().len() > 20);
    }

    proptest! {
        #[test]
        fn any_bytes_are_the_name_that_the_library_says(
            bytes in prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..24),
                "[a-zA-Z-]{0,20}".prop_map(String::into_bytes),
            ],
        ) {
            prop_assert_eq!(header_name(&bytes).ok(), HeaderName::from_bytes(&bytes).ok());
        }
    }
}
