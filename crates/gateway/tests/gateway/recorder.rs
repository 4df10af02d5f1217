//! A server on a socket that keeps every byte of what it is asked, and answers as it is told to.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A request, as it arrived.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Arrived {
    pub method: String,
    /// The bytes of the target.
    pub target: String,
    /// In the order in which they came, names in small letters.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Everything, as it was on the wire.
    pub raw: Vec<u8>,
}

impl Arrived {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(it, _)| it == name);
        let first = found.next().map(|(_, value)| value.as_str());
        assert!(found.next().is_none(), "{name} came twice: {self:?}");
        first
    }

    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap()
    }

    pub fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }
}

type Handler = Arc<dyn Fn(&Arrived) -> Vec<u8> + Send + Sync>;

pub struct Recorder {
    pub address: SocketAddr,
    seen: Arc<Mutex<Vec<Arrived>>>,
}

impl Recorder {
    /// A server that answers a request with the bytes that `answer` makes of it.
    pub async fn answering(answer: impl Fn(&Arrived) -> Vec<u8> + Send + Sync + 'static) -> Recorder {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen: Arc<Mutex<Vec<Arrived>>> = Arc::default();
        let (all, answer): (_, Handler) = (seen.clone(), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, all.clone(), answer.clone()));
            }
        });
        Recorder { address, seen }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What came since this was asked last.
    pub fn take(&self) -> Vec<Arrived> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}

async fn converse(mut stream: TcpStream, seen: Arc<Mutex<Vec<Arrived>>>, answer: Handler) {
    let mut bytes = Vec::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        while let Some((arrived, length)) = parsed(&bytes) {
            bytes.drain(..length);
            // On record before the answer can be seen by anybody.
            let told = answer(&arrived);
            seen.lock().unwrap().push(arrived);
            if stream.write_all(&told).await.is_err() {
                return;
            }
        }
        match stream.read(&mut buffer).await {
            Ok(read) if read > 0 => bytes.extend_from_slice(&buffer[..read]),
            _ => break,
        }
    }
    // SECURITY: bytes that are no whole request are on record too; a test that expects nothing must see them.
    if !bytes.is_empty() {
        seen.lock().unwrap().push(Arrived {
            method: "(cut off)".into(),
            target: String::new(),
            headers: Vec::new(),
            body: Vec::new(),
            raw: bytes,
        });
    }
}

fn parsed(bytes: &[u8]) -> Option<(Arrived, usize)> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).expect("a head in UTF-8");
    let mut lines = head.split("\r\n");
    let line = lines.next().unwrap();
    let parts: Vec<&str> = line.split(' ').collect();
    assert!(parts.len() == 3 && parts[2] == "HTTP/1.1", "{line}");
    let headers: Vec<(String, String)> = lines
        .map(|line| line.split_once(':').expect("a header with a name"))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let mut arrived = Arrived {
        method: parts[0].into(),
        target: parts[1].into(),
        headers,
        body: Vec::new(),
        raw: Vec::new(),
    };
    let rest = &bytes[end + 4..];
    let length = if arrived.header("transfer-encoding").is_some() {
        let (body, length) = unchunked(rest)?;
        arrived.body = body;
        length
    } else {
        let length = arrived
            .header("content-length")
            .map_or(0, |text| text.parse().unwrap());
        arrived.body = rest.get(..length)?.to_vec();
        length
    };
    arrived.raw = bytes[..end + 4 + length].to_vec();
    Some((arrived, end + 4 + length))
}

fn unchunked(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    let (mut body, mut at) = (Vec::new(), 0);
    loop {
        let line = bytes[at..].windows(2).position(|window| window == b"\r\n")?;
        let size = std::str::from_utf8(&bytes[at..at + line]).unwrap();
        let size = usize::from_str_radix(size, 16).expect("a chunk's size");
        at += line + 2;
        body.extend_from_slice(bytes.get(at..at + size)?);
        assert_eq!(
            bytes.get(at + size..at + size + 2)?,
            b"\r\n",
            "a trailer or a lie"
        );
        at += size + 2;
        if size == 0 {
            return Some((body, at));
        }
    }
}

/// An answer in JSON.
pub fn json(status: u16, value: &serde_json::Value) -> Vec<u8> {
    let text = value.to_string();
    answer(status, "application/json;charset=utf-8", text.as_bytes())
}

/// An answer with a length.
pub fn answer(status: u16, content_type: &str, body: &[u8]) -> Vec<u8> {
    let mut all = format!(
        "HTTP/1.1 {status} Told\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n\
         set-cookie: i_like_gitea=upstream-session\r\n\r\n",
        body.len()
    )
    .into_bytes();
    all.extend_from_slice(body);
    all
}
