//! Counters for operators, in Prometheus' text form. Never labelled by token, person or repository.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper bounds of the duration histogram, in microseconds.
const BOUNDS: [u64; 10] = [
    100, 250, 500, 1_000, 2_500, 5_000, 10_000, 50_000, 250_000, 1_000_000,
];

/// The server's counters.
#[derive(Debug, Default)]
pub struct Metrics {
    classes: [AtomicU64; 6],
    allowed: AtomicU64,
    refused: AtomicU64,
    bad_credentials: AtomicU64,
    cold: AtomicU64,
    open: AtomicU64,
    // Answers that took longer than the bound before and no longer than this one; behind the last bound, whatever took
    // longer still.
    buckets: [AtomicU64; BOUNDS.len() + 1],
    duration_micros: AtomicU64,
}

impl Metrics {
    /// Counts an answered request.
    pub fn answered(&self, status: u16, took: Duration) {
        let class = usize::from(status / 100);
        if let Some(counter) = self.classes.get(class) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = BOUNDS.iter().take_while(|bound| micros > **bound).count();
        if let Some(counter) = self.buckets.get(bucket) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
        self.duration_micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// Counts a decision.
    pub fn decided(&self, allowed: bool) {
        let counter = if allowed { &self.allowed } else { &self.refused };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a credential that is garbage or unknown: these are not listed in the audit log.
    pub fn bad_credential(&self) {
        self.bad_credentials.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a decision whose facts had to be read from the database.
    pub fn cold(&self) {
        self.cold.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts connections that are open.
    pub fn connection(&self, opened: bool) {
        if opened {
            self.open.fetch_add(1, Ordering::Relaxed);
        } else {
            self.open.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// The text that a scraper reads, with the seconds until the TLS certificate ends, where there is one.
    pub fn text(&self, certificate_seconds: Option<i64>) -> String {
        let mut out = String::new();
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        out.push_str("# HELP bailiwick_responses_total Answers by status class.\n# TYPE bailiwick_responses_total counter\n");
        for (class, counter) in self.classes.iter().enumerate().skip(1) {
            let _ = writeln!(
                out,
                "bailiwick_responses_total{{class=\"{class}xx\"}} {}",
                load(counter)
            );
        }
        out.push_str("# HELP bailiwick_decisions_total Decisions of the gate.\n# TYPE bailiwick_decisions_total counter\n");
        let _ = writeln!(
            out,
            "bailiwick_decisions_total{{decision=\"allowed\"}} {}",
            load(&self.allowed)
        );
        let _ = writeln!(
            out,
            "bailiwick_decisions_total{{decision=\"refused\"}} {}",
            load(&self.refused)
        );
        for (name, kind, help, counter) in [
            (
                "bailiwick_bad_credentials_total",
                "counter",
                "Credentials that are malformed or unknown.",
                &self.bad_credentials,
            ),
            (
                "bailiwick_cold_decisions_total",
                "counter",
                "Decisions whose facts were read from the database.",
                &self.cold,
            ),
            (
                "bailiwick_connections_open",
                "gauge",
                "Connections that are open.",
                &self.open,
            ),
        ] {
            let _ = writeln!(
                out,
                "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {}",
                load(counter)
            );
        }
        if let Some(left) = certificate_seconds {
            let name = "bailiwick_tls_certificate_expires_seconds";
            let help = "Seconds until the TLS certificate ends.";
            let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {left}");
        }
        out.push_str("# HELP bailiwick_request_seconds Time to the head of the answer.\n# TYPE bailiwick_request_seconds histogram\n");
        let mut count = 0;
        for (bound, counter) in BOUNDS.iter().zip(&self.buckets) {
            let seconds = *bound as f64 / 1e6;
            count += load(counter);
            let _ = writeln!(
                out,
                "bailiwick_request_seconds_bucket{{le=\"{seconds}\"}} {count}"
            );
        }
        count += self.buckets.last().map_or(0, load);
        let _ = writeln!(out, "bailiwick_request_seconds_bucket{{le=\"+Inf\"}} {count}");
        let _ = writeln!(
            out,
            "bailiwick_request_seconds_sum {}",
            load(&self.duration_micros) as f64 / 1e6
        );
        let _ = writeln!(out, "bailiwick_request_seconds_count {count}");
        out
    }
}

#[cfg(test)]
mod tests {
    use super::Metrics;
    use std::time::Duration;

    #[test]
    fn a_bucket_holds_all_that_took_no_longer() {
        let metrics = Metrics::default();
        for micros in [0, 100, 101, 900, 1_000_000, 1_000_001, 9_000_000] {
            metrics.answered(200, Duration::from_micros(micros));
        }
        let text = metrics.text(None);
        for (bound, count) in [
            ("0.0001", 2),
            ("0.00025", 3),
            ("0.0005", 3),
            ("0.001", 4),
            ("0.25", 4),
            ("1", 5),
            ("+Inf", 7),
        ] {
            let line = format!("bailiwick_request_seconds_bucket{{le=\"{bound}\"}} {count}\n");
            assert!(text.contains(&line), "{line}{text}");
        }
        assert!(
            text.contains("bailiwick_request_seconds_sum 11.001102\n"),
            "{text}"
        );
        assert!(text.contains("bailiwick_request_seconds_count 7\n"), "{text}");
    }
}
