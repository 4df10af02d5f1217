//! Uploads: a form that is read as it comes. Whose its file is, is decided when the file begins, and again when all of it
//! is there; the index gets a form that is made anew of what was read.

use super::{package, remove};
use crate::registry::passing::{Passing, received_bytes_max};
use crate::registry::receiving::{Receiving, too_large};
use crate::registry::spool::Spool;
use crate::registry::told::{bringing, changed, decided, unfit};
use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::{Fault, PackageKey};
use bailiwick_gate::{Answer, Body, Reply, StreamCall};
use bailiwick_model::RegistryKind;
use bailiwick_upstream::HeaderValue;
use bailiwick_wire::multipart::{Form, Part, Piece, boundary};
use bailiwick_wire::pypi::{FileName, canonical, file_name, normal};
use bailiwick_wire::registry::{Asks, PackageName};
use http::{StatusCode, header};
use std::sync::Arc;

/// Fields beside the file in bytes, all together: descriptions are among them.
const FIELDS_BYTES_MAX: usize = 8 << 20;
/// The field that holds the file.
const CONTENT: &str = "content";

/// What came of a form.
pub struct Received {
    /// Fields in their order.
    pub fields: Vec<(String, String)>,
    /// The file.
    pub file: Option<(FileName, String, Spool)>,
}

impl Received {
    /// The value of a field that is there once.
    pub fn one(&self, name: &str) -> Result<&str, Fault> {
        let mut all = self.fields.iter().filter(|(known, _)| known == name);
        match (all.next(), all.next()) {
            (Some((_, value)), None) => Ok(value),
            _ => Err(unfit(
                "registry.form_field",
                "the fields `:action`, `name` and `version` are there once each",
            )),
        }
    }
}

/// Receives a form.
pub async fn receive(call: StreamCall, upstream: &Arc<Upstream>) -> Answer {
    let StreamCall {
        authority,
        permit,
        request,
        body,
    } = call;
    let kind = request.headers.get(header::CONTENT_TYPE);
    let kind = kind
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    if request.headers.contains_key(header::CONTENT_ENCODING) {
        return Err(unfit("body.coding", "send the form without a content encoding"));
    }
    let most = received_bytes_max(upstream).saturating_add(FIELDS_BYTES_MAX as u64);
    let mut receiving = Receiving::begin(&authority, &permit, &request.headers, most)?;
    let passing = Passing::new(authority, permit, request, upstream).await?;
    let (passing, received) = match boundary(&kind) {
        Some(boundary) => form(passing, boundary, (&mut receiving, body)).await?,
        None => (passing, remove::plain_form(&kind, &mut receiving, body).await?),
    };
    match (received.one(":action")?, received.file.is_some()) {
        ("file_upload", true) => publish(passing, received).await,
        ("remove_pkg", false) => remove::serve(passing, &received).await,
        _ => Err(unfit(
            "registry.form_action",
            "uploads bring a file (`:action` is file_upload), removals none (remove_pkg); nothing else is served",
        )),
    }
}

/// Reads a form. Whoever may not publish the file's project is refused before a byte of the file is taken.
async fn form(
    mut passing: Passing,
    boundary: &str,
    (receiving, mut body): (&mut Receiving, Body),
) -> Result<(Passing, Received), Fault> {
    let mut form = Form::new(boundary);
    let mut received = Received {
        fields: Vec::new(),
        file: None,
    };
    let mut field: Option<(String, Vec<u8>)> = None;
    let mut room = FIELDS_BYTES_MAX;
    while let Some(bytes) = receiving.more(&mut body).await? {
        for piece in form.push(&bytes).map_err(|_| unread())? {
            match piece {
                Piece::Part(Part { name, file: None }) => field = Some((name, Vec::new())),
                Piece::Part(Part {
                    name,
                    file: Some(file),
                }) => {
                    let found = is_content(&name, &file, &received)?;
                    let key = key(&passing, &found);
                    passing = decided(passing, Asks::PyPiUpload, key).await?;
                    let most = received_bytes_max(&passing.upstream);
                    let spool = Spool::new(&passing.authority, most).await?;
                    received.file = Some((found, file, spool));
                }
                Piece::Bytes(bytes) => match (&mut field, &mut received.file) {
                    (Some((_, value)), _) => {
                        room = room
                            .checked_sub(bytes.len())
                            .ok_or_else(|| too_large(FIELDS_BYTES_MAX as u64))?;
                        value.extend_from_slice(&bytes);
                    }
                    (None, Some((_, _, spool))) => spool.write(&bytes).await?,
                    (None, None) => return Err(unread()),
                },
                Piece::EndOfPart => {
                    if let Some((name, value)) = field.take() {
                        let value = String::from_utf8(value).map_err(|_| unread())?;
                        received.fields.push((name, value));
                    }
                }
                Piece::End => {}
            }
        }
    }
    if form.is_over() {
        Ok((passing, received))
    } else {
        Err(unread())
    }
}

fn is_content(name: &str, file: &str, received: &Received) -> Result<FileName, Fault> {
    if name != CONTENT || received.file.is_some() {
        return Err(unfit(
            "registry.form_file",
            "a form brings one file, in the field `content`",
        ));
    }
    file_name(file).filter(|found| found.is_package).ok_or_else(|| {
        unfit(
            "registry.file_name",
            "the file's name does not tell one project and version: build it with a current tool, \
             which names it name-version.tar.gz or name-version-tags.whl with `_` for `-` in the name",
        )
    })
}

fn key(passing: &Passing, found: &FileName) -> PackageKey {
    PackageKey {
        registry: RegistryKind::PyPi,
        upstream: Some(passing.upstream.id),
        name: found.name.clone(),
        version: Some(found.version.clone()),
    }
}

async fn publish(passing: Passing, mut received: Received) -> Answer {
    let Some((found, file, spool)) = received.file.take() else {
        return Err(unread());
    };
    let same = normal(received.one("name")?).as_ref() == Some(&found.name.normal)
        && canonical(received.one("version")?) == canonical(&found.version);
    if !same {
        return Err(unfit(
            "registry.names_differ",
            "the form's name and version are not those of its file",
        ));
    }
    // Decided again after all of it has come: a token that was revoked meanwhile publishes nothing.
    let key = package(passing.permit())?;
    let mut passing = decided(passing, Asks::PyPiUpload, key).await?;
    let mut random = [0_u8; 24];
    passing.authority.fill_random(&mut random);
    let boundary: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let kind = HeaderValue::from_str(&format!("multipart/form-data; boundary={boundary}"))
        .map_err(|error| Fault::internal("registry.form", error))?;
    bringing(&mut passing.request, kind);
    passing.begin().await?;
    match published(&passing, &received, &found, (&file, spool), &boundary).await {
        Ok(reply) => Ok(reply),
        Err(fault) => Err(passing.failed(fault).await),
    }
}

async fn published(
    passing: &Passing,
    received: &Received,
    found: &FileName,
    (file, spool): (&str, Spool),
    boundary: &str,
) -> Answer {
    let id = passing.package_begin().await?;
    let mut before = Vec::new();
    for (name, value) in &received.fields {
        // Names were read as plain text within quotes, so they are.
        let part =
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        before.extend_from_slice(part.as_bytes());
    }
    let part = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"{CONTENT}\"; filename=\"{file}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    );
    before.extend_from_slice(part.as_bytes());
    let body = spool
        .sent(before, format!("\r\n--{boundary}--\r\n").into_bytes())
        .await?;
    changed(passing, String::from("/"), body).await?;
    passing.package_published(id, &found.version).await?;
    Ok(Reply::status(StatusCode::OK))
}

/// The form cannot be read in one way alone.
pub fn unread() -> Fault {
    unfit("registry.form", "this is no form with a file as clients send it")
}

/// A project by the name that a form gives.
pub fn named(name: &str) -> Result<PackageName, Fault> {
    bailiwick_wire::pypi::name_of(name).ok_or_else(|| unfit("registry.name", "this is no name of a project"))
}
