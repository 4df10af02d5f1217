//! A mounted upstream: operations that an administrator's file describes, with a router of their own. The file is in
//! the format of the built-in catalogue, read by the same code; routing and decoding are the same as well.

mod check;
mod lower;
mod value;

use crate::operation::{Operation, OperationIndex};
use crate::read::faults::{Fault, Faults};
use crate::read::trie;
use crate::registry;
use crate::route::{Held, Match, Node, RouteError, Shape, prefix, search};
use lower::Lowered;
use std::borrow::Cow;

pub use check::mount_name;

/// The most operations that one file may hold.
pub const EXTENSION_OPERATIONS_MAX: usize = 2_000;

/// The largest file, in bytes.
pub const EXTENSION_BYTES_MAX: usize = 512 * 1024;

/// The most faults that are told of one file.
const FAULTS_MAX: usize = 100;

/// The operations of one upstream, below `/-/NAME`.
pub struct Extension {
    name: String,
    mount: String,
    nodes: Vec<Node>,
    operations: Vec<&'static Operation>,
}

impl std::fmt::Debug for Extension {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Extension({}, {} operations)",
            self.name,
            self.operations.len()
        )
    }
}

impl Extension {
    /// Reads a catalogue file for the upstream of this name; `file` is what faults call it. Everything that is wrong is
    /// told at once, and then nothing is loaded.
    pub fn read(name: &str, file: &str, text: &str) -> Result<Extension, Faults> {
        load(name, file, text).map_err(|mut faults| {
            let more = faults.0.len().saturating_sub(FAULTS_MAX);
            faults.0.truncate(FAULTS_MAX);
            if let Some(line) = faults.0.last().map(|fault| fault.line).filter(|_| more > 0) {
                faults.0.push(Fault {
                    file: file.into(),
                    line,
                    message: format!("and {more} more faults"),
                });
            }
            faults
        })
    }

    /// The upstream's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it is mounted, `/-/NAME`.
    pub fn mount(&self) -> &str {
        &self.mount
    }

    /// Its operations in the file's order.
    pub fn operations(&self) -> &[&'static Operation] {
        &self.operations
    }

    /// The operation of an id, which begins with the upstream's name.
    pub fn by_id(&self, id: &str) -> Option<&'static Operation> {
        self.operations
            .iter()
            .copied()
            .find(|operation| operation.id == id)
    }

    /// Finds the operation of a request. The path is what follows the mount, without query; HEAD is routed as GET.
    pub fn route<'a>(&self, method: &str, path: &'a [u8]) -> Result<Match<'a>, RouteError> {
        search(&self.nodes, method, path)
    }
}

/// The name of the upstream whose operation this is; `None` for a built-in one.
pub fn upstream_of(operation: &Operation) -> Option<&'static str> {
    if operation.door != crate::operation::Door::Mounted {
        return None;
    }
    // Names are short, and this is asked for every request below a mount.
    let end = operation.id.bytes().position(|byte| byte == b'/')?;
    operation.id.get(..end)
}

fn load(name: &str, file: &str, text: &str) -> Result<Extension, Faults> {
    let mut faults = Faults::default();
    let fault = |message: String| Fault {
        file: file.into(),
        line: 1,
        message,
    };
    if let Err(reason) = mount_name(name) {
        faults
            .0
            .push(fault(format!("an upstream `{name}` cannot be mounted: {reason}")));
        return Err(faults);
    }
    if text.len() > EXTENSION_BYTES_MAX {
        faults.0.push(fault(format!(
            "the file is larger than {EXTENSION_BYTES_MAX} bytes"
        )));
        return Err(faults);
    }
    let (rows, whole) = check::rows(name, file, text, &mut faults);
    if rows.is_empty() && faults.0.is_empty() {
        faults.0.push(fault(
            "there is no operation in it: write `category/name METHOD /path`".into(),
        ));
    }
    if rows.len() > EXTENSION_OPERATIONS_MAX {
        faults
            .0
            .push(fault(format!("more than {EXTENSION_OPERATIONS_MAX} operations")));
    }
    let tree = trie::build(&rows, crate::read::parse::MOUNTED).unwrap_or_else(|more| {
        faults.0.extend(more.0);
        Vec::new()
    });
    let mut lowered: Vec<Lowered> = Vec::with_capacity(rows.len());
    for row in rows {
        let place = (row.file.clone(), row.line);
        let names = crate::read::names::mounted(&row.segments, &whole);
        match lower::lower(name, row, names) {
            Some(row) => lowered.push(row),
            None => faults.0.push(Fault {
                file: place.0,
                line: place.1,
                message: "a word here means nothing to this server".into(),
            }),
        }
    }
    faults.or(())?;
    let loaded = registry::append(&lowered, Lowered::key, Lowered::make).map_err(|registry::Full| {
        let message =
            "this process has met too many different operations of upstreams: restart it to load more";
        Faults(vec![fault(message.into())])
    })?;
    let operations: Vec<&'static Operation> = loaded.iter().map(|loaded| &loaded.operation).collect();
    let nodes = tree.iter().map(|node| node_of(node, &operations)).collect();
    Ok(Extension {
        name: name.into(),
        mount: format!("/-/{name}"),
        nodes,
        operations,
    })
}

/// A node as the router reads it. Literals come sorted by text, which is their order by prefix as well.
fn node_of(node: &trie::Node, operations: &[&'static Operation]) -> Node {
    let place = |next: &usize| u16::try_from(*next).ok();
    let literals = node.literals.iter().filter_map(|(text, next)| {
        let bytes: Held<[u8]> = Cow::Owned(text.clone().into_bytes());
        Some((prefix(text.as_bytes()), bytes, place(next)?))
    });
    let params = node
        .params
        .iter()
        .filter_map(|(shape, next)| Some((shape_of(shape), place(next)?)));
    let methods = node.methods.iter().filter_map(|(method, at)| {
        let index: OperationIndex = operations.get(*at)?.index;
        Some((u8::try_from(*method).ok()?, index))
    });
    Node {
        literals: literals.collect(),
        params: params.collect(),
        methods: methods.collect(),
    }
}

fn shape_of(shape: &crate::read::template::Shape) -> Shape {
    use crate::read::template::Shape as Read;
    match shape {
        Read::Choice(words) => Shape::Choice(words.iter().map(|word| Cow::Owned(word.clone())).collect()),
        Read::Number => Shape::Number,
        Read::One => Shape::One,
        Read::Slash => Shape::Slash,
        Read::Tail => Shape::Tail,
        Read::TailOrNothing => Shape::TailOrNothing,
    }
}

#[cfg(test)]
mod tests;
