//! What is told besides an answer: a refusal in a header, for a proxy that drops bodies; and a line in the server's log
//! where a proxy or its configuration is at fault, which its clients can do nothing about.

use crate::message::Response;
use crate::reply::whole;
use bailiwick_authority::Fault;
use bailiwick_upstream::HeaderValue;
use http_body_util::BodyExt as _;
use serde_json::{Map, Value};
use std::net::IpAddr;
use std::sync::atomic::{AtomicI64, Ordering};

/// Longest refusal in a header, in bytes: proxies have a page of memory for the whole head of an answer.
const REFUSAL_BYTES_MAX: usize = 2048;
/// How far apart two lines about other proxies are at least, in seconds: anybody can make a call.
const LINE_SECONDS: i64 = 60;

/// When the last lines were written.
// SECURITY: of proxies that are trusted and of all others each by itself, or anybody's calls would keep the line about a
// proxy of one's own out of the log.
#[derive(Debug)]
pub(crate) struct Lines {
    proxies: AtomicI64,
    others: AtomicI64,
}

impl Default for Lines {
    fn default() -> Lines {
        Lines {
            proxies: AtomicI64::new(i64::MIN),
            others: AtomicI64::new(i64::MIN),
        }
    }
}

impl Lines {
    /// Whether a line about a proxy that is trusted, or about somebody else, may be written at this second.
    pub(super) fn due(&self, trusted: bool, now: i64) -> bool {
        let line = if trusted { &self.proxies } else { &self.others };
        let last = line.load(Ordering::Relaxed);
        now.saturating_sub(last) >= LINE_SECONDS
            && line
                .compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }

    /// Writes what is wrong with a call of another proxy, or of somebody who is none, once a minute at the most.
    pub(super) fn write(&self, now: i64, (peer, trusted): (Option<IpAddr>, bool), fault: &Fault) {
        if self.due(trusted, now) {
            let peer = peer.map(|peer| peer.to_string()).unwrap_or_default();
            tracing::warn!(peer, code = fault.code, "{}", fault.message);
        }
    }
}

/// An answer with a copy of its body for a header: JSON in ASCII, which can be put into another answer as it is.
pub(super) async fn in_a_header(mut response: Response) -> (Response, Option<HeaderValue>) {
    // Written here, whole: it cannot break off.
    let body = std::mem::take(&mut response.body)
        .collect()
        .await
        .map(|body| body.to_bytes())
        .unwrap_or_default();
    let value = HeaderValue::from_str(&refusal(&body)).ok();
    response.body = whole(body);
    (response, value)
}

/// A refusal's body as one line of JSON in ASCII. Of one that is too long, what it is and why; its words come whole or
/// not at all.
pub(super) fn refusal(body: &[u8]) -> String {
    let mut fields = match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => fields,
        // Lines for people.
        _ => {
            let text = String::from_utf8_lossy(body).trim().to_owned();
            Map::from_iter([("message".to_owned(), Value::String(text))])
        }
    };
    let all = ascii(&fields);
    if all.len() <= REFUSAL_BYTES_MAX {
        return all;
    }
    fields.retain(|name, _| matches!(name.as_str(), "message" | "reason"));
    let short = ascii(&fields);
    if short.len() <= REFUSAL_BYTES_MAX {
        return short;
    }
    String::from(r#"{"message":"Forbidden"}"#)
}

/// JSON in which whatever is not printable ASCII is escaped.
fn ascii(fields: &Map<String, Value>) -> String {
    let mut line = String::new();
    for character in Value::Object(fields.clone()).to_string().chars() {
        if matches!(character, ' '..='~') {
            line.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                line.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    line
}
