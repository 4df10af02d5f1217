//! Archives, built by hand so that each lie can be told.

use crate::nuget::archive::{Broken, END_BYTES, Entry, Method, description, end, entries};

/// A file of an archive, and what is said of it at both places.
#[derive(Clone)]
struct File {
    listed: &'static str,
    own: &'static str,
    bytes: &'static [u8],
    size: u32,
    flags: u16,
    method: u16,
    extra: Vec<u8>,
    attributes: u32,
    behind: Vec<u8>,
}

fn file(name: &'static str) -> File {
    File {
        listed: name,
        own: name,
        bytes: b"hello",
        size: 5,
        flags: 0,
        method: 0,
        extra: Vec::new(),
        attributes: 0,
        behind: Vec::new(),
    }
}

fn zip(files: &[File]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for file in files {
        let at = out.len() as u32;
        let shared = |version: &[u8]| {
            let mut bytes = version.to_vec();
            bytes.extend(file.flags.to_le_bytes());
            bytes.extend(file.method.to_le_bytes());
            bytes.extend([0; 4]);
            bytes.extend(7_u32.to_le_bytes());
            bytes.extend((file.bytes.len() as u32).to_le_bytes());
            bytes.extend(file.size.to_le_bytes());
            bytes
        };
        out.extend(b"PK\x03\x04");
        out.extend(shared(&[20, 0]));
        out.extend((file.own.len() as u16).to_le_bytes());
        out.extend((file.extra.len() as u16).to_le_bytes());
        out.extend(file.own.as_bytes());
        out.extend(&file.extra);
        out.extend(file.bytes);
        out.extend(&file.behind);
        directory.extend(b"PK\x01\x02");
        directory.extend(shared(&[20, 3, 20, 0]));
        directory.extend((file.listed.len() as u16).to_le_bytes());
        directory.extend((file.extra.len() as u16).to_le_bytes());
        directory.extend([0; 6]);
        directory.extend(file.attributes.to_le_bytes());
        directory.extend(at.to_le_bytes());
        directory.extend(file.listed.as_bytes());
        directory.extend(&file.extra);
    }
    let (at, bytes) = (out.len() as u32, directory.len() as u32);
    out.extend(directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend((files.len() as u16).to_le_bytes());
    out.extend((files.len() as u16).to_le_bytes());
    out.extend(bytes.to_le_bytes());
    out.extend(at.to_le_bytes());
    out.extend([0, 0]);
    out
}

/// Reads an archive as whoever holds it does: every entry's own head, and that nothing is between them.
fn walk(bytes: &[u8]) -> Result<Vec<Entry>, Broken> {
    let tail = &bytes[bytes.len().saturating_sub(END_BYTES)..];
    let found = end(tail, bytes.len() as u64)?;
    let directory = &bytes[found.at as usize..(found.at + found.bytes) as usize];
    let all = entries(directory, found, 1 << 20)?;
    let mut at = 0;
    for (number, entry) in all.iter().enumerate() {
        let next = all.get(number + 1).map_or(found.at, |next| next.at);
        let begin = entry.begin(&bytes[entry.at as usize..])?;
        let behind = (begin + entry.packed) as usize;
        let between = bytes.get(behind..next as usize);
        if entry.at != at || !between.is_some_and(|between| entry.is_followed(between)) {
            return Err(Broken("gap"));
        }
        at = next;
    }
    description(&all)?;
    Ok(all)
}

fn good() -> Vec<File> {
    vec![file("_rels/.rels"), file("Acme.Core.nuspec"), file("lib/a b.dll")]
}

fn with(change: impl FnOnce(&mut Vec<File>)) -> Vec<u8> {
    let mut files = good();
    change(&mut files);
    zip(&files)
}

#[test]
fn plain_archives_are_read() {
    let all = walk(&zip(&good())).unwrap();
    assert_eq!(all.len(), 3);
    assert_eq!(description(&all).unwrap().name, "Acme.Core.nuspec");
    assert_eq!(all[0].method, Method::Stored);
    let described = with(|files| {
        (files[0].method, files[0].flags) = (8, 0b1000);
        files[0].behind = [b"PK\x07\x08".as_slice(), &[7, 0, 0, 0, 5, 0, 0, 0, 5, 0, 0, 0]].concat();
    });
    walk(&described).unwrap();
    let lie = with(|files| {
        (files[0].method, files[0].flags) = (8, 0b1000);
        files[0].behind = vec![7, 0, 0, 0, 5, 0, 0, 0, 6, 0, 0, 0];
    });
    assert!(walk(&lie).is_err());
    let stamped = with(|files| files[0].extra = vec![0x55, 0x54, 1, 0, 0]);
    walk(&stamped).unwrap();
}

#[test]
fn what_lies_at_one_place_is_refused() {
    // The directory and the file's own head name two different files.
    assert!(walk(&with(|files| files[1].own = "Evil.Core.nuspec")).is_err());
    assert!(walk(&with(|files| files[1].listed = "Evil.Core.nuspec")).is_err());
    // Two descriptions, nested ones, one in another case, one that is written in escapes.
    for name in [
        "Other.nuspec",
        "Other.NUSPEC",
        "lib/Other.nuspec",
        "Other%2Enuspec",
        "lib/%6Fther.nuspe%63",
    ] {
        let lie = with(|files| files.push(file(name)));
        assert!(walk(&lie).is_err(), "{name}");
    }
    assert!(walk(&with(|files| drop(files.remove(1)))).is_err());
    assert!(walk(&with(|files| files[1] = file("nested/Acme.Core.nuspec"))).is_err());
    // One name twice, whoever compares.
    for name in ["Acme.Core.nuspec", "lib/A B.dll", "lib/a%20b.dll"] {
        assert!(walk(&with(|files| files.push(file(name)))).is_err(), "{name}");
    }
    // Names that lead elsewhere.
    for name in [
        "../a",
        "a/../b",
        "/a",
        "a//b",
        "a\\b",
        "C:a",
        "a/./b",
        "%2e%2e/a",
        "a%2f..%2fb",
        "a\0b",
        "%00",
        "",
        "a%5cb",
        "a\nb",
        "%ff",
    ] {
        assert!(walk(&with(|files| files[2] = file(name))).is_err(), "{name:?}");
    }
    // Not ASCII, and not said to be UTF-8.
    assert!(walk(&with(|files| files[2] = file("\u{e9}"))).is_err());
    assert!(
        walk(&with(|files| files[2] = File {
            flags: 0x800,
            ..file("\u{e9}")
        }))
        .is_ok()
    );
}

#[test]
fn sizes_and_packing_that_cannot_be_are_refused() {
    type Change = fn(&mut Vec<File>);
    let changes: [(&str, Change); 10] = [
        ("encrypted", |files| files[1].flags = 1),
        ("strongly encrypted", |files| files[1].flags = 0x41),
        ("masked", |files| files[1].flags = 0x2000),
        ("bzip2", |files| files[1].method = 12),
        ("stored, of another size", |files| files[1].size = 6),
        ("a bomb", |files| {
            (files[1].method, files[1].size) = (8, 10_000_000)
        }),
        ("too large in all", |files| {
            (files[1].method, files[1].size, files[1].bytes) = (8, 2 << 20, &[0; 4096])
        }),
        ("zip64", |files| (files[1].method, files[1].size) = (8, u32::MAX)),
        ("another name in a field", |files| {
            files[1].extra = vec![0x75, 0x70, 1, 0, 0]
        }),
        ("a link", |files| files[1].attributes = 0xa1ff_0000),
    ];
    for (what, change) in changes {
        assert!(walk(&with(change)).is_err(), "{what}");
    }
    for extra in [vec![1], vec![0x55, 0x54, 9, 0, 0], vec![1, 0, 0, 0]] {
        assert!(walk(&with(|files| files[1].extra = extra)).is_err());
    }
}

#[test]
fn the_form_for_large_archives_is_refused_by_its_name() {
    let whole = zip(&good());
    let is_told = |bytes: &[u8]| match walk(bytes) {
        Ok(_) => panic!("it is taken"),
        Err(Broken(what)) => assert!(what.contains("ZIP64"), "{what}"),
    };
    // Numbers that stand elsewhere: how many files, how long and where the directory is.
    for (at, bytes) in [(8, 4), (12, 4), (16, 4)] {
        let mut large = whole.clone();
        let at = large.len() - END_BYTES + at;
        large[at..at + bytes].fill(0xff);
        is_told(&large);
    }
    is_told(&with(|files| (files[1].method, files[1].size) = (8, u32::MAX)));
    let sizes = [&[1, 0, 16, 0][..], &[0; 16]].concat();
    is_told(&with(|files| files[1].extra = sizes));
}

#[test]
fn nothing_lies_between_before_and_behind() {
    let whole = zip(&good());
    assert!(walk(&with(|files| files[0].behind = vec![0])).is_err());
    assert!(walk(&[b"#!/bin/sh\n".as_slice(), &whole].concat()).is_err());
    assert!(walk(&[&whole[..], b"\n"].concat()).is_err());
    assert!(walk(&[&whole[..], &zip(&[file("Evil.nuspec")])].concat()).is_err());
    for length in 0..whole.len() {
        assert!(walk(&whole[..length]).is_err(), "{length}");
    }
    // A comment behind the directory, which may hold another end.
    let mut commented = whole.clone();
    let at = commented.len() - 2;
    commented[at] = 22;
    commented.extend(&whole[whole.len() - 22..]);
    assert!(walk(&commented).is_err());
    // More or fewer files than are listed; a part of several archives.
    for (at, value) in [(10, 2), (10, 4), (8, 2), (4, 1), (6, 1)] {
        let mut lie = whole.clone();
        let at = lie.len() - END_BYTES + at;
        lie[at] = value;
        assert!(walk(&lie).is_err(), "{at}");
    }
    // Two entries at one place.
    let mut lie = whole.clone();
    let found = end(&whole[whole.len() - END_BYTES..], whole.len() as u64).unwrap();
    let second = found.at as usize + 46 + "_rels/.rels".len();
    lie[second + 42..second + 46].fill(0);
    assert!(walk(&lie).is_err());
}
