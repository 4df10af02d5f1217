//! The archive that a package is: what its directory lists is all that there is in it, without a gap, without a second
//! reading. Pure: whoever has the bytes reads them piece by piece.

use percent_encoding::percent_decode_str;
use std::collections::HashSet;

/// Bytes of the record at the very end.
pub const END_BYTES: usize = 22;
/// Bytes of an entry's own head, before its name.
pub const HEAD_BYTES: usize = 30;
/// The largest directory that is read, in bytes.
pub const DIRECTORY_BYTES_MAX: u64 = 8 << 20;
/// Files in a package at the most.
const ENTRIES_MAX: usize = 20_000;
const LISTED_BYTES: usize = 46;
const NAME_BYTES_MAX: usize = 512;
/// More than this, and nothing can be packed so tightly.
const RATIO_MAX: u64 = 1100;
const RATIO_FREE_BYTES: u64 = 4096;
/// Bits that change nothing of how an entry is read: how hard it was packed, a descriptor behind it, names in UTF-8.
const FLAGS: u16 = 0b1000_0000_1110;
const FLAG_DESCRIPTOR: u16 = 0b1000;
const FLAG_UTF8: u16 = 0b1000_0000_0000;
/// Extra fields that say when, and by whom, on the disk that a file came from.
const EXTRAS: [u16; 4] = [0x000a, 0x5455, 0x5855, 0x7875];
const MADE_BY_UNIX: u8 = 3;

/// What is wrong with an archive, for whoever made it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Broken(
    /// In a few words.
    pub &'static str,
);

/// Where the directory is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct End {
    /// Where it begins.
    pub at: u64,
    /// How long it is.
    pub bytes: u64,
    entries: usize,
}

/// How an entry is packed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Method {
    /// As it is.
    Stored,
    /// By deflate.
    Deflated,
}

/// A file of the archive.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Its name, as it is written.
    pub name: String,
    /// How it is packed.
    pub method: Method,
    /// The checksum of its bytes.
    pub crc: u32,
    /// Its bytes in the archive.
    pub packed: u64,
    /// Its bytes once unpacked.
    pub size: u64,
    /// Where its own head is.
    pub at: u64,
    flags: u16,
}

/// The field that holds numbers of the longer form.
const ZIP64_EXTRA: u16 = 1;
// SECURITY: its numbers are in two places each, and readers differ in which they take.
const ZIP64: Broken = Broken(
    "it is written in the form for archives of 4 GiB and more (ZIP64), which is not taken: pack it smaller, or without ZIP64",
);

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// Reads the record at the very end of an archive of so many bytes.
// SECURITY: at the very end and with no comment: whoever looks for it from behind, however far, finds this one first.
pub fn end(tail: &[u8], length: u64) -> Result<End, Broken> {
    let broken = Broken("it does not end as an archive does; comments behind the directory are not taken");
    let read = |at| u16_at(tail, at).ok_or(broken);
    if tail.len() != END_BYTES || tail.get(..4) != Some(b"PK\x05\x06".as_slice()) || read(20)? != 0 {
        return Err(broken);
    }
    let (here, all) = (read(8)?, read(10)?);
    let bytes = u64::from(u32_at(tail, 12).ok_or(broken)?);
    let at = u64::from(u32_at(tail, 16).ok_or(broken)?);
    if (read(4)?, read(6)?) != (0, 0) || here != all {
        return Err(Broken("it is a part of several archives"));
    }
    let elsewhere = u64::from(u32::MAX);
    if all == u16::MAX || [bytes, at].contains(&elsewhere) {
        return Err(ZIP64);
    }
    if at + bytes + END_BYTES as u64 != length {
        return Err(Broken("its directory is not right before its end"));
    }
    if usize::from(all) > ENTRIES_MAX || bytes > DIRECTORY_BYTES_MAX {
        return Err(Broken("it holds too many files"));
    }
    Ok(End {
        at,
        bytes,
        entries: usize::from(all),
    })
}

/// Reads the directory: every entry in the order in which they lie in the archive.
pub fn entries(directory: &[u8], end: End, unpacked_max: u64) -> Result<Vec<Entry>, Broken> {
    let cut = Broken("its directory is cut off");
    let (mut entries, mut rest) = (Vec::new(), directory);
    let (mut names, mut unpacked) = (HashSet::new(), 0_u64);
    for _ in 0..end.entries {
        let length = |at| u16_at(rest, at).map(usize::from).ok_or(cut);
        let (name, extra, comment) = (length(28)?, length(30)?, length(32)?);
        let all = LISTED_BYTES + name + extra + comment;
        let (listed, behind) = rest.split_at_checked(all).ok_or(cut)?;
        if comment != 0 {
            return Err(Broken("its files have comments"));
        }
        let entry = entry(listed, name)?;
        if !names.insert(unescaped(&entry.name)?.to_lowercase()) {
            return Err(Broken("two of its files have one name"));
        }
        unpacked = unpacked.saturating_add(entry.size);
        entries.push(entry);
        rest = behind;
    }
    if !rest.is_empty() {
        return Err(Broken("its directory lists more than it says"));
    }
    if unpacked > unpacked_max {
        return Err(Broken("it is too large once unpacked"));
    }
    entries.sort_by_key(|entry| entry.at);
    Ok(entries)
}

fn entry(listed: &[u8], name_bytes: usize) -> Result<Entry, Broken> {
    let cut = Broken("its directory is cut off");
    let short = |at| u16_at(listed, at).ok_or(cut);
    let long = |at| u32_at(listed, at).ok_or(cut);
    if listed.get(..4) != Some(b"PK\x01\x02".as_slice()) {
        return Err(cut);
    }
    let flags = short(8)?;
    let raw = listed.get(LISTED_BYTES..LISTED_BYTES + name_bytes).ok_or(cut)?;
    extras(listed.get(LISTED_BYTES + name_bytes..).unwrap_or_default())?;
    let entry = Entry {
        name: name(raw, flags)?,
        method: method(short(10)?, flags)?,
        crc: long(16)?,
        packed: u64::from(long(20)?),
        size: u64::from(long(24)?),
        at: u64::from(long(42)?),
        flags,
    };
    let is_link = listed.get(5) == Some(&MADE_BY_UNIX) && (long(38)? >> 16) & 0xf000 == 0xa000;
    if is_link || short(34)? != 0 {
        return Err(Broken("it holds something that is no file"));
    }
    // 0xffff_ffff stands for a number that is elsewhere.
    if [entry.packed, entry.size, entry.at].contains(&u64::from(u32::MAX)) {
        return Err(ZIP64);
    }
    let stored_otherwise = entry.method == Method::Stored && entry.packed != entry.size;
    let too_tight = entry.size
        > entry
            .packed
            .saturating_mul(RATIO_MAX)
            .saturating_add(RATIO_FREE_BYTES);
    if stored_otherwise || too_tight || (entry.name.ends_with('/') && entry.size != 0) {
        return Err(Broken("its directory tells sizes that cannot be"));
    }
    Ok(entry)
}

fn method(method: u16, flags: u16) -> Result<Method, Broken> {
    if flags & !FLAGS != 0 {
        return Err(Broken("it is encrypted, or packed in a way that is not read"));
    }
    match method {
        0 if flags & FLAG_DESCRIPTOR == 0 => Ok(Method::Stored),
        8 => Ok(Method::Deflated),
        _ => Err(Broken("it is packed in a way that is not read: only deflate is")),
    }
}

// SECURITY: some fields hold another name or another size, which some readers take.
fn extras(mut bytes: &[u8]) -> Result<(), Broken> {
    while !bytes.is_empty() {
        if u16_at(bytes, 0) == Some(ZIP64_EXTRA) {
            return Err(ZIP64);
        }
        let known = u16_at(bytes, 0).filter(|id| EXTRAS.contains(id));
        let length = u16_at(bytes, 2).map(usize::from);
        bytes = known
            .zip(length)
            .and_then(|(_, length)| bytes.get(4 + length..))
            .ok_or(Broken("it holds fields that are not read"))?;
    }
    Ok(())
}

/// A name that is a path within the package, whoever reads it.
fn name(raw: &[u8], flags: u16) -> Result<String, Broken> {
    let broken = Broken("it holds a file whose name can be read in two ways");
    let text = std::str::from_utf8(raw).map_err(|_| broken)?;
    if raw.len() > NAME_BYTES_MAX || (flags & FLAG_UTF8 == 0 && !text.is_ascii()) {
        return Err(broken);
    }
    // Names of parts may be escaped, and some readers undo that.
    for text in [text, &unescaped(text)?] {
        let pieces = text.strip_suffix('/').unwrap_or(text);
        let stays = pieces
            .split('/')
            .all(|piece| !piece.is_empty() && piece != "." && piece != "..");
        let plain = |letter: char| !letter.is_control() && !matches!(letter, '\\' | ':');
        if !stays || !text.chars().all(plain) {
            return Err(broken);
        }
    }
    Ok(text.to_owned())
}

fn unescaped(name: &str) -> Result<String, Broken> {
    let decoded = percent_decode_str(name).decode_utf8();
    decoded
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| Broken("it holds a file whose name can be read in two ways"))
}

/// The one description among the entries.
pub fn description(entries: &[Entry]) -> Result<&Entry, Broken> {
    let is_one =
        |entry: &&Entry| unescaped(&entry.name).is_ok_and(|name| name.to_lowercase().ends_with(".nuspec"));
    let mut found = entries.iter().filter(is_one);
    match (found.next(), found.next()) {
        (Some(one), None) if !one.name.contains(['/', '%']) => Ok(one),
        (None, _) => Err(Broken("it has no description (.nuspec)")),
        _ => Err(Broken(
            "it has more than the one description (.nuspec) at its root",
        )),
    }
}

impl Entry {
    /// Where its bytes begin, by its own head (the [`HEAD_BYTES`] at [`Entry::at`] and whatever follows), which must say
    /// what the directory says.
    // SECURITY: some readers take the directory's word, others this one.
    pub fn begin(&self, head: &[u8]) -> Result<u64, Broken> {
        let other = Broken("a file's own head says something else than the directory");
        let short = |at| u16_at(head, at).ok_or(other);
        let long = |at| u32_at(head, at).map(u64::from).ok_or(other);
        let (name, extra) = (usize::from(short(26)?), usize::from(short(28)?));
        let written = head.get(HEAD_BYTES..HEAD_BYTES + name);
        let method = match self.method {
            Method::Stored => 0,
            Method::Deflated => 8,
        };
        if head.get(..4) != Some(b"PK\x03\x04".as_slice())
            || written != Some(self.name.as_bytes())
            || (short(6)?, short(8)?) != (self.flags, method)
        {
            return Err(other);
        }
        let behind = HEAD_BYTES + name;
        extras(head.get(behind..behind + extra).ok_or(other)?)?;
        let told = (long(14)?, long(18)?, long(22)?);
        let follows = self.flags & FLAG_DESCRIPTOR != 0 && told == (0, 0, 0);
        if !follows && told != (u64::from(self.crc), self.packed, self.size) {
            return Err(other);
        }
        Ok(self.at + (behind + extra) as u64)
    }

    /// The longest head that it can have, to be read at [`Entry::at`].
    pub fn head_bytes_max(&self) -> u64 {
        (HEAD_BYTES + NAME_BYTES_MAX + 1024) as u64
    }

    /// How many bytes may follow this entry's own, at the most.
    pub const fn descriptor_bytes_max() -> u64 {
        16
    }

    /// Whether what lies between this entry's bytes and the next entry is nothing but its descriptor.
    pub fn is_followed(&self, between: &[u8]) -> bool {
        if self.flags & FLAG_DESCRIPTOR == 0 {
            return between.is_empty();
        }
        let numbers = between.strip_prefix(b"PK\x07\x08").unwrap_or(between);
        let told = [0, 4, 8].map(|at| u32_at(numbers, at).map(u64::from));
        numbers.len() == 12 && told == [Some(u64::from(self.crc)), Some(self.packed), Some(self.size)]
    }
}
