//! How much happened when: the span that a search covers, cut into hours, days or weeks.

use super::phrase::{only, replaced};
use super::{Log, search::Asked};
use crate::look::chart::{Bar, Chart, Fill, Series, chart};
use crate::look::heading::{Part, part};
use crate::look::navigation::{Link, tabs};
use crate::look::{Markup, html, time};
use bailiwick_authority::Fault;
use bailiwick_authority::audit::count::Count;
use bailiwick_gate::Call;
use bailiwick_model::Timestamp;
use bailiwick_model::time::{DAY, SECOND};

const HOUR: i64 = 3_600 * SECOND;
/// Days that are shown while the search names no time.
const DAYS_DEFAULT: i64 = 30;
/// More bars than this are no longer told apart.
const BARS_MAX: i64 = 92;
/// Lengths of a bar with their names.
const STEPS: [(i64, &str); 5] = [
    (HOUR, "hour"),
    (DAY, "day"),
    (7 * DAY, "week"),
    (28 * DAY, "four weeks"),
    (364 * DAY, "year"),
];
/// Spans to choose from: the name, the hours back.
const SPANS: [(&str, i64); 5] = [
    ("24 hours", 24),
    ("7 days", 7 * 24),
    ("30 days", 30 * 24),
    ("90 days", 90 * 24),
    ("One year", 365 * 24),
];
const SERIES: [Series<'static>; 3] = [
    Series {
        name: "Allowed",
        hue: Fill::Good,
    },
    Series {
        name: "Refused",
        hue: Fill::Refused,
    },
    Series {
        name: "Failed",
        hue: Fill::Failed,
    },
];

/// What the chart covers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Span {
    from: Timestamp,
    to: Timestamp,
    step: i64,
    name: &'static str,
}

/// The span that is asked for, or else the last days, in bars that begin with whole hours or days in UTC.
fn span(asked: (Option<Timestamp>, Option<Timestamp>), now: Timestamp) -> Option<Span> {
    let end = asked
        .1
        .map_or(now.plus_seconds(1), |to| to.min(now.plus_seconds(1)));
    let begin = asked.0.unwrap_or_else(|| end.plus_days(1 - DAYS_DEFAULT));
    // Nothing is older than what the longest bars reach.
    let begin = begin.max(end.plus_days(364 * (1 - BARS_MAX)));
    let length = end.0.checked_sub(begin.0).filter(|length| *length > 0)?;
    // Within two days hours tell more than two or three bars would.
    let fits = |step: i64| length / step < BARS_MAX && (step > HOUR || length <= 2 * DAY + HOUR);
    let (step, name) = STEPS.into_iter().find(|(step, _)| fits(*step))?;
    let unit = step.min(DAY);
    Some(Span {
        from: Timestamp(begin.0 - begin.0.rem_euclid(unit)),
        to: end,
        step,
        name,
    })
}

/// A bar's name.
fn label(from: Timestamp, step: i64) -> String {
    let date = time::date_text(from);
    if step == HOUR {
        let text = from.rfc3339();
        let day = date.rsplit_once(' ').map_or(date.as_str(), |(day, _)| day);
        format!("{day}, {}", text.get(11..16).unwrap_or_default())
    } else {
        date
    }
}

/// Counts and draws.
pub(super) fn draw(call: &Call, log: &Log, asked: &Asked) -> Result<Markup, Fault> {
    let now = call.permit.now();
    let Some(span) = span(asked.search.asked()?, now) else {
        return Ok(html! {});
    };
    let authority = &call.authority;
    let counts = authority.audit_counts(&call.permit, &asked.search, span.from, span.to, span.step)?;
    let bars: Vec<Bar> = counts
        .iter()
        .map(|count| Bar {
            label: label(count.from, span.step),
            values: vec![count.allowed, count.refused, count.failed],
        })
        .collect();
    let sum = |of: fn(&Count) -> u64| counts.iter().map(of).sum::<u64>();
    let (allowed, refused, failed) = (
        sum(|count| count.allowed),
        sum(|count| count.refused),
        sum(|count| count.failed),
    );
    let title = format!("Events by {}", span.name);
    let total = allowed + refused + failed;
    let description = format!(
        "{total} {} from {} to {} (UTC): {} allowed, {} refused, {} failed.",
        if total == 1 { "event" } else { "events" },
        time::date_text(span.from),
        time::date_text(Timestamp(span.to.0 - 1)),
        allowed,
        refused,
        failed,
    );
    let drawn = chart(&Chart {
        id: "events",
        title: &title,
        description: &description,
        step: "From (UTC)",
        series: &SERIES,
        bars: &bars,
    });
    let part_of = Part {
        title: "When",
        lede: html! { (description) },
        ..Part::default()
    };
    Ok(part(&part_of, &html! { (choices(log, asked, now)) (drawn) }))
}

/// Links to the usual spans, which keep everything else that was asked.
fn choices(log: &Log, asked: &Asked, now: Timestamp) -> Markup {
    let chosen = only(&asked.phrase, "created");
    let mut links: Vec<(&str, String, bool)> = vec![(
        "Any time",
        asked.link(log, &replaced(&asked.phrase, "created", "")),
        chosen.is_none(),
    )];
    for (name, hours) in SPANS {
        // By the hour or the day, so that the link stays the same while one looks around.
        let from = now.plus_seconds(-3_600 * hours);
        let unit = if hours <= 24 { HOUR } else { DAY };
        let text = Timestamp(from.0 - from.0.rem_euclid(unit)).rfc3339();
        let text = if hours <= 24 {
            text.as_str()
        } else {
            text.get(..10).unwrap_or_default()
        };
        let phrase = replaced(&asked.phrase, "created", &format!("created:>={text}"));
        let current = chosen.is_some_and(|chosen| chosen.strip_prefix(">=") == Some(text));
        links.push((name, asked.link(log, &phrase), current));
    }
    let links: Vec<Link<'_>> = links
        .iter()
        .map(|(label, href, current)| Link {
            label,
            href,
            current: *current,
            ..Link::default()
        })
        .collect();
    tabs("Span of time", &links)
}

#[cfg(test)]
mod tests {
    use super::{DAY, HOUR, Span, label, span};
    use bailiwick_model::Timestamp;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn spans_are_cut_into_bars_that_can_be_told_apart() {
        let now = at("2026-03-10T12:34:56Z");
        let of = |from: &str, to: &str| {
            let read = |text: &str| (!text.is_empty()).then(|| at(text));
            span((read(from), read(to)), now)
        };
        let usual = of("", "").unwrap();
        assert_eq!((usual.from, usual.step), (at("2026-02-09"), DAY));
        let hours = of("2026-03-09T12:30:00Z", "").unwrap();
        assert_eq!((hours.from, hours.step), (at("2026-03-09T12:00:00Z"), HOUR));
        assert_eq!(of("2025-03-10", "").unwrap().name, "week");
        assert_eq!(of("2008-01-01", "").unwrap().name, "year");
        for (from, to) in [
            ("2026-03-11", ""),
            ("2026-03-05", "2026-03-04"),
            ("2026-03-05", "2026-03-05"),
        ] {
            assert_eq!(of(from, to), None, "{from} {to}");
        }
        for from in [
            "1900-01-01",
            "2000-01-01",
            "2024-06-01",
            "2025-12-31",
            "2026-03-09",
        ] {
            let Span { from, to, step, .. } = of(from, "").unwrap();
            assert!((to.0 - from.0) / step <= 400, "{from:?}");
        }
    }

    #[test]
    fn bars_are_named_by_their_beginning() {
        assert_eq!(label(at("2026-03-09T14:00:00Z"), HOUR), "9 Mar, 14:00");
        assert_eq!(label(at("2026-03-09"), DAY), "9 Mar 2026");
    }
}
