//! Messages that two readers could cut at different places: never do two requests leave where one was decided on.

use super::{Bench, Expected, MOUNTS, Mount};
use crate::front::Answered;

/// What an attacker would like the upstream to read as a request of its own.
const SMUGGLED: &str =
    "GET /api/v1/repos/team/secret HTTP/1.1\r\nhost: x\r\nsudo: root\r\nx: planted\r\n\r\n";

/// Headers and bodies that are refused; `{smuggled}` and `{body}` are filled in.
const REFUSED: [(&str, &str, &str); 23] = [
    (
        "two CLs",
        "content-length: 2\r\ncontent-length: 100\r\n",
        "{}{smuggled}",
    ),
    ("a list of CLs", "content-length: 2, 2\r\n", "{}{smuggled}"),
    ("CL with a sign", "content-length: +2\r\n", "{}{smuggled}"),
    ("negative CL", "content-length: -1\r\n", "{smuggled}"),
    ("CL in hex", "content-length: 0x2\r\n", "{}{smuggled}"),
    (
        "CL too large",
        "content-length: 99999999999999999999999\r\n",
        "{smuggled}",
    ),
    ("empty CL", "content-length: \r\n", "{smuggled}"),
    ("blank before the colon", "content-length : 2\r\n", "{}{smuggled}"),
    ("TE identity", "transfer-encoding: identity\r\n", "{smuggled}"),
    (
        "TE unknown",
        "transfer-encoding: xchunked\r\n",
        "0\r\n\r\n{smuggled}",
    ),
    (
        "TE not last",
        "transfer-encoding: chunked, identity\r\n",
        "0\r\n\r\n{smuggled}",
    ),
    (
        "TE twice in one",
        "transfer-encoding: chunked, chunked\r\n",
        "0\r\n\r\n{smuggled}",
    ),
    (
        "two TEs",
        "transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n",
        "0\r\n\r\n{smuggled}",
    ),
    (
        "two TEs, one hidden",
        "transfer-encoding: chunked\r\ntransfer-encoding: x\r\n",
        "0\r\n\r\n{smuggled}",
    ),
    (
        "TE gzip",
        "transfer-encoding: gzip, chunked\r\n",
        "0\r\n\r\n{smuggled}",
    ),
    (
        "TE with VT",
        "transfer-encoding: \u{b}chunked\r\n",
        "0\r\n\r\n{smuggled}",
    ),
    (
        "TE folded",
        "transfer-encoding:\r\n chunked\r\n",
        "0\r\n\r\n{smuggled}",
    ),
    (
        "a folded header",
        "x-a: b\r\n content-length: 2\r\n",
        "{smuggled}",
    ),
    ("CR in a value", "x-a: b\rcontent-length: 2\r\n", "{smuggled}"),
    ("NUL in a value", "x-a: b\0c\r\n", ""),
    ("a name with a blank", "x a: b\r\n", ""),
    ("no colon", "xa\r\n", ""),
    ("two hosts", "host: evil\r\n", ""),
];

/// The same, but what arrives is one request with this body, or nothing.
const ONE: [(&str, &str, &str); 18] = [
    (
        "an unknown expectation",
        "expect: 200-ok\r\ncontent-length: {length}\r\n",
        "{body}",
    ),
    // Chunks count, and the connection ends with the answer (RFC 9112, section 6.3).
    (
        "CL and TE",
        "content-length: 5\r\ntransfer-encoding: chunked\r\n",
        "{hex}\r\n{body}\r\n0\r\n\r\n{smuggled}",
    ),
    (
        "TE and CL",
        "transfer-encoding: chunked\r\ncontent-length: 5\r\n",
        "{hex}\r\n{body}\r\n0\r\n\r\n{smuggled}",
    ),
    (
        "TE and CL 0",
        "transfer-encoding: chunked\r\ncontent-length: 0\r\n",
        "{hex}\r\n{body}\r\n0\r\n\r\n{smuggled}",
    ),
    (
        "two CLs of one value",
        "content-length: {length}\r\ncontent-length: {length}\r\n",
        "{body}{smuggled}",
    ),
    ("exact", "content-length: {length}\r\n", "{body}{smuggled}"),
    (
        "chunked",
        "transfer-encoding: chunked\r\n",
        "{hex}\r\n{body}\r\n0\r\n\r\n{smuggled}",
    ),
    (
        "chunked in capitals",
        "Transfer-Encoding: Chunked\r\n",
        "{hex}\r\n{body}\r\n0\r\n\r\n{smuggled}",
    ),
    (
        "an extension",
        "transfer-encoding: chunked\r\n",
        "{hex};x=y\r\n{body}\r\n0\r\n\r\n{smuggled}",
    ),
    (
        "leading zeros",
        "transfer-encoding: chunked\r\n",
        "000{hex}\r\n{body}\r\n0\r\n\r\n{smuggled}",
    ),
    (
        "trailers",
        "te: trailers\r\ntrailer: sudo\r\ntransfer-encoding: chunked\r\n",
        "{hex}\r\n{body}\r\n0\r\nsudo: planted\r\nauthorization: token planted\r\n\r\n{smuggled}",
    ),
    (
        "Expect",
        "expect: 100-continue\r\ncontent-length: {length}\r\n",
        "{body}",
    ),
    (
        "Upgrade",
        "connection: upgrade\r\nupgrade: websocket\r\ncontent-length: {length}\r\n",
        "{body}{smuggled}",
    ),
    (
        "Upgrade to h2c",
        "connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\ncontent-length: {length}\r\n",
        "{body}{smuggled}",
    ),
    (
        "keep-alive",
        "connection: keep-alive\r\nkeep-alive: planted\r\ncontent-length: {length}\r\n",
        "{body}",
    ),
    (
        "a named hop",
        "connection: sudo, content-length\r\ncontent-length: {length}\r\n",
        "{body}{smuggled}",
    ),
    (
        "only line feeds",
        "x-a: b\ncontent-length: {length}\r\n",
        "{body}{smuggled}",
    ),
    (
        "a proxy's connection",
        "proxy-connection: close\r\ncontent-length: {length}\r\n",
        "{body}",
    ),
];

fn filled(text: &str, mount: &Mount) -> String {
    text.replace("{smuggled}", SMUGGLED)
        .replace("{length}", &mount.body.len().to_string())
        .replace("{hex}", &format!("{:x}", mount.body.len()))
        .replace("{body}", mount.body)
}

async fn send(bench: &Bench, mount: &Mount, more: &str, body: &str) -> Answered {
    let more = format!("content-type: {}\r\n{}", mount.content_type, filled(more, mount));
    let head = bench.head(mount.write.0, mount.write.1, &more);
    let bytes = [head.as_bytes(), filled(body, mount).as_bytes()].concat();
    let mut back = bench.front.raw(&bytes).await;
    if back.starts_with(b"HTTP/1.1 100 Continue\r\n\r\n") {
        back.drain(..25);
    }
    // Whatever is behind the message is a request of its own here, and has no credential.
    let all = String::from_utf8_lossy(&back);
    let good = all.matches("HTTP/1.1 200").count();
    assert!(good <= 1, "{all}");
    Answered::read(&back)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_cut_in_two_ways_is_refused() {
    let bench = Bench::new().await;
    for mount in &MOUNTS {
        for (name, more, body) in REFUSED {
            let answer = send(&bench, mount, more, body).await;
            bench.check(name, mount, &answer, &Expected::Refused);
        }
        for (name, body) in [
            ("a chunk that is no number", "zz\r\n{body}\r\n0\r\n\r\n{smuggled}"),
            (
                "a chunk too large",
                "ffffffffffffffffff\r\n{body}\r\n0\r\n\r\n{smuggled}",
            ),
            ("a chunk that lies", "1\r\n{body}\r\n0\r\n\r\n{smuggled}"),
            ("a chunk with a sign", "-1\r\n{body}\r\n0\r\n\r\n{smuggled}"),
            ("a chunk in hex twice", "0x{hex}\r\n{body}\r\n0\r\n\r\n{smuggled}"),
            ("no last chunk", "{hex}\r\n{body}\r\n"),
        ] {
            let answer = send(&bench, mount, "transfer-encoding: chunked\r\n", body).await;
            let arrived = bench.arrived();
            // A stream may have begun; it never ends as if it were whole, and nothing follows it.
            assert!(answer.status != 200, "{name}: {}", answer.status);
            for (_, one) in arrived {
                assert!(one.method == "(cut off)", "{name}: {one:?}");
                let raw = String::from_utf8_lossy(&one.raw);
                assert!(
                    !raw.contains("secret") && !raw.contains("planted"),
                    "{name}: {raw}"
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_behind_a_message_is_not_of_it() {
    let bench = Bench::new().await;
    for mount in &MOUNTS {
        for (name, more, body) in ONE {
            let answer = send(&bench, mount, more, body).await;
            let target = mount.write.2.to_owned();
            let body = mount.body.into();
            // Whether capitals, and ends of lines that are none, are understood is up to the reader.
            let expected = match name {
                "chunked in capitals" | "only line feeds" => Expected::Either { target, body },
                _ => Expected::Arrives { target, body },
            };
            bench.check(name, mount, &answer, &expected);
        }
        let answer = send(&bench, mount, "content-length: {length}\r\n", "{body}").await;
        let (target, body) = (mount.write.2.to_owned(), mount.body.into());
        bench.check("plain", mount, &answer, &Expected::Arrives { target, body });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn old_and_unknown_versions_are_read_as_one_message() {
    let bench = Bench::new().await;
    for mount in &MOUNTS {
        let (method, path, there) = mount.write;
        for (version, more, body) in [
            ("HTTP/1.0", "content-length: {length}\r\n", "{body}{smuggled}"),
            (
                "HTTP/1.0",
                "transfer-encoding: chunked\r\n",
                "{hex}\r\n{body}\r\n0\r\n\r\n{smuggled}",
            ),
            ("HTTP/1.0", "", "{body}{smuggled}"),
            ("HTTP/0.9", "", ""),
            ("HTTP/2.0", "content-length: {length}\r\n", "{body}"),
            ("HTTP/1.2", "content-length: {length}\r\n", "{body}"),
            ("HTTP/1.1 ", "content-length: {length}\r\n", "{body}"),
            ("http/1.1", "content-length: {length}\r\n", "{body}"),
            (
                "HTTP/1.1\r\nx: planted HTTP/1.1",
                "content-length: {length}\r\n",
                "{body}",
            ),
        ] {
            let token = &bench.token;
            let more = filled(more, mount);
            let bytes = format!(
                "{method} {path} {version}\r\nhost: front\r\nauthorization: Bearer {token}\r\ncontent-type: {}\r\n{more}\r\n{}",
                mount.content_type,
                filled(body, mount)
            );
            let answer = Answered::read(&bench.front.raw(bytes.as_bytes()).await);
            let arrived = bench.arrived();
            for (kind, one) in &arrived {
                bench.clean(version, *kind, one);
                assert_eq!(one.target, there, "{version}");
                let whole = one.body == mount.body.as_bytes() || one.body.is_empty();
                assert!(whole, "{version}: {one:?}");
            }
            assert!(arrived.len() <= 1, "{version} {more}: {arrived:?}");
            assert!(answer.status != 200 || arrived.len() == 1, "{version}");
        }
    }
}
