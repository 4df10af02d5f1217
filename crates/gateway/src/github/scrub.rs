//! GitHub's answers about repositories can hold a credential for cloning. It is blanked as it passes, byte for byte, so
//! that lengths stay as they are and nothing is held back.

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The name whose value is blanked. In JSON it stands so between quotes only as a name: within a text its last quote
/// would have a backslash before it.
const NAME: &[u8] = b"\"temp_clone_token\"";

/// Where the reader is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    /// After so many bytes of the name.
    Name(usize),
    /// Before the colon.
    Colon,
    /// Before the value.
    Value,
    /// At the first byte within the text.
    First,
    /// Within the text, after a backslash or not.
    Inside(bool),
}

/// Blanks one after another piece of a body.
#[derive(Debug)]
pub struct Scrubber(Place);

impl Scrubber {
    /// At the start of a body.
    pub fn new() -> Scrubber {
        Scrubber(Place::Name(0))
    }

    /// A piece with what must not pass blanked. As long as it was.
    pub fn piece(&mut self, bytes: Bytes) -> Bytes {
        // Most have no such name and no start of one at their end.
        if self.0 == Place::Name(0) && !holds_start(&bytes) {
            return bytes;
        }
        let mut out = BytesMut::from(bytes.as_ref());
        for byte in out.iter_mut() {
            *byte = self.next(*byte);
        }
        out.freeze()
    }

    /// One byte as it passes.
    fn next(&mut self, byte: u8) -> u8 {
        let blank = matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        let (place, passes) = match self.0 {
            Place::Name(matched) => (after(matched, byte), byte),
            Place::Colon if blank => (Place::Colon, byte),
            Place::Colon if byte == b':' => (Place::Value, byte),
            Place::Value if blank => (Place::Value, byte),
            Place::Value if byte == b'"' => (Place::First, byte),
            Place::Colon | Place::Value => (after(0, byte), byte),
            Place::First if byte == b'"' => (Place::Name(0), byte),
            // The text ends here, and blanks follow it.
            Place::First => (Place::Inside(byte == b'\\'), b'"'),
            Place::Inside(false) if byte == b'"' => (Place::Name(0), b' '),
            Place::Inside(escaped) => (Place::Inside(!escaped && byte == b'\\'), b' '),
        };
        self.0 = place;
        passes
    }
}

fn after(matched: usize, byte: u8) -> Place {
    if NAME.get(matched) == Some(&byte) {
        if matched + 1 == NAME.len() {
            Place::Colon
        } else {
            Place::Name(matched + 1)
        }
    } else {
        // A quote is at both ends of the name and nowhere else in it.
        Place::Name(usize::from(byte == b'"'))
    }
}

/// Whether the name, or at the end its start, is in the bytes.
fn holds_start(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| *byte == b'"') {
        let here = rest.get(at..).unwrap_or_default();
        let length = here.len().min(NAME.len());
        if here.get(..length) == NAME.get(..length) {
            return true;
        }
        rest = here.get(1..).unwrap_or_default();
    }
    false
}

/// A body that is blanked as it passes.
pub struct Scrubbed<B> {
    inner: B,
    scrubber: Scrubber,
}

impl<B> Scrubbed<B> {
    /// Of a body.
    pub fn new(inner: B) -> Scrubbed<B> {
        Scrubbed {
            inner,
            scrubber: Scrubber::new(),
        }
    }
}

impl<B: Body<Data = Bytes, Error = io::Error> + Unpin> Body for Scrubbed<B> {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let this = &mut *self;
        Pin::new(&mut this.inner).poll_frame(cx).map(|frame| {
            frame.map(|frame| frame.map(|frame| frame.map_data(|bytes| this.scrubber.piece(bytes))))
        })
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::Scrubber;
    use bytes::Bytes;

    const CASES: &[(&str, &str)] = &[
        (
            r#"{"temp_clone_token":"AB12","x":1}"#,
            r#"{"temp_clone_token":""    ,"x":1}"#,
        ),
        (r#"{"temp_clone_token" : "A" }"#, r#"{"temp_clone_token" : ""  }"#),
        (r#"{"temp_clone_token":""}"#, r#"{"temp_clone_token":""}"#),
        (
            r#"{"temp_clone_token":null,"a":"b"}"#,
            r#"{"temp_clone_token":null,"a":"b"}"#,
        ),
        (
            r#"{"temp_clone_token":"a\"b\\","c":"d"}"#,
            r#"{"temp_clone_token":""      ,"c":"d"}"#,
        ),
        (
            r#"[{"temp_clone_token":"a"},{"temp_clone_token":"bc"}]"#,
            r#"[{"temp_clone_token":"" },{"temp_clone_token":""  }]"#,
        ),
        (
            r#"{"body":"\"temp_clone_token\":\"x\""}"#,
            r#"{"body":"\"temp_clone_token\":\"x\""}"#,
        ),
        (r#"{"temp_clone_tokens":"x"}"#, r#"{"temp_clone_tokens":"x"}"#),
        (r#"["temp_clone_token","x"]"#, r#"["temp_clone_token","x"]"#),
        (
            r#"{"":"","temp_clone_token":"x"}"#,
            r#"{"":"","temp_clone_token":"" }"#,
        ),
    ];

    #[test]
    fn the_credential_is_blanked_wherever_the_pieces_are_cut() {
        for (text, expected) in CASES {
            for size in 1..=text.len() {
                let mut scrubber = Scrubber::new();
                let out: Vec<u8> = text
                    .as_bytes()
                    .chunks(size)
                    .flat_map(|piece| scrubber.piece(Bytes::copy_from_slice(piece)).to_vec())
                    .collect();
                assert_eq!(
                    std::str::from_utf8(&out),
                    Ok(*expected),
                    "{text} in pieces of {size}"
                );
            }
            let json: Result<serde_json::Value, _> = serde_json::from_str(expected);
            assert!(json.is_ok(), "{expected}");
        }
    }
}
