//! The only router: door, method and path bytes → operation. Paths are decoded here, once; a path that two
//! readers could understand differently is refused instead of guessed.

use crate::operation::{Door, OperationIndex};
use crate::path::{Segments, decode, unescape};
use crate::registry;
use crate::table::{API, GIT, GITEA, PAGE, ROOT};
use std::borrow::Cow;

/// The most parameters that a path has. The build refuses more.
pub const PARAMS_MAX: usize = 6;

/// What a node holds: a part of a table that was compiled in, or memory of an upstream's file.
pub(crate) type Held<T> = Cow<'static, T>;

/// A literal with its `prefix`, and where it leads.
pub(crate) type Literal = (u64, Held<[u8]>, u16);

/// One node of a door's tree.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// Sorted by `prefix`, then text.
    pub(crate) literals: Held<[Literal]>,
    pub(crate) params: Held<[(Shape, u16)]>,
    pub(crate) methods: Held<[(u8, OperationIndex)]>,
}

impl Node {
    /// Where a literal leads.
    fn literal(&self, text: &[u8]) -> Option<u16> {
        let key = prefix(text);
        let at = self.literals.partition_point(|(known, _, _)| *known < key);
        self.literals
            .get(at..)?
            .iter()
            .take_while(|(known, _, _)| *known == key)
            .find(|(_, known, _)| **known == *text)
            .map(|(_, _, next)| *next)
    }
}

/// What a parameter accepts. A node tries literals first, then these in the order given here.
#[derive(Clone, Debug)]
pub(crate) enum Shape {
    Choice(Held<[Held<str>]>),
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
        Door::Page => &PAGE,
        Door::Gitea => &GITEA,
        // Upstreams come and go: `Extension::route` knows the paths of one. Registries have parsers of their own.
        Door::Mounted | Door::Registry => &[],
    };
    search(nodes, method, path)
}

/// The same in any tree.
pub(crate) fn search<'a>(nodes: &[Node], method: &str, path: &'a [u8]) -> Result<Match<'a>, RouteError> {
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
    let mut params = Params {
        names: registry::params(operation),
        values: Default::default(),
    };
    for (slot, raw) in params.values.iter_mut().zip(search.values.into_iter().flatten()) {
        *slot = decode(raw, segments.encoded)?;
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

/// The first eight bytes of a segment as a number that sorts like them.
pub(crate) fn prefix(text: &[u8]) -> u64 {
    match text.first_chunk::<8>() {
        Some(eight) => u64::from_be_bytes(*eight),
        None => {
            let key = text.iter().fold(0, |key, byte| key << 8 | u64::from(*byte));
            key.checked_shl(8 * (8 - text.len() as u32)).unwrap_or(0)
        }
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
        || node.literals.iter().any(|(_, literal, _)| **literal == *decoded)
}

/// A depth-first search: literals before parameters, and back when a branch ends in nothing.
struct Search<'s, 'a> {
    nodes: &'s [Node],
    segments: &'s Segments<'a>,
    method: Option<u8>,
    values: [Option<&'a [u8]>; PARAMS_MAX],
    count: usize,
    path_known: bool,
    refused: bool,
}

impl<'s, 'a> Search<'s, 'a> {
    fn descend(&mut self, node: &'s Node, at: usize) -> Option<OperationIndex> {
        if at >= self.segments.count {
            return self.end(node);
        }
        let segment = self.segments.get(at)?;
        let literal = node.literal(segment);
        if let Some(next) = literal
            && let Some(next) = self.nodes.get(usize::from(next))
            && let Some(found) = self.descend(next, at + 1)
        {
            return Some(found);
        }
        for (shape, next) in node.params.iter() {
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
        node: &'s Node,
        shape: &Shape,
        next: &'s Node,
        segment: &'a [u8],
        at: usize,
    ) -> Option<OperationIndex> {
        let fits = match shape {
            Shape::Choice(words) => words.iter().any(|word| word.as_bytes() == segment),
            Shape::Number => segment.len() <= 19 && segment.iter().all(u8::is_ascii_digit),
            Shape::One | Shape::Slash => {
                let slash = matches!(shape, Shape::Slash);
                if self.segments.encoded && segment.contains(&b'%') && ambiguous_in_one(segment, slash, node)
                {
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

    fn end(&mut self, node: &'s Node) -> Option<OperationIndex> {
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

    fn ends_here(&mut self, node: &'s Node) -> Option<OperationIndex> {
        self.path_known |= !node.methods.is_empty();
        let (_, found) = node
            .methods
            .iter()
            .find(|(method, _)| Some(*method) == self.method)?;
        Some(*found)
    }
}
