//! Instants and lifetimes. The server writes UTC; the script rewrites what is read into the reader's zone and
//! leaves the exact instant in the title.

use super::{Markup, html};
use bailiwick_model::Timestamp;
use bailiwick_model::time::SECOND;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// `21 Nov 2026` in UTC.
pub fn date_text(at: Timestamp) -> String {
    let text = at.rfc3339();
    let mut parts = text.get(..10).unwrap_or_default().splitn(3, '-');
    let (year, month, day) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    let name = month
        .parse::<usize>()
        .ok()
        .and_then(|number| MONTHS.get(number.wrapping_sub(1)));
    format!("{} {} {year}", day.trim_start_matches('0'), name.unwrap_or(&"?"))
}

fn element(at: Timestamp, form: &str, text: &str) -> Markup {
    html! { time datetime=(at.rfc3339()) title=(at.header()) data-time=(form) { (text) } }
}

/// A date and time: `21 Nov 2026, 06:23 UTC`.
pub fn moment(at: Timestamp) -> Markup {
    let text = at.rfc3339();
    element(
        at,
        "moment",
        &format!("{}, {} UTC", date_text(at), text.get(11..16).unwrap_or_default()),
    )
}

/// A date: `21 Nov 2026`.
pub fn date(at: Timestamp) -> Markup {
    element(at, "date", &date_text(at))
}

/// How far away: `in 12 days`, `3 hours ago`.
pub fn relative(at: Timestamp, now: Timestamp) -> Markup {
    element(at, "relative", &relative_text(at, now))
}

/// The words of `relative`.
pub fn relative_text(at: Timestamp, now: Timestamp) -> String {
    let seconds = at.0.saturating_sub(now.0) / SECOND;
    let distance = seconds.unsigned_abs();
    // What is to come is rounded up: a token made for 30 days has 30 days, not 29.
    let whole = |unit: u64| {
        if seconds > 0 {
            distance.div_ceil(unit)
        } else {
            distance / unit
        }
    };
    let (number, unit) = match distance {
        0..60 => return String::from(if seconds > 0 { "in a moment" } else { "just now" }),
        60..3_600 => (whole(60), "minute"),
        3_600..86_400 => (whole(3_600), "hour"),
        86_400..5_184_000 => (whole(86_400), "day"),
        5_184_000..63_072_000 => (whole(2_592_000), "month"),
        _ => (whole(31_536_000), "year"),
    };
    let plural = if number == 1 { "" } else { "s" };
    if seconds > 0 {
        format!("in {number} {unit}{plural}")
    } else {
        format!("{number} {unit}{plural} ago")
    }
}

/// When something ends or ended: "Expires in 12 days", marked when that is within a week; "Never expires".
pub fn expires(at: Option<Timestamp>, now: Timestamp) -> Markup {
    let week = now.plus_days(7);
    html! {
        @match at {
            None => span.soon { "Never expires" },
            Some(end) if end <= now => span { "Expired " (relative(end, now)) },
            Some(end) => span.soon[end <= week] { "Expires " (relative(end, now)) },
        }
    }
}

/// When something was last used, or that it never was.
pub fn last_used(at: Option<Timestamp>, now: Timestamp) -> Markup {
    html! {
        @match at {
            None => "Never used",
            Some(used) => { "Last used " (relative(used, now)) },
        }
    }
}
