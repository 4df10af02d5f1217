//! Brings the mirror of a repository up to date, with the same client, trust and credential as every other exchange
//! with its upstream. What is fetched is everything that the upstream shows.

use super::passing::Passing;
use super::{good, question};
use crate::exchange::ask;
use crate::{blocking, credential};
use bailiwick_authority::{Fault, FaultKind, Permit};
use bailiwick_git::{Oid, Repository};
use bailiwick_model::RepositoryId;
use bailiwick_upstream::{Fields, HeaderValue, OutgoingBody};
use bailiwick_wire::pktline::{self, Packet};
use bailiwick_wire::refname;
use http::{Method, header};
use http_body_util::BodyExt;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::io::AsyncWriteExt;

/// The most bytes of an upstream's list of refs.
const REFS_BYTES_MAX: usize = 64 << 20;
/// Commits that are offered as here already.
const HAVES_MAX: usize = 10_000;
/// Bytes between the upstream and the git that takes its pack.
const PACK_BUFFER_BYTES: usize = 256 << 10;

/// One mirror is brought up to date by one push at a time.
static BUSY: Mutex<Option<HashMap<RepositoryId, Weak<tokio::sync::Mutex<()>>>>> = Mutex::new(None);

fn turn(id: RepositoryId) -> Arc<tokio::sync::Mutex<()>> {
    let mut busy = BUSY.lock().unwrap_or_else(PoisonError::into_inner);
    let busy = busy.get_or_insert_default();
    busy.retain(|_, one| one.strong_count() > 0);
    if let Some(one) = busy.get(&id).and_then(Weak::upgrade) {
        return one;
    }
    let one = Arc::new(tokio::sync::Mutex::new(()));
    busy.insert(id, Arc::downgrade(&one));
    one
}

/// Brings a mirror up to date. A push that cannot be compared with what is there is not inspected, and not passed on.
pub async fn follow(passing: &Passing, permit: &Permit, mirror: &Repository) -> Result<(), Fault> {
    let turn = turn(permit.repository()?.id);
    let revoked = passing.lease.revoked();
    let following = async {
        let _mine = turn.lock().await;
        let refs = refs(passing, permit).await?;
        let at = mirror.clone();
        let wanted: BTreeSet<Oid> = refs.values().copied().collect();
        let (wants, haves) = blocking(move || {
            let missing = at.missing(&wanted).map_err(broken_mirror)?;
            let here = at.refs("refs/").map_err(broken_mirror)?;
            let haves: BTreeSet<Oid> = here.iter().map(|one| one.oid).collect();
            Ok((missing, haves))
        })
        .await?;
        if !wants.is_empty() {
            take(passing, permit, mirror, &wants, &haves).await?;
        }
        let at = mirror.clone();
        blocking(move || at.follow(&refs).map_err(broken_mirror)).await
    };
    tokio::select! {
        done = following => done,
        () = revoked => Err(passing.lease.fault()),
    }
}

fn broken_mirror(error: bailiwick_git::Error) -> Fault {
    Fault::internal("mirror.failed", error)
}

fn behind(passing: &Passing, why: &'static str) -> Fault {
    tracing::warn!(
        upstream = passing.upstream.name,
        why,
        "a mirror cannot be brought up to date"
    );
    Fault::new(
        FaultKind::BadGateway,
        "upstream.mirror",
        format!(
            "pushes to the upstream {} are inspected first, and the mirror for it cannot be brought up to date: try again",
            passing.upstream.name
        ),
    )
}

fn headers(content_type: Option<&'static str>) -> Fields {
    let mut headers = Fields::default();
    if let Some(content_type) = content_type {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    headers.insert(header::USER_AGENT, HeaderValue::from_static("git/bailiwick"));
    headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    headers
}

async fn asked(
    passing: &Passing,
    permit: &Permit,
    (method, path): (Method, &str),
    content_type: Option<&'static str>,
    body: OutgoingBody,
    expected: &str,
) -> Result<bailiwick_upstream::Answer, Fault> {
    let upstream = &passing.upstream;
    let credential = credential::of(&passing.authority, permit, upstream).await?;
    let headers = headers(content_type);
    let target = format!("{}/{path}", super::path(permit, upstream)?);
    let question = question(upstream, &headers, &credential, method, target)?;
    good(upstream, ask(&question, body).await?, expected)
}

/// The refs that the upstream shows, by name. The first version of the protocol, which every server speaks.
async fn refs(passing: &Passing, permit: &Permit) -> Result<BTreeMap<String, Oid>, Fault> {
    let mut answer = asked(
        passing,
        permit,
        (Method::GET, "info/refs?service=git-upload-pack"),
        None,
        OutgoingBody::Nothing,
        "application/x-git-upload-pack-advertisement",
    )
    .await?;
    let mut text = Vec::new();
    while let Some(frame) = answer.body.frame().await {
        let frame = frame.map_err(|_| behind(passing, "its list of refs broke off"))?;
        text.extend_from_slice(&frame.into_data().unwrap_or_default());
        passing.lease.pulse().beat();
        if text.len() > REFS_BYTES_MAX {
            return Err(behind(passing, "its list of refs is too long"));
        }
    }
    read_refs(&text).ok_or_else(|| behind(passing, "its list of refs cannot be read"))
}

/// Reads an advertisement of refs to its end.
fn read_refs(mut text: &[u8]) -> Option<BTreeMap<String, Oid>> {
    let mut refs = BTreeMap::new();
    let mut flushes = 0;
    while flushes < 2 {
        let (packet, length) = pktline::decode(text).ok()??;
        text = text.get(length..)?;
        let line = match packet {
            Packet::Flush => {
                flushes += 1;
                continue;
            }
            Packet::Data(line) => line,
            Packet::Delimiter | Packet::ResponseEnd => return None,
        };
        if flushes == 0 {
            // Only the name of the service comes before the first flush.
            if !line.starts_with(b"# service=git-upload-pack") {
                return None;
            }
            continue;
        }
        let line = line.split(|byte| *byte == 0).next().unwrap_or_default();
        let line = std::str::from_utf8(line).ok()?.trim_end_matches('\n');
        let (oid, name) = line.split_once(' ')?;
        let kept = name.starts_with("refs/") && !name.starts_with("refs/bailiwick/");
        if kept && refname::check(name).is_ok() {
            refs.insert(name.to_owned(), Oid::parse(oid.as_bytes()).ok()?);
        }
    }
    text.is_empty().then_some(refs)
}

/// Fetches these objects with everything behind them.
async fn take(
    passing: &Passing,
    permit: &Permit,
    mirror: &Repository,
    wants: &[Oid],
    haves: &BTreeSet<Oid>,
) -> Result<(), Fault> {
    let mut body = Vec::new();
    let mut capabilities = " side-band-64k ofs-delta thin-pack no-progress";
    for want in wants {
        let _fits = pktline::encode(format!("want {want}{capabilities}\n").as_bytes(), &mut body);
        capabilities = "";
    }
    body.extend_from_slice(pktline::FLUSH);
    for have in haves.iter().take(HAVES_MAX) {
        let _fits = pktline::encode(format!("have {have}\n").as_bytes(), &mut body);
    }
    let _fits = pktline::encode(b"done\n", &mut body);
    let mut answer = asked(
        passing,
        permit,
        (Method::POST, "git-upload-pack"),
        Some("application/x-git-upload-pack-request"),
        OutgoingBody::Whole(body.into()),
        "application/x-git-upload-pack-result",
    )
    .await?;
    let (mut into, pack) = tokio::io::duplex(PACK_BUFFER_BYTES);
    let transfer = mirror.take_pack(pack).map_err(broken_mirror)?;
    // Dropped, it is ended: a pack that breaks off leaves nothing.
    let mut unread: Vec<u8> = Vec::new();
    let mut ended = false;
    while let Some(frame) = answer.body.frame().await {
        let frame = frame.map_err(|_| behind(passing, "its pack broke off"))?;
        unread.extend_from_slice(&frame.into_data().unwrap_or_default());
        passing.lease.pulse().beat();
        let mut read = 0;
        while let Some((packet, length)) = pktline::decode(unread.get(read..).unwrap_or_default())
            .map_err(|_| behind(passing, "its pack cannot be read"))?
        {
            match packet {
                Packet::Flush => ended = true,
                Packet::Data(data) if data.starts_with(b"ACK ") || data == b"NAK\n" => {}
                Packet::Data(data) => match data.split_first() {
                    Some((1, bytes)) => into
                        .write_all(bytes)
                        .await
                        .map_err(|_| behind(passing, "its pack is not taken"))?,
                    Some((2, _)) => {}
                    _ => return Err(behind(passing, "it refuses the fetch")),
                },
                Packet::Delimiter | Packet::ResponseEnd => {
                    return Err(behind(passing, "its pack cannot be read"));
                }
            }
            read += length;
        }
        unread.drain(..read);
    }
    if !ended || !unread.is_empty() {
        return Err(behind(passing, "its pack broke off"));
    }
    drop(into);
    let outcome = transfer.finish().await.map_err(broken_mirror)?;
    if outcome.success() {
        return Ok(());
    }
    tracing::warn!(stderr = outcome.stderr, "git does not take an upstream's pack");
    Err(behind(passing, "its pack is not taken"))
}

#[cfg(test)]
mod tests {
    use super::read_refs;

    #[test]
    fn refs_are_read_whole_or_not_at_all() {
        let oid = "1".repeat(40);
        let lines = [
            "# service=git-upload-pack\n".to_owned(),
            "FLUSH".to_owned(),
            format!("{oid} HEAD\0symref=HEAD:refs/heads/main agent=git/2\n"),
            format!("{oid} refs/heads/main\n"),
            format!("{oid} refs/tags/v1^{{}}\n"),
            "FLUSH".to_owned(),
        ];
        let mut text = Vec::new();
        for line in &lines {
            match line.as_str() {
                "FLUSH" => text.extend_from_slice(b"0000"),
                line => text.extend_from_slice(format!("{:04x}{line}", line.len() + 4).as_bytes()),
            }
        }
        let refs = read_refs(&text).unwrap();
        assert_eq!(refs.keys().collect::<Vec<_>>(), ["refs/heads/main"]);
        for end in 0..text.len() {
            assert_eq!(read_refs(&text[..end]), None, "cut at {end}");
        }
        assert_eq!(read_refs(b"<html>"), None);
    }
}
