//! Packet lines, command lists and ref names: tables, round trips and arbitrary bytes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use bailiwick_wire::oid::Oid;
use bailiwick_wire::pktline::{self, Packet, PacketFault, ProtocolVersion};
use bailiwick_wire::push::{PushFault, PushParser, PushRequest, parse_command};
use bailiwick_wire::refname::{self, RefNameFault};
use proptest::prelude::*;

const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
const Z: &str = "0000000000000000000000000000000000000000";

fn list(lines: &[String]) -> Vec<u8> {
    let mut out = Vec::new();
    for line in lines {
        pktline::encode(line.as_bytes(), &mut out).unwrap();
    }
    out.extend_from_slice(pktline::FLUSH);
    out
}

fn parse(bytes: &[u8]) -> Result<(PushRequest, usize), PushFault> {
    let mut parser = PushParser::new();
    let fed = parser.feed(bytes)?;
    Ok((parser.finish()?, fed.consumed))
}

fn fault(lines: &[String]) -> PushFault {
    parse(&list(lines)).expect_err("must be refused")
}

#[test]
fn lengths_that_lie_are_named() {
    assert_eq!(pktline::decode(b"0003"), Err(PacketFault::Reserved));
    assert_eq!(pktline::decode(b"fff1"), Err(PacketFault::TooLong(65_521)));
    assert_eq!(pktline::decode(b"00g0"), Err(PacketFault::NotHex(*b"00g0")));
    assert_eq!(pktline::decode(b"PACK"), Err(PacketFault::NotHex(*b"PACK")));
    assert_eq!(
        pktline::decode(b"0x"),
        Err(PacketFault::NotHex([b'0', b'x', 0, 0]))
    );
    assert_eq!(pktline::decode(b"+004"), Err(PacketFault::NotHex(*b"+004")));
    assert_eq!(pktline::decode(b""), Ok(None));
    assert_eq!(pktline::decode(b"0006a"), Ok(None));
    assert_eq!(pktline::decode(b"0004"), Ok(Some((Packet::Data(b""), 4))));
    assert_eq!(pktline::decode(b"0006ab!"), Ok(Some((Packet::Data(b"ab"), 6))));
    assert_eq!(pktline::decode(b"0001"), Ok(Some((Packet::Delimiter, 4))));
    assert!(pktline::encode(&vec![0; 65_517], &mut Vec::new()).is_err());
}

#[test]
fn a_list_with_everything_leaves_the_pack_alone() {
    let mut bytes = list(&[
        format!("shallow {A}\n"),
        format!("{A} {B} refs/heads/main\0 report-status side-band-64k push-options agent=git/2.47\n"),
        format!("{Z} {B} refs/tags/v1"),
        format!("{A} {Z} refs/heads/old"),
    ]);
    bytes.extend(list(&["ci.skip".into()]));
    let length = bytes.len();
    bytes.extend_from_slice(b"PACK....");
    let (request, consumed) = parse(&bytes).unwrap();
    assert_eq!(consumed, length);
    assert_eq!(request.commands.len(), 3);
    assert_eq!(request.commands[0].name, "refs/heads/main");
    assert_eq!(request.commands[1].old, None);
    assert_eq!(request.commands[2].new, None);
    assert_eq!(request.shallow, [A.parse::<Oid>().unwrap()]);
    assert_eq!(request.push_options, ["ci.skip"]);
    assert!(request.has("report-status"));
    let refusal = request.refusal("no\nway");
    assert!(
        String::from_utf8(refusal)
            .unwrap()
            .contains("ng refs/tags/v1 no way\n")
    );
}

#[test]
fn the_probe_of_a_large_push_is_an_empty_list() {
    let (request, consumed) = parse(b"0000").unwrap();
    assert_eq!((request.commands.len(), consumed), (0, 4));
}

#[test]
fn what_is_ambiguous_or_not_offered_is_refused() {
    let main = format!("{A} {B} refs/heads/main\0report-status");
    assert_eq!(
        fault(&[main.clone(), format!("{A} {Z} refs/heads/main")]),
        PushFault::DuplicateRef
    );
    assert_eq!(
        fault(&[main.clone(), format!("{A} {Z} refs/heads/x\0atomic")]),
        PushFault::Capabilities
    );
    assert_eq!(
        fault(&["push-cert\0report-status".into()]),
        PushFault::PushCertificate
    );
    assert_eq!(
        fault(&[format!("{A} {B} refs/heads/main\0object-format=sha256")]),
        PushFault::ObjectFormat
    );
    assert_eq!(fault(&[format!("{A} {B}")]), PushFault::MalformedCommand);
    assert_eq!(
        fault(&[format!("{A}  {B} refs/heads/main")]),
        PushFault::MalformedOid
    );
    assert_eq!(fault(&[format!("{Z} {Z} refs/heads/main")]), PushFault::NoChange);
    assert_eq!(
        fault(&[format!("{A} {B} refs/heads/a..b")]),
        PushFault::RefName(RefNameFault::TwoDots)
    );
    assert_eq!(
        fault(&[format!("{A} {B} HEAD")]),
        PushFault::RefName(RefNameFault::NotUnderRefs)
    );
    assert_eq!(parse(b"0001").unwrap_err(), PushFault::UnexpectedPacket);
    let mut cut = list(&[main]);
    cut.truncate(cut.len() - 1);
    assert_eq!(parse(&cut).unwrap_err(), PushFault::Truncated);
    assert_eq!(
        parse_command(format!("{A} {B} refs/heads/\u{7f}").as_bytes()),
        Err(PushFault::RefName(RefNameFault::Forbidden))
    );
}

#[test]
fn ref_names_follow_check_ref_format() {
    for good in [
        "refs/heads/main",
        "refs/heads/a/b.c",
        "refs/tags/v1.0",
        "refs/heads/ü@x",
        "refs/heads/-x",
    ] {
        assert_eq!(refname::check(good), Ok(()), "{good}");
    }
    for bad in [
        "",
        "main",
        "HEAD",
        "refs/",
        "refs/heads",
        "refs/heads/",
        "refs//x",
        "/refs/heads/x",
        "refs/heads/.x",
        "refs/heads/x.lock",
        "refs/heads/x.lock/y",
        "refs/heads/x.",
        "refs/heads/a..b",
        "refs/heads/a b",
        "refs/heads/a~1",
        "refs/heads/a^",
        "refs/heads/a:b",
        "refs/heads/a?",
        "refs/heads/*",
        "refs/heads/[a",
        "refs/heads/a\\b",
        "refs/heads/@{u}",
        "refs/heads/a\n",
        "refs/../x",
        "refs/heads/x//y",
    ] {
        assert!(refname::check(bad).is_err(), "{bad}");
    }
    assert_eq!(refname::check_branch("-x"), Err(RefNameFault::Reserved));
    assert_eq!(refname::check_branch("HEAD"), Err(RefNameFault::Reserved));
    assert_eq!(refname::check_branch("@"), Err(RefNameFault::AtBrace));
    assert!(refname::check(&format!("refs/heads/{}", "x".repeat(1100))).is_err());
}

#[test]
fn only_known_protocol_versions_pass() {
    assert_eq!(
        ProtocolVersion::parse(Some(b"version=2")),
        Ok(ProtocolVersion::V2)
    );
    assert_eq!(ProtocolVersion::parse(None), Ok(ProtocolVersion::V0));
    for bad in [
        "",
        "version=3",
        "version=2:x",
        "version=2 ",
        "Version=2",
        "version=1\nX=y",
    ] {
        assert!(ProtocolVersion::parse(Some(bad.as_bytes())).is_err(), "{bad}");
    }
}

#[test]
fn messages_cannot_forge_lines() {
    assert_eq!(pktline::error_packet("a\nb\x1b["), b"000dERR a b [".to_vec());
    let bytes = pktline::band_error(&"x".repeat(100_000));
    let (Packet::Data(payload), length) = pktline::decode(&bytes).unwrap().unwrap() else {
        panic!("data")
    };
    assert_eq!(payload[0], 3);
    assert_eq!(bytes[length..], *pktline::FLUSH);
}

fn name() -> impl Strategy<Value = String> {
    "refs/(heads|tags)/[a-z]{1,8}(/[a-z0-9-]{1,8})?"
}

proptest! {
    #[test]
    fn packets_round_trip(payload in prop::collection::vec(any::<u8>(), 0..2000)) {
        let mut out = Vec::new();
        pktline::encode(&payload, &mut out).unwrap();
        prop_assert_eq!(pktline::decode(&out), Ok(Some((Packet::Data(&payload), out.len()))));
    }

    #[test]
    fn arbitrary_bytes_never_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..600), cut in 0_usize..600, text in ".{0,80}",
    ) {
        let _ = pktline::decode(&bytes);
        let _ = refname::check(&text);
        let _ = refname::check_branch(&text);
        let _ = pktline::error_packet(&text);
        let _ = parse_command(&bytes);
        let mut parser = PushParser::new();
        let (head, tail) = bytes.split_at(cut.min(bytes.len()));
        if parser.feed(head).is_ok_and(|fed| !fed.complete) {
            let _ = parser.feed(tail);
        }
    }

    #[test]
    fn packets_of_arbitrary_payload_never_panic(payloads in prop::collection::vec("[a-z0 /\\x00]{0,60}", 0..6)) {
        let _ = parse(&list(&payloads));
    }

    #[test]
    fn cutting_the_input_anywhere_changes_nothing(
        names in prop::collection::btree_set(name(), 1..6), sizes in prop::collection::vec(1_usize..50, 1..40),
    ) {
        let mut lines: Vec<_> = names.iter().map(|name| format!("{A} {B} {name}")).collect();
        lines[0].push_str("\0report-status");
        let mut bytes = list(&lines);
        let length = bytes.len();
        bytes.extend_from_slice(b"PACKxyz");
        let whole = parse(&bytes).unwrap();
        let mut parser = PushParser::new();
        let (mut at, mut consumed, mut complete) = (0, 0, false);
        for size in sizes.iter().cycle() {
            let end = (at + size).min(bytes.len());
            let fed = parser.feed(&bytes[at..end]).unwrap();
            consumed += fed.consumed;
            at = end;
            complete = fed.complete;
            if complete { break; }
        }
        prop_assert!(complete);
        prop_assert_eq!(consumed, length);
        prop_assert_eq!((parser.finish().unwrap(), consumed), whole);
    }
}
