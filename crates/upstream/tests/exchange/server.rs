//! A server that plays scripts: one for each connection, in the order of their coming. It records what it was sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Notify, mpsc};
use tokio_rustls::TlsAcceptor;

/// What a server does next on a connection. At the end of its script it closes cleanly.
#[derive(Clone)]
pub enum Step {
    /// Reads the head of a request.
    Head,
    /// Reads so many bytes of a body.
    Body(usize),
    /// Reads a chunked body to its last chunk.
    Chunked,
    /// Reads until the other side ends, and notes that it did.
    Drain,
    /// Writes.
    Say(Vec<u8>),
    /// Writes in pieces of a size.
    Pieces(Vec<u8>, usize),
    /// Writes the same so often, while anybody takes it.
    Repeat(Vec<u8>, usize),
    /// Waits until it is told to go on.
    Wait(Arc<Notify>),
    /// Tells that it came here.
    Tell(Arc<Notify>),
    /// Answers each request with its target, chunked and repeated, until the other side ends.
    Echo,
    /// Ends with a reset.
    Reset,
    /// Ends without a goodbye: in TLS without its last message.
    Cut,
}

/// What a connection brought.
#[derive(Debug, Default)]
pub struct Seen {
    pub connection: usize,
    pub text: String,
    /// Whether the other side ended it while it was drained.
    pub ended: bool,
}

pub struct Server {
    pub port: u16,
    connections: Arc<AtomicUsize>,
    seen: mpsc::UnboundedReceiver<Seen>,
    scripts: usize,
}

/// `text` as a step.
pub fn say(text: &str) -> Step {
    Step::Say(text.as_bytes().to_vec())
}

/// An answer with a length.
pub fn answer(body: &str) -> Step {
    say(&format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    ))
}

impl Server {
    /// Plays a script for each connection, in turn; those that come after are counted and closed.
    pub fn plays(scripts: Vec<Vec<Step>>) -> Server {
        Server::start(scripts, None, None)
    }

    /// Plays the same script for every connection.
    pub fn always(script: Vec<Step>) -> Server {
        Server::start(Vec::new(), Some(script), None)
    }

    /// The same as `plays`, by TLS.
    pub fn secret(scripts: Vec<Vec<Step>>, tls: TlsAcceptor) -> Server {
        Server::start(scripts, None, Some(tls))
    }

    fn start(scripts: Vec<Vec<Step>>, always: Option<Vec<Step>>, tls: Option<TlsAcceptor>) -> Server {
        let socket = TcpSocket::new_v4().unwrap();
        // Small, so that a server that does not read is soon felt.
        socket.set_recv_buffer_size(64 << 10).unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(64).unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let (told, seen) = mpsc::unbounded_channel();
        let server = Server {
            port,
            connections: connections.clone(),
            seen,
            scripts: scripts.len(),
        };
        tokio::spawn(accept(listener, scripts, always, tls, connections, told));
        server
    }

    /// How many connections have come.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// What the connections brought, when all scripts have been played; in the order of the scripts.
    pub async fn finished(&mut self) -> Vec<Seen> {
        let mut all = Vec::new();
        for _ in 0..self.scripts {
            let one = tokio::time::timeout(Duration::from_secs(20), self.seen.recv());
            all.push(one.await.expect("a script did not end").expect("the server runs"));
        }
        all.sort_by_key(|seen| seen.connection);
        all
    }
}

async fn accept(
    listener: TcpListener,
    scripts: Vec<Vec<Step>>,
    always: Option<Vec<Step>>,
    tls: Option<TlsAcceptor>,
    connections: Arc<AtomicUsize>,
    told: mpsc::UnboundedSender<Seen>,
) {
    let mut scripts = scripts.into_iter();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let connection = connections.fetch_add(1, Ordering::SeqCst);
        let Some(script) = scripts.next().or_else(|| always.clone()) else {
            continue;
        };
        let (tls, told) = (tls.clone(), told.clone());
        tokio::spawn(async move {
            let mut seen = one(stream, script, tls).await;
            seen.connection = connection;
            let _ = told.send(seen);
        });
    }
}

async fn one(stream: TcpStream, script: Vec<Step>, tls: Option<TlsAcceptor>) -> Seen {
    stream.set_nodelay(true).unwrap();
    if script.iter().any(|step| matches!(step, Step::Reset)) {
        stream.set_zero_linger().unwrap();
    }
    match tls {
        None => play(stream, script).await,
        Some(tls) => match tls.accept(stream).await {
            Ok(stream) => play(stream, script).await,
            Err(_) => Seen {
                ended: true,
                ..Seen::default()
            },
        },
    }
}

async fn play(mut stream: impl AsyncRead + AsyncWrite + Unpin, script: Vec<Step>) -> Seen {
    let (mut read, mut ended) = (Vec::new(), false);
    for step in script {
        let went = match step {
            Step::Head => until(&mut stream, &mut read, b"\r\n\r\n").await,
            Step::Body(length) => {
                let mut body = vec![0; length];
                let done = stream.read_exact(&mut body).await;
                read.extend_from_slice(&body);
                done.is_ok()
            }
            Step::Chunked => until(&mut stream, &mut read, b"\r\n0\r\n\r\n").await,
            Step::Drain => {
                let _ = stream.read_to_end(&mut read).await;
                ended = true;
                true
            }
            Step::Say(text) => write(&mut stream, &text).await,
            Step::Pieces(text, size) => {
                let mut went = true;
                for piece in text.chunks(size) {
                    went = went && write(&mut stream, piece).await;
                    // The other side reads in between.
                    tokio::task::yield_now().await;
                }
                went
            }
            Step::Repeat(text, times) => {
                let mut went = true;
                for _ in 0..times {
                    went = went && write(&mut stream, &text).await;
                    if !went {
                        break;
                    }
                }
                went
            }
            Step::Wait(go) => {
                go.notified().await;
                true
            }
            Step::Tell(here) => {
                here.notify_one();
                true
            }
            Step::Echo => echo(&mut stream).await,
            Step::Reset | Step::Cut => {
                return seen(read, ended);
            }
        };
        if !went {
            ended = true;
            break;
        }
    }
    let _ = stream.shutdown().await;
    seen(read, ended)
}

fn seen(read: Vec<u8>, ended: bool) -> Seen {
    Seen {
        connection: 0,
        text: String::from_utf8_lossy(&read).into_owned(),
        ended,
    }
}

async fn write(stream: &mut (impl AsyncWrite + Unpin), text: &[u8]) -> bool {
    stream.write_all(text).await.is_ok() && stream.flush().await.is_ok()
}

/// Reads byte by byte: what comes behind stays for the next step.
async fn until(stream: &mut (impl AsyncRead + Unpin), read: &mut Vec<u8>, end: &[u8]) -> bool {
    let from = read.len();
    while !read[from..].ends_with(end) {
        match stream.read_u8().await {
            Ok(byte) => read.push(byte),
            Err(_) => return false,
        }
    }
    true
}

async fn echo(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> bool {
    loop {
        let mut head = Vec::new();
        if !until(stream, &mut head, b"\r\n\r\n").await {
            return false;
        }
        let head = String::from_utf8(head).unwrap();
        let target = head.split(' ').nth(1).unwrap();
        let chunk = format!("{:x}\r\n{target}\r\n", target.len());
        let begin = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        let end = "0\r\n\r\n";
        let half = chunk.repeat(50);
        for text in [begin, &half, &half, end] {
            if !write(stream, text.as_bytes()).await {
                return false;
            }
            tokio::task::yield_now().await;
        }
    }
}
