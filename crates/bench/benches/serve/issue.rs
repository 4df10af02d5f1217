//! One issue over REST, with a fine-grained token, beside a file of the same bytes from nginx.

use crate::Outcome;
use crate::load::Figures;
use crate::nginx::Nginx;
use crate::ours::Data;
use crate::program::find_all;
use bailiwick_bench::Grid;
use bailiwick_testkit::Request;

const PATH: &str = "/api/v3/repos/acme/site/issues/1";
/// Runs of each contender, in turn, and how long one takes.
const RUNS: usize = 5;
const SECONDS: u64 = 3;
/// Connections at one time: the wait of one client, and a loaded server.
const LOADS: [usize; 2] = [1, 16];

/// Measures, and gives the table; words instead when something is not installed.
pub fn table(data: &Data, directory: &std::path::Path) -> Outcome<Result<Grid, String>> {
    let [wrk, nginx] = match find_all(["wrk", "nginx"]) {
        Ok(found) => found,
        Err(words) => return Ok(Err(words)),
    };
    let ours = data.serve()?;
    let answer = ours.address.send(&Request::new("GET", PATH).bearer(&data.token));
    if answer.status != 200 {
        return Err(format!("{PATH}: {} {}", answer.status, answer.text()).into());
    }
    let peer = Nginx::file(&nginx, directory, &answer.body)?;
    let contenders = [
        (
            "bailiwick",
            &ours.program,
            format!("{}{PATH}", ours.address.url()),
        ),
        ("nginx, a file", &peer.program, format!("{}/plain", peer.url)),
        (
            "nginx, a file and a log",
            &peer.program,
            format!("{}/logged", peer.url),
        ),
    ];
    let mut grid = Grid::new(
        &format!(
            "GET {PATH}: decided, read from the database, recorded ({} bytes)",
            answer.body.len()
        ),
        &format!(
            "wrk -t1 -d{SECONDS}s --latency; medians (least–most) of {RUNS} runs in turn, and the ratio of ours to it"
        ),
        &[
            "",
            "connections",
            "requests/s",
            "",
            "CPU µs/request",
            "",
            "p50 µs",
            "p99 µs",
        ],
    );
    for connections in LOADS {
        let mut figures = contenders.each_ref().map(|_| Figures::default());
        for _ in 0..RUNS {
            for ((_, program, url), figures) in contenders.iter().zip(&mut figures) {
                figures.run(&wrk, program, url, &data.token, (connections, SECONDS))?;
            }
        }
        let [first, ..] = &figures;
        for ((name, _, _), of) in contenders.iter().zip(&figures) {
            grid.row([
                (*name).to_owned(),
                connections.to_string(),
                format!("{:.0}", of.rate),
                first.rate.ratio_to(&of.rate),
                format!("{:.1}", of.cpu),
                first.cpu.ratio_to(&of.cpu),
                format!("{:.0}", of.p50),
                format!("{:.0}", of.p99),
            ]);
        }
    }
    grid.notes.push(String::from(
        "no goal: a file says how much of it is the machine, the kernel and HTTP. wrk shares the cores with the server.",
    ));
    Ok(Ok(grid))
}
