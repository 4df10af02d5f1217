//! Cloning a repository from nginx, fcgiwrap and `git http-backend`, directly and through the gateway.

use crate::nginx::Nginx;
use crate::program::{Program, build, find_all, free_port};
use crate::repository::{FILE_BYTES, run, source};
use crate::{Outcome, store};
use bailiwick_bench::{Grid, Spread};
use bailiwick_model::UpstreamKind;
use bailiwick_testkit::program::git;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// Runs of each way, in turn, after one that does not count.
const RUNS: usize = 9;
/// Commits, each with one file.
const COMMITS: usize = 763;

/// Measures, and gives the table; words instead when something is not installed.
pub fn table(directory: &Path) -> Outcome<Result<Grid, String>> {
    let [nginx, fcgiwrap] = match find_all(["nginx", "fcgiwrap"]) {
        Ok(found) => found,
        Err(words) => return Ok(Err(words)),
    };
    let place = directory.join("clone");
    let owner = place.join("repositories/acme");
    std::fs::create_dir_all(&owner)?;
    let bare = owner.join("site.git");
    std::fs::rename(source(&place, COMMITS)?, &bare)?;
    run(&bare, &["repack", "-adq"])?;
    let behind = Nginx::git(&nginx, &fcgiwrap, &place, &place.join("repositories"))?;
    let data = place.join("data");
    let token = store::fill(&data, UpstreamKind::Git, &behind.url)?;
    let port = free_port()?;
    let mut ours = Program::start(
        Command::new(build()?)
            .arg("serve")
            .arg("--data")
            .arg(&data)
            .args(["--listen", &format!("127.0.0.1:{port}")])
            .env("BAILIWICK_RATE_TOKEN_PER_HOUR", "0"),
        &place.join("ours.log"),
    )?;
    ours.wait_until(|| std::net::TcpStream::connect(("127.0.0.1", port)).is_ok())?;
    let token = format!("http.extraHeader=Authorization: Bearer {token}");
    let through = format!("http://127.0.0.1:{port}/acme/site.git");
    let direct = format!("{}/acme/site.git", behind.url);
    let (mut directly, mut passed) = (Spread::default(), Spread::default());
    let idle = ours.memory("VmRSS")?;
    ours.forget_peak()?;
    for number in 0..=RUNS {
        let mut turns = [(&direct, &mut directly), (&through, &mut passed)];
        turns.rotate_left(number % 2);
        for (url, spread) in turns {
            let seconds = clone(&place, url, &token)?;
            if number > 0 {
                spread.add(seconds);
            }
        }
    }
    let mut grid = Grid::new(
        &format!("clone --bare of {:.0} MB", (COMMITS * FILE_BYTES) as f64 / 1e6),
        &format!("wall seconds, median (least–most) of {RUNS} runs in turn, after one that does not count"),
        &["", "seconds", "to direct", "goal", "memory before", "at its peak"],
    );
    for (way, spread, [goal, before, most]) in [
        ("direct", &directly, [String::new(), String::new(), String::new()]),
        (
            "through bailiwick",
            &passed,
            [
                String::from("≤ 1.05"),
                format!("{idle:.1} MB"),
                format!("{:.1} MB", ours.memory("VmHWM:")?),
            ],
        ),
    ] {
        grid.row([
            way.into(),
            format!("{spread:.3}"),
            spread.ratio_to(&directly),
            goal,
            before,
            most,
        ]);
    }
    Ok(Ok(grid))
}

fn clone(place: &Path, url: &str, token: &str) -> Outcome<f64> {
    let into = place.join("cloned");
    let mut command = git(place);
    command
        .args(["-c", token, "clone", "--quiet", "--bare", url])
        .arg(&into);
    let began = Instant::now();
    let output = command.output()?;
    let seconds = began.elapsed().as_secs_f64();
    if !output.status.success() {
        return Err(format!("git clone: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    std::fs::remove_dir_all(&into)?;
    Ok(seconds)
}
