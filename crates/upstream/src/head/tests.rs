//! What is sent and what is taken: framing above all.

use super::{Framing, Outgoing, read};
use crate::error::UpstreamError;
use crate::fields::Fields;
use bytes::BytesMut;
use http::{HeaderMap, HeaderValue, Method, header};
use proptest::prelude::*;

fn write(
    request: &Outgoing<'_>,
    prefix: &str,
    host: &str,
    framing: Framing,
) -> Result<BytesMut, UpstreamError> {
    let mut out = BytesMut::new();
    super::write(super::check(request)?, prefix, host, framing, &mut out);
    Ok(out)
}

fn answer(text: &str, method: &Method) -> Result<(u16, Framing, bool), String> {
    let mut buffer = BytesMut::from(text.as_bytes());
    match read(&mut buffer, method) {
        Ok(Some(head)) => Ok((head.status.as_u16(), head.framing, head.keeps)),
        Ok(None) => Err(String::from("more")),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn answers_are_cut_in_one_way_or_not_at_all() {
    let get = Method::GET;
    let taken = |text: &str| answer(text, &get);
    assert_eq!(
        taken("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"),
        Ok((200, Framing::Length(5), true))
    );
    assert_eq!(
        taken("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n"),
        Ok((200, Framing::Chunked, true))
    );
    assert_eq!(
        taken("HTTP/1.1 200 OK\r\n\r\n"),
        Ok((200, Framing::UntilClose, false))
    );
    assert_eq!(
        taken("HTTP/1.0 200 OK\r\ncontent-length: 5\r\n\r\n"),
        Ok((200, Framing::Length(5), false))
    );
    assert_eq!(
        taken("HTTP/1.1 200 OK\r\nconnection: x, Close\r\ncontent-length: 5\r\n\r\n"),
        Ok((200, Framing::Length(5), false))
    );
    for (lines, keeps) in [
        ("", true),
        ("content-length: 0\r\n", true),
        ("content-length: 1\r\n", false),
        ("transfer-encoding: chunked\r\n", false),
        ("connection: keep-alive\r\nconnection: x, close\r\n", false),
    ] {
        let head = format!("HTTP/1.1 204 No\r\n{lines}\r\n");
        assert_eq!(taken(&head), Ok((204, Framing::Nothing, keeps)), "{lines:?}");
    }
    assert_eq!(
        answer("HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n", &Method::HEAD),
        Ok((200, Framing::Nothing, true))
    );
    assert_eq!(taken("HTTP/1.1 200 OK\r\ncontent-le"), Err("more".into()));
    for broken in [
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: +5\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 5, 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nbad header: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nx: a\r\n folded\r\n\r\n",
        "SSH-2.0-server\r\n\r\n",
        "\u{16}\u{3}\u{1}",
    ] {
        let found = taken(broken);
        assert!(
            found.as_ref().is_err_and(|why| why != "more"),
            "{broken:?}: {found:?}"
        );
    }
    let long = format!("HTTP/1.1 200 OK\r\nx: {}", "a".repeat(70_000));
    assert!(taken(&long).is_err_and(|why| why.contains("too long")));
}

#[test]
fn what_is_sent_has_nothing_of_the_callers_connection() {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("connection", "x-secret"),
        ("transfer-encoding", "gzip"),
        ("content-length", "7"),
        ("upgrade", "h2c"),
        ("te", "trailers"),
        ("host", "evil"),
        ("accept", "*/*"),
    ] {
        headers.append(
            header::HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    let request = Outgoing::new(Method::POST, "/a?b", headers.into());
    let sent = write(&request, "/p", "host:1", Framing::Length(3)).unwrap();
    assert_eq!(
        std::str::from_utf8(&sent).unwrap(),
        "POST /p/a?b HTTP/1.1\r\nhost: host:1\r\naccept: */*\r\ncontent-length: 3\r\n\r\n"
    );
    for target in ["/a b", "/a\r\nx: y", "a", "", "/\u{e9}", "/a\0"] {
        let request = Outgoing::new(Method::GET, target, Fields::default());
        assert!(write(&request, "", "h", Framing::Nothing).is_err(), "{target:?}");
    }
}

/// Pieces of heads, so that chance comes upon what is nearly one.
fn nearly_a_head() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"HTTP/1.1 200 OK\r\n".to_vec()),
        Just(b"HTTP/1.0 304 \r\n".to_vec()),
        Just(b"HTTP/1.1 100 Continue\r\n\r\n".to_vec()),
        Just(b"content-length: 5\r\n".to_vec()),
        Just(b"transfer-encoding: chunked\r\n".to_vec()),
        Just(b"connection: close\r\n".to_vec()),
        Just(b"x:\r\n".to_vec()),
        Just(b"x: \xe9 \t\r\n".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"\r".to_vec()),
        Just(b" ".to_vec()),
        Just(b": ".to_vec()),
        prop::collection::vec(any::<u8>(), 0..8),
    ];
    let begun = prop_oneof![4 => Just(b"HTTP/1.1 200 OK\r\n".to_vec()), 1 => Just(Vec::new())];
    (begun, prop::collection::vec(piece, 0..12)).prop_map(|(begun, rest)| [begun, rest.concat()].concat())
}

/// What comes out, and what is left.
type Taken = Result<Option<(u16, Fields, Framing, bool, usize)>, ()>;

fn taken(bytes: &[u8], piece: usize) -> Taken {
    let mut buffer = BytesMut::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let (now, later) = rest.split_at(piece.min(rest.len()));
        buffer.extend_from_slice(now);
        rest = later;
        if let Some(head) = read(&mut buffer, &Method::GET).map_err(|_| ())? {
            let left = buffer.len() + rest.len();
            return Ok(Some((
                head.status.as_u16(),
                head.headers,
                head.framing,
                head.keeps,
                left,
            )));
        }
    }
    Ok(None)
}

proptest! {
    #[test]
    fn any_bytes_are_taken_in_one_way_whatever_their_pieces(bytes in nearly_a_head(), piece in 1_usize..20) {
        let whole = taken(&bytes, usize::MAX);
        prop_assert_eq!(taken(&bytes, piece), whole.clone());
        if let Ok(Some((_, headers, framing, keeps, left))) = whole {
            prop_assert!(left < bytes.len());
            prop_assert!(!(keeps && framing == Framing::UntilClose));
            let lengths = [header::CONTENT_LENGTH, header::TRANSFER_ENCODING];
            let named: usize = lengths.iter().map(|name| headers.get_all(name).count()).sum();
            prop_assert!(named <= 1, "{headers:?}");
        }
    }

    #[test]
    fn what_is_sent_is_one_head(target in "/[ -~\r\n\t\u{e9}]{0,20}", name in "[a-z-]{1,12}", value in any::<Vec<u8>>()) {
        let mut headers = HeaderMap::new();
        if let (Ok(name), Ok(value)) = (
            header::HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_bytes(&value),
        ) {
            headers.insert(name, value);
        }
        let request = Outgoing::new(Method::POST, &target, headers.into());
        let Ok(sent) = write(&request, "/p", "h", Framing::Length(3)) else { return Ok(()) };
        let mut room = [httparse::EMPTY_HEADER; 8];
        let mut parsed = httparse::Request::new(&mut room);
        prop_assert_eq!(parsed.parse(&sent), Ok(httparse::Status::Complete(sent.len())));
        let path = format!("/p{}", request.target);
        prop_assert_eq!(parsed.path, Some(path.as_str()));
        let length = parsed.headers.iter().filter(|one| one.name == "content-length").count();
        prop_assert_eq!(length, 1);
    }
}
