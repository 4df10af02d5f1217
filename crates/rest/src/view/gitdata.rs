//! Refs, trees and tags as Git data, in GitHub's shapes.

use crate::view::commit::{Place, encode_path, signature, verification};
use bailiwick_authority::content::git::{Mode, Ref, Tag, Tree, TreeEntry};
use serde_json::{Value, json};

/// A ref.
pub fn reference(place: &Place, found: &Ref) -> Value {
    let (kind, oid) = (found.kind.name(), found.oid);
    json!({
        "ref": found.name,
        "node_id": place.node_id("Ref", &found.name),
        "url": format!("{}/git/{}", place.api, encode_path(&found.name)),
        "object": {
            "sha": oid.to_string(),
            "type": kind,
            "url": format!("{}/git/{kind}s/{oid}", place.api),
        },
    })
}

/// A tree.
pub fn tree(place: &Place, tree: &Tree) -> Value {
    json!({
        "sha": tree.oid.to_string(),
        "url": format!("{}/git/trees/{}", place.api, tree.oid),
        "tree": tree.entries.iter().map(|line| entry(place, line)).collect::<Vec<_>>(),
        "truncated": tree.truncated,
    })
}

fn entry(place: &Place, line: &TreeEntry) -> Value {
    let kind = line.mode.type_name();
    let mut value = json!({
        "path": line.path,
        "mode": line.mode.octal(),
        "type": kind,
        "sha": line.oid.to_string(),
    });
    if let Some(fields) = value.as_object_mut() {
        if let Some(size) = line.size_bytes {
            fields.insert("size".into(), json!(size));
        }
        // A submodule's commit lies in another repository.
        if line.mode != Mode::Submodule {
            fields.insert(
                "url".into(),
                json!(format!("{}/git/{kind}s/{}", place.api, line.oid)),
            );
        }
    }
    value
}

/// A tag object.
pub fn tag(place: &Place, tag: &Tag) -> Value {
    let (kind, target) = (tag.target_kind.name(), tag.target);
    let nobody = json!({"name": "", "email": "", "date": "1970-01-01T00:00:00Z"});
    json!({
        "node_id": place.node_id("Tag", tag.oid),
        "sha": tag.oid.to_string(),
        "url": format!("{}/git/tags/{}", place.api, tag.oid),
        "tagger": tag.tagger.as_ref().map_or(nobody, signature),
        "object": {
            "sha": target.to_string(),
            "type": kind,
            "url": format!("{}/git/{kind}s/{target}", place.api),
        },
        "tag": tag.name,
        "message": tag.message.trim_end_matches('\n'),
        "verification": verification(None),
    })
}
