//! How requests are told apart.

use super::action_of;
use bailiwick_wire::pktline;

fn packets(lines: &[&str]) -> Vec<u8> {
    let mut out = Vec::new();
    for line in lines {
        match *line {
            "0000" | "0001" | "0002" => out.extend_from_slice(line.as_bytes()),
            line => pktline::encode(line.as_bytes(), &mut out).unwrap(),
        }
    }
    out
}

#[test]
fn clones_fetches_and_listings_are_told_apart() {
    let want = "want 98ea6e4f216f2fb4b69fff9b3a44842c38686ca6\n";
    let have = "have 98ea6e4f216f2fb4b69fff9b3a44842c38686ca6\n";
    for (lines, action) in [
        (
            &["command=ls-refs\n", "0001", "peel\n", "0000"][..],
            "git.advertise",
        ),
        (&["command=fetch", "0001", want, "done\n", "0000"], "git.clone"),
        (&["command=fetch", "0001", want, have, "0000"], "git.fetch"),
        (&[want, "0000", "done\n"], "git.clone"),
        (&[want, "0000", have, "done\n"], "git.fetch"),
        (&["0000"], "git.clone"),
    ] {
        assert_eq!(action_of(&packets(lines)).unwrap(), action, "{lines:?}");
    }
}

#[test]
fn broken_packets_are_refused_before_git_sees_them() {
    for bad in [&b"zzzz"[..], b"0003", b"ffff", b"00", b"0010short", b"0002"] {
        assert!(
            action_of(bad).is_err_and(|fault| fault.code == "git.malformed"),
            "{bad:?}"
        );
    }
}
