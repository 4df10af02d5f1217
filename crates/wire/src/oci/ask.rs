//! What a request below `/v2` asks, in the form that all registries share.

use super::{Ask, Call, Digest, Name, Start, Tag, read};
use crate::registry::{self, Asks, PackageName};

/// Reads a request; the path begins with `/v2`.
pub fn parse(method: &str, path: &str, query: Option<&str>) -> Option<registry::Ask> {
    let (name, call) = match read(method, path, query)? {
        Ask::Ping => return Some(registry::Ask::of(Asks::OciPing)),
        Ask::Catalog => return Some(registry::Ask::of(Asks::OciCatalog)),
        Ask::Token if method == "POST" => return Some(registry::Ask::of(Asks::OciTokenForm)),
        Ask::Token => return Some(registry::Ask::of(Asks::OciToken)),
        Ask::Of(name, call) => (name, call),
    };
    let source = match &call {
        Call::UploadStart(Start::Mount(_, Some(from))) => Some(PackageName::plain(from.as_str())),
        _ => None,
    };
    Some(registry::Ask {
        version: call.reference(),
        source,
        ..registry::Ask::about(asks(&call), PackageName::plain(name.as_str()))
    })
}

fn asks(call: &Call) -> Asks {
    match call {
        Call::Tags { .. } => Asks::OciTags,
        Call::Referrers { .. } => Asks::OciReferrers,
        Call::ManifestGet(_) => Asks::OciManifestGet,
        Call::ManifestPut(_) => Asks::OciManifestPut,
        Call::ManifestDelete(_) => Asks::OciManifestDelete,
        Call::BlobGet(_) => Asks::OciBlobGet,
        Call::BlobDelete(_) => Asks::OciBlobDelete,
        Call::UploadStart(Start::Mount(_, Some(_))) => Asks::OciBlobMount,
        Call::UploadStart(Start::Session | Start::Whole(_) | Start::Mount(_, None)) => Asks::OciUploadStart,
        Call::UploadStatus(_) => Asks::OciUploadStatus,
        Call::UploadChunk(_) => Asks::OciUploadChunk,
        Call::UploadFinish(..) => Asks::OciUploadFinish,
        Call::UploadCancel(_) => Asks::OciUploadCancel,
    }
}

/// Whether a text is the name of an image.
pub fn is_name(text: &str) -> bool {
    Name::parse(text).is_some()
}

/// Whether a text is a tag.
pub fn is_tag(text: &str) -> bool {
    Tag::parse(text).is_some()
}

/// Whether a text is a digest.
pub fn is_digest(text: &str) -> bool {
    Digest::parse(text).is_some()
}
