//! The naive matcher: the router's rules read straight, over all rows. Slow and plain on purpose.

use crate::parse;
use crate::template::{Segment, Shape};
use bailiwick_catalogue::by_id;
use std::sync::LazyLock;

/// The rows as written, with the shapes of their parameters.
pub static ROWS: LazyLock<Vec<parse::Operation>> = LazyLock::new(|| {
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/data");
    let read = |path: &str| std::fs::read_to_string(path).unwrap();
    let permissions = parse::permissions("p", &read(&format!("{data}/permissions.txt"))).unwrap();
    let mut files: Vec<_> = std::fs::read_dir(format!("{data}/operations"))
        .unwrap()
        .map(|entry| entry.unwrap().path().display().to_string())
        .collect();
    files.sort();
    let mut rows: Vec<_> = files
        .iter()
        .flat_map(|file| parse::operations(file, &read(file), &permissions).unwrap())
        .collect();
    crate::same::take_over(&mut rows).unwrap();
    rows
});

/// A straight reading of the rules, over all rows.
pub fn naive(method: &str, path: &str) -> Option<&'static str> {
    let rest = path.strip_prefix('/')?;
    let bad = |c: char| c.is_control() || !c.is_ascii() || " \"#<>?\\;".contains(c);
    if path.chars().any(bad) {
        return None;
    }
    let (rest, trailing) = match rest.strip_suffix('/') {
        Some(rest) => (rest, true),
        None => (rest, false),
    };
    let parts: Vec<&str> = if rest.is_empty() && !trailing {
        Vec::new()
    } else {
        rest.split('/').collect()
    };
    let decoded: Option<Vec<String>> = parts.iter().map(|part| unescape(part)).collect();
    let decoded = decoded?;
    if decoded.iter().any(|text| {
        text.chars().any(char::is_control)
            || text.contains('\\')
            || text.split('/').any(|part| ["", ".", ".."].contains(&part))
    }) {
        return None;
    }
    ROWS.iter()
        .filter(|row| row.routed && row.door == "api" && row.method == method)
        .filter_map(|row| Some((rank(&row.segments, &parts, &decoded, trailing)?, row)))
        .min_by(|one, other| one.0.cmp(&other.0))
        .map(|(_, row)| by_id(&row.id).unwrap().id)
}

/// How a template fits: the rank of each of its segments, the smaller the better; `None` if it does not.
fn rank(template: &[Segment], parts: &[&str], decoded: &[String], trailing: bool) -> Option<Vec<u8>> {
    let mut ranks = Vec::new();
    for (at, segment) in template.iter().enumerate() {
        if let Segment::Param(_, shape @ (Shape::Tail | Shape::TailOrNothing)) = segment {
            return match (parts.len() > at, trailing, shape) {
                (true, false, Shape::Tail) => Some([ranks, vec![5]].concat()),
                (true, false, _) | (false, _, Shape::TailOrNothing) => Some([ranks, vec![6]].concat()),
                _ => None,
            };
        }
        let part = *parts.get(at)?;
        ranks.push(match segment {
            Segment::Literal(text) => (part == text).then_some(0)?,
            Segment::Param(_, Shape::Choice(words)) => words.iter().any(|word| word == part).then_some(1)?,
            Segment::Param(_, Shape::Number) => {
                (part.len() <= 19 && part.chars().all(|c| c.is_ascii_digit())).then_some(2)?
            }
            Segment::Param(_, shape) => {
                let slash = *shape == Shape::Slash;
                let text = &decoded[at];
                let twice = text.as_bytes().windows(3).any(|three| {
                    three[0] == b'%' && three[1].is_ascii_hexdigit() && three[2].is_ascii_hexdigit()
                });
                let literal = part.contains('%') && sibling(template, at, text);
                (!(twice || literal || (text.contains('/') && !slash))).then_some(if slash {
                    4
                } else {
                    3
                })?
            }
        });
    }
    (parts.len() == template.len() && !trailing).then_some(ranks)
}

/// Whether some template has this literal where the given one has a parameter.
fn sibling(template: &[Segment], at: usize, text: &str) -> bool {
    let same = |one: &Segment, other: &Segment| match (one, other) {
        (Segment::Literal(one), Segment::Literal(other)) => one == other,
        (Segment::Param(_, one), Segment::Param(_, other)) => one == other,
        _ => false,
    };
    ROWS.iter()
        .filter(|row| row.routed && row.door == "api")
        .any(|row| {
            matches!(row.segments.get(at), Some(Segment::Literal(literal)) if literal == text)
                && row
                    .segments
                    .iter()
                    .zip(template)
                    .take(at)
                    .all(|(one, other)| same(one, other))
        })
}

fn unescape(part: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = part.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        if *first == b'%' {
            let hex = std::str::from_utf8(tail.get(..2)?).ok()?;
            if !hex.chars().all(|c| c.is_ascii_hexdigit()) {
                return None;
            }
            bytes.push(u8::from_str_radix(hex, 16).ok()?);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}
