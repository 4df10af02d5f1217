//! `--expires`: days, a date, or never.

use bailiwick_model::Timestamp;
use serde_json::{Map, Value, json};

/// When a token ends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Expiry {
    /// After this many days.
    Days(u32),
    /// At this instant.
    At(Timestamp),
    /// Not by itself.
    Never,
}

impl std::str::FromStr for Expiry {
    type Err = String;

    fn from_str(text: &str) -> Result<Expiry, String> {
        if matches!(text, "none" | "never") {
            return Ok(Expiry::Never);
        }
        let digits = text.strip_suffix('d').unwrap_or(text);
        if let Ok(days) = digits.parse::<u32>() {
            return if days > 0 {
                Ok(Expiry::Days(days))
            } else {
                Err("at least one day".into())
            };
        }
        Timestamp::parse(text)
            .map(Expiry::At)
            .ok_or_else(|| "write days (30), a date (2027-01-31, its first instant in UTC), or none".into())
    }
}

impl Expiry {
    /// Adds it to a request's body.
    pub fn put(&self, body: &mut Map<String, Value>) {
        match self {
            Expiry::Days(days) => body.insert("expires_in".into(), json!(days)),
            Expiry::Never => body.insert("expires_in".into(), json!("none")),
            Expiry::At(instant) => body.insert("expires_at".into(), json!(instant.rfc3339())),
        };
    }
}
