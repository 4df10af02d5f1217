//! Envoy's checks over gRPC, from a caller that writes what Envoy writes, and from one that does not.

use super::{Stage, TRUSTED};
use bailiwick_wire::protobuf::{Fields, Message, Value};
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2::SendRequest;
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::collections::BTreeMap;

const PATH: &str = "/envoy.service.auth.v3.Authorization/Check";

/// A connection as Envoy keeps one.
struct Envoy(SendRequest<Full<Bytes>>, String);

/// What a check was answered.
#[derive(Debug)]
struct Checked {
    code: u64,
    status: u64,
    headers: BTreeMap<String, String>,
    body: serde_json::Value,
}

impl Envoy {
    async fn before(stage: &Stage) -> Envoy {
        let stream = tokio::net::TcpStream::connect(stage.front.address).await.unwrap();
        let (send, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
                .await
                .unwrap();
        tokio::spawn(connection);
        Envoy(send, stage.front.address.to_string())
    }

    /// Sends these bytes as they are; gives the message of the answer, which always ends well.
    async fn raw(&mut self, kind: &str, framed: Vec<u8>) -> Vec<u8> {
        let request = Request::post(format!("http://{}{PATH}", self.1))
            .header("content-type", kind)
            .header("te", "trailers")
            .body(Full::new(Bytes::from(framed)))
            .unwrap();
        let answer = self.0.send_request(request).await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "application/grpc");
        let collected = answer.into_body().collect().await.unwrap();
        assert_eq!(collected.trailers().unwrap()["grpc-status"], "0");
        let bytes = collected.to_bytes();
        assert_eq!(
            u32::from_be_bytes(bytes[1..5].try_into().unwrap()) as usize,
            bytes.len() - 5
        );
        assert_eq!(bytes[0], 0);
        bytes[5..].to_vec()
    }

    async fn check(&mut self, message: Message) -> Checked {
        read(&self.raw("application/grpc", framed(&message.into_bytes())).await)
    }
}

fn framed(message: &[u8]) -> Vec<u8> {
    let mut framed = vec![0];
    framed.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
    framed.extend_from_slice(message);
    framed
}

fn find(bytes: &[u8], number: u64) -> Vec<Vec<u8>> {
    Fields::of(bytes)
        .map(Result::unwrap)
        .filter(|(at, _)| *at == number)
        .map(|(_, value)| value.bytes().unwrap().to_vec())
        .collect()
}

fn number(bytes: &[u8]) -> u64 {
    match Fields::of(bytes).next() {
        Some(Ok((1, Value::Varint(number)))) => number,
        None => 0,
        other => panic!("{other:?}"),
    }
}

fn read(bytes: &[u8]) -> Checked {
    let code = number(&find(bytes, 1)[0]);
    let (denied, allowed) = (find(bytes, 2), find(bytes, 3));
    assert_eq!(
        (denied.len(), allowed.len()),
        if code == 0 { (0, 1) } else { (1, 0) }
    );
    let answer = denied.first().or(allowed.first()).unwrap();
    let headers = find(answer, 2)
        .iter()
        .map(|option| {
            let pair = find(option, 1).remove(0);
            let text = |at| String::from_utf8(find(&pair, at).remove(0)).unwrap();
            (text(1), text(2))
        })
        .collect();
    let body = denied
        .first()
        .and_then(|denied| find(denied, 3).pop())
        .unwrap_or_default();
    Checked {
        code,
        status: denied.first().map_or(200, |denied| number(&find(denied, 1)[0])),
        headers,
        body: serde_json::from_slice(&body).unwrap_or_default(),
    }
}

fn pair(key: &str, value: &str) -> Message {
    Message::new().bytes(1, key.as_bytes()).bytes(2, value.as_bytes())
}

fn http(method: &str, path: &str, token: &str) -> Message {
    Message::new()
        .bytes(1, b"12345")
        .bytes(2, method.as_bytes())
        .message(3, &pair(":authority", "api.example"))
        .message(3, &pair(":method", method))
        .message(3, &pair(":path", path))
        .message(3, &pair(":scheme", "http"))
        .message(3, &pair("authorization", &format!("Bearer {token}")))
        .message(3, &pair("user-agent", "a client of theirs"))
        .message(3, &pair("x-forwarded-for", "198.51.100.4"))
        .message(3, &pair("x-forwarded-proto", "http"))
        .message(3, &pair("x-request-id", "f1c"))
        .bytes(4, path.as_bytes())
        .bytes(5, b"api.example")
        .bytes(6, b"http")
        .bytes(10, b"HTTP/1.1")
}

/// A request for a check, as Envoy makes it for a route before an upstream.
fn around(http: &Message, from: &str, upstream: &str) -> Message {
    let peer = |address: &str| {
        let socket = Message::new().bytes(2, address.as_bytes()).number(3, 40_000);
        Message::new().message(1, &Message::new().message(1, &socket))
    };
    let mut attributes = Message::new()
        .message(1, &peer(from))
        .message(2, &peer("127.0.0.1"))
        .message(
            4,
            &Message::new()
                .message(1, &Message::new().number(1, 1_770_000_000))
                .message(2, http),
        );
    if !upstream.is_empty() {
        attributes = attributes.message(10, &pair("upstream", upstream));
    }
    Message::new().message(1, &attributes.message(11, &Message::new()))
}

const WRITE: &[(&str, &str)] = &[("metadata", "read"), ("packages", "write"), ("contents", "read")];
const LIST: &str = "/api/acme/site/artifacts";

#[tokio::test(flavor = "multi_thread")]
async fn a_check_is_decided() {
    let stage = Stage::trusting(TRUSTED).await;
    let (id, token) = stage.token(WRITE);
    let mut envoy = Envoy::before(&stage).await;
    let asked = envoy
        .check(around(&http("GET", LIST, &token), "203.0.113.7", "artifacts"))
        .await;
    assert_eq!(asked.code, 0, "{asked:?}");
    assert_eq!(asked.headers["x-bailiwick-login"], "bob");
    assert_eq!(asked.headers["x-bailiwick-token-id"], id.to_string());
    assert_eq!(asked.headers["x-accepted-github-permissions"], "packages=read");
    // A change is on record, with whom Envoy has it from: nobody trusts the header of a stranger.
    let asked = envoy
        .check(around(
            &http("PUT", "/api/acme/site/artifacts/a", &token),
            "203.0.113.7",
            "artifacts",
        ))
        .await;
    assert_eq!(asked.code, 0, "{asked:?}");
    let events = stage.front.events();
    let request = Some(asked.headers["x-bailiwick-request-id"].as_str());
    let event = events
        .iter()
        .find(|event| event.request_id.as_deref() == request)
        .unwrap();
    assert_eq!(event.address.as_deref(), Some("203.0.113.7"));
    assert_eq!(event.user_agent.as_deref(), Some("a client of theirs"));
    assert!(event.data.contains("\"envoy-grpc\""), "{}", event.data);
    for (message, code, status, reason) in [
        (
            around(
                &http("DELETE", "/api/acme/site/artifacts/a", &token),
                "::1",
                "artifacts",
            ),
            7,
            403,
            "level.too_low",
        ),
        (
            around(
                &http("GET", "/api/acme/secret/artifacts", &token),
                "::1",
                "artifacts",
            ),
            7,
            404,
            "",
        ),
        (
            around(&http("GET", LIST, "bwk_nothing"), "::1", "artifacts"),
            16,
            401,
            "credential.unknown",
        ),
        (around(&http("GET", LIST, &token), "::1", ""), 7, 404, ""),
        (
            around(&http("GET", LIST, &token), "::1", "Arti/facts"),
            7,
            400,
            "authorize.message",
        ),
        (
            around(&http("OPTIONS", LIST, &token), "::1", "artifacts"),
            7,
            400,
            "authorize.method",
        ),
        (
            around(&http("GET", "*", &token), "::1", "artifacts"),
            7,
            400,
            "authorize.uri",
        ),
        (
            around(&http("GET", "http://h/a", &token), "::1", "artifacts"),
            7,
            400,
            "authorize.uri",
        ),
        (
            around(&http("GET", "/a/../b", &token), "::1", "artifacts"),
            7,
            400,
            "path.ambiguous",
        ),
        (
            around(&http("GET", LIST, &token), "/run/socket", "artifacts"),
            7,
            400,
            "authorize.client",
        ),
        (
            around(
                &http("GET", LIST, &token).message(3, &pair("upgrade", "websocket")),
                "::1",
                "artifacts",
            ),
            7,
            400,
            "authorize.upgrade",
        ),
        (
            around(
                &http("GET", LIST, &token).message(3, &pair("authorization", "Bearer x")),
                "::1",
                "artifacts",
            ),
            16,
            401,
            "credential.unknown",
        ),
        (
            around(
                &http("GET", LIST, &token).message(3, &pair("a b", "x")),
                "::1",
                "artifacts",
            ),
            7,
            400,
            "authorize.message",
        ),
        (Message::new(), 7, 400, "authorize.message"),
    ] {
        let asked = envoy.check(message).await;
        let said = asked.body["reason"].as_str().unwrap_or_default();
        assert_eq!(
            (asked.code, asked.status, said),
            (code, status, reason),
            "{asked:?}"
        );
        assert_eq!(
            asked.headers.contains_key("www-authenticate"),
            status == 401,
            "{asked:?}"
        );
    }
    assert!(stage.app.take().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_check_is_a_refusal_and_no_failure() {
    let stage = Stage::trusting(TRUSTED).await;
    let (_, token) = stage.token(WRITE);
    let mut envoy = Envoy::before(&stage).await;
    let whole = around(&http("GET", LIST, &token), "::1", "artifacts").into_bytes();
    let mut compressed = framed(&whole);
    compressed[0] = 1;
    let mut longer = framed(&whole);
    longer.extend(framed(&whole));
    let rows = [
        ("application/grpc", Vec::new()),
        ("application/grpc", vec![0, 0, 0]),
        ("application/grpc", compressed),
        ("application/grpc", longer),
        ("application/grpc", framed(&whole)[..whole.len()].to_vec()),
        ("application/grpc", framed(&vec![0xFF; 1_000])),
        ("application/grpc", vec![0; 300 << 10]),
        ("application/json", framed(&whole)),
    ];
    for (at, (kind, bytes)) in rows.into_iter().enumerate() {
        let asked = read(&envoy.raw(kind, bytes).await);
        assert_eq!(asked.code, 7, "row {at}: {asked:?}");
        assert!(matches!(asked.status, 400 | 413), "row {at}: {asked:?}");
    }
    // Neither is a caller that nobody trusts.
    let stage = Stage::trusting(&["192.0.2.1"]).await;
    let mut envoy = Envoy::before(&stage).await;
    let asked = envoy
        .check(around(&http("GET", LIST, &token), "::1", "artifacts"))
        .await;
    assert_eq!((asked.code, asked.status), (7, 403));
    assert_eq!(asked.body["reason"], "authorize.untrusted_peer");
}
