//! Versions of Python packages in the form in which two spellings of one are equal (PEP 440).

/// The longest version, in bytes.
const VERSION_BYTES_MAX: usize = 128;
/// Words of what comes before a release, with the one that is kept; longer ones first.
const PRE: [(&str, &str); 8] = [
    ("preview", "rc"),
    ("alpha", "a"),
    ("beta", "b"),
    ("pre", "rc"),
    ("rc", "rc"),
    ("a", "a"),
    ("b", "b"),
    ("c", "rc"),
];

/// The canonical form of a version; `None` for what is none.
pub fn canonical(text: &str) -> Option<String> {
    if text.len() > VERSION_BYTES_MAX {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    let (public, local) = match lower.split_once('+') {
        Some((public, local)) => (public, Some(local)),
        None => (lower.as_str(), None),
    };
    let mut rest = public.strip_prefix('v').unwrap_or(public);
    let mut out = String::new();
    if let Some((epoch, behind)) = rest.split_once('!') {
        let epoch = trimmed(epoch)?;
        if epoch != "0" {
            out = format!("{epoch}!");
        }
        rest = behind;
    }
    rest = release(rest, &mut out)?;
    rest = pre(rest, &mut out);
    rest = post(rest, &mut out);
    rest = numbered(rest, &["dev"], ".dev", &mut out);
    if !rest.is_empty() {
        return None;
    }
    if let Some(local) = local {
        out.push('+');
        out.push_str(&self::local(local)?);
    }
    Some(out)
}

/// A number without zeros before it.
fn trimmed(digits: &str) -> Option<&str> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let trimmed = digits.trim_start_matches('0');
    Some(if trimmed.is_empty() { "0" } else { trimmed })
}

/// The digits at the start, and what is behind them.
fn digits(text: &str) -> (&str, &str) {
    let end = text.find(|it: char| !it.is_ascii_digit()).unwrap_or(text.len());
    text.split_at(end)
}

fn release<'a>(text: &'a str, out: &mut String) -> Option<&'a str> {
    let mut rest = text;
    let mut numbers = Vec::new();
    loop {
        let (number, behind) = digits(rest);
        numbers.push(trimmed(number)?);
        match behind.strip_prefix('.') {
            Some(more) if more.starts_with(|it: char| it.is_ascii_digit()) => rest = more,
            _ => {
                rest = behind;
                break;
            }
        }
    }
    // 1.0 and 1.0.0 are one release.
    while numbers.len() > 1 && numbers.last() == Some(&"0") {
        numbers.pop();
    }
    out.push_str(&numbers.join("."));
    Some(rest)
}

fn separated(text: &str) -> &str {
    text.strip_prefix(['.', '-', '_']).unwrap_or(text)
}

fn pre<'a>(text: &'a str, out: &mut String) -> &'a str {
    for (word, kept) in PRE {
        if let Some(behind) = separated(text).strip_prefix(word) {
            return number_behind(behind, kept, out);
        }
    }
    text
}

fn post<'a>(text: &'a str, out: &mut String) -> &'a str {
    if let Some(behind) = text.strip_prefix('-') {
        let (number, rest) = digits(behind);
        if let Some(number) = trimmed(number) {
            out.push_str(&format!(".post{number}"));
            return rest;
        }
    }
    numbered(text, &["post", "rev", "r"], ".post", out)
}

fn numbered<'a>(text: &'a str, words: &[&str], kept: &str, out: &mut String) -> &'a str {
    for word in words {
        if let Some(behind) = separated(text).strip_prefix(word) {
            return number_behind(behind, kept, out);
        }
    }
    text
}

fn number_behind<'a>(text: &'a str, kept: &str, out: &mut String) -> &'a str {
    let (number, rest) = digits(separated(text));
    out.push_str(kept);
    match trimmed(number) {
        Some(number) => {
            out.push_str(number);
            rest
        }
        None => {
            out.push('0');
            text
        }
    }
}

fn local(text: &str) -> Option<String> {
    let pieces: Vec<&str> = text.split(['.', '-', '_']).collect();
    let fits = |piece: &&str| !piece.is_empty() && piece.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !pieces.iter().all(fits) {
        return None;
    }
    let kept: Vec<&str> = pieces
        .into_iter()
        .map(|piece| trimmed(piece).unwrap_or(piece))
        .collect();
    Some(kept.join("."))
}
