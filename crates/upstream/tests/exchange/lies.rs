//! Servers that lie about what they send: an error at the reader, never a clean end, and never a connection that is kept.

use crate::caller::{Outcome, client, get, limited, patient};
use crate::server::{Server, Step, say};
use bailiwick_upstream::Limits;

async fn asked(text: &str, size: usize) -> (Outcome, usize) {
    let mut server = Server::plays(vec![vec![
        Step::Head,
        Step::Pieces(text.as_bytes().to_vec(), size),
    ]]);
    let client = client(&server);
    let found = get(&client).await;
    server.finished().await;
    (found, client.waiting())
}

#[tokio::test]
async fn a_body_that_is_not_whole_never_ends_cleanly() {
    let cut = "the upstream's answer was cut off";
    let broken = "the upstream's answer cannot be read";
    for (head, body, come, why) in [
        ("content-length: 10", "hello", 5, cut),
        ("content-length: 10", "", 0, cut),
        ("content-length: 18446744073709551615", "hello", 5, cut),
        ("transfer-encoding: chunked", "", 0, cut),
        ("transfer-encoding: chunked", "5\r\nhel", 3, cut),
        ("transfer-encoding: chunked", "5\r\nhello", 5, cut),
        ("transfer-encoding: chunked", "5\r\nhello\r\n", 5, cut),
        ("transfer-encoding: chunked", "5\r\nhello\r\n0\r\n", 5, cut),
        (
            "transfer-encoding: chunked",
            "5\r\nhello\r\n0\r\nx-sum: 7\r\n",
            5,
            cut,
        ),
        ("transfer-encoding: chunked", "fffffffffffffff\r\nhello", 5, cut),
        (
            "transfer-encoding: chunked",
            "5\r\nhelloworld\r\n0\r\n\r\n",
            5,
            broken,
        ),
        (
            "transfer-encoding: chunked",
            "-5\r\nhello\r\n0\r\n\r\n",
            0,
            broken,
        ),
        (
            "transfer-encoding: chunked",
            "fffffffffffffffff\r\nhello",
            0,
            broken,
        ),
        ("transfer-encoding: chunked", "<html>\r\n", 0, broken),
        ("transfer-encoding: chunked", "5\nhello\n0\n\n", 0, broken),
        (
            "transfer-encoding: chunked",
            "5\r\nhello\r\n0\r\na: b\n\nHTTP/1.1 200 OK\r\n\r\n",
            5,
            broken,
        ),
    ] {
        for size in [1, 4, 5000] {
            let text = format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n{body}");
            let found = asked(&text, size).await;
            assert_eq!(found, (Outcome::Cut(come, why.into()), 0), "{text:?} by {size}");
        }
    }
}

#[tokio::test]
async fn a_reset_is_no_end_either() {
    for head in ["content-length: 10\r\n", "transfer-encoding: chunked\r\n", ""] {
        let text = format!("HTTP/1.1 200 OK\r\n{head}\r\n");
        let server = Server::plays(vec![vec![Step::Head, say(&text), Step::Reset]]);
        let client = client(&server);
        // The reset may overtake the head.
        let found = get(&client).await;
        let cut = Outcome::Cut(0, "the upstream's answer was cut off".into());
        assert!(
            found == cut || found == Outcome::None("upstream.reset"),
            "{found:?}"
        );
        assert_eq!(client.waiting(), 0);
    }
}

#[tokio::test]
async fn a_head_that_can_be_cut_in_two_ways_is_no_answer() {
    let many = "a: b\r\n".repeat(200);
    let long = format!("a: {}\r\n", "b".repeat(70_000));
    for head in [
        "content-length: 5\r\ntransfer-encoding: chunked\r\n",
        "transfer-encoding: chunked\r\ncontent-length: 5\r\n",
        "content-length: 5\r\ncontent-length: 6\r\n",
        "content-length: 5, 6\r\n",
        "content-length: -5\r\n",
        "content-length: +5\r\n",
        "content-length: 0x5\r\n",
        "content-length: \r\n",
        "content-length: 18446744073709551616\r\n",
        "transfer-encoding: gzip, chunked\r\n",
        "transfer-encoding: \r\n",
        "transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n",
        "content-length : 5\r\n",
        "a: b\r\n c\r\n",
        "a: b\0c\r\n",
        ": b\r\n",
        many.as_str(),
        long.as_str(),
    ] {
        for size in [3, 100_000] {
            let text = format!("HTTP/1.1 200 OK\r\n{head}\r\n5\r\nhello\r\n0\r\n\r\n");
            let found = asked(&text, size).await;
            assert_eq!(
                found,
                (Outcome::None("upstream.malformed"), 0),
                "{head:.60?} by {size}"
            );
        }
    }
    for text in [
        "SSH-2.0-server\r\n",
        "\u{16}\u{3}\u{1}\r\n\r\n",
        "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.1 099 No\r\n\r\n",
        "HTTP/1.1 2000 No\r\n\r\n",
        "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n",
    ] {
        let found = asked(text, 5000).await;
        assert_eq!(found, (Outcome::None("upstream.malformed"), 0), "{text:?}");
    }
}

#[tokio::test]
async fn informational_answers_are_passed_over_but_not_for_ever() {
    let hint = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";
    let end = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    let found = asked(&format!("{}{end}", hint.repeat(8)), 9).await;
    assert_eq!(found, (Outcome::Whole(200, "ok".into()), 1));
    let found = asked(&format!("{}{end}", hint.repeat(9)), 9).await;
    assert_eq!(found, (Outcome::None("upstream.malformed"), 0));
}

#[tokio::test]
async fn an_answer_over_the_limit_is_refused_or_cut() {
    let limits = Limits {
        answer_bytes_max: 10,
        ..patient()
    };
    let over = Outcome::Cut(0, "the upstream's answer is larger than the limit".into());
    for (text, expected) in [
        (
            "content-length: 10\r\n\r\n0123456789",
            Outcome::Whole(200, "0123456789".into()),
        ),
        (
            "content-length: 11\r\n\r\n0123456789",
            Outcome::None("upstream.too_large"),
        ),
        (
            "transfer-encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n",
            Outcome::Whole(200, "0123456789".into()),
        ),
        (
            "transfer-encoding: chunked\r\n\r\nb\r\n0123456789a\r\n0\r\n\r\n",
            over,
        ),
    ] {
        let script = vec![
            Step::Head,
            say(&format!("HTTP/1.1 200 OK\r\n{text}")),
            Step::Drain,
        ];
        let mut server = Server::plays(vec![script]);
        let client = limited(&server, limits);
        assert_eq!(get(&client).await, expected, "{text:?}");
        drop(client);
        assert!(server.finished().await[0].ended);
    }
}
