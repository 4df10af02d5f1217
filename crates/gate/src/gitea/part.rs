//! A form that holds one file and nothing else. Anything that two readers could part differently is refused.

/// The longest head of a part, in bytes.
const HEAD_BYTES_MAX: usize = 2_048;

/// The boundary that a form's type names, if that is all that it names.
pub fn boundary(parameter: &str) -> Option<String> {
    let (name, value) = parameter.split_once('=')?;
    let value = match value.strip_prefix('"') {
        Some(quoted) => quoted.strip_suffix('"')?,
        None => value,
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'+');
    let proper = (1..=70).contains(&value.len()) && value.bytes().all(plain);
    (name.trim().eq_ignore_ascii_case("boundary") && proper).then(|| value.to_owned())
}

/// Whether a body is a form with exactly one part, the file `attachment`.
// SECURITY: a field `sudo` or `token` in a form is obeyed by Gitea. The boundary occurs twice in the whole body, at its
// beginning and at its end, so that no reader can find a second part.
pub fn is_single(boundary: &str, body: &[u8]) -> bool {
    let delimiter = format!("--{boundary}");
    let closing = format!("\r\n{delimiter}--");
    let body = body.strip_suffix(b"\r\n").unwrap_or(body);
    let inner = body
        .strip_prefix(delimiter.as_bytes())
        .and_then(|rest| rest.strip_prefix(b"\r\n"))
        .and_then(|rest| rest.strip_suffix(closing.as_bytes()));
    let Some(inner) = inner else { return false };
    if contains(inner, delimiter.as_bytes()) {
        return false;
    }
    let head = inner.get(..inner.len().min(HEAD_BYTES_MAX)).unwrap_or_default();
    let Some(end) = head.windows(4).position(|four| four == b"\r\n\r\n") else {
        return false;
    };
    let head = head
        .get(..end)
        .and_then(|head| std::str::from_utf8(head).ok())
        .unwrap_or_default();
    let mut disposed = 0;
    for line in head.split("\r\n") {
        match line.split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-disposition") && is_file(value) => {
                disposed += 1;
            }
            Some((name, _)) if name.eq_ignore_ascii_case("content-type") && is_line(line) => {}
            Some(_) | None => return false,
        }
    }
    disposed == 1
}

/// `form-data; name="attachment"; filename="…"`, in this spelling alone.
fn is_file(value: &str) -> bool {
    value
        .trim_start_matches(' ')
        .strip_prefix("form-data; name=\"attachment\"; filename=\"")
        .and_then(|rest| rest.strip_suffix('"'))
        .is_some_and(|name| is_line(name) && !name.contains(['"', '\\']))
}

fn is_line(text: &str) -> bool {
    !text.contains(char::is_control)
}

fn contains(body: &[u8], needle: &[u8]) -> bool {
    // Dashes are rare in files: looking for the first byte keeps this fast over large bodies.
    let Some(first) = needle.first() else { return true };
    let mut rest = body;
    while let Some(at) = rest.iter().position(|byte| byte == first) {
        let from = rest.get(at..).unwrap_or_default();
        if from.starts_with(needle) {
            return true;
        }
        rest = from.get(1..).unwrap_or_default();
    }
    false
}
