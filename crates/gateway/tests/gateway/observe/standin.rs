//! A server behind the gateway that knows its own credentials, and keeps what it was asked and with what.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What the gateway itself holds for the server.
pub const GATEWAYS: &str = "gateway-secret-of-the-installation";
/// Bob's own token there.
pub const BOBS: &str = "ghp_bobsOwnTokenThatPassesUntouched0001";
/// Bob's own token of the other kind of server.
pub const BOBS_HERE: &str = "89abcdef0123456789abcdef0123456789abcdef";
/// Carol's own token there; she is linked to nobody here.
pub const CAROLS: &str = "0123456789abcdef0123456789abcdef01234567";
/// A token without a person behind it.
pub const ROBOTS: &str = "ghs_installationTokenWithoutAPerson001";

/// One request as it arrived.
#[derive(Clone, Debug)]
pub struct Arrived {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Arrived {
    pub fn all(&self, name: &str) -> Vec<&str> {
        let named = self.headers.iter().filter(|(one, _)| one == name);
        named.map(|(_, value)| value.as_str()).collect()
    }
}

#[derive(Clone)]
pub struct StandIn {
    pub port: u16,
    arrived: Arc<Mutex<Vec<Arrived>>>,
}

impl StandIn {
    pub fn start() -> StandIn {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let arrived: Arc<Mutex<Vec<Arrived>>> = Arc::default();
        let kept = arrived.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = kept.clone();
                std::thread::spawn(move || answer(stream, &kept));
            }
        });
        StandIn { port, arrived }
    }

    /// Everything that arrived since it was last asked.
    pub fn take(&self) -> Vec<Arrived> {
        std::mem::take(&mut *self.arrived.lock().unwrap())
    }

    /// The same without the questions about whose a credential is.
    pub fn passed(&self) -> Vec<Arrived> {
        let all = self.take();
        all.into_iter()
            .filter(|one| !one.target.ends_with("/user"))
            .collect()
    }
}

/// The secret in an Authorization header.
fn secret(header: &str) -> Option<String> {
    let (scheme, rest) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Some(rest.trim().to_owned());
    }
    let pair = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
    let (user, password) = pair.split_once(':')?;
    Some(
        if matches!(password, "" | "x-oauth-basic") {
            user
        } else {
            password
        }
        .to_owned(),
    )
}

fn read(stream: &mut TcpStream) -> Option<Arrived> {
    let mut bytes = Vec::new();
    let mut buffer = [0_u8; 4096];
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return None,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let mut arrived = Arrived {
        method,
        target,
        headers,
        body: bytes[end..].to_vec(),
    };
    let length = arrived
        .all("content-length")
        .first()
        .map_or(0, |text| text.parse().unwrap());
    while arrived.body.len() < length {
        let count = stream.read(&mut buffer).ok().filter(|count| *count > 0)?;
        arrived.body.extend_from_slice(&buffer[..count]);
    }
    Some(arrived)
}

fn answer(mut stream: TcpStream, kept: &Mutex<Vec<Arrived>>) {
    let Some(arrived) = read(&mut stream) else { return };
    let secret = arrived
        .all("authorization")
        .first()
        .and_then(|header| secret(header));
    let known = secret.as_deref().map(|secret| match secret {
        BOBS | BOBS_HERE => Some(r#"{"login":"bob-there","id":7,"name":"not kept","email":"not@kept"}"#),
        CAROLS => Some(r#"{"login":"carol-there","id":8}"#),
        GATEWAYS => Some(r#"{"login":"gateway","id":1}"#),
        ROBOTS => Some(""),
        _ => None,
    });
    // What the gateway itself asks about names, once it enforces.
    let number = [
        ("/users/bob-there", 7),
        ("/users/acme-inc", 70),
        ("/repos/acme-inc/website", 71),
        ("/repos/acme-inc/private", 72),
    ]
    .into_iter()
    .find(|(path, _)| arrived.target.ends_with(path) && arrived.all("user-agent") == ["bailiwick"]);
    if let Some((_, number)) = number {
        let body = format!("{{\"id\":{number}}}");
        let text = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        let _ = stream.write_all(text.as_bytes());
        return;
    }
    let git = arrived.target.contains(".git/");
    let (status, body) = match (&known, arrived.method.as_str()) {
        (Some(None), _) => ("401 Unauthorized", "{\"message\":\"Bad credentials\"}"),
        (Some(Some("")), _) if arrived.target.ends_with("/user") => ("403 Forbidden", "{}"),
        (Some(Some(who)), _) if arrived.target.ends_with("/user") => ("200 OK", *who),
        (None, _) if git => ("401 Unauthorized", "sign in"),
        (_, _) if arrived.target.ends_with("/elsewhere") => ("302 Found", ""),
        (_, _) if arrived.target.ends_with("/forbidden") => ("403 Forbidden", "{}"),
        (_, "GET" | "HEAD") => ("200 OK", "{\"ok\":true}"),
        _ => ("201 Created", "{\"made\":true}"),
    };
    kept.lock().unwrap().push(arrived);
    let text = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nx-oauth-scopes: repo\r\n\
         set-cookie: session=1\r\nwww-authenticate: Negotiate\r\nlocation: https://cdn.example.com/x\r\n\
         connection: close\r\n\r\n{body}",
        body.len()
    );
    let _ = stream.write_all(text.as_bytes());
}
