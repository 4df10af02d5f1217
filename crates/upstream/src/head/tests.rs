//! What is sent and what is taken: framing above all.

use super::{Framing, Outgoing, read, write};
use bytes::BytesMut;
use http::{HeaderMap, HeaderValue, Method, header};

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
    assert_eq!(
        taken("HTTP/1.1 204 No\r\n\r\n"),
        Ok((204, Framing::Nothing, true))
    );
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
    let request = Outgoing {
        method: Method::POST,
        target: String::from("/a?b"),
        headers,
    };
    let sent = write(&request, "/p", "host:1", Framing::Length(3)).unwrap();
    assert_eq!(
        std::str::from_utf8(&sent).unwrap(),
        "POST /p/a?b HTTP/1.1\r\nhost: host:1\r\naccept: */*\r\ncontent-length: 3\r\n\r\n"
    );
    for target in ["/a b", "/a\r\nx: y", "a", "", "/\u{e9}", "/a\0"] {
        let request = Outgoing {
            method: Method::GET,
            target: target.to_owned(),
            headers: HeaderMap::new(),
        };
        assert!(write(&request, "", "h", Framing::Nothing).is_err(), "{target:?}");
    }
}
