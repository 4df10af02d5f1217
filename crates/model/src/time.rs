//! Instants as 64-bit microseconds UTC. Reading the clock happens elsewhere; here time is a value.

use serde::{Deserialize, Serialize};

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// Microseconds in one second.
pub const SECOND: i64 = 1_000_000;
/// Microseconds in one day.
pub const DAY: i64 = 86_400 * SECOND;

impl Timestamp {
    /// This instant plus whole seconds, saturating.
    pub fn plus_seconds(self, seconds: i64) -> Timestamp {
        Timestamp(self.0.saturating_add(seconds.saturating_mul(SECOND)))
    }

    /// This instant plus whole days of 24 hours, saturating.
    pub fn plus_days(self, days: i64) -> Timestamp {
        Timestamp(self.0.saturating_add(days.saturating_mul(DAY)))
    }

    /// Whole seconds since the epoch.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(SECOND)
    }

    /// Whole milliseconds since the epoch, as audit events print them.
    pub fn milliseconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// RFC 3339 in UTC to the second: `2026-03-10T12:00:00Z`.
    pub fn rfc3339(self) -> String {
        match jiff::Timestamp::from_second(self.seconds()) {
            Ok(instant) => instant.to_string(),
            Err(_) => String::from("1970-01-01T00:00:00Z"),
        }
    }

    /// `2026-03-10 12:00:00 UTC`, the form of the token expiration header.
    pub fn header(self) -> String {
        let text = self.rfc3339();
        format!("{} UTC", text.trim_end_matches('Z').replacen('T', " ", 1))
    }

    /// Reads RFC 3339, or a plain date as its first instant in UTC.
    pub fn parse(text: &str) -> Option<Timestamp> {
        let micros = match text.parse::<jiff::Timestamp>() {
            Ok(instant) => instant.as_microsecond(),
            Err(_) if text.len() == 10 => format!("{text}T00:00:00Z")
                .parse::<jiff::Timestamp>()
                .ok()?
                .as_microsecond(),
            Err(_) => return None,
        };
        Some(Timestamp(micros))
    }
}
