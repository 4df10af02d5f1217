//! Load by wrk, and what it reports.

use crate::Outcome;
use crate::program::Program;
use bailiwick_bench::Spread;
use std::path::Path;
use std::process::Command;

/// What one server did under one load, over several runs.
#[derive(Default)]
pub struct Figures {
    /// Requests in a second.
    pub rate: Spread,
    /// Microseconds of CPU of the server for one request.
    pub cpu: Spread,
    /// Microseconds until half of the requests were answered.
    pub p50: Spread,
    /// The same for ninety-nine of a hundred.
    pub p99: Spread,
}

impl Figures {
    /// One more run of some seconds over some connections.
    pub fn run(
        &mut self,
        wrk: &Path,
        server: &Program,
        url: &str,
        token: &str,
        load: (usize, u64),
    ) -> Outcome<()> {
        let (connections, seconds) = load;
        let before = server.cpu_seconds()?;
        let output = Command::new(wrk)
            .args([
                "-t1",
                &format!("-c{connections}"),
                &format!("-d{seconds}s"),
                "--latency",
            ])
            .args(["-H", &format!("Authorization: Bearer {token}"), url])
            .output()?;
        let used = server.cpu_seconds()? - before;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() || text.contains("Non-2xx") || text.contains("Socket errors") {
            return Err(format!("{url}: {text}{}", String::from_utf8_lossy(&output.stderr)).into());
        }
        let rate = text
            .split_once("Requests/sec:")
            .and_then(|(_, rest)| rest.split_whitespace().next());
        let requests = text
            .split_once(" requests in ")
            .and_then(|(start, _)| start.split_whitespace().last());
        let requests: f64 = requests
            .ok_or("wrk does not tell how many requests there were")?
            .parse()?;
        self.rate.add(rate.ok_or("wrk does not tell the rate")?.parse()?);
        self.cpu.add(used * 1e6 / requests);
        // Percentages stand in wrk's other table too.
        let quantile = |label: &str| {
            let (_, table) = text.split_once("Latency Distribution")?;
            table.split_once(label)?.1.split_whitespace().next()
        };
        self.p50.add(microseconds(
            quantile("50%").ok_or("wrk does not tell the median")?,
        )?);
        self.p99.add(microseconds(
            quantile("99%").ok_or("wrk does not tell the 99th percentile")?,
        )?);
        Ok(())
    }
}

/// `340.00us`, `1.20ms` or `2.00s`.
fn microseconds(text: &str) -> Outcome<f64> {
    let number = text.trim_end_matches(char::is_alphabetic);
    let factor = match text.get(number.len()..) {
        Some("us") => 1.0,
        Some("ms") => 1e3,
        Some("s") => 1e6,
        _ => return Err(format!("{text} is no time").into()),
    };
    Ok(number.parse::<f64>()? * factor)
}
