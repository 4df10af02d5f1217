//! A small HTTP/1.1 server for tests: reads whole requests, notes them byte for byte, and writes what it is told.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A request as it came.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub method: String,
    /// As it stands in the request line.
    pub target: String,
    /// Names in small letters.
    pub headers: Vec<(String, String)>,
    pub body: String,
    /// Everything.
    pub raw: String,
}

impl Seen {
    pub fn header(&self, name: &str) -> &str {
        let mut all = self.headers.iter().filter(|(one, _)| one == name);
        all.next().map_or("", |(_, value)| value.as_str())
    }
}

/// What is written: bytes one after another, then the connection stays or ends.
pub enum Said {
    /// A status with headers and a body.
    Whole(u16, Vec<(String, String)>, String),
    /// These bytes, and the end.
    Raw(Vec<u8>),
    /// A head, and then the same piece so often.
    Repeat(Vec<u8>, Vec<u8>, usize),
    /// Nothing, ever.
    Nothing,
}

pub type Future_ = Pin<Box<dyn Future<Output = Said> + Send>>;
pub type Handler = Arc<dyn Fn(Seen) -> Future_ + Send + Sync>;

/// Serves until the test ends. Gives the port.
pub async fn serve(seen: Arc<Mutex<Vec<Seen>>>, handler: Handler) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(connection(stream, seen.clone(), handler.clone()));
        }
    });
    port
}

async fn connection(mut stream: TcpStream, seen: Arc<Mutex<Vec<Seen>>>, handler: Handler) {
    let mut buffer = Vec::new();
    while let Some(request) = request(&mut stream, &mut buffer).await {
        seen.lock().unwrap().push(request.clone());
        let head = request.method == "HEAD";
        match handler(request).await {
            Said::Whole(status, headers, body) => {
                let mut text = format!("HTTP/1.1 {status} X\r\n");
                for (name, value) in headers {
                    text.push_str(&format!("{name}: {value}\r\n"));
                }
                if status != 204 && status != 304 {
                    text.push_str(&format!("content-length: {}\r\n", body.len()));
                }
                text.push_str("\r\n");
                if !head && status != 204 && status != 304 {
                    text.push_str(&body);
                }
                if stream.write_all(text.as_bytes()).await.is_err() {
                    return;
                }
            }
            Said::Raw(bytes) => {
                let _ = stream.write_all(&bytes).await;
                return;
            }
            Said::Repeat(head, piece, times) => {
                let _ = stream.write_all(&head).await;
                for _ in 0..times {
                    if stream.write_all(&piece).await.is_err() {
                        return;
                    }
                }
                return;
            }
            Said::Nothing => {
                // Until the other side gives up.
                let _ = stream.read(&mut [0; 16]).await;
                return;
            }
        }
    }
}

async fn more(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> bool {
    let mut piece = [0; 16384];
    match stream.read(&mut piece).await {
        Ok(0) | Err(_) => false,
        Ok(length) => {
            buffer.extend_from_slice(&piece[..length]);
            true
        }
    }
}

async fn request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Seen> {
    let end = loop {
        if let Some(at) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        if !more(stream, buffer).await {
            return None;
        }
    };
    let head = String::from_utf8(buffer.drain(..end).collect()).unwrap();
    let mut lines = head.lines();
    let mut first = lines.next().unwrap().split(' ');
    let (method, target) = (first.next().unwrap().to_owned(), first.next().unwrap().to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let of = |name: &str| {
        headers
            .iter()
            .find(|(one, _)| one == name)
            .map(|(_, value)| value.clone())
    };
    let mut body = Vec::new();
    if let Some(length) = of("content-length") {
        let length: usize = length.parse().unwrap();
        while buffer.len() < length {
            if !more(stream, buffer).await {
                return None;
            }
        }
        body = buffer.drain(..length).collect();
    } else if of("transfer-encoding").is_some() {
        while !buffer.ends_with(b"0\r\n\r\n") {
            if !more(stream, buffer).await {
                return None;
            }
        }
        body = std::mem::take(buffer);
    }
    let body = String::from_utf8_lossy(&body).into_owned();
    Some(Seen {
        raw: format!("{head}{body}"),
        method,
        target,
        headers,
        body,
    })
}
