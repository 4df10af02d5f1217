//! A small HTTP/1.1 client over a plain socket. Tests of a door need to send what no well-behaved client would, so
//! paths and headers go out byte for byte, and nothing is followed, retried or normalised.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

use crate::tls::{Stream, Trust};

/// How long an answer may take on a busy machine before the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where a server listens.
#[derive(Clone, Copy, Debug)]
pub struct Address(
    pub SocketAddr,
    /// Whom to trust, where it speaks TLS.
    pub Option<&'static Trust>,
);

/// A request to be sent.
#[derive(Clone, Debug)]
pub struct Request {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers in the order and case of the wire.
    pub headers: Vec<(String, String)>,
    /// The body after transfer coding.
    pub body: Vec<u8>,
}

impl Request {
    /// Any method and path, sent as they are.
    pub fn new(method: &str, path: &str) -> Request {
        Request {
            method: method.to_owned(),
            path: path.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// Adds a header, also one that is there already.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Request {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// `Authorization: Bearer …`; nothing when the text is empty.
    #[must_use]
    pub fn bearer(self, token: &str) -> Request {
        if token.is_empty() {
            self
        } else {
            self.header("Authorization", &format!("Bearer {token}"))
        }
    }

    /// `Authorization: Basic …`.
    #[must_use]
    pub fn basic(self, user: &str, password: &str) -> Request {
        let value = format!("Basic {}", base64(format!("{user}:{password}").as_bytes()));
        self.header("Authorization", &value)
    }

    /// A body as it is; sets only its length.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Request {
        self.body = body.into();
        self
    }

    /// A JSON body.
    #[must_use]
    pub fn json(self, body: &Value) -> Request {
        self.header("Content-Type", "application/json")
            .body(body.to_string())
    }

    /// The bytes on the wire.
    fn bytes(&self, address: Address) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.path);
        let has = |name: &str| self.headers.iter().any(|(it, _)| it.eq_ignore_ascii_case(name));
        if !has("host") {
            head += &format!("Host: {}\r\n", address.0);
        }
        if !has("connection") {
            head += "Connection: close\r\n";
        }
        if !has("content-length")
            && !has("transfer-encoding")
            && (!self.body.is_empty() || self.method == "POST")
        {
            head += &format!("Content-Length: {}\r\n", self.body.len());
        }
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += "\r\n";
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

impl Address {
    /// Reads `http://127.0.0.1:1234` or `127.0.0.1:1234`.
    pub fn parse(url: &str) -> Address {
        let bare = url
            .trim()
            .trim_start_matches("https://")
            .trim_start_matches("http://");
        Address(
            bare.trim_end_matches('/')
                .parse()
                .unwrap_or_else(|error| panic!("{url:?} is no address: {error}")),
            None,
        )
    }

    /// The same over TLS, trusting an authority.
    #[must_use]
    pub fn trusting(self, trust: &'static Trust) -> Address {
        Address(self.0, Some(trust))
    }

    /// As the start of a URL.
    pub fn url(&self) -> String {
        let scheme = if self.1.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.0)
    }

    /// A connection to it, for tests that speak slowly or wrongly.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect_timeout(&self.0, PATIENCE).expect("the server accepts a connection");
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// A connection to it, with TLS where it has TLS.
    pub fn open(&self) -> Box<dyn Stream> {
        match self.1 {
            None => Box::new(self.connect()),
            Some(trust) => Box::new(trust.over(self.connect())),
        }
    }

    /// Sends a request on a connection of its own and reads the answer.
    pub fn send(&self, request: &Request) -> Answer {
        let mut stream = self.open();
        // A refusal may come, and the connection close, before a large body is through.
        let _ = stream.write_all(&request.bytes(*self));
        let _ = stream.flush();
        read(stream, request.method == "HEAD")
    }

    /// Sends bytes as they are and gives all that comes back until the server closes.
    pub fn send_bytes(&self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = self.open();
        let _ = stream.write_all(bytes);
        let _ = stream.end();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        answer
    }
}

/// Reads one answer to its end.
pub fn read(mut stream: impl Read, is_head: bool) -> Answer {
    let mut bytes = Vec::new();
    let mut chunk = [0_u8; 65536];
    loop {
        if let Some(answer) = parse(&bytes, is_head, false) {
            return answer;
        }
        match stream.read(&mut chunk) {
            Ok(0) => break,
            Ok(length) => bytes.extend_from_slice(&chunk[..length]),
            // Closed with unread input on the other side: what came before counts.
            Err(error)
                if matches!(
                    error.kind(),
                    std::io::ErrorKind::ConnectionReset | std::io::ErrorKind::UnexpectedEof
                ) =>
            {
                break;
            }
            Err(error) => panic!(
                "reading an answer: {error}, after {:?}",
                String::from_utf8_lossy(&bytes)
            ),
        }
    }
    parse(&bytes, is_head, true)
        .unwrap_or_else(|| panic!("not an HTTP answer: {:?}", String::from_utf8_lossy(&bytes)))
}

/// Splits a raw stream of bytes into the answers it holds.
pub fn answers(bytes: &[u8]) -> Vec<Answer> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while let Some((answer, length)) = parse_one(rest, false, true) {
        found.push(answer);
        rest = &rest[length..];
        if rest.is_empty() {
            break;
        }
    }
    found
}

fn parse(bytes: &[u8], is_head: bool, at_end: bool) -> Option<Answer> {
    parse_one(bytes, is_head, at_end).map(|(answer, _)| answer)
}

fn parse_one(bytes: &[u8], is_head: bool, at_end: bool) -> Option<(Answer, usize)> {
    let split = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..split]).into_owned();
    let mut lines = head.split("\r\n");
    let status: u16 = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect();
    let start = split + 4;
    if status == 100 {
        return parse_one(&bytes[start..], is_head, at_end).map(|(answer, length)| (answer, start + length));
    }
    let mut answer = Answer {
        status,
        headers,
        body: Vec::new(),
    };
    if is_head || status == 204 || status == 304 {
        return Some((answer, start));
    }
    let rest = &bytes[start..];
    if answer.header("transfer-encoding").eq_ignore_ascii_case("chunked") {
        let (body, length) = unchunk(rest)?;
        answer.body = body;
        return Some((answer, start + length));
    }
    let length = match answer.header("content-length") {
        "" if at_end => rest.len(),
        "" => return None,
        text => text.parse().ok()?,
    };
    answer.body = rest.get(..length)?.to_vec();
    Some((answer, start + length))
}

fn unchunk(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    let (mut body, mut at) = (Vec::new(), 0);
    loop {
        let line = bytes.get(at..)?.windows(2).position(|window| window == b"\r\n")?;
        let size = std::str::from_utf8(&bytes[at..at + line]).ok()?;
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        at += line + 2;
        if size == 0 {
            let end = bytes.get(at..)?.windows(2).position(|window| window == b"\r\n")?;
            return Some((body, at + end + 2));
        }
        body.extend_from_slice(bytes.get(at..at + size)?);
        at += size + 2;
    }
}

impl Answer {
    /// A header's value, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .iter()
            .find(|(it, _)| it.eq_ignore_ascii_case(name))
            .map_or("", |(_, value)| value)
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; `null` when there is none.
    pub fn json(&self) -> Value {
        if self.body.is_empty() {
            return Value::Null;
        }
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {}", self.text()))
    }

    /// Fails with the whole answer when the status is another one.
    #[track_caller]
    #[must_use]
    pub fn expect(self, status: u16) -> Answer {
        assert_eq!(self.status, status, "{:?}\n{}", self.headers, self.text());
        self
    }
}

/// Standard base64 with padding: for `Basic` credentials, where a dependency would be larger than this.
pub fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let word = group
            .iter()
            .fold(0_u32, |word, byte| word << 8 | u32::from(*byte))
            << (8 * (3 - group.len()));
        for place in 0..4 {
            let letter = LETTERS[(word >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= group.len() {
                char::from(letter)
            } else {
                '='
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{answers, base64};

    #[test]
    fn base64_pads() {
        assert_eq!(base64(b"a:b"), "YTpi");
        assert_eq!(base64(b"ab"), "YWI=");
        assert_eq!(base64(b"a"), "YQ==");
    }

    #[test]
    fn several_answers_in_one_stream_are_told_apart() {
        let stream = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 404 Not Found\r\n\
            Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n";
        let found: Vec<(u16, String)> = answers(stream).iter().map(|it| (it.status, it.text())).collect();
        assert_eq!(
            found,
            [(200, "hi".into()), (404, "abc".into()), (204, String::new())]
        );
    }
}
