//! Requests on a schedule over connections that stay open, and connections that only stay open.

use crate::Outcome;
use crate::fronts::Front;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// Connections that share the schedule.
const CONNECTIONS: usize = 10;

/// The waits of all requests in microseconds, sorted. A request that is late because the one before it was counts from
/// when it was due.
pub fn waits(front: &Front, tokens: &[String], rate: usize, seconds: u64) -> Outcome<Vec<f64>> {
    let each = rate / CONNECTIONS * usize::try_from(seconds)?;
    let step = Duration::from_secs_f64(CONNECTIONS as f64 / rate as f64);
    let threads: Vec<_> = (0..CONNECTIONS)
        .map(|number| {
            let (address, path) = front.target();
            let mine: Vec<String> = tokens.iter().skip(number).step_by(CONNECTIONS).cloned().collect();
            std::thread::spawn(move || -> Result<Vec<f64>, String> {
                let mut stream = TcpStream::connect(&address).map_err(|error| error.to_string())?;
                let _ = stream.set_nodelay(true);
                let begin = Instant::now() + step.mul_f64(number as f64 / CONNECTIONS as f64);
                let mut waits = Vec::with_capacity(each);
                for count in 0..each {
                    let due = begin + step * u32::try_from(count).unwrap_or(u32::MAX);
                    std::thread::sleep(due.saturating_duration_since(Instant::now()));
                    let token = mine.get(count % mine.len()).map_or("", String::as_str);
                    ask(&mut stream, &address, &path, token).map_err(|error| error.to_string())?;
                    waits.push(due.elapsed().as_secs_f64() * 1e6);
                }
                Ok(waits)
            })
        })
        .collect();
    let mut all = Vec::new();
    for thread in threads {
        all.extend(thread.join().map_err(|_| "a client ended")??);
    }
    all.sort_by(f64::total_cmp);
    Ok(all)
}

/// Opens connections that have each asked once.
pub fn open(front: &Front, tokens: &[String], count: usize) -> Outcome<Vec<TcpStream>> {
    let (address, path) = front.target();
    (0..count)
        .map(|number| {
            let mut stream = TcpStream::connect(&address)?;
            let token = tokens.get(number % tokens.len()).map_or("", String::as_str);
            ask(&mut stream, &address, &path, token)?;
            Ok(stream)
        })
        .collect()
}

/// One request and its whole answer.
fn ask(stream: &mut TcpStream, address: &str, path: &str, token: &str) -> Outcome<()> {
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\r\n"
    )?;
    let mut answer = Vec::with_capacity(4096);
    let mut piece = [0; 4096];
    loop {
        let read = stream.read(&mut piece)?;
        if read == 0 {
            return Err("the connection ended".into());
        }
        answer.extend_from_slice(piece.get(..read).unwrap_or_default());
        let text = String::from_utf8_lossy(&answer);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        if !head.starts_with("HTTP/1.1 200") {
            return Err(format!("{address}{path}: {text}").into());
        }
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.trim().parse::<usize>().ok())?
        });
        if body.len() >= length.ok_or("an answer without a length")? {
            return Ok(());
        }
    }
}
