//! A package that was sent, in a file: which one it is, and whether it is what it says. Memory holds the directory and the
//! description alone.

use super::bad;
use crate::blocking;
use bailiwick_authority::Fault;
use bailiwick_wire::nuget::archive::{self, Broken, END_BYTES, Entry, Method};
use bailiwick_wire::nuget::form;
use bailiwick_wire::nuget::nuspec::{self, Described};
use flate2::Crc;
use flate2::read::DeflateDecoder;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use tokio::sync::Semaphore;

/// Packages that are unpacked at a time.
static UNPACKING: Semaphore = Semaphore::const_new(UNPACKING_MAX);
const UNPACKING_MAX: usize = 4;
/// Bytes that are unpacked of one package at the most.
const UNPACKED_BYTES_MAX: u64 = 1 << 30;
const PIECE_BYTES: usize = 64 << 10;

/// A package within the body that it was sent in.
#[derive(Debug)]
pub struct Sent {
    /// The body.
    pub file: File,
    /// Where the package begins in it.
    pub begin: u64,
    /// How long the package is.
    pub length: u64,
    /// Who it says that it is.
    pub described: Described,
    entries: Vec<(Entry, u64)>,
}

fn broken(error: Broken) -> Fault {
    bad(format!("this is no package: {}", error.0))
}

fn unreadable(error: io::Error) -> Fault {
    match error.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            bad("this is no package: it is cut off, or broken")
        }
        _ => Fault::internal("package.spool", error),
    }
}

fn piece(file: &mut File, at: u64, length: u64) -> Result<Vec<u8>, Fault> {
    file.seek(SeekFrom::Start(at)).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

/// Reads which package a body is. Blocking.
pub fn read(mut file: File, body_bytes: u64, boundary: &str) -> Result<Sent, Fault> {
    let odd = || bad("a package is sent as the one part of a form, and nothing else with it");
    let head = piece(&mut file, 0, form::HEAD_BYTES_MAX as u64)?;
    let begin = form::begin(&head, boundary).ok_or_else(odd)? as u64;
    let tail_bytes = body_bytes.min(256);
    let tail = piece(&mut file, body_bytes - tail_bytes, tail_bytes)?;
    let behind = form::end(&tail, boundary).ok_or_else(odd)? as u64;
    let length = body_bytes.checked_sub(begin + behind).ok_or_else(odd)?;
    let entries = walk(&mut file, begin, length)?;
    let all: Vec<Entry> = entries.iter().map(|(entry, _)| entry.clone()).collect();
    let description = archive::description(&all).map_err(broken)?;
    let place = entries.iter().find(|(entry, _)| entry == description);
    let (entry, at) = place.ok_or_else(odd)?;
    if entry.size > nuspec::BYTES_MAX {
        return Err(bad("this is no package: its description is too large"));
    }
    let mut text = Vec::new();
    unpack(&mut file, begin, entry, *at, |bytes| {
        text.extend_from_slice(bytes)
    })?;
    let described = nuspec::read(&text).ok_or_else(|| {
        bad("this is no package: its description does not say plainly, and once, what its id and version are")
    })?;
    if !entry
        .name
        .eq_ignore_ascii_case(&format!("{}.nuspec", described.id))
    {
        return Err(bad(
            "this is no package: its description is called otherwise than it says",
        ));
    }
    Ok(Sent {
        file,
        begin,
        length,
        described,
        entries,
    })
}

/// Every entry, and where its bytes begin. Nothing is before, between or behind them.
fn walk(file: &mut File, begin: u64, length: u64) -> Result<Vec<(Entry, u64)>, Fault> {
    let tail_bytes = length.min(END_BYTES as u64);
    let tail = piece(file, begin + length - tail_bytes, tail_bytes)?;
    let end = archive::end(&tail, length).map_err(broken)?;
    let directory = piece(file, begin + end.at, end.bytes)?;
    let entries = archive::entries(&directory, end, UNPACKED_BYTES_MAX).map_err(broken)?;
    let starts: Vec<u64> = entries
        .iter()
        .map(|entry| entry.at)
        .skip(1)
        .chain([end.at])
        .collect();
    let mut found = Vec::with_capacity(entries.len());
    let mut here = 0;
    for (entry, next) in entries.into_iter().zip(starts) {
        let gap = Broken("there is something between its files");
        let room = next.checked_sub(entry.at).filter(|_| entry.at == here);
        let room = room.ok_or_else(|| broken(gap))?;
        let head = piece(file, begin + entry.at, entry.head_bytes_max().min(room))?;
        let at = entry.begin(&head).map_err(broken)?;
        let between = next.checked_sub(at + entry.packed);
        let between = between.filter(|bytes| *bytes <= Entry::descriptor_bytes_max());
        let between = between.ok_or_else(|| broken(gap))?;
        let between = piece(file, begin + at + entry.packed, between)?;
        if !entry.is_followed(&between) {
            return Err(broken(gap));
        }
        here = next;
        found.push((entry, at));
    }
    Ok(found)
}

impl Sent {
    /// Unpacks every file, and keeps none: what the directory says of them must be so.
    // SECURITY: whoever unpacks it after this trusts the sizes in the directory. Few at a time: as many as are received would
    // take every thread that there is for work like this, a gibibyte each.
    pub async fn verified(self) -> Result<Sent, Fault> {
        let _turn = UNPACKING
            .acquire()
            .await
            .map_err(|error| Fault::internal("package.unpacking", error))?;
        blocking(move || self.unpacked()).await
    }

    fn unpacked(mut self) -> Result<Sent, Fault> {
        for (entry, at) in &self.entries {
            unpack(&mut self.file, self.begin, entry, *at, |_| ())?;
        }
        Ok(self)
    }
}

fn unpack(
    file: &mut File,
    begin: u64,
    entry: &Entry,
    at: u64,
    mut each: impl FnMut(&[u8]),
) -> Result<(), Fault> {
    file.seek(SeekFrom::Start(begin + at)).map_err(unreadable)?;
    let packed = file.take(entry.packed);
    let lie = || bad("this is no package: a file in it is not what the directory says");
    let mut crc = Crc::new();
    let mut left = entry.size;
    let mut take = |reader: &mut dyn Read| -> Result<(), Fault> {
        let mut buffer = vec![0; PIECE_BYTES];
        loop {
            let read = reader.read(&mut buffer).map_err(unreadable)?;
            let bytes = buffer.get(..read).unwrap_or_default();
            if bytes.is_empty() {
                return Ok(());
            }
            left = left.checked_sub(read as u64).ok_or_else(lie)?;
            crc.update(bytes);
            each(bytes);
        }
    };
    let used = match entry.method {
        Method::Stored => {
            let mut packed = packed;
            take(&mut packed)?;
            entry.packed
        }
        Method::Deflated => {
            let mut reader = DeflateDecoder::new(packed);
            take(&mut reader)?;
            reader.total_in()
        }
    };
    if left != 0 || used != entry.packed || crc.sum() != entry.crc {
        return Err(lie());
    }
    Ok(())
}

#[cfg(test)]
mod tests;
