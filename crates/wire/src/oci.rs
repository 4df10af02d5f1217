//! Requests below `/v2/` in the words of the OCI distribution specification 1.1: what is asked of which package. Nothing
//! in a path is decoded, and whatever has no meaning here has none.

mod ask;
mod form;
mod manifest;
mod name;
mod scope;

pub use ask::{is_digest, is_name, is_tag, parse};
pub use form::TokenForm;
pub use manifest::{
    Descriptor, MANIFEST_BYTES_MAX, Manifest, ManifestFault, ManifestKind, label, parse_manifest,
};
pub use name::{Digest, Name, Reference, Tag};
pub use scope::{Actions, Challenge, Scope, parse_scopes};

/// The start of every path.
pub const PREFIX: &str = "/v2/";
/// The path of the tokens that docker's flow hands out.
pub const TOKEN_PATH: &str = "/v2/token";
/// The longest id of an upload.
const SESSION_BYTES_MAX: usize = 4096;
/// The longest media type that a list of referrers can be filtered by.
const TYPE_BYTES_MAX: usize = 255;

/// What a request asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ask {
    /// Whether this is a registry, and whether the credential is good.
    Ping,
    /// A token of docker's flow.
    Token,
    /// The names of all packages.
    Catalog,
    /// Something of one package.
    Of(Name, Call),
}

impl Ask {
    /// The package, where one is named.
    pub fn name(&self) -> Option<&Name> {
        match self {
            Ask::Ping | Ask::Token | Ask::Catalog => None,
            Ask::Of(name, _) => Some(name),
        }
    }
}

/// What is asked of a package.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Call {
    /// Its tags, at the most so many, behind this one.
    Tags {
        /// How many at the most.
        count: Option<u32>,
        /// The tag before the first.
        last: Option<Tag>,
    },
    /// The manifests that refer to one, perhaps of one type alone.
    Referrers {
        /// What they refer to.
        digest: Digest,
        /// Their type.
        artifact_type: Option<String>,
    },
    /// Reads a manifest.
    ManifestGet(Reference),
    /// Stores a manifest, and moves the tag where one is named.
    ManifestPut(Reference),
    /// Deletes a manifest or a tag.
    ManifestDelete(Reference),
    /// Reads a blob.
    BlobGet(Digest),
    /// Deletes a blob.
    BlobDelete(Digest),
    /// Begins an upload.
    UploadStart(Start),
    /// How far an upload is.
    UploadStatus(String),
    /// A piece of an upload.
    UploadChunk(String),
    /// The last piece of an upload, and what all of it must be.
    UploadFinish(String, Digest),
    /// Gives an upload up.
    UploadCancel(String),
}

/// How an upload begins.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Start {
    /// With nothing: pieces follow.
    Session,
    /// With the whole blob.
    Whole(Digest),
    /// With the wish that the blob be taken over from another package. Without a source nobody is asked.
    Mount(Digest, Option<Name>),
}

impl Call {
    /// The path and query of this call as they are written to a registry; `None` for uploads under way, whose addresses
    /// are the registry's own.
    // SECURITY: written from what was understood, so that nothing else can be in it.
    pub fn target(&self, name: &Name) -> Option<String> {
        let of = |rest: &str| Some(format!("{PREFIX}{name}/{rest}"));
        match self {
            Call::Tags { count, last } => {
                let mut query = Vec::new();
                query.extend(count.map(|count| format!("n={count}")));
                query.extend(last.as_ref().map(|last| format!("last={last}")));
                let mark = if query.is_empty() { "" } else { "?" };
                of(&format!("tags/list{mark}{}", query.join("&")))
            }
            Call::Referrers {
                digest,
                artifact_type,
            } => match artifact_type {
                None => of(&format!("referrers/{digest}")),
                Some(wanted) => {
                    let wanted =
                        percent_encoding::utf8_percent_encode(wanted, percent_encoding::NON_ALPHANUMERIC);
                    of(&format!("referrers/{digest}?artifactType={wanted}"))
                }
            },
            Call::ManifestGet(reference) | Call::ManifestPut(reference) | Call::ManifestDelete(reference) => {
                of(&format!("manifests/{reference}"))
            }
            Call::BlobGet(digest) | Call::BlobDelete(digest) => of(&format!("blobs/{digest}")),
            Call::UploadStart(Start::Session | Start::Mount(_, None)) => of("blobs/uploads/"),
            Call::UploadStart(Start::Whole(digest)) => {
                of(&format!("blobs/uploads/?digest={}", digest.in_query()))
            }
            Call::UploadStart(Start::Mount(digest, Some(from))) => of(&format!(
                "blobs/uploads/?mount={}&from={}",
                digest.in_query(),
                from.as_str().replace('/', "%2F")
            )),
            Call::UploadStatus(_) | Call::UploadChunk(_) | Call::UploadFinish(..) | Call::UploadCancel(_) => {
                None
            }
        }
    }

    /// What is named beside the package: a tag or a digest.
    pub fn reference(&self) -> Option<String> {
        match self {
            Call::ManifestGet(reference) | Call::ManifestPut(reference) | Call::ManifestDelete(reference) => {
                Some(reference.to_string())
            }
            Call::BlobGet(digest)
            | Call::BlobDelete(digest)
            | Call::Referrers { digest, .. }
            | Call::UploadFinish(_, digest)
            | Call::UploadStart(Start::Whole(digest) | Start::Mount(digest, _)) => Some(digest.to_string()),
            Call::Tags { .. }
            | Call::UploadStart(Start::Session)
            | Call::UploadStatus(_)
            | Call::UploadChunk(_)
            | Call::UploadCancel(_) => None,
        }
    }
}

/// Reads a request by method (HEAD is GET), raw path and raw query. `None` is unknown, and unknown is refused.
// SECURITY: from the end of the path, where two segments tell the call; names hold none of the words that a reader from
// the front could take for the call's. What needs decoding in a path could be read differently by somebody else.
pub fn read(method: &str, path: &str, query: Option<&str>) -> Option<Ask> {
    if path == "/v2" || path == PREFIX {
        return (method == "GET").then_some(Ask::Ping);
    }
    if path == TOKEN_PATH {
        return matches!(method, "GET" | "POST").then_some(Ask::Token);
    }
    let rest = path.strip_prefix(PREFIX)?;
    if rest == "_catalog" {
        return (method == "GET").then_some(Ask::Catalog);
    }
    let (before, last) = rest.rsplit_once('/')?;
    let (name, word) = before.rsplit_once('/')?;
    let query = Pairs::parse(query)?;
    if word == "uploads" {
        let name = Name::parse(name.strip_suffix("/blobs")?)?;
        return Some(Ask::Of(name, upload(method, last, &query)?));
    }
    let name = Name::parse(name)?;
    let call = match (word, method) {
        ("tags", "GET") if last == "list" => Call::Tags {
            count: query.number("n")?,
            last: query.known("last", Tag::parse)?,
        },
        ("referrers", "GET") => Call::Referrers {
            digest: Digest::parse(last)?,
            artifact_type: query.known("artifactType", media_type)?,
        },
        ("manifests", "GET") => Call::ManifestGet(Reference::parse(last)?),
        ("manifests", "PUT") => Call::ManifestPut(Reference::parse(last)?),
        ("manifests", "DELETE") => Call::ManifestDelete(Reference::parse(last)?),
        ("blobs", "GET") => Call::BlobGet(Digest::parse(last)?),
        ("blobs", "DELETE") => Call::BlobDelete(Digest::parse(last)?),
        _ => return None,
    };
    Some(Ask::Of(name, call))
}

fn upload(method: &str, session: &str, query: &Pairs) -> Option<Call> {
    if session.is_empty() {
        return (method == "POST")
            .then(|| start(query))
            .flatten()
            .map(Call::UploadStart);
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'=');
    if session.len() > SESSION_BYTES_MAX || !session.bytes().all(plain) || session.starts_with('.') {
        return None;
    }
    let session = session.to_owned();
    match method {
        "GET" => Some(Call::UploadStatus(session)),
        "PATCH" => Some(Call::UploadChunk(session)),
        "PUT" => Some(Call::UploadFinish(
            session,
            query.known("digest", Digest::parse)??,
        )),
        "DELETE" => Some(Call::UploadCancel(session)),
        _ => None,
    }
}

fn start(query: &Pairs) -> Option<Start> {
    let digest = query.known("digest", Digest::parse)?;
    let mount = query.known("mount", Digest::parse)?;
    let from = query.known("from", Name::parse)?;
    match (digest, mount) {
        (None, None) => Some(Start::Session),
        (Some(digest), None) => Some(Start::Whole(digest)),
        (None, Some(mount)) => Some(Start::Mount(mount, from)),
        (Some(_), Some(_)) => None,
    }
}

fn media_type(text: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&^_.+-/".contains(&byte);
    let good = (1..=TYPE_BYTES_MAX).contains(&text.len()) && text.bytes().all(plain);
    good.then(|| text.to_owned())
}

/// The pairs of a query, decoded once.
struct Pairs(Vec<(String, String)>);

impl Pairs {
    fn parse(query: Option<&str>) -> Option<Pairs> {
        let decode = |text: &str| {
            let text = text.replace('+', " ");
            let decoded = percent_encoding::percent_decode_str(&text).decode_utf8().ok()?;
            Some(decoded.into_owned())
        };
        let pairs = query.unwrap_or("").split('&').filter(|pair| !pair.is_empty());
        pairs
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                Some((decode(name)?, decode(value)?))
            })
            .collect::<Option<Vec<_>>>()
            .map(Pairs)
    }

    /// The value of a name, if it is there; outer `None` where it is there twice or cannot be.
    fn known<T>(&self, name: &str, parse: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
        let mut values = self.0.iter().filter(|(known, _)| known == name);
        match (values.next(), values.next()) {
            (None, _) => Some(None),
            (Some((_, value)), None) => parse(value).map(Some),
            (Some(_), Some(_)) => None,
        }
    }

    fn number(&self, name: &str) -> Option<Option<u32>> {
        self.known(name, |text| {
            let plain = (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
            if plain { text.parse().ok() } else { None }
        })
    }
}
