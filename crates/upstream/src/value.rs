//! The value of a header. Most are short: held as they are, they need neither memory of their own nor a count of who
//! shares it, which every copy and every end of one would have to write.

use bytes::Bytes;
use std::fmt;

/// The longest value that is held as it is, in bytes.
const SHORT_BYTES_MAX: usize = 38;

/// What a header says.
// INVARIANT: bytes that a header can hold: no line end, no NUL, nothing of the control characters but the tab.
#[derive(Clone)]
pub struct HeaderValue(Kind);

#[derive(Clone)]
enum Kind {
    Static(&'static str),
    Short(u8, [u8; SHORT_BYTES_MAX]),
    Long(Bytes),
}

/// Bytes that no header can hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoValue;

impl fmt::Display for NoValue {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a header cannot hold this")
    }
}

impl std::error::Error for NoValue {}

/// Whether a header can hold a byte.
// SECURITY: a line end would begin another header, or another message.
const fn is_held(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}

/// Whether it can hold them all: each is looked at, so that several can be at once.
fn are_held(bytes: &[u8]) -> bool {
    bytes.iter().fold(true, |good, byte| good & is_held(*byte))
}

impl HeaderValue {
    /// Of a text that is written here. As a constant it is looked at by the compiler, and elsewhere each time.
    ///
    /// # Panics
    ///
    /// If no header can hold it.
    pub const fn from_static(text: &'static str) -> HeaderValue {
        let bytes = text.as_bytes();
        let (mut left, mut good) = (bytes, true);
        while let [first, rest @ ..] = left {
            // ASCII alone, as the library has it, whose value it may become.
            good = good && is_held(*first) && first.is_ascii();
            left = rest;
        }
        assert!(good, "a header cannot hold this");
        HeaderValue(Kind::Static(text))
    }

    /// Of bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<HeaderValue, NoValue> {
        if !are_held(bytes) {
            return Err(NoValue);
        }
        Ok(HeaderValue::of(bytes))
    }

    /// Of a text.
    #[expect(
        clippy::should_implement_trait,
        reason = "called as the library's type is, whose place this one takes"
    )]
    pub fn from_str(text: &str) -> Result<HeaderValue, NoValue> {
        HeaderValue::from_bytes(text.as_bytes())
    }

    /// Of bytes that a header can hold.
    fn of(bytes: &[u8]) -> HeaderValue {
        HeaderValue::short(bytes).unwrap_or_else(|| HeaderValue(Kind::Long(Bytes::copy_from_slice(bytes))))
    }

    fn short(bytes: &[u8]) -> Option<HeaderValue> {
        let mut room = [0; SHORT_BYTES_MAX];
        room.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(HeaderValue(Kind::Short(u8::try_from(bytes.len()).ok()?, room)))
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Kind::Static(text) => text.as_bytes(),
            Kind::Short(length, room) => room.get(..usize::from(*length)).unwrap_or_default(),
            Kind::Long(bytes) => bytes,
        }
    }

    /// As text, if it is ASCII.
    pub fn to_str(&self) -> Result<&str, NoValue> {
        let bytes = self.as_bytes();
        let text = std::str::from_utf8(bytes).ok().filter(|text| text.is_ascii());
        text.ok_or(NoValue)
    }

    /// How many bytes.
    pub fn len(&self) -> usize {
        self.as_bytes().len()
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.as_bytes().is_empty()
    }
}

impl fmt::Debug for HeaderValue {
    // SECURITY: credentials, cookies and addresses with secrets in them.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "HeaderValue({} bytes)", self.len())
    }
}

impl PartialEq for HeaderValue {
    fn eq(&self, other: &HeaderValue) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for HeaderValue {}

impl PartialEq<str> for HeaderValue {
    fn eq(&self, other: &str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialEq<&str> for HeaderValue {
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

impl From<u64> for HeaderValue {
    fn from(number: u64) -> HeaderValue {
        // As many digits as the largest has.
        let mut digits = [b'0'; 20];
        let (mut at, mut left) = (digits.len(), number);
        for (place, digit) in digits.iter_mut().enumerate().rev() {
            *digit += u8::try_from(left % 10).unwrap_or_default();
            (at, left) = (place, left / 10);
            if left == 0 {
                break;
            }
        }
        HeaderValue::of(digits.get(at..).unwrap_or_default())
    }
}

impl From<http::HeaderValue> for HeaderValue {
    fn from(value: http::HeaderValue) -> HeaderValue {
        HeaderValue::of(value.as_bytes())
    }
}

impl From<HeaderValue> for http::HeaderValue {
    fn from(value: HeaderValue) -> http::HeaderValue {
        let made = match value.0 {
            Kind::Static(text) => return http::HeaderValue::from_static(text),
            Kind::Long(bytes) => http::HeaderValue::from_maybe_shared(bytes),
            Kind::Short(..) => return http::HeaderValue::from_bytes(value.as_bytes()).unwrap_or(NONE),
        };
        made.unwrap_or(NONE)
    }
}

/// What cannot happen: both hold the same bytes.
const NONE: http::HeaderValue = http::HeaderValue::from_static("");

#[cfg(test)]
mod tests {
    use super::{HeaderValue, NoValue, SHORT_BYTES_MAX};

    #[test]
    fn a_value_holds_what_the_library_lets_a_header_hold() {
        for byte in 0..=u8::MAX {
            for length in [1, SHORT_BYTES_MAX, SHORT_BYTES_MAX + 1, 300] {
                let mut bytes = vec![b'a'; length];
                *bytes.last_mut().unwrap() = byte;
                let theirs = http::HeaderValue::from_bytes(&bytes);
                let ours = HeaderValue::from_bytes(&bytes);
                assert_eq!(ours.is_ok(), theirs.is_ok(), "{byte} {length}");
                let (Ok(ours), Ok(theirs)) = (ours, theirs) else {
                    continue;
                };
                assert_eq!(ours.as_bytes(), theirs.as_bytes());
                assert_eq!(ours.to_str().ok(), theirs.to_str().ok(), "{byte}");
                assert_eq!(http::HeaderValue::from(ours.clone()), theirs);
                assert_eq!(HeaderValue::from(theirs), ours);
            }
        }
        assert_eq!(HeaderValue::from_str("a\r\nb: c"), Err(NoValue));
    }

    #[test]
    fn a_static_text_is_a_value_or_does_not_compile_to_one() {
        const GOOD: HeaderValue = HeaderValue::from_static("no-store");
        assert!(GOOD == "no-store" && GOOD == *"no-store" && GOOD.len() == 8 && !GOOD.is_empty());
        assert_eq!(http::HeaderValue::from(GOOD), "no-store");
        for bad in ["a\nb", "a\u{e9}"] {
            std::panic::catch_unwind(|| HeaderValue::from_static(bad)).unwrap_err();
        }
        assert_eq!(format!("{GOOD:?}"), "HeaderValue(8 bytes)");
    }

    #[test]
    fn numbers_are_written_out() {
        for number in [0, 7, 10, 60_000, u64::MAX] {
            assert_eq!(
                HeaderValue::from(number).to_str(),
                Ok(number.to_string().as_str())
            );
        }
    }
}
