//! Ranges of objects.

use super::{Range, range};
use bailiwick_gate::{Fields, HeaderValue};
use http::header;

#[test]
fn ranges_are_cut_to_the_object() {
    for (text, size, expected) in [
        ("bytes=0-3", 10, Range::Part(0, 3)),
        ("bytes=4-", 10, Range::Part(4, 9)),
        ("bytes=-4", 10, Range::Part(6, 9)),
        ("bytes=-40", 10, Range::Part(0, 9)),
        ("bytes=3-99", 10, Range::Part(3, 9)),
        ("bytes=10-", 10, Range::Unsatisfiable),
        ("bytes=10-12", 10, Range::Unsatisfiable),
        ("bytes=0-", 0, Range::Unsatisfiable),
        ("bytes=5-3", 10, Range::Unsatisfiable),
        ("bytes=0-1,3-4", 10, Range::Whole),
        ("bytes=+1-3", 10, Range::Whole),
        ("bytes=a-b", 10, Range::Whole),
        ("bytes=-", 10, Range::Whole),
        ("lines=1-2", 10, Range::Whole),
    ] {
        let mut headers = Fields::default();
        headers.insert(header::RANGE, HeaderValue::from_static(text));
        assert_eq!(range(&headers, size), expected, "{text}");
    }
    assert_eq!(range(&Fields::default(), 10), Range::Whole);
}
