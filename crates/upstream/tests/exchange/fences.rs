//! What a request may not do: begin another one, name another host, frame itself, or leave its secrets in a text.

use crate::caller::{client, code, request};
use crate::server::{Server, Step, answer};
use bailiwick_upstream::{Fields, HeaderValue, OutgoingBody, is_hop_by_hop};
use http::{HeaderName, Method, header};

#[tokio::test]
async fn a_target_cannot_begin_another_request() {
    let server = Server::always(vec![Step::Echo]);
    let client = client(&server);
    for target in [
        "/a HTTP/1.1\r\nhost: evil\r\n\r\nGET /b",
        "/a\r\nx: y",
        "/a\nx: y",
        "/a\rb",
        "/a b",
        "/a\tb",
        "/a\0b",
        "/a\u{7f}",
        "/\u{e9}",
        "/\u{560a}",
        "",
        "a",
        "*",
        "http://evil/",
        " /a",
    ] {
        let found = client
            .send(&request(Method::GET, target), OutgoingBody::Nothing)
            .await;
        assert_eq!(code(found), "upstream.malformed", "{target:?}");
    }
    let found = client
        .send(&request(Method::CONNECT, "/a"), OutgoingBody::Nothing)
        .await;
    assert_eq!(code(found), "upstream.malformed");
    assert_eq!(server.connections(), 0, "nothing of it was sent");
}

#[tokio::test]
async fn headers_cannot_frame_route_or_break_a_line() {
    // The types refuse what would: there is no other way to a header.
    for text in ["a\r\nb", "a\nb", "a\rb", "a\0b", "a\u{7f}b"] {
        assert!(HeaderValue::from_bytes(text.as_bytes()).is_err(), "{text:?}");
        assert!(HeaderName::from_bytes(text.as_bytes()).is_err(), "{text:?}");
    }
    let mut headers = Fields::default();
    for name in [
        "connection",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "content-length",
        "host",
        "expect",
        "proxy-authorization",
    ] {
        let name = HeaderName::from_static(name);
        assert!(is_hop_by_hop(&name));
        headers.append(name.clone(), HeaderValue::from_static("evil"));
        headers.append(name, HeaderValue::from_static("evil"));
    }
    headers.append(
        HeaderName::from_static("x-latin"),
        HeaderValue::from_bytes(b"\xe9").unwrap(),
    );
    headers.append(HeaderName::from_static("x-a"), HeaderValue::from_static("1"));
    headers.append(HeaderName::from_static("x-a"), HeaderValue::from_static("2"));
    let mut server = Server::plays(vec![vec![Step::Head, Step::Body(2), answer("ok")]]);
    let client = client(&server);
    let mut request = request(Method::POST, "/a?b=%0d%0ac");
    request.headers = headers;
    let body = OutgoingBody::Whole(bytes::Bytes::from_static(b"hi"));
    assert_eq!(client.send(&request, body).await.unwrap().status, 200);
    let expected = format!(
        "POST /a?b=%0d%0ac HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nx-latin: \u{fffd}\r\nx-a: 1\r\nx-a: 2\r\n\
         content-length: 2\r\n\r\nhi",
        server.port
    );
    assert_eq!(server.finished().await[0].text, expected);
}

#[tokio::test]
async fn nothing_prints_what_was_sent_or_read() {
    let text = "HTTP/1.1 200 OK\r\nset-cookie: secret\r\ncontent-length: 6\r\n\r\nsecret";
    let server = Server::plays(vec![vec![Step::Head, crate::server::say(text)]]);
    let client = client(&server);
    let mut request = request(Method::GET, "/?token=secret");
    request
        .headers
        .insert(header::AUTHORIZATION, HeaderValue::from_static("secret"));
    let answer = client.send(&request, OutgoingBody::Nothing).await.unwrap();
    let printed = format!("{request:?} {answer:?} {:?} {client:?}", answer.body);
    assert!(!printed.contains("secret"), "{printed}");
}
