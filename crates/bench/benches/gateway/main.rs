//! The gateway before one server that answers 1 KB, beside nginx as a bare reverse proxy and nginx with `auth_request`:
//! requests and CPU, added latency at a fixed rate, memory with many connections, and a clone. Name tables (`load`,
//! `rate`, `memory`, `authorize`, `clone`) after `--` to measure only those; `BAILIWICK_BENCH_TOKENS` sets how many tokens are in the store.

mod clock;
mod clone;
mod floor;
mod fronts;
mod least;
mod load;
#[allow(
    dead_code,
    reason = "shared with the benchmark of the whole program, which uses all of it"
)]
#[path = "../serve/nginx.rs"]
mod nginx;
#[allow(
    dead_code,
    reason = "shared with the benchmark of the whole program, which uses all of it"
)]
#[path = "../serve/program.rs"]
mod program;
mod rate;
#[path = "../serve/repository.rs"]
mod repository;
#[path = "../packages/store.rs"]
mod store;
mod tokens;

use bailiwick_bench::Grid;
use fronts::{Front, Fronts};
use std::error::Error;
use std::fmt::Display;
use std::io::Write;
use std::path::Path;

/// What a measurement gives, or why it could not be made.
type Outcome<T> = Result<T, Box<dyn Error>>;

/// Runs of each front, in turn, and how long one takes, in seconds.
const RUNS: usize = 11;
const SECONDS: u64 = 2;
/// Connections at one time.
const LOADS: [usize; 2] = [16, 64];
/// What is told of each front under each load.
const LOAD_COLUMNS: [&str; 7] = [
    "",
    "connections",
    "requests/s",
    "",
    "CPU µs/request",
    "",
    "p99 µs",
];
/// Requests in a second at which the wait is measured, and for how long.
const RATE: usize = 1_000;
const RATE_SECONDS: u64 = 8;
/// Connections that are open while memory is measured.
const OPEN: usize = 1_000;

fn main() -> Outcome<()> {
    if let Ok(setting) = std::env::var(floor::VARIABLE) {
        return floor::run(&setting);
    }
    let asked: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    let wanted = |name: &str| asked.is_empty() || asked.iter().any(|word| word == name);
    let [wrk, nginx] = match program::find_all(["wrk", "nginx"]) {
        Ok(found) => found,
        Err(words) => return say(&format!("SKIPPED: {words}\n")),
    };
    let directory = tempfile::Builder::new().prefix("bailiwick-bench-").tempdir()?;
    if wanted("clone") {
        match clone::table(directory.path())? {
            Ok(grid) => say(&grid)?,
            Err(words) => say(&format!("SKIPPED: {words}\n"))?,
        }
    }
    if !["load", "authorize", "rate", "memory"].into_iter().any(wanted) {
        return Ok(());
    }
    let fronts = Fronts::start(&nginx, directory.path())?;
    for front in &fronts.each() {
        drop(rate::open(front, &fronts.tokens, 1)?);
    }
    if wanted("load") {
        say(&load_table(&wrk, &fronts, directory.path())?)?;
    }
    if wanted("authorize") {
        say(&authorize_table(&wrk, &fronts, directory.path())?)?;
    }
    if wanted("rate") {
        say(&rate_table(&fronts)?)?;
    }
    if wanted("memory") {
        say(&memory_table(&fronts)?)?;
    }
    Ok(())
}

fn load_table(wrk: &Path, fronts: &Fronts, directory: &Path) -> Outcome<Grid> {
    let mut grid = Grid::new(
        &format!(
            "1 KB through each front, {} tokens in the store, {} of them in turn",
            fronts.stored,
            fronts.tokens.len()
        ),
        &format!(
            "wrk -t1 -d{SECONDS}s; one worker each; medians (least–most) of {RUNS} runs in turn, and the ratio to bare nginx"
        ),
        &LOAD_COLUMNS,
    );
    measure(
        &mut grid,
        wrk,
        &load::script(directory, &fronts.tokens)?,
        &fronts.each(),
    )?;
    grid.notes.push(String::from(
        "goals: CPU ≤ × 1.10 and requests ≥ × 0.90 of bare nginx, requests ≥ 1.3 times those with auth_request (whose \
         authorization server's CPU is counted). wrk and the server behind share the cores.",
    ));
    Ok(grid)
}

fn authorize_table(wrk: &Path, fronts: &Fronts, directory: &Path) -> Outcome<Grid> {
    let mut grid = Grid::new(
        "nginx with auth_request, by whom it asks",
        &format!(
            "{} tokens in the store, {} of them in turn; wrk -t1 -d{SECONDS}s; one worker each; medians (least–most) \
             of {RUNS} runs in turn; CPU of nginx and of whom it asks",
            fronts.stored,
            fronts.tokens.len()
        ),
        &LOAD_COLUMNS,
    );
    measure(
        &mut grid,
        wrk,
        &load::script(directory, &fronts.tokens)?,
        &fronts.authorizers(),
    )?;
    grid.notes.push(String::from(
        "goals: CPU ≤ × 1.3 and requests ≥ 1 / 1.3 (× 0.77) of the server that decides nothing.",
    ));
    Ok(grid)
}

/// Rows for each load and front, beside the first of them.
fn measure(grid: &mut Grid, wrk: &Path, script: &Path, fronts: &[Front<'_>]) -> Outcome<()> {
    for connections in LOADS {
        let mut figures: Vec<_> = fronts.iter().map(|_| load::Figures::default()).collect();
        for _ in 0..RUNS {
            for (front, figures) in fronts.iter().zip(&mut figures) {
                figures.run(wrk, script, front, (connections, SECONDS))?;
            }
        }
        let first = figures.first().ok_or("no front to measure")?;
        for (front, of) in fronts.iter().zip(&figures) {
            grid.row([
                front.name.to_owned(),
                connections.to_string(),
                format!("{:.0}", of.rate),
                of.rate.ratio_to(&first.rate),
                format!("{:.1}", of.cpu),
                of.cpu.ratio_to(&first.cpu),
                format!("{:.0}", of.p99),
            ]);
        }
    }
    Ok(())
}

fn rate_table(fronts: &Fronts) -> Outcome<Grid> {
    let mut grid = Grid::new(
        &format!("the wait at {RATE} requests a second"),
        &format!(
            "{RATE_SECONDS} s over 10 connections, on schedule; µs from when a request was due to its answer"
        ),
        &["", "p50", "p99", "p99 above direct"],
    );
    let mut direct = None;
    let straight = Front::straight(fronts);
    for front in std::iter::once(&straight).chain(&fronts.each()) {
        let waits = rate::waits(front, &fronts.tokens, RATE, RATE_SECONDS)?;
        let at = |share: f64| {
            let place = (share * (waits.len() - 1) as f64).round() as usize;
            waits.get(place).copied().unwrap_or(f64::NAN)
        };
        let base = *direct.get_or_insert(at(0.99));
        grid.row([
            front.name.to_owned(),
            format!("{:.0}", at(0.5)),
            format!("{:.0}", at(0.99)),
            format!("{:.0}", at(0.99) - base),
        ]);
    }
    grid.notes
        .push(String::from("goal: ours adds less than 1,000 µs."));
    Ok(grid)
}

fn memory_table(fronts: &Fronts) -> Outcome<Grid> {
    let mut grid = Grid::new(
        &format!("memory with {OPEN} open connections, each of which has asked once"),
        "MB that the process holds (VmRSS)",
        &["", "before", "with them"],
    );
    for front in &fronts.each() {
        let before = front.memory()?;
        let held = rate::open(front, &fronts.tokens, OPEN)?;
        grid.row([
            front.name.to_owned(),
            format!("{before:.1}"),
            format!("{:.1}", front.memory()?),
        ]);
        drop(held);
    }
    grid.notes.push(String::from("goal: ours holds at most 100 MB."));
    Ok(grid)
}

fn say(text: &impl Display) -> Outcome<()> {
    Ok(write!(std::io::stdout().lock(), "{text}")?)
}
