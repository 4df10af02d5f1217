//! A request as handlers see it: parameters, query, headers and body, decoded once and bounded.

use bailiwick_authority::{Fault, FaultKind};
use bailiwick_model::limit::{PAGE_DEFAULT, PAGE_MAX};
use bailiwick_upstream::Fields;
use bytes::Bytes;
use http::Method;
use smol_str::SmolStr;
use std::sync::Arc;

/// The query string, decoded once. Repeated names keep their order; `a[]=1` is the name `a[]`.
#[derive(Clone, Debug, Default)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads a raw query. `None` if it is not UTF-8 after decoding, or holds NUL.
    pub fn parse(raw: Option<&str>) -> Option<Query> {
        let mut pairs = Vec::new();
        for pair in raw.unwrap_or("").split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            pairs.push((decode(name)?, decode(value)?));
        }
        Some(Query(pairs))
    }

    /// The last value of a name; empty ones count.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .rev()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Every value of a list, as `name[]=a&name[]=b`, repeated `name=a`, or `name=a,b`.
    pub fn list(&self, name: &str) -> Vec<&str> {
        self.0
            .iter()
            .filter(|(key, _)| key == name || key.strip_suffix("[]") == Some(name))
            .flat_map(|(_, value)| value.split(','))
            .filter(|value| !value.is_empty())
            .collect()
    }

    /// A yes-or-no value.
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.get(name), Some("true" | "1" | ""))
    }

    /// Every pair, for links to other pages.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }
}

fn decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    let decoded = percent_encoding::percent_decode_str(&spaced).decode_utf8().ok()?;
    if decoded.contains('\0') {
        None
    } else {
        Some(decoded.into_owned())
    }
}

/// A page of a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Page {
    /// From 1.
    pub number: usize,
    /// Elements on a page, 1 to 100.
    pub size: usize,
}

impl Page {
    /// How many elements come before.
    pub fn offset(&self) -> usize {
        (self.number - 1).saturating_mul(self.size)
    }

    /// The elements of this page and whether more follow.
    pub fn cut<T>(&self, all: Vec<T>) -> (Vec<T>, bool) {
        let end = self.offset().saturating_add(self.size);
        let more = all.len() > end;
        (
            all.into_iter().skip(self.offset()).take(self.size).collect(),
            more,
        )
    }
}

/// What a handler gets of the request.
#[derive(Debug)]
pub struct Request {
    /// The method as it came; HEAD asks for the operation of GET.
    pub method: Method,
    /// The target as it came, for a page that leads back to itself.
    pub uri: http::Uri,
    /// Path parameters, decoded.
    pub parameters: Vec<(&'static str, SmolStr)>,
    /// The query.
    pub query: Query,
    /// The headers, credentials removed.
    pub headers: Fields,
    /// The form that a page sent; empty at other doors.
    pub form: Query,
    /// The guard that every form on an answered page must carry as `csrf`; empty at other doors.
    pub csrf: zeroize::Zeroizing<String>,
    /// The visit that the guard is bound to; empty at other doors.
    pub visit: zeroize::Zeroizing<String>,
    /// The whole body; empty for streamed operations.
    pub body: Bytes,
    /// The server's own address as clients write it, without a slash at the end.
    pub base_url: Arc<str>,
    /// The API version asked for.
    pub version: crate::version::ApiVersion,
}

impl Request {
    /// A path parameter. The router has made sure that it is there.
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters
            .iter()
            .find(|(key, _)| *key == name)
            .map_or("", |(_, value)| value.as_str())
    }

    /// A numeric path parameter; anything else names nothing.
    pub fn id(&self, name: &str) -> Result<i64, Fault> {
        let text = self.parameter(name);
        let plain = !text.is_empty() && text.len() <= 16 && text.bytes().all(|byte| byte.is_ascii_digit());
        let value = if plain { text.parse::<i64>().ok() } else { None };
        value
            .filter(|id| *id <= bailiwick_model::id::ID_MAX)
            .ok_or_else(Fault::not_found)
    }

    /// The page asked for. Nonsense falls back to the default, as GitHub does.
    pub fn page(&self) -> Page {
        let number = |name: &str| self.query.get(name).and_then(|text| text.parse::<usize>().ok());
        Page {
            number: number("page").unwrap_or(1).clamp(1, 1_000_000),
            size: number("per_page")
                .filter(|size| *size > 0)
                .unwrap_or(PAGE_DEFAULT)
                .min(PAGE_MAX),
        }
    }

    /// The body as a JSON object of a shape. An empty body is an empty object.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, Fault> {
        parse_json(&self.body)
    }
}

/// Reads a JSON object in three steps with GitHub's three errors.
pub fn parse_json<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    let body = if body.iter().all(u8::is_ascii_whitespace) {
        b"{}"
    } else {
        body
    };
    let value: serde_json::Value = serde_json::from_slice(body)
        .map_err(|_| Fault::new(FaultKind::BadRequest, "body.not_json", "Problems parsing JSON"))?;
    if !value.is_object() {
        return Err(Fault::new(
            FaultKind::BadRequest,
            "body.not_object",
            "Body should be a JSON object",
        ));
    }
    if depth(&value) > bailiwick_model::limit::JSON_DEPTH_MAX {
        return Err(Fault::new(
            FaultKind::BadRequest,
            "body.too_deep",
            "Problems parsing JSON",
        ));
    }
    // Neither database nor file system can keep NUL, and other readers would stop at it.
    if holds_nul(&value) {
        let message = "Invalid request.\n\na string holds U+0000";
        return Err(Fault::new(FaultKind::Invalid, "body.nul", message));
    }
    // From the text again, so that a key given twice is refused and not silently the last one.
    serde_json::from_slice(body).map_err(|error| {
        let detail = error.to_string();
        let detail = detail.split(" at line ").next().unwrap_or("").to_owned();
        Fault::new(
            FaultKind::Invalid,
            "body.shape",
            format!("Invalid request.\n\n{detail}"),
        )
    })
}

pub(crate) fn holds_nul(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::String(text) => text.contains('\0'),
        serde_json::Value::Array(items) => items.iter().any(holds_nul),
        serde_json::Value::Object(fields) => fields
            .iter()
            .any(|(name, value)| name.contains('\0') || holds_nul(value)),
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => false,
    }
}

fn depth(value: &serde_json::Value) -> usize {
    match value {
        serde_json::Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        serde_json::Value::Object(fields) => 1 + fields.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}
