//! Load by wrk with many tokens in turn, and what it reports.

use crate::Outcome;
use crate::fronts::Front;
use bailiwick_bench::Spread;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What one front did under one load, over several runs.
#[derive(Default)]
pub struct Figures {
    /// Requests in a second.
    pub rate: Spread,
    /// Microseconds of CPU of the front for one request.
    pub cpu: Spread,
    /// Microseconds until ninety-nine of a hundred requests were answered.
    pub p99: Spread,
}

/// A script that sends the tokens in turn, each request made before the run.
pub fn script(directory: &Path, tokens: &[String]) -> Outcome<PathBuf> {
    let list: Vec<String> = tokens.iter().map(|token| format!("{token:?}")).collect();
    let text = format!(
        "local tokens = {{ {} }}\nlocal requests = {{}}\nlocal at = 0\n\
         init = function(args)\n  for i, token in ipairs(tokens) do\n    \
         requests[i] = wrk.format('GET', nil, {{ ['Authorization'] = 'Bearer ' .. token, ['Host'] = wrk.headers['Host'] }})\n  end\nend\n\
         request = function()\n  at = at % #requests + 1\n  return requests[at]\nend\n",
        list.join(", ")
    );
    let file = directory.join("tokens.lua");
    std::fs::write(&file, text)?;
    Ok(file)
}

impl Figures {
    /// One more run of some seconds over some connections.
    pub fn run(&mut self, wrk: &Path, script: &Path, front: &Front, load: (usize, u64)) -> Outcome<()> {
        let (connections, seconds) = load;
        let before = front.cpu_seconds()?;
        let output = Command::new(wrk)
            .args([
                "-t1",
                &format!("-c{connections}"),
                &format!("-d{seconds}s"),
                "--latency",
                "-s",
            ])
            .arg(script)
            .arg(&front.url)
            .output()?;
        let used = front.cpu_seconds()? - before;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() || text.contains("Non-2xx") || text.contains("Socket errors") {
            return Err(format!("{}: {text}{}", front.url, String::from_utf8_lossy(&output.stderr)).into());
        }
        let word = |before: &str| {
            let (_, rest) = text.split_once(before)?;
            rest.split_whitespace().next()
        };
        let requests = text
            .split_once(" requests in ")
            .and_then(|(start, _)| start.split_whitespace().last());
        let requests: f64 = requests.ok_or("wrk tells no number of requests")?.parse()?;
        self.rate
            .add(word("Requests/sec:").ok_or("wrk tells no rate")?.parse()?);
        self.cpu.add(used * 1e6 / requests);
        let (_, table) = text
            .split_once("Latency Distribution")
            .ok_or("wrk tells no latencies")?;
        let quantile = table
            .split_once("99%")
            .and_then(|(_, rest)| rest.split_whitespace().next());
        self.p99
            .add(microseconds(quantile.ok_or("wrk tells no 99th percentile")?)?);
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
