//! Trying a registry of packages: whether it answers as one, whether it takes the gateway's credential for reading and for
//! publishing, and whether it asks anybody else for one. The questions name what nobody has, so that nothing changes.

use super::Upstream;
use super::examine::{FOR_MAX, Findings, json, shared, unreachable};
use crate::admin::doctor::{Check, failure, good, warning};
use bailiwick_model::RegistryKind;
use bailiwick_upstream::{Address, Client, ProbeMethod, UpstreamError};
use bailiwick_wire::credential::Secret;
use bailiwick_wire::header::HeaderValues;
use serde_json::Value;
use std::sync::Arc;
use zeroize::Zeroizing;

const CREDENTIAL: &str = "upstream_credential";
const OPEN: &str = "upstream_open";

/// A request of which the answer tells whether a credential is asked for.
struct Question {
    method: ProbeMethod,
    path: String,
}

/// The statuses of one question with the credential, and without.
#[derive(Clone, Copy)]
struct Said {
    with: u16,
    without: u16,
}

impl Said {
    /// Whether the credential made the difference.
    fn tells(self) -> bool {
        asks(self.without) && !asks(self.with) && self.with < 500
    }

    /// Whether it is done for anybody, or looked into as far as that there is nothing to do. Not being served at all, or
    /// being sent elsewhere to sign in, is not.
    fn open(self) -> bool {
        matches!(self.without, 200..=299 | 400 | 404 | 409 | 411 | 415 | 422)
    }
}

const fn asks(status: u16) -> bool {
    matches!(status, 401 | 403)
}

/// What a registry of this kind tells of itself.
pub(super) async fn tried(kind: RegistryKind, upstream: &Upstream, web: &Arc<Client>) -> Findings {
    match tell(kind, upstream, web).await {
        Ok(found) => found,
        Err(error) => vec![unreachable(&error)],
    }
}

async fn tell(kind: RegistryKind, upstream: &Upstream, web: &Arc<Client>) -> Result<Findings, UpstreamError> {
    let Some(brought) = brought(upstream) else {
        return Ok(vec![failure(
            CREDENTIAL,
            "a header of the settings cannot be filled: its secret is not set",
            "set it: bailiwick admin upstream credential NAME --secret-ask secret",
        )]);
    };
    let headers: Vec<(&str, &str)> = brought
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let read = reading(kind);
    let answered = web.probe(&read.path, &headers, FOR_MAX).await?;
    let reads = Said {
        with: answered.status,
        without: web.probe(&read.path, &[], FOR_MAX).await?.status,
    };
    if let Some(check) = another(kind, reads.with) {
        return Ok(vec![check]);
    }
    let mut writes = None;
    let question = writing(kind, &json(&answered), web.address());
    if let Some(write) = &question {
        let status = async |headers| {
            let answer = web.probe_by(write.method, &write.path, headers, FOR_MAX).await;
            answer.map(|answer| answer.status)
        };
        writes = Some(Said {
            with: status(&headers).await?,
            without: status(&[]).await?,
        });
    }
    let mut found = vec![credential(headers.is_empty(), reads, writes)];
    found.extend(open(kind, reads, writes, is_here(web)));
    Ok(found)
}

fn is_here(web: &Client) -> bool {
    super::doctor::is_this_machine(web.address().host())
}

/// What the gateway brings there; `None` where a header lacks its secret.
fn brought(upstream: &Upstream) -> Option<Vec<(&str, Zeroizing<String>)>> {
    if upstream.headers.is_empty() {
        let credential = shared(upstream).map(|text| ("authorization", text));
        return Some(credential.into_iter().collect());
    }
    let values = HeaderValues {
        secret: upstream.reveal("secret"),
        login: None,
        upstream_login: None,
        request_id: Some("doctor"),
    };
    let expand = |template: &'_ bailiwick_wire::header::HeaderTemplate| {
        template.expand(&values).ok().map(Secret::into_owned)
    };
    upstream
        .headers
        .iter()
        .map(|template| Some((template.name(), expand(template)?)))
        .collect()
}

/// What whoever reads asks for first.
fn reading(kind: RegistryKind) -> Question {
    let path = match kind {
        RegistryKind::Oci => "/v2/",
        RegistryKind::Npm => "/bailiwick-doctor-none",
        RegistryKind::Maven => "/bailiwick/doctor/none/maven-metadata.xml",
        RegistryKind::NuGet => "/v3/index.json",
        RegistryKind::PyPi => "/simple/",
    };
    Question {
        method: ProbeMethod::Get,
        path: path.into(),
    }
}

/// What only those get done who may publish, of a thing that is not there or without a body, so that nothing is done.
fn writing(kind: RegistryKind, index: &Value, address: &Address) -> Option<Question> {
    let (method, path) = match kind {
        RegistryKind::Oci => (
            ProbeMethod::Put,
            String::from("/v2/bailiwick-doctor/none/manifests/none"),
        ),
        RegistryKind::Npm => (
            ProbeMethod::Delete,
            String::from("/-/package/bailiwick-doctor-none/dist-tags/none"),
        ),
        RegistryKind::Maven => (
            ProbeMethod::Delete,
            String::from("/bailiwick/doctor/none/0/none-0.pom"),
        ),
        RegistryKind::NuGet => {
            let at = publishing(index, address)?;
            (ProbeMethod::Delete, format!("{at}/Bailiwick.Doctor.None/0.0.0"))
        }
        RegistryKind::PyPi => (ProbeMethod::Post, String::from("/")),
    };
    Some(Question { method, path })
}

/// Where a feed says that packages are sent, if that is below its address.
// SECURITY: the index is the feed's own word. What leads elsewhere would bring the credential to whoever is there.
fn publishing(index: &Value, address: &Address) -> Option<String> {
    let resources = index.get("resources")?.as_array()?;
    let one = resources
        .iter()
        .find(|one| one.get("@type").and_then(Value::as_str) == Some("PackagePublish/2.0.0"))?;
    let path = address.below(one.get("@id")?.as_str()?)?.trim_end_matches('/');
    (!path.is_empty() && !path.contains(['?', '#'])).then(|| path.to_owned())
}

/// Something else than such a registry, told by what has to be there.
fn another(kind: RegistryKind, status: u16) -> Option<Check> {
    let (path, what) = match kind {
        RegistryKind::Oci => ("/v2/", "a registry of images"),
        RegistryKind::NuGet => ("/v3/index.json", "a NuGet feed of version 3"),
        RegistryKind::PyPi => ("/simple/", "an index of Python packages"),
        // Of these, nothing has to be there.
        RegistryKind::Npm | RegistryKind::Maven => return None,
    };
    (status == 404).then(|| {
        failure(
            CREDENTIAL,
            format!("{path} is not there: what answers is not {what}"),
            "look whether the address is right, with the path that the registry is below",
        )
    })
}

fn credential(none: bool, reads: Said, writes: Option<Said>) -> Check {
    let set = "set one that may read, publish and delete there: bailiwick admin upstream credential";
    let refused = asks(reads.with) && reads.with != 403;
    if none {
        return match asks(reads.with) || writes.is_some_and(|said| asks(said.with)) {
            true => failure(CREDENTIAL, "none is set, and the registry asks for one", set),
            false => good(CREDENTIAL, "none is set, and the registry asks for none"),
        };
    }
    // Reading what is not there may be forbidden to everybody; without a difference, it says nothing.
    if refused || (reads.with == 403 && reads.without != 403) {
        return failure(
            CREDENTIAL,
            format!("the registry refuses it with status {}", reads.with),
            set,
        );
    }
    match writes {
        Some(said) if said.with == 401 => failure(
            CREDENTIAL,
            "the registry refuses to let it publish, with status 401",
            set,
        ),
        Some(said) if said.with == 403 => warning(
            CREDENTIAL,
            "the registry refuses it where somebody publishes or deletes, with status 403",
            set,
        ),
        Some(said) if said.tells() => good(CREDENTIAL, "the registry takes it for publishing"),
        _ if reads.tells() => good(CREDENTIAL, "the registry takes it for reading"),
        _ => warning(
            CREDENTIAL,
            "it cannot be tried: the registry answers without one as well",
            "publish something with a token that may, and look whether it is there",
        ),
    }
}

/// Ways past the gateway that show from here.
fn open(kind: RegistryKind, reads: Said, writes: Option<Said>, here: bool) -> Option<Check> {
    let help = "let the registry ask everybody for a credential that the gateway alone has, or let the gateway alone reach it; \
                docs/gateway.md tells how";
    if writes.is_some_and(Said::open) {
        let message = "whoever reaches it is asked for no credential before publishing";
        // There, the network is the next one in its way, and is not seen from here.
        return Some(match here {
            true => warning(
                OPEN,
                format!("{message}: every user of this machine, at least"),
                help,
            ),
            false => failure(OPEN, message, help),
        });
    }
    // A feed's index alone tells nothing of packages.
    let reads = kind != RegistryKind::NuGet && reads.open();
    reads.then(|| warning(OPEN, "whoever reaches it can read without a credential", help))
}

#[cfg(test)]
mod tests {
    use super::publishing;
    use bailiwick_upstream::Address;
    use serde_json::json;

    #[test]
    fn a_feed_is_tried_where_it_says_that_packages_are_sent() {
        let index = |at: &str| json!({"resources": [{"@id": at, "@type": "PackagePublish/2.0.0"}]});
        let feed = Address::parse("https://feed.example.com/sub").unwrap();
        let at = |text: &str| publishing(&index(text), &feed);
        assert_eq!(
            at("https://feed.example.com/sub/api/v2/package").as_deref(),
            Some("/api/v2/package")
        );
        // The credential is for this address and no other.
        for elsewhere in [
            "https://other.example.com/api",
            "https://feed.example.com/subway",
            "https://feed.example.com/sub/x?y",
            "https://feed.example.com/sub/../other",
            "https://feed.example.com/sub/x/../../other/",
            "https://feed.example.com/sub/%2e%2e/other",
            "https://feed.example.com/sub/x%2f..%2fother",
            "https://feed.example.com/sub/..;/other",
            "https://feed.example.com/sub//other.example.com/x",
            "https://feed.example.com/sub/./x",
            "http://feed.example.com/sub/x",
            "https://feed.example.com:8443/sub/x",
            "https://feed.example.com/sub",
        ] {
            assert_eq!(at(elsewhere), None, "{elsewhere}");
        }
        assert_eq!(publishing(&json!({}), &feed), None);
    }
}
