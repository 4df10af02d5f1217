//! The form in which clients send a package: one part, and nothing beside it.

/// Bytes that the head of the part has at the most, with the line before it.
pub const HEAD_BYTES_MAX: usize = 8 << 10;
/// The longest boundary, in bytes (RFC 2046, section 5.1.1).
const BOUNDARY_BYTES_MAX: usize = 70;

/// The boundary in a `Content-Type`. `None` where it is no form, or where two readers could take two boundaries.
pub fn boundary(content_type: &str) -> Option<&str> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let (name, value) = parameters.trim().split_once('=')?;
    let value = value.trim();
    let quoted = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let boundary = quoted.unwrap_or(value);
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=?".contains(&byte);
    let good = name.eq_ignore_ascii_case("boundary")
        && (1..=BOUNDARY_BYTES_MAX).contains(&boundary.len())
        && boundary.bytes().all(inner);
    good.then_some(boundary)
}

/// Where the part's bytes begin, by the beginning of the body. `None` where it begins with anything but a part.
pub fn begin(head: &[u8], boundary: &str) -> Option<usize> {
    let opened = head.strip_prefix(b"--")?.strip_prefix(boundary.as_bytes())?;
    opened.strip_prefix(b"\r\n")?;
    let end = head.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let lines = std::str::from_utf8(head.get(..end)?).ok()?;
    let mut dispositions = 0;
    for line in lines.split("\r\n").skip(1).filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':')?;
        match name.to_ascii_lowercase().as_str() {
            "content-disposition" => {
                dispositions += 1;
                let kind = value.split(';').next().unwrap_or_default();
                if !kind.trim().eq_ignore_ascii_case("form-data") {
                    return None;
                }
            }
            "content-type" | "content-length" => {}
            // SECURITY: an encoding would make other bytes of it than are looked at.
            _ => return None,
        }
    }
    (dispositions == 1).then_some(end)
}

/// What comes behind the part's bytes, by the end of the body: its length. `None` where the body does not end there.
pub fn end(tail: &[u8], boundary: &str) -> Option<usize> {
    let closing = format!("\r\n--{boundary}--");
    let rest = tail.strip_suffix(b"\r\n").unwrap_or(tail);
    rest.strip_suffix(closing.as_bytes())
        .map(|before| tail.len() - before.len())
}
