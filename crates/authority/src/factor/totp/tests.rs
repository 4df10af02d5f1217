//! The published examples of RFC 6238 and RFC 4648, and which codes are taken.

use super::{base32, code, grouped, matching, step, uri};
use bailiwick_model::Timestamp;
use bailiwick_model::time::SECOND;

/// The seed of RFC 6238, appendix B.
const SEED: &[u8] = b"12345678901234567890";

fn at(seconds: i64) -> Timestamp {
    Timestamp(seconds * SECOND)
}

#[test]
fn codes_are_those_of_the_specification() {
    // The table's eight digits, of which six are shown.
    for (seconds, expected) in [
        (59, 94_287_082),
        (1_111_111_109, 7_081_804),
        (1_111_111_111, 14_050_471),
        (1_234_567_890, 89_005_924),
        (2_000_000_000, 69_279_037),
        (20_000_000_000, 65_353_130),
    ] {
        assert_eq!(code(SEED, step(at(seconds))), expected % 1_000_000, "{seconds}");
    }
}

#[test]
fn one_step_around_is_taken_and_no_more() {
    let now = at(1_111_111_111);
    let present = step(now);
    for (offset, taken) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
        let digits = format!("{:06}", code(SEED, present + offset));
        let expected = taken.then_some(present + offset);
        assert_eq!(matching(SEED, &digits, now, 0), expected, "{offset}");
    }
}

#[test]
fn a_step_that_was_taken_is_over() {
    let now = at(1_111_111_111);
    let present = step(now);
    let digits = format!("{:06}", code(SEED, present));
    assert_eq!(matching(SEED, &digits, now, present - 1), Some(present));
    assert_eq!(matching(SEED, &digits, now, present), None);
    let earlier = format!("{:06}", code(SEED, present - 1));
    assert_eq!(matching(SEED, &earlier, now, present), None, "nor an earlier one");
}

#[test]
fn only_six_digits_are_a_code() {
    let now = at(59);
    assert_eq!(matching(SEED, "287082", now, 0), Some(1));
    for text in [
        "", "28708", "0287082", "94287082", "+28708", " 287082", "28708２", "287083",
    ] {
        assert_eq!(matching(SEED, text, now, 0), None, "{text}");
    }
}

#[test]
fn seeds_are_written_as_apps_read_them() {
    for (plain, encoded) in [
        (&b""[..], ""),
        (b"f", "MY"),
        (b"fo", "MZXQ"),
        (b"foo", "MZXW6"),
        (b"foob", "MZXW6YQ"),
        (b"fooba", "MZXW6YTB"),
        (b"foobar", "MZXW6YTBOI"),
    ] {
        assert_eq!(base32(plain).as_str(), encoded);
    }
    assert_eq!(grouped(SEED).as_str(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
    assert_eq!(
        uri(SEED, "localhost:8417", "alice").as_str(),
        "otpauth://totp/localhost%3A8417:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
         &issuer=localhost%3A8417&algorithm=SHA1&digits=6&period=30"
    );
}
