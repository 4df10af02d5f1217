//! Who made a commit or tag and when, as the object says it.

use std::fmt;

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

use crate::error::{Error, Result};

/// A name, an address and an instant with its zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The person's name.
    pub name: String,
    /// The person's address.
    pub email: String,
    /// Seconds since 1970 in UTC.
    pub seconds: i64,
    /// How far the person's clock is ahead of UTC, in minutes.
    pub offset_minutes: i32,
}

impl Signature {
    /// The instant in RFC 3339, in UTC as GitHub answers it.
    #[must_use]
    pub fn rfc3339_utc(&self) -> String {
        self.timestamp().to_string()
    }

    /// The instant in RFC 3339, in the person's own zone.
    #[must_use]
    pub fn rfc3339(&self) -> String {
        let offset = Offset::from_seconds(self.offset_minutes * 60).unwrap_or(Offset::UTC);
        let zoned = self.timestamp().to_zoned(TimeZone::fixed(offset));
        zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }

    fn timestamp(&self) -> Timestamp {
        // Objects may claim any number; what no calendar holds is shown as 1970.
        Timestamp::from_second(self.seconds).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Reads `Name <address> seconds zone`, leniently: objects of real projects are not always well-formed.
    pub(crate) fn parse(line: &[u8]) -> Self {
        let text = String::from_utf8_lossy(line);
        let (name, rest) = text.split_once('<').unwrap_or((&text, ""));
        let (email, when) = rest.rsplit_once('>').unwrap_or((rest, ""));
        let mut words = when.split_ascii_whitespace();
        let seconds = words.next().and_then(|word| word.parse().ok()).unwrap_or(0);
        let offset_minutes = words.next().and_then(parse_zone).unwrap_or(0);
        Self {
            name: name.trim().to_owned(),
            email: email.trim().to_owned(),
            seconds,
            offset_minutes,
        }
    }

    /// Refuses what would forge another header line or another person.
    pub(crate) fn check(&self) -> Result<()> {
        let bad = |c: char| c.is_control() || matches!(c, '<' | '>');
        if self.name.trim().is_empty() || self.name.contains(bad) {
            return Err(Error::Invalid(String::from(
                "the name is empty or holds a character of < > or a control",
            )));
        }
        if self.email.contains(bad) || self.email.contains(char::is_whitespace) {
            return Err(Error::Invalid(String::from(
                "the address holds a blank, < > or a control character",
            )));
        }
        if self.seconds < 0
            || Timestamp::from_second(self.seconds).is_err()
            || self.offset_minutes.abs() >= 24 * 60
        {
            return Err(Error::Invalid(String::from("the date is out of range")));
        }
        Ok(())
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.offset_minutes < 0 { '-' } else { '+' };
        let minutes = self.offset_minutes.abs();
        let (name, email, seconds) = (self.name.trim(), &self.email, self.seconds);
        write!(
            f,
            "{name} <{email}> {seconds} {sign}{:02}{:02}",
            minutes / 60,
            minutes % 60
        )
    }
}

fn parse_zone(word: &str) -> Option<i32> {
    let (sign, digits) = match word.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let value: i32 = digits.parse().ok()?;
    let minutes = value / 100 * 60 + value % 100;
    (digits.len() == 4 && minutes < 24 * 60).then_some(sign * minutes)
}
