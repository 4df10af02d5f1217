//! Paths as bytes: cut at slashes, checked, and decoded once. What two readers could understand differently,
//! or what is no path at all, ends here.

use crate::route::RouteError;
use std::borrow::Cow;

/// The longest path that is looked at, in bytes.
const PATH_BYTES_MAX: usize = 8_192;

/// Segments whose bounds are remembered. No template is deeper; what follows can only be inside a tail.
const SEGMENTS_MAX: usize = 20;

/// What a raw byte is in a path.
#[derive(Clone, Copy)]
enum Class {
    Plain,
    Slash,
    Percent,
    Ambiguous,
    Malformed,
}

/// One look-up per byte: this loop runs over every path that the server ever sees.
static CLASSES: [Class; 256] = classes();

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated while compiling, within the array"
)]
const fn classes() -> [Class; 256] {
    let mut classes = [Class::Malformed; 256];
    let mut byte = 0x21;
    while byte < 0x7f {
        classes[byte] = match byte as u8 {
            b'/' => Class::Slash,
            b'%' => Class::Percent,
            b'\\' | b';' => Class::Ambiguous,
            b'"' | b'#' | b'<' | b'>' | b'?' => Class::Malformed,
            _ => Class::Plain,
        };
        byte += 1;
    }
    classes
}

/// A path cut at its slashes, with the checks that hold for every path.
pub(crate) struct Segments<'a> {
    path: &'a [u8],
    starts: [u16; SEGMENTS_MAX],
    pub(crate) count: usize,
    pub(crate) encoded: bool,
    pub(crate) trailing_slash: bool,
}

impl<'a> Segments<'a> {
    pub(crate) fn split(path: &'a [u8]) -> Result<Segments<'a>, RouteError> {
        if path.len() > PATH_BYTES_MAX || path.first().is_some_and(|byte| *byte != b'/') {
            return Err(RouteError::Malformed);
        }
        let mut segments = Segments {
            path,
            starts: [0; SEGMENTS_MAX],
            count: 0,
            encoded: false,
            trailing_slash: path.len() > 1 && path.last() == Some(&b'/'),
        };
        let mut start = 1;
        for (at, byte) in path.iter().enumerate().skip(1) {
            match CLASSES.get(usize::from(*byte)) {
                Some(Class::Plain) => {}
                Some(Class::Slash) => {
                    segments.push(start, path.get(start..at).unwrap_or_default())?;
                    start = at + 1;
                }
                Some(Class::Percent) => segments.encoded = true,
                Some(Class::Ambiguous) => return Err(RouteError::Ambiguous),
                Some(Class::Malformed) | None => return Err(RouteError::Malformed),
            }
        }
        if start < path.len() {
            segments.push(start, path.get(start..).unwrap_or_default())?;
        }
        Ok(segments)
    }

    fn push(&mut self, start: usize, text: &[u8]) -> Result<(), RouteError> {
        // SECURITY: a reader that resolves these would see another path than the one decided on.
        if matches!(text, b"" | b"." | b"..") {
            return Err(RouteError::Ambiguous);
        }
        if self.encoded {
            check_encoded(text)?;
        }
        if let Some(slot) = self.starts.get_mut(self.count) {
            *slot = u16::try_from(start).map_err(|_| RouteError::Malformed)?;
        }
        self.count += 1;
        Ok(())
    }

    /// One segment, raw. Beyond the remembered bounds there is none.
    pub(crate) fn get(&self, at: usize) -> Option<&'a [u8]> {
        if at + 1 >= self.count {
            return self.tail(at);
        }
        let end = usize::from(*self.starts.get(at + 1)?) - 1;
        self.path.get(self.offset(at)?..end)
    }

    fn offset(&self, at: usize) -> Option<usize> {
        if at < self.count {
            self.starts.get(at).map(|start| usize::from(*start))
        } else {
            None
        }
    }

    /// Everything from a segment to the end, raw, without a trailing slash.
    pub(crate) fn tail(&self, at: usize) -> Option<&'a [u8]> {
        let end = self.path.len() - usize::from(self.trailing_slash);
        self.path.get(self.offset(at)?..end)
    }
}

/// Checks a segment that may hold escapes.
fn check_encoded(text: &[u8]) -> Result<(), RouteError> {
    let decoded = unescape(text)?;
    let text = std::str::from_utf8(&decoded).map_err(|_| RouteError::Malformed)?;
    if text.chars().any(char::is_control) {
        return Err(RouteError::Malformed);
    }
    // SECURITY: encoded separators resolve differently from reader to reader.
    if text.contains('\\') || text.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err(RouteError::Ambiguous);
    }
    Ok(())
}

pub(crate) fn unescape(text: &[u8]) -> Result<Vec<u8>, RouteError> {
    let mut bytes = text.iter();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        if *byte != b'%' {
            decoded.push(*byte);
            continue;
        }
        let mut digit = || bytes.next().and_then(|digit| (*digit as char).to_digit(16));
        let (Some(high), Some(low)) = (digit(), digit()) else {
            return Err(RouteError::Malformed);
        };
        decoded.push((high * 16 + low) as u8);
    }
    Ok(decoded)
}

pub(crate) fn decode(raw: &[u8], encoded: bool) -> Result<Cow<'_, str>, RouteError> {
    if encoded && raw.contains(&b'%') {
        String::from_utf8(unescape(raw)?)
            .map(Cow::Owned)
            .map_err(|_| RouteError::Malformed)
    } else {
        std::str::from_utf8(raw)
            .map(Cow::Borrowed)
            .map_err(|_| RouteError::Malformed)
    }
}
