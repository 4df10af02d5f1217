//! The plainest client: one request on a connection of its own, whose answer's bytes are counted and thrown away.

use crate::Outcome;
use std::io::{Read, Write};
use std::net::TcpStream;

/// Bytes that are read at one time.
const BUFFER_BYTES: usize = 256 << 10;

/// Reads an answer to its end; the bytes of its body.
pub fn read(port: u16, path: &str, headers: &str) -> Outcome<usize> {
    let (mut stream, head, begun) = ask(port, "GET", path, headers, &[])?;
    if !head.starts_with("HTTP/1.1 200") {
        return Err(format!("{path}: {head}").into());
    }
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut came = begun;
    loop {
        match stream.read(&mut buffer)? {
            0 => return Ok(came),
            read => came += read,
        }
    }
}

/// Stores a blob in two requests.
pub fn upload(port: u16, path: &str, digest: &str, bytes: &[u8]) -> Outcome<()> {
    let (_, head, _) = ask(port, "POST", path, "Content-Length: 0\r\n", &[])?;
    let location = head
        .lines()
        .find_map(|line| line.strip_prefix("Location: "))
        .ok_or_else(|| format!("no upload: {head}"))?;
    let place = location
        .split_once("//")
        .and_then(|(_, rest)| rest.split_once('/'))
        .map_or(location, |(_, path)| path);
    let target = format!("/{}&digest={digest}", place.trim_start_matches('/'));
    let length = format!("Content-Length: {}\r\n", bytes.len());
    let (_, head, _) = ask(port, "PUT", &target, &length, bytes)?;
    if head.starts_with("HTTP/1.1 201") {
        Ok(())
    } else {
        Err(format!("not stored: {head}").into())
    }
}

/// Stores a whole document.
pub fn put(port: u16, path: &str, kind: &str, bytes: &[u8]) -> Outcome<()> {
    let headers = format!("Content-Type: {kind}\r\nContent-Length: {}\r\n", bytes.len());
    let (_, head, _) = ask(port, "PUT", path, &headers, bytes)?;
    if head.starts_with("HTTP/1.1 201") {
        Ok(())
    } else {
        Err(format!("not stored: {head}").into())
    }
}

/// Asks; the connection, the head, and how many bytes of the body came with it.
fn ask(
    port: u16,
    method: &str,
    path: &str,
    headers: &str,
    body: &[u8],
) -> Outcome<(TcpStream, String, usize)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    let head =
        format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    let (mut came, mut buffer) = (Vec::new(), vec![0; BUFFER_BYTES]);
    loop {
        let read = stream.read(&mut buffer)?;
        came.extend_from_slice(buffer.get(..read).unwrap_or_default());
        let end = came.windows(4).position(|window| window == b"\r\n\r\n");
        if let Some(end) = end {
            let head = String::from_utf8_lossy(came.get(..end).unwrap_or_default()).into_owned();
            return Ok((stream, head, came.len() - end - 4));
        }
        if read == 0 {
            return Err("the answer ended within its head".into());
        }
    }
}
