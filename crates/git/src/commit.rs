//! Commits and annotated tags, read from their stored form.

use crate::Oid;
use crate::error::{Error, Result};
use crate::reader::{Kind, Reader};
use crate::repository::Repository;
use crate::signature::Signature;

/// A commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its id.
    pub oid: Oid,
    /// The tree it records.
    pub tree: Oid,
    /// The commits before it.
    pub parents: Vec<Oid>,
    /// Who wrote the change.
    pub author: Signature,
    /// Who recorded it.
    pub committer: Signature,
    /// The message, undecodable bytes replaced.
    pub message: String,
    /// The cryptographic signature, if it carries one.
    pub signature: Option<GpgSignature>,
}

/// A signature and what it signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GpgSignature {
    /// The armoured signature.
    pub signature: String,
    /// The bytes that were signed.
    pub payload: String,
}

/// An annotated tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// Its id.
    pub oid: Oid,
    /// The name it was made under.
    pub name: String,
    /// What it points to.
    pub target: Oid,
    /// The kind of that.
    pub target_kind: Kind,
    /// Who made it, where it says so.
    pub tagger: Option<Signature>,
    /// The message, a signature included.
    pub message: String,
}

impl Repository {
    /// The commit of this id.
    pub fn commit(&self, oid: Oid) -> Result<Commit> {
        read_commit(&mut self.reader()?, oid)
    }

    /// The annotated tag of this id.
    pub fn tag(&self, oid: Oid) -> Result<Tag> {
        parse_tag(oid, &self.reader()?.expect(oid, Kind::Tag)?)
    }
}

pub(crate) fn read_commit(reader: &mut Reader, oid: Oid) -> Result<Commit> {
    let data = reader.expect(oid, Kind::Commit)?;
    parse_commit(oid, &data)
}

/// The tree an object leads to, through tags and commits; nothing for a blob.
pub(crate) fn peel_to_tree(reader: &mut Reader, oid: Oid) -> Result<Option<Oid>> {
    let mut oid = oid;
    // A chain of tags has no cycle, since ids are digests, but it may be as long as somebody likes.
    for _ in 0..64 {
        match reader.info(oid)?.ok_or(Error::NotFound("object"))?.0 {
            Kind::Tree => return Ok(Some(oid)),
            Kind::Blob => return Ok(None),
            Kind::Commit => return Ok(Some(read_commit(reader, oid)?.tree)),
            Kind::Tag => oid = parse_tag(oid, &reader.expect(oid, Kind::Tag)?)?.target,
        }
    }
    Err(Error::Invalid(String::from("the chain of tags is too long")))
}

fn parse_commit(oid: Oid, data: &[u8]) -> Result<Commit> {
    let (headers, message) = split_headers(data);
    let (mut tree, mut parents, mut author, mut committer, mut signature) =
        (None, Vec::new(), None, None, None);
    let mut payload = Vec::with_capacity(data.len());
    for header in &headers {
        match header.key {
            b"tree" => tree = tree.or(Oid::parse(header.first).ok()),
            b"parent" => parents.extend(Oid::parse(header.first).ok()),
            b"author" if author.is_none() => author = Some(Signature::parse(header.first)),
            b"committer" if committer.is_none() => committer = Some(Signature::parse(header.first)),
            b"gpgsig" | b"gpgsig-sha256" => {
                if header.key == b"gpgsig" {
                    signature = Some(header.unfolded());
                }
                continue;
            }
            _ => {}
        }
        payload.extend_from_slice(header.raw);
    }
    payload.push(b'\n');
    payload.extend_from_slice(message);
    let payload = String::from_utf8_lossy(&payload).into_owned();
    Ok(Commit {
        oid,
        tree: tree.ok_or(Error::Corrupt("commit without tree"))?,
        parents,
        author: author.ok_or(Error::Corrupt("commit without author"))?,
        committer: committer.ok_or(Error::Corrupt("commit without committer"))?,
        message: String::from_utf8_lossy(message).into_owned(),
        signature: signature.map(|signature| GpgSignature { signature, payload }),
    })
}

fn parse_tag(oid: Oid, data: &[u8]) -> Result<Tag> {
    let (headers, message) = split_headers(data);
    let find = |key: &[u8]| {
        headers
            .iter()
            .find(|header| header.key == key)
            .map(|header| header.first)
    };
    Ok(Tag {
        oid,
        name: String::from_utf8_lossy(find(b"tag").unwrap_or_default()).into_owned(),
        target: find(b"object")
            .and_then(|id| Oid::parse(id).ok())
            .ok_or(Error::Corrupt("tag without object"))?,
        target_kind: find(b"type")
            .and_then(Kind::parse)
            .ok_or(Error::Corrupt("tag without type"))?,
        tagger: find(b"tagger").map(Signature::parse),
        message: String::from_utf8_lossy(message).into_owned(),
    })
}

struct Header<'a> {
    key: &'a [u8],
    // The value's first line.
    first: &'a [u8],
    // The whole header with its continuation lines and their ends.
    raw: &'a [u8],
}

impl Header<'_> {
    fn unfolded(&self) -> String {
        let value = self.raw.get(self.key.len() + 1..).unwrap_or_default();
        String::from_utf8_lossy(value)
            .trim_end_matches('\n')
            .replace("\n ", "\n")
    }
}

/// The headers and, after the first empty line, the message.
fn split_headers(data: &[u8]) -> (Vec<Header<'_>>, &[u8]) {
    let mut headers = Vec::new();
    let mut rest = data;
    while !rest.is_empty() {
        if let Some(message) = rest.strip_prefix(b"\n") {
            return (headers, message);
        }
        let mut end = line_end(rest);
        let first = rest.get(..end).unwrap_or_default().trim_ascii_end();
        while rest.get(end) == Some(&b' ') {
            end += line_end(rest.get(end..).unwrap_or_default());
        }
        let (raw, after) = rest.split_at_checked(end).unwrap_or((rest, &[]));
        let space = first.iter().position(|byte| *byte == b' ').unwrap_or(first.len());
        let key = first.get(..space).unwrap_or_default();
        headers.push(Header {
            key,
            first: first.get(space + 1..).unwrap_or_default(),
            raw,
        });
        rest = after;
    }
    (headers, rest)
}

fn line_end(text: &[u8]) -> usize {
    text.iter()
        .position(|byte| *byte == b'\n')
        .map_or(text.len(), |at| at + 1)
}
