//! The only router: door, method and path bytes → operation. Paths are decoded here, once; a path that two
//! readers could understand differently is refused instead of guessed.

use crate::operation::{Door, OperationIndex};
use crate::table::{API, GIT, PARAMS, ROOT};
use std::borrow::Cow;

/// The most parameters that a path has. The build refuses more.
pub const PARAMS_MAX: usize = 6;

/// The longest path that is looked at, in bytes.
const PATH_BYTES_MAX: usize = 8_192;

/// Segments whose bounds are remembered. No template is deeper; what follows can only be inside a tail.
const SEGMENTS_MAX: usize = 20;

/// One node of a door's tree.
pub(crate) struct Node {
    pub(crate) literals: &'static [(&'static [u8], u16)],
    pub(crate) params: &'static [(Shape, u16)],
    pub(crate) methods: &'static [(u8, OperationIndex)],
}

/// What a parameter accepts. A node tries literals first, then these in the order given here.
pub(crate) enum Shape {
    Choice(&'static [&'static str]),
    Number,
    One,
    Slash,
    Tail,
    TailOrNothing,
}

/// Why a path leads to no operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RouteError {
    /// No operation has this path.
    Unknown,
    /// The path is known, the method at it is not. GitHub answers 404 here too.
    Method,
    /// Not a path: bytes that must be encoded are not, a broken escape, text that is not UTF-8, too long.
    Malformed,
    /// Two readers could understand it differently: dot segments, empty segments, encoded separators,
    /// path parameters, double encoding.
    Ambiguous,
}

/// An operation with the values of its path's parameters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Match<'a> {
    /// The operation.
    pub operation: OperationIndex,
    /// Its parameters.
    pub params: Params<'a>,
}

/// Decoded values by parameter name.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Params<'a> {
    names: &'static [&'static str],
    values: [Cow<'a, str>; PARAMS_MAX],
}

impl Params<'_> {
    /// The value of a parameter; `None` if the path has no such parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        let at = self.names.iter().position(|known| *known == name)?;
        self.values.get(at).map(AsRef::as_ref)
    }

    /// Names and values in the path's order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.names
            .iter()
            .copied()
            .zip(self.values.iter().map(AsRef::as_ref))
    }
}

/// Finds the operation of a request. The path is relative to the door, without query; HEAD is routed as GET.
pub fn route<'a>(door: Door, method: &str, path: &'a [u8]) -> Result<Match<'a>, RouteError> {
    let nodes: &'static [Node] = match door {
        Door::Api => &API,
        Door::Git => &GIT,
        Door::Root => &ROOT,
    };
    let segments = Segments::split(path)?;
    let mut search = Search {
        nodes,
        segments: &segments,
        method: method_number(method),
        values: [None; PARAMS_MAX],
        count: 0,
        path_known: false,
        refused: false,
    };
    let root = nodes.first().ok_or(RouteError::Unknown)?;
    let Some(operation) = search.descend(root, 0) else {
        return Err(match (search.refused, search.path_known) {
            (true, _) => RouteError::Ambiguous,
            (false, true) => RouteError::Method,
            (false, false) => RouteError::Unknown,
        });
    };
    let names = PARAMS.get(usize::from(operation.0)).copied().unwrap_or_default();
    let mut params = Params {
        names,
        values: Default::default(),
    };
    for (slot, raw) in params.values.iter_mut().zip(search.values.into_iter().flatten()) {
        *slot = decode(raw)?;
    }
    Ok(Match { operation, params })
}

fn method_number(method: &str) -> Option<u8> {
    match method {
        "GET" | "HEAD" => Some(0),
        "POST" => Some(1),
        "PUT" => Some(2),
        "PATCH" => Some(3),
        "DELETE" => Some(4),
        _ => None,
    }
}

/// A path cut at its slashes, with the checks that hold for every path.
struct Segments<'a> {
    path: &'a [u8],
    starts: [u16; SEGMENTS_MAX],
    count: usize,
    encoded: bool,
    trailing_slash: bool,
}

impl<'a> Segments<'a> {
    fn split(path: &'a [u8]) -> Result<Segments<'a>, RouteError> {
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
            match byte {
                b'/' => {
                    segments.push(start, path.get(start..at).unwrap_or_default())?;
                    start = at + 1;
                }
                b'%' => segments.encoded = true,
                b'\\' | b';' => return Err(RouteError::Ambiguous),
                0..=0x20 | 0x7f.. | b'"' | b'#' | b'<' | b'>' | b'?' => return Err(RouteError::Malformed),
                _ => {}
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
    fn get(&self, at: usize) -> Option<&'a [u8]> {
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
    fn tail(&self, at: usize) -> Option<&'a [u8]> {
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

fn unescape(text: &[u8]) -> Result<Vec<u8>, RouteError> {
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

fn decode(raw: &[u8]) -> Result<Cow<'_, str>, RouteError> {
    if raw.contains(&b'%') {
        String::from_utf8(unescape(raw)?)
            .map(Cow::Owned)
            .map_err(|_| RouteError::Malformed)
    } else {
        std::str::from_utf8(raw)
            .map(Cow::Borrowed)
            .map_err(|_| RouteError::Malformed)
    }
}

/// What an escaped segment may not be, for a parameter of one segment.
fn ambiguous_in_one(raw: &[u8], slash: bool, node: &Node) -> bool {
    let Ok(decoded) = unescape(raw) else { return true };
    let escape_left = decoded.windows(3).any(
        |three| matches!(three, [b'%', high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit()),
    );
    escape_left
        || (!slash && decoded.contains(&b'/'))
        // SECURITY: a reader that decodes before it routes would see the literal's operation.
        || node.literals.iter().any(|(literal, _)| **literal == *decoded)
}

/// A depth-first search: literals before parameters, and back when a branch ends in nothing.
struct Search<'s, 'a> {
    nodes: &'static [Node],
    segments: &'s Segments<'a>,
    method: Option<u8>,
    values: [Option<&'a [u8]>; PARAMS_MAX],
    count: usize,
    path_known: bool,
    refused: bool,
}

impl<'a> Search<'_, 'a> {
    fn descend(&mut self, node: &'static Node, at: usize) -> Option<OperationIndex> {
        if at >= self.segments.count {
            return self.end(node);
        }
        let segment = self.segments.get(at)?;
        // A node with one child is the common case; a long list is searched in order.
        let literal = match node.literals {
            [] => None,
            [(text, next)] => (*text == segment).then_some(*next),
            many => many
                .binary_search_by(|(text, _)| (*text).cmp(segment))
                .ok()
                .and_then(|found| many.get(found))
                .map(|(_, next)| *next),
        };
        if let Some(next) = literal
            && let Some(next) = self.nodes.get(usize::from(next))
            && let Some(found) = self.descend(next, at + 1)
        {
            return Some(found);
        }
        for (shape, next) in node.params {
            let Some(next) = self.nodes.get(usize::from(*next)) else {
                continue;
            };
            if let Some(found) = self.param(node, shape, next, segment, at) {
                return Some(found);
            }
        }
        None
    }

    fn param(
        &mut self,
        node: &'static Node,
        shape: &Shape,
        next: &'static Node,
        segment: &'a [u8],
        at: usize,
    ) -> Option<OperationIndex> {
        let fits = match shape {
            Shape::Choice(words) => words.iter().any(|word| word.as_bytes() == segment),
            Shape::Number => segment.len() <= 19 && segment.iter().all(u8::is_ascii_digit),
            Shape::One | Shape::Slash => {
                let slash = matches!(shape, Shape::Slash);
                if segment.contains(&b'%') && ambiguous_in_one(segment, slash, node) {
                    self.refused = true;
                    return None;
                }
                true
            }
            Shape::Tail | Shape::TailOrNothing => {
                if self.segments.trailing_slash {
                    return None;
                }
                let tail = self.segments.tail(at)?;
                return self.with(tail, |search| search.ends_here(next));
            }
        };
        if !fits {
            return None;
        }
        self.with(segment, |search| search.descend(next, at + 1))
    }

    /// Goes on with one more value, and forgets it when nothing is found.
    fn with(
        &mut self,
        value: &'a [u8],
        go: impl FnOnce(&mut Self) -> Option<OperationIndex>,
    ) -> Option<OperationIndex> {
        *self.values.get_mut(self.count)? = Some(value);
        self.count += 1;
        let found = go(self);
        if found.is_none() {
            self.count -= 1;
            if let Some(slot) = self.values.get_mut(self.count) {
                *slot = None;
            }
        }
        found
    }

    fn end(&mut self, node: &'static Node) -> Option<OperationIndex> {
        if !self.segments.trailing_slash
            && let Some(found) = self.ends_here(node)
        {
            return Some(found);
        }
        // `…/contents/` and `…/contents` are the root of what a tail names.
        let (_, next) = node
            .params
            .iter()
            .find(|(shape, _)| matches!(shape, Shape::TailOrNothing))?;
        let next = self.nodes.get(usize::from(*next))?;
        self.with(b"", |search| search.ends_here(next))
    }

    fn ends_here(&mut self, node: &'static Node) -> Option<OperationIndex> {
        self.path_known |= !node.methods.is_empty();
        let (_, found) = node
            .methods
            .iter()
            .find(|(method, _)| Some(*method) == self.method)?;
        Some(*found)
    }
}
