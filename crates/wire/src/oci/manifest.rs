//! Manifests and indexes (OCI image specification 1.1, docker's schema 2): what they refer to. A registry written in Go
//! takes keys in any case and the last of several; what could be read so is refused.

use super::name::Digest;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeMap;

/// The largest manifest, in bytes.
pub const MANIFEST_BYTES_MAX: usize = 4 << 20;
/// The most things that one manifest refers to.
const REFERENCES_MAX: usize = 512;
/// The deepest nesting of a document.
const DEPTH_MAX: usize = 32;

/// What a manifest is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ManifestKind {
    /// One image or artifact: a configuration and layers.
    Image,
    /// A list of manifests.
    Index,
}

impl ManifestKind {
    /// By its media type.
    pub fn of(media_type: &str) -> Option<ManifestKind> {
        match media_type {
            "application/vnd.oci.image.manifest.v1+json"
            | "application/vnd.docker.distribution.manifest.v2+json" => Some(ManifestKind::Image),
            "application/vnd.oci.image.index.v1+json"
            | "application/vnd.docker.distribution.manifest.list.v2+json" => Some(ManifestKind::Index),
            _ => None,
        }
    }
}

/// Something that a manifest refers to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Descriptor {
    /// Its type.
    pub media_type: String,
    /// What it is.
    pub digest: Digest,
    /// Its length in bytes.
    pub size: u64,
}

/// A manifest that was understood.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Manifest {
    /// What it is.
    pub kind: ManifestKind,
    /// The configuration of an image.
    pub config: Option<Descriptor>,
    /// The layers of an image.
    pub layers: Vec<Descriptor>,
    /// The manifests of an index.
    pub manifests: Vec<Descriptor>,
    /// What it is about: it need not be there (yet).
    pub subject: Option<Descriptor>,
    /// Its annotations.
    pub annotations: BTreeMap<String, String>,
}

/// Why a manifest is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ManifestFault {
    /// Larger than the limit, too deep, or with too many references.
    TooLarge,
    /// Not a JSON object, or a part has another shape than it must.
    Shape,
    /// A key is there twice, or in another case than it is written in.
    Keys,
    /// Its type is unknown here, or not the one that it says of itself.
    Type,
    /// It holds what makes one thing of it for one reader and another for the next.
    Ambiguous,
    /// A layer lies at an address elsewhere.
    Foreign,
}

/// Keys that are read here or by a registry, as they are written.
const KEYS: [&str; 19] = [
    "schemaVersion",
    "mediaType",
    "artifactType",
    "config",
    "layers",
    "manifests",
    "blobs",
    "subject",
    "annotations",
    "digest",
    "size",
    "urls",
    "data",
    "platform",
    "fsLayers",
    "history",
    "signatures",
    "name",
    "tag",
];

/// Reads a manifest of a type.
pub fn parse_manifest(bytes: &[u8], content_type: &str) -> Result<Manifest, ManifestFault> {
    if bytes.len() > MANIFEST_BYTES_MAX {
        return Err(ManifestFault::TooLarge);
    }
    let kind = ManifestKind::of(content_type).ok_or(ManifestFault::Type)?;
    let Node::Object(root) = Node::parse(bytes)? else {
        return Err(ManifestFault::Shape);
    };
    match root.get("mediaType") {
        None => {}
        Some(Node::Text(said)) if said == content_type => {}
        Some(_) => return Err(ManifestFault::Type),
    }
    if !matches!(root.get("schemaVersion"), Some(Node::Number(2))) {
        return Err(ManifestFault::Shape);
    }
    // An image and a list at once, or one of the old kinds that nobody here reads.
    let foreign: &[&str] = match kind {
        ManifestKind::Image => &["manifests", "fsLayers", "history", "signatures", "blobs"],
        ManifestKind::Index => &["layers", "config", "fsLayers", "history", "signatures", "blobs"],
    };
    if foreign.iter().any(|key| root.contains_key(*key)) {
        return Err(ManifestFault::Ambiguous);
    }
    let manifest = Manifest {
        kind,
        config: root.get("config").map(descriptor).transpose()?,
        layers: descriptors(root.get("layers"))?,
        manifests: descriptors(root.get("manifests"))?,
        subject: root.get("subject").map(descriptor).transpose()?,
        annotations: annotations(root.get("annotations"))?,
    };
    if kind == ManifestKind::Image && (manifest.config.is_none() || !root.contains_key("layers")) {
        return Err(ManifestFault::Shape);
    }
    if kind == ManifestKind::Index && !root.contains_key("manifests") {
        return Err(ManifestFault::Shape);
    }
    if manifest.layers.len() + manifest.manifests.len() > REFERENCES_MAX {
        return Err(ManifestFault::TooLarge);
    }
    Ok(manifest)
}

/// A label of an image's configuration (`config.Labels`); none where the configuration cannot be read.
pub fn label(config: &[u8], name: &str) -> Option<String> {
    let Ok(Node::Object(mut root)) = Node::parse_freely(config) else {
        return None;
    };
    let Some(Node::Object(mut inner)) = root.remove("config") else {
        return None;
    };
    let Some(Node::Object(mut labels)) = inner.remove("Labels") else {
        return None;
    };
    match labels.remove(name) {
        Some(Node::Text(text)) => Some(text),
        _ => None,
    }
}

fn descriptors(node: Option<&Node>) -> Result<Vec<Descriptor>, ManifestFault> {
    match node {
        None => Ok(Vec::new()),
        Some(Node::Array(items)) => items.iter().map(descriptor).collect(),
        Some(_) => Err(ManifestFault::Shape),
    }
}

fn descriptor(node: &Node) -> Result<Descriptor, ManifestFault> {
    let Node::Object(fields) = node else {
        return Err(ManifestFault::Shape);
    };
    // SECURITY: what lies elsewhere is fetched by clients from whatever address the manifest names, past every decision.
    match fields.get("urls") {
        None | Some(Node::Null) => {}
        Some(Node::Array(urls)) if urls.is_empty() => {}
        Some(_) => return Err(ManifestFault::Foreign),
    }
    let (Some(Node::Text(media_type)), Some(Node::Text(digest)), Some(Node::Number(size))) =
        (fields.get("mediaType"), fields.get("digest"), fields.get("size"))
    else {
        return Err(ManifestFault::Shape);
    };
    if media_type.contains(".foreign.") || media_type.contains(".nondistributable.") {
        return Err(ManifestFault::Foreign);
    }
    Ok(Descriptor {
        media_type: media_type.clone(),
        digest: Digest::parse(digest).ok_or(ManifestFault::Shape)?,
        size: *size,
    })
}

fn annotations(node: Option<&Node>) -> Result<BTreeMap<String, String>, ManifestFault> {
    match node {
        None | Some(Node::Null) => Ok(BTreeMap::new()),
        Some(Node::Object(fields)) => fields
            .iter()
            .map(|(name, value)| match value {
                Node::Text(text) => Ok((name.clone(), text.clone())),
                _ => Err(ManifestFault::Shape),
            })
            .collect(),
        Some(_) => Err(ManifestFault::Shape),
    }
}

/// A JSON value in which no key comes twice.
#[derive(Debug)]
enum Node {
    Null,
    Text(String),
    /// A whole number that is not negative.
    Number(u64),
    /// What nobody here looks at.
    Other,
    Array(Vec<Node>),
    Object(BTreeMap<String, Node>),
}

impl Node {
    fn parse(bytes: &[u8]) -> Result<Node, ManifestFault> {
        let node = Node::parse_freely(bytes)?;
        node.check(0, false)?;
        Ok(node)
    }

    /// Without a look at how keys are written.
    fn parse_freely(bytes: &[u8]) -> Result<Node, ManifestFault> {
        serde_json::from_slice(bytes).map_err(|error| {
            if error.is_data() && error.to_string().starts_with(TWICE) {
                ManifestFault::Keys
            } else {
                ManifestFault::Shape
            }
        })
    }

    /// Refuses keys that a reader without regard to case would take for known ones. Annotations have any.
    fn check(&self, depth: usize, free: bool) -> Result<(), ManifestFault> {
        if depth > DEPTH_MAX {
            return Err(ManifestFault::TooLarge);
        }
        match self {
            Node::Null | Node::Text(_) | Node::Number(_) | Node::Other => Ok(()),
            Node::Array(items) => items.iter().try_for_each(|item| item.check(depth + 1, free)),
            Node::Object(fields) => fields.iter().try_for_each(|(name, value)| {
                let misspelt = KEYS.iter().any(|key| *key != name && folded(key) == folded(name));
                if misspelt && !free {
                    return Err(ManifestFault::Keys);
                }
                value.check(depth + 1, free || name == "annotations")
            }),
        }
    }
}

/// How Go compares keys: without case, the long s and the Kelvin sign included.
fn folded(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            '\u{17f}' => 's',
            '\u{212a}' => 'k',
            other => other.to_ascii_lowercase(),
        })
        .collect()
}

/// The start of the error of a key that comes twice.
const TWICE: &str = "a key is there twice";

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Node, D::Error> {
        from.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Node;

    fn expecting(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        out.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_i64<E>(self, number: i64) -> Result<Node, E> {
        Ok(u64::try_from(number).map_or(Node::Other, Node::Number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Node, E> {
        Ok(Node::Number(number))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Node, E> {
        Ok(Node::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = from.next_element()? {
            items.push(item);
        }
        Ok(Node::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Node, A::Error> {
        let mut fields = BTreeMap::new();
        while let Some((name, value)) = from.next_entry::<String, Node>()? {
            if fields.insert(name, value).is_some() {
                return Err(serde::de::Error::custom(TWICE));
            }
        }
        Ok(Node::Object(fields))
    }
}
