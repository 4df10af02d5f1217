//! Whose request it is: networks as they are written, and what a proxy, a liar and a broken proxy make of the header.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use bailiwick_wire::forwarded::{Network, NetworkError, client, held};
use std::net::IpAddr;

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn networks(texts: &[&str]) -> Vec<Network> {
    texts.iter().map(|text| Network::parse(text).unwrap()).collect()
}

#[test]
fn networks_are_read_and_hold_their_addresses_alone() {
    for (text, inside, outside) in [
        ("10.0.0.0/8", "10.255.0.1", "11.0.0.0"),
        ("192.0.2.7", "192.0.2.7", "192.0.2.6"),
        ("192.0.2.7/32", "::ffff:192.0.2.7", "192.0.2.8"),
        ("128.0.0.0/1", "255.255.255.255", "127.255.255.255"),
        ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"),
        ("::1", "::1", "::2"),
        ("8000::/1", "ffff::", "7fff::"),
        // IPv4 in the form of IPv6 is IPv4.
        ("::ffff:10.0.0.0/104", "10.1.2.3", "::a00:1"),
        ("::ffff:192.0.2.7", "192.0.2.7", "192.0.2.9"),
        // The same bits in the other family are another network.
        ("0.0.0.1", "0.0.0.1", "::1"),
    ] {
        let network = Network::parse(text).unwrap();
        assert!(network.holds(ip(inside)), "{text} holds {inside}");
        assert!(!network.holds(ip(outside)), "{text} does not hold {outside}");
    }
    assert!(!held(&[], ip("127.0.0.1")), "no network holds nothing");
}

#[test]
fn what_is_no_network_is_an_error() {
    for (text, error) in [
        ("", NetworkError::Form),
        ("/8", NetworkError::Form),
        ("10.0.0.0/", NetworkError::Form),
        ("10.0.0.0/+8", NetworkError::Form),
        ("10.0.0.0/33", NetworkError::Form),
        ("10.0.0.0/8/8", NetworkError::Form),
        ("10.0.0.0/256", NetworkError::Form),
        ("2001:db8::/129", NetworkError::Form),
        (" 10.0.0.0/8", NetworkError::Form),
        ("10.0.0/8", NetworkError::Form),
        ("proxy.example", NetworkError::Form),
        ("[::1]", NetworkError::Form),
        ("10.0.0.1/8", NetworkError::Beyond),
        ("2001:db8::1/32", NetworkError::Beyond),
        ("0.0.0.0/0", NetworkError::Everyone),
        ("::/0", NetworkError::Everyone),
        ("::ffff:0.0.0.0/96", NetworkError::Everyone),
    ] {
        assert_eq!(Network::parse(text), Err(error), "{text:?}");
    }
}

#[test]
fn the_client_is_the_first_from_the_right_that_is_no_proxy() {
    let trusted = networks(&["10.0.0.0/8", "::1", "2001:db8:1::/48"]);
    for (what, peer, lines, expected) in [
        ("no proxy, no header", "192.0.2.1", &[][..], "192.0.2.1"),
        ("no proxy, a liar", "192.0.2.1", &["203.0.113.9"], "192.0.2.1"),
        (
            "a liar names a proxy",
            "192.0.2.1",
            &["203.0.113.9, 10.0.0.1"],
            "192.0.2.1",
        ),
        ("one proxy", "10.0.0.1", &["203.0.113.9"], "203.0.113.9"),
        ("a proxy without the header", "10.0.0.1", &[], "10.0.0.1"),
        (
            "a client that lies to the proxy",
            "10.0.0.1",
            &["198.51.100.1, 203.0.113.9"],
            "203.0.113.9",
        ),
        (
            "two proxies",
            "10.0.0.1",
            &["203.0.113.9, 10.2.0.1"],
            "203.0.113.9",
        ),
        (
            "two proxies and a lie",
            "10.0.0.1",
            &["127.0.0.1, 203.0.113.9, 10.2.0.1"],
            "203.0.113.9",
        ),
        (
            "a client among the proxies",
            "10.0.0.1",
            &["10.3.0.1, 10.2.0.1"],
            "10.3.0.1",
        ),
        (
            "several lines are one list",
            "10.0.0.1",
            &["198.51.100.1", "203.0.113.9", "10.2.0.1"],
            "203.0.113.9",
        ),
        (
            "a peer through an IPv6 socket",
            "::ffff:10.0.0.1",
            &["203.0.113.9"],
            "203.0.113.9",
        ),
        (
            "a client in the form of IPv6",
            "10.0.0.1",
            &["::ffff:203.0.113.9"],
            "203.0.113.9",
        ),
        (
            "a proxy in the form of IPv6",
            "10.0.0.1",
            &["203.0.113.9, ::ffff:10.2.0.1"],
            "203.0.113.9",
        ),
        ("IPv6", "::1", &["2001:db8:2::7,2001:db8:1::1"], "2001:db8:2::7"),
        ("with a port", "10.0.0.1", &["203.0.113.9:4711"], "203.0.113.9"),
        (
            "IPv6 with a port",
            "10.0.0.1",
            &["[2001:db8:2::7]:4711"],
            "2001:db8:2::7",
        ),
        (
            "IPv6 in brackets",
            "10.0.0.1",
            &["[2001:db8:2::7]"],
            "2001:db8:2::7",
        ),
        (
            "blanks",
            "10.0.0.1",
            &[" \t203.0.113.9 \t,\t 10.2.0.1 "],
            "203.0.113.9",
        ),
        // Whoever wrote what is no address is the last one that is known.
        ("garbage", "10.0.0.1", &["garbage"], "10.0.0.1"),
        (
            "garbage behind a proxy",
            "10.0.0.1",
            &["203.0.113.9, garbage, 10.2.0.1"],
            "10.2.0.1",
        ),
        (
            "garbage left of the client",
            "10.0.0.1",
            &["garbage, 203.0.113.9"],
            "203.0.113.9",
        ),
        ("an empty header", "10.0.0.1", &[""], "10.0.0.1"),
        ("an empty entry", "10.0.0.1", &["203.0.113.9,"], "10.0.0.1"),
        ("unknown", "10.0.0.1", &["203.0.113.9, unknown"], "10.0.0.1"),
        ("a name", "10.0.0.1", &["localhost"], "10.0.0.1"),
        ("a half address", "10.0.0.1", &["203.0.113"], "10.0.0.1"),
        ("octal", "10.0.0.1", &["0203.0.113.9"], "10.0.0.1"),
        ("a zone", "10.0.0.1", &["fe80::1%eth0"], "10.0.0.1"),
        ("nowhere", "10.0.0.1", &["203.0.113.9, 0.0.0.0"], "10.0.0.1"),
        (
            "the words of Forwarded",
            "10.0.0.1",
            &["for=203.0.113.9"],
            "10.0.0.1",
        ),
        ("quotes", "10.0.0.1", &["\"203.0.113.9\""], "10.0.0.1"),
    ] {
        let values = lines.iter().map(|line: &&str| line.as_bytes());
        assert_eq!(client(ip(peer), values, &trusted), ip(expected), "{what}");
    }
}

#[test]
fn without_trusted_proxies_no_header_matters() {
    for line in ["203.0.113.9", "127.0.0.1, 10.0.0.1", "garbage"] {
        assert_eq!(
            client(ip("10.0.0.1"), [line.as_bytes()].into_iter(), &[]),
            ip("10.0.0.1")
        );
    }
}

#[test]
fn bytes_that_are_no_text_end_the_walk() {
    let trusted = networks(&["10.0.0.0/8"]);
    let value = [&b"203.0.113.9, \xff\xfe"[..]];
    assert_eq!(
        client(ip("10.0.0.1"), value.into_iter(), &trusted),
        ip("10.0.0.1")
    );
}

#[test]
fn a_thousand_entries_are_walked_to_the_first_that_is_not_trusted() {
    let trusted = networks(&["10.0.0.0/8"]);
    let proxies = vec!["10.9.9.9"; 1000].join(",");
    let lies = vec!["198.51.100.1"; 1000].join(",");
    let line = format!("{lies},203.0.113.9,{proxies}");
    assert_eq!(
        client(ip("10.0.0.1"), [line.as_bytes()].into_iter(), &trusted),
        ip("203.0.113.9")
    );
    // Trusted to the end: the leftmost of them asked.
    let line = format!("10.1.1.1,{proxies}");
    assert_eq!(
        client(ip("10.0.0.1"), [line.as_bytes()].into_iter(), &trusted),
        ip("10.1.1.1")
    );
}
