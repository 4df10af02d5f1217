//! HTTP/2 without asking first, with heads that no client writes: what HTTP/1.1 could be made to say through them, it
//! never says to an upstream.

use super::{Bench, Expected, MOUNTS};
use crate::front::Answered;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const HEADERS: u8 = 1;
const RESET: u8 = 3;
const GO_AWAY: u8 = 7;

fn frame(kind: u8, flags: u8, stream: u32, body: &[u8]) -> Vec<u8> {
    let mut frame = (body.len() as u32).to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend_from_slice(body);
    frame
}

/// A field as a literal that is not indexed.
fn field(name: &str, value: &str) -> Vec<u8> {
    let text = |text: &str| {
        assert!(text.len() < 127);
        [&[text.len() as u8], text.as_bytes()].concat()
    };
    [vec![0], text(name), text(value)].concat()
}

/// Sends one head, and waits for what the server makes of it: the kind of the first frame that tells.
async fn ask(bench: &Bench, fields: &[(&str, &str)]) -> u8 {
    let mut stream = TcpStream::connect(bench.front.address).await.unwrap();
    let block: Vec<u8> = fields
        .iter()
        .flat_map(|(name, value)| field(name, value))
        .collect();
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    bytes.extend(frame(4, 0, 0, &[]));
    // Ends the headers and the stream.
    bytes.extend(frame(HEADERS, 5, 1, &block));
    let _ = stream.write_all(&bytes).await;
    let mut told = Vec::new();
    loop {
        while told.len() >= 9 {
            let length = u32::from_be_bytes([0, told[0], told[1], told[2]]) as usize;
            if told.len() < 9 + length {
                break;
            }
            if matches!(told[3], HEADERS | RESET | GO_AWAY) {
                return told[3];
            }
            told.drain(..9 + length);
        }
        let mut buffer = [0; 4096];
        match stream.read(&mut buffer).await {
            Ok(read) if read > 0 => told.extend_from_slice(&buffer[..read]),
            _ => return GO_AWAY,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_of_fields_says_one_request_or_none() {
    let bench = Bench::new().await;
    let authorization = format!("Bearer {}", bench.token);
    for mount in &MOUNTS {
        let path = mount.read.0;
        let good = [
            (":method", "GET"),
            (":scheme", "http"),
            (":authority", "front"),
            (":path", path),
            ("authorization", authorization.as_str()),
        ];
        let target = || mount.read.1.to_owned();
        let whole = Answered::read(b"HTTP/1.1 200 OK\r\n\r\n");
        assert_eq!(ask(&bench, &good).await, HEADERS);
        let arrives = Expected::Arrives {
            target: target(),
            body: Vec::new(),
        };
        bench.check("good", mount, &whole, &arrives);
        let split = format!("{path} HTTP/1.1\r\nx: planted\r\n\r\nGET /planted");
        let blank = format!("{path} HTTP/1.1");
        let relative = path.trim_start_matches('/').to_owned();
        let double = format!("/{path}");
        for (name, changes) in [
            ("CRLF in the path", vec![(":path", split.as_str())]),
            ("a blank in the path", vec![(":path", blank.as_str())]),
            ("a path without a slash", vec![(":path", relative.as_str())]),
            ("a path with two", vec![(":path", double.as_str())]),
            ("an empty path", vec![(":path", "")]),
            ("a star", vec![(":path", "*")]),
            (
                "CRLF in the method",
                vec![(":method", "GET /planted HTTP/1.1\r\nx: y\r\n\r\nGET")],
            ),
            ("an empty method", vec![(":method", "")]),
            (
                "CRLF in the authority",
                vec![(":authority", "front\r\nsudo: planted")],
            ),
            ("CRLF in a value", vec![("accept", "a\r\nsudo: planted")]),
            ("LF in a value", vec![("accept", "a\nsudo: planted")]),
            ("NUL in a value", vec![("accept", "a\0planted")]),
            ("CRLF in a name", vec![("accept: a\r\nsudo", "planted")]),
            ("a colon in a name", vec![("accept: a", "planted")]),
            ("capitals in a name", vec![("Accept", "planted")]),
            ("an empty name", vec![("", "planted")]),
            ("a coding", vec![("transfer-encoding", "chunked")]),
            ("a connection", vec![("connection", "planted")]),
            ("an upgrade", vec![("upgrade", "planted")]),
            ("a length without a body", vec![("content-length", "7")]),
            (
                "two lengths",
                vec![("content-length", "0"), ("content-length", "7")],
            ),
            ("two paths", vec![(":path", "/planted")]),
            ("a pseudo field that is none", vec![(":planted", "x")]),
            ("a status", vec![(":status", "200")]),
            ("two hosts", vec![("host", "planted"), ("host", "front")]),
            ("an override", vec![("x-http-method-override", "DELETE")]),
            ("sudo", vec![("sudo", "planted")]),
            ("two credentials", vec![("authorization", "token planted")]),
        ] {
            let mut fields = good.to_vec();
            for (field, value) in changes {
                let replaces = field.starts_with(':') && name != "two paths";
                match fields.iter_mut().find(|(it, _)| replaces && *it == field) {
                    Some(at) => at.1 = value,
                    None => fields.push((field, value)),
                }
            }
            let told = ask(&bench, &fields).await;
            let arrived = bench.arrived();
            assert!(arrived.len() <= 1, "{name}: {arrived:?}");
            for (kind, one) in &arrived {
                bench.clean(name, *kind, one);
                assert_eq!((one.target.as_str(), told), (mount.read.1, HEADERS), "{name}");
                assert_eq!((one.method.as_str(), one.body.len()), ("GET", 0), "{name}");
            }
        }
        for missing in [":method", ":path", ":scheme"] {
            let fields: Vec<_> = good.into_iter().filter(|(name, _)| *name != missing).collect();
            ask(&bench, &fields).await;
            let arrived = bench.arrived();
            assert!(
                arrived.is_empty() || missing == ":scheme",
                "{missing}: {arrived:?}"
            );
        }
    }
}
