//! Builds the router's tree from the templates and refuses two operations on one path.

use super::faults::{Fault, Faults};
use super::parse::Operation;
use super::template::{Segment, Shape};
use std::collections::BTreeMap;

/// One node: what may follow, and which operations end here.
#[derive(Default)]
pub struct Node {
    /// Next nodes by literal text.
    pub literals: BTreeMap<String, usize>,
    /// Next nodes by parameter shape, in the order in which they are tried.
    pub params: BTreeMap<Shape, usize>,
    /// Operations that end here, by the method's number.
    pub methods: BTreeMap<usize, usize>,
}

/// Builds the tree of one door; the first node is the root.
pub fn build(operations: &[Operation], door: &str) -> Result<Vec<Node>, Faults> {
    let mut faults = Faults::default();
    let mut nodes = vec![Node::default()];
    for (index, operation) in operations.iter().enumerate() {
        if operation.door != door || !operation.routed {
            continue;
        }
        let mut at = 0;
        for segment in &operation.segments {
            let fresh = nodes.len();
            let Some(node) = nodes.get_mut(at) else { break };
            at = match segment {
                Segment::Literal(text) => *node.literals.entry(text.clone()).or_insert(fresh),
                Segment::Param(_, shape) => *node.params.entry(shape.clone()).or_insert(fresh),
            };
            if at == fresh {
                nodes.push(Node::default());
            }
        }
        let method = super::words::METHODS
            .iter()
            .position(|known| *known == operation.method)
            .unwrap_or(0);
        let Some(node) = nodes.get_mut(at) else { continue };
        if let Some(other) = node.methods.insert(method, index) {
            let other = operations.get(other).map_or("?", |other| other.id.as_str());
            faults.0.push(Fault {
                file: operation.file.clone(),
                line: operation.line,
                message: format!("`{}` has the path of `{other}`", operation.id),
            });
        }
    }
    faults.or(nodes)
}
