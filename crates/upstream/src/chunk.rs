//! The chunked coding of RFC 9112, section 7.1, read strictly: sizes are plain hexadecimal, lines end in CRLF.

use bytes::{Buf, Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue};

/// The longest line of a size with its extensions, in bytes.
const LINE_BYTES_MAX: usize = 4 << 10;
/// The longest trailer section, in bytes.
const TRAILER_BYTES_MAX: usize = 16 << 10;

/// Where the reading stands.
#[derive(Debug)]
pub(crate) enum Chunks {
    Size,
    Data(u64),
    DataEnd,
    Trailers,
    Ended,
}

/// What was found.
#[derive(Debug)]
pub(crate) enum Found {
    Data(Bytes),
    /// The end, with the trailers.
    End(HeaderMap),
    More,
}

/// The coding is broken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Broken;

impl Chunks {
    /// Takes the next piece off the front of a buffer.
    pub(crate) fn next(&mut self, buffer: &mut BytesMut) -> Result<Found, Broken> {
        loop {
            match self {
                Chunks::Size => {
                    let Some(line) = line(buffer, LINE_BYTES_MAX)? else {
                        return Ok(Found::More);
                    };
                    let size = size(&line)?;
                    *self = if size == 0 {
                        Chunks::Trailers
                    } else {
                        Chunks::Data(size)
                    };
                }
                Chunks::Data(left) => {
                    if buffer.is_empty() {
                        return Ok(Found::More);
                    }
                    let take = usize::try_from(*left).unwrap_or(usize::MAX).min(buffer.len());
                    let data = buffer.split_to(take).freeze();
                    *left -= take as u64;
                    if *left == 0 {
                        *self = Chunks::DataEnd;
                    }
                    return Ok(Found::Data(data));
                }
                Chunks::DataEnd => {
                    if buffer.len() < 2 {
                        return Ok(Found::More);
                    }
                    if !buffer.starts_with(b"\r\n") {
                        return Err(Broken);
                    }
                    buffer.advance(2);
                    *self = Chunks::Size;
                }
                Chunks::Trailers => {
                    let Some(trailers) = trailers(buffer)? else {
                        return Ok(Found::More);
                    };
                    *self = Chunks::Ended;
                    return Ok(Found::End(trailers));
                }
                Chunks::Ended => return Ok(Found::End(HeaderMap::new())),
            }
        }
    }
}

fn line(buffer: &mut BytesMut, max: usize) -> Result<Option<BytesMut>, Broken> {
    match buffer.iter().take(max).position(|byte| *byte == b'\n') {
        None if buffer.len() >= max => Err(Broken),
        None => Ok(None),
        Some(at) => {
            let mut line = buffer.split_to(at + 1);
            if !line.ends_with(b"\r\n") {
                return Err(Broken);
            }
            line.truncate(at - 1);
            // A lone CR is where two readers part.
            if line.contains(&b'\r') {
                Err(Broken)
            } else {
                Ok(Some(line))
            }
        }
    }
}

fn size(line: &[u8]) -> Result<u64, Broken> {
    let digits = line.split(|byte| *byte == b';').next().unwrap_or_default();
    // Blanks before an extension are allowed (RFC 9112, section 7.1.1), and some old servers pad with them.
    let blanks = digits
        .iter()
        .rev()
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count();
    let digits = digits.get(..digits.len() - blanks).unwrap_or_default();
    if digits.is_empty() || digits.len() > 15 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return Err(Broken);
    }
    let text = std::str::from_utf8(digits).map_err(|_| Broken)?;
    u64::from_str_radix(text, 16).map_err(|_| Broken)
}

fn trailers(buffer: &mut BytesMut) -> Result<Option<HeaderMap>, Broken> {
    let end = if buffer.starts_with(b"\r\n") {
        2
    } else {
        match buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            Some(at) => at + 4,
            None if buffer.len() > TRAILER_BYTES_MAX => return Err(Broken),
            None => return Ok(None),
        }
    };
    if end > TRAILER_BYTES_MAX {
        return Err(Broken);
    }
    let bytes = buffer.split_to(end);
    let mut room = [httparse::EMPTY_HEADER; 32];
    let parsed = match httparse::parse_headers(&bytes, &mut room) {
        Ok(httparse::Status::Complete((read, parsed))) if read == bytes.len() => parsed,
        // SECURITY: less than all of it means an empty line without CR: another reader's end, with another answer behind.
        Ok(_) | Err(_) => return Err(Broken),
    };
    let mut map = HeaderMap::new();
    for one in parsed {
        let name = HeaderName::from_bytes(one.name.as_bytes()).map_err(|_| Broken)?;
        let value = HeaderValue::from_bytes(one.value).map_err(|_| Broken)?;
        map.append(name, value);
    }
    Ok(Some(map))
}

#[cfg(test)]
mod tests;
