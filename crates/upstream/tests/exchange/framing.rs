//! Answers that are well cut: all framings, in pieces of any size, and what is asked next.

use crate::caller::{Outcome, ask, client, get, read, request, whole};
use crate::server::{Seen, Server, Step, answer, say};
use bailiwick_upstream::OutgoingBody;
use http::{Method, header};
use http_body::Body;

/// An answer, the method it answers, its status and body, and whether its connection serves another exchange.
type Case = (&'static str, Method, u16, &'static str, bool);

const CASES: [Case; 14] = [
    (
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
        Method::GET,
        200,
        "hello",
        true,
    ),
    (
        "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
        Method::GET,
        200,
        "",
        true,
    ),
    (
        "HTTP/1.1 200 OK\ncontent-length: 5\n\nhello",
        Method::GET,
        200,
        "hello",
        true,
    ),
    (
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n6;a=b\r\n world\r\n0\r\n\r\n",
        Method::GET,
        200,
        "hello world",
        true,
    ),
    (
        "HTTP/1.1 404 No\r\ntransfer-encoding: chunked\r\n\r\n0\r\nx-sum: 7\r\n\r\n",
        Method::GET,
        404,
        "",
        true,
    ),
    (
        "HTTP/1.1 200 OK\r\nempty:\r\n\r\nuntil the end",
        Method::GET,
        200,
        "until the end",
        false,
    ),
    ("HTTP/1.0 200 OK\r\n\r\nold", Method::GET, 200, "old", false),
    (
        "HTTP/1.0 200 OK\r\ncontent-length: 3\r\nconnection: keep-alive\r\n\r\nold",
        Method::GET,
        200,
        "old",
        false,
    ),
    (
        "HTTP/1.1 200 OK\r\ncontent-length: 3\r\nconnection: close\r\n\r\nbye",
        Method::GET,
        200,
        "bye",
        false,
    ),
    (
        "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n",
        Method::HEAD,
        200,
        "",
        true,
    ),
    (
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        Method::HEAD,
        200,
        "",
        true,
    ),
    ("HTTP/1.1 204 No Content\r\n\r\n", Method::GET, 204, "", true),
    (
        "HTTP/1.1 304 Not Modified\r\ncontent-length: 500\r\n\r\n",
        Method::GET,
        304,
        "",
        true,
    ),
    (
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 201 Made\r\ncontent-length: 2\r\n\r\nok",
        Method::GET,
        201,
        "ok",
        true,
    ),
];

#[tokio::test]
async fn every_framing_comes_out_whole_in_pieces_of_any_size() {
    for (text, method, status, body, keeps) in CASES {
        for size in [1, 2, 3, 7, 50, 5000] {
            let first = vec![Step::Head, Step::Pieces(text.as_bytes().to_vec(), size)];
            let next = vec![Step::Head, answer("next")];
            let mut server = Server::plays(if keeps {
                vec![[first, next].concat()]
            } else {
                vec![first, next]
            });
            let client = client(&server);
            let found = ask(&client, method.clone(), "/first", OutgoingBody::Nothing).await;
            assert_eq!(found, Outcome::Whole(status, body.into()), "{text:?} by {size}");
            assert_eq!(client.waiting(), usize::from(keeps), "{text:?} by {size}");
            assert_eq!(get(&client).await, whole("next"), "{text:?} by {size}");
            let heads: String = server
                .finished()
                .await
                .into_iter()
                .map(|Seen { text, .. }| text)
                .collect();
            let host = format!("host: 127.0.0.1:{}\r\n\r\n", server.port);
            let expected = format!("{method} /first HTTP/1.1\r\n{host}GET / HTTP/1.1\r\n{host}");
            assert_eq!(heads, expected);
            assert_eq!(
                server.connections(),
                if keeps { 1 } else { 2 },
                "{text:?} by {size}"
            );
        }
    }
}

#[tokio::test]
async fn a_hundred_exchanges_take_one_connection() {
    let mut server = Server::plays(vec![[Step::Head, answer("one")].repeat_n(100)]);
    let client = client(&server);
    for _ in 0..100 {
        assert_eq!(get(&client).await, whole("one"));
    }
    server.finished().await;
    assert_eq!(server.connections(), 1);
}

trait Repeated {
    fn repeat_n(self, times: usize) -> Vec<Step>;
}

impl<const N: usize> Repeated for [Step; N] {
    fn repeat_n(self, times: usize) -> Vec<Step> {
        std::iter::repeat_n(self, times).flatten().collect()
    }
}

#[tokio::test]
async fn trailers_and_headers_are_passed_on() {
    let text = "HTTP/1.1 200 OK\r\nset-cookie: a\r\nSet-Cookie: b\r\nx: \r\ntransfer-encoding: chunked\r\n\r\n\
                1\r\na\r\n0\r\nx-sum: 7\r\nx-sum: 8\r\n\r\n";
    let server = Server::plays(vec![vec![Step::Head, say(text)]]);
    let client = client(&server);
    let answer = client
        .send(&request(Method::GET, "/"), OutgoingBody::Nothing)
        .await
        .unwrap();
    let cookies: Vec<_> = answer.headers.get_all(header::SET_COOKIE).collect();
    assert_eq!(cookies, ["a", "b"]);
    assert_eq!(answer.headers.get("x").unwrap(), "");
    let (data, trailers) = read(answer.body).await.unwrap();
    assert_eq!(data, b"a");
    assert_eq!(trailers.get_all("x-sum").iter().collect::<Vec<_>>(), ["7", "8"]);
    assert_eq!(client.waiting(), 1);
}

#[tokio::test]
async fn a_redirect_is_an_answer_like_others() {
    let text = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/other\r\ncontent-length: 0\r\n\r\n";
    let mut server = Server::plays(vec![vec![Step::Head, say(text)]]);
    let client = client(&server);
    let answer = client
        .send(&request(Method::GET, "/"), OutgoingBody::Nothing)
        .await
        .unwrap();
    assert_eq!(answer.status, 302);
    assert_eq!(
        answer.headers.get(header::LOCATION).unwrap(),
        "http://127.0.0.1:1/other"
    );
    assert!(answer.body.is_end_stream());
    assert_eq!(server.finished().await[0].text.matches("HTTP/1.1").count(), 1);
}

#[tokio::test]
async fn a_body_that_is_there_is_had_at_once() {
    let server = Server::plays(vec![vec![Step::Head, answer("all of it")]]);
    let client = client(&server);
    let mut answer = client
        .send(&request(Method::GET, "/"), OutgoingBody::Nothing)
        .await
        .unwrap();
    assert_eq!(answer.body.size_hint().exact(), Some(9));
    assert_eq!(answer.body.at_hand().as_deref(), Some(b"all of it".as_slice()));
    assert!(answer.body.is_end_stream());
    assert_eq!(answer.body.at_hand(), None);
    assert_eq!(read(answer.body).await.unwrap().0, b"");
    assert_eq!(client.waiting(), 1);
}

/// A piece that is kept must not hold a whole room each.
#[tokio::test]
async fn an_answer_byte_by_byte_shares_its_room() {
    let body = "x".repeat(3000);
    let head = say("HTTP/1.1 200 OK\r\ncontent-length: 3000\r\n\r\n");
    let server = Server::plays(vec![vec![Step::Head, head, Step::Pieces(body.into_bytes(), 1)]]);
    let client = client(&server);
    let answer = client
        .send(&request(Method::GET, "/"), OutgoingBody::Nothing)
        .await
        .unwrap();
    let mut body = answer.body;
    let (mut kept, mut rooms, mut end) = (Vec::new(), 0, std::ptr::null());
    while let Some(frame) = http_body_util::BodyExt::frame(&mut body).await {
        let data = frame.unwrap().into_data().unwrap();
        rooms += usize::from(data.as_ptr() != end);
        end = data.as_ptr_range().end;
        kept.push(data);
    }
    assert_eq!(kept.iter().map(bytes::Bytes::len).sum::<usize>(), 3000);
    assert!(kept.len() > 10, "it came in one piece: {}", kept.len());
    assert!(rooms <= 3, "{rooms} rooms for {} pieces", kept.len());
}
