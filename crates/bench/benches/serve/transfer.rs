//! Clone and push of a repository of 50 MB, beside nginx, fcgiwrap and `git http-backend`.

use crate::Outcome;
use crate::nginx::Nginx;
use crate::ours::Data;
use crate::program::find_all;
use crate::repository::{FILE_BYTES, run, source};
use bailiwick_bench::{Grid, Spread};
use bailiwick_testkit::program::git;
use std::path::Path;
use std::time::Instant;

/// Runs of each contender, in turn, after one that does not count.
const RUNS: usize = 15;
/// Commits, each with one file.
const COMMITS: usize = 200;

/// Measures, and gives the table; words instead when something is not installed.
pub fn table(data: &mut Data, directory: &Path) -> Outcome<Result<Grid, String>> {
    let [nginx, fcgiwrap] = match find_all(["nginx", "fcgiwrap"]) {
        Ok(found) => found,
        Err(words) => return Ok(Err(words)),
    };
    let source = source(directory, COMMITS)?;
    let bare = directory.join("repositories");
    std::fs::create_dir(&bare)?;
    let peer = Nginx::git(&nginx, &fcgiwrap, directory, &bare)?;
    let server = data.serve()?;
    let token = format!("http.extraHeader=Authorization: Bearer {}", data.token);
    let work = Work {
        directory,
        source: &source,
        token: &token,
    };

    let (mut ours, mut plain, mut checked) = (Spread::default(), Spread::default(), Spread::default());
    let mut urls = [String::new(), String::new()];
    server.program.forget_peak()?;
    for run in 0..=RUNS {
        let url = data.new_repository(&server)?;
        let mut turns = [
            (url.clone(), &mut ours),
            (
                new_bare(&bare, &peer, &format!("plain-{run}"), false)?,
                &mut plain,
            ),
            (
                new_bare(&bare, &peer, &format!("checked-{run}"), true)?,
                &mut checked,
            ),
        ];
        turns.rotate_left(run % 3);
        for (url, spread) in turns {
            let seconds = work.push(&url)?;
            if run > 0 {
                spread.add(seconds);
            }
        }
        urls = [url, format!("{}/plain-{run}", peer.url)];
    }
    let push_peak = server.program.memory("VmHWM:")?;
    let mut grid = Grid::new(
        &format!(
            "git over HTTP: {COMMITS} commits, {:.0} MB",
            (COMMITS * FILE_BYTES) as f64 / 1e6
        ),
        &format!(
            "wall seconds of the client, median (least–most) of {RUNS} runs in turn, after one that does not count"
        ),
        &[
            "",
            "bailiwick",
            "nginx + fcgiwrap + http-backend",
            "ours to it",
            "goal",
            "our peak memory",
        ],
    );
    let mut row = |what: &str, ours: &Spread, peer: &Spread, goal: &str, peak: f64| {
        let ratio = ours.ratio_to(peer);
        grid.row([
            what.into(),
            format!("{ours:.3}"),
            format!("{peer:.3}"),
            ratio,
            goal.into(),
            format!("{peak:.1} MB"),
        ]);
    };
    row("push", &ours, &plain, "≤ 1.05", push_peak);
    row(
        "push, the peer set to check objects as we do",
        &ours,
        &checked,
        "",
        push_peak,
    );
    for (what, arguments) in [
        ("clone", &[] as &[&str]),
        ("clone --no-checkout", &["--no-checkout"]),
    ] {
        let (mut ours, mut peer) = (Spread::default(), Spread::default());
        server.program.forget_peak()?;
        for run in 0..=RUNS {
            let [our_url, peer_url] = &urls;
            let mut turns = [(our_url, &mut ours), (peer_url, &mut peer)];
            // Each goes first as often as the other: what one leaves to be written to disk, the next one feels.
            turns.rotate_left(run % 2);
            for (url, spread) in turns {
                let seconds = work.clone(url, arguments)?;
                if run > 0 {
                    spread.add(seconds);
                }
            }
        }
        row(what, &ours, &peer, "≤ 1.05", server.program.memory("VmHWM:")?);
    }
    grid.notes.push(String::from(
        "ours decides twice for a push, checks every object, and writes its record before the answer; the peer serves \
         everybody. Memory is that of our process: git's own processes are the same on both sides.",
    ));
    Ok(Ok(grid))
}

/// What the clients work with.
struct Work<'a> {
    directory: &'a Path,
    source: &'a Path,
    token: &'a str,
}

impl Work<'_> {
    fn push(&self, url: &str) -> Outcome<f64> {
        self.timed(self.source, &["push", "--quiet", url, "main"])
    }

    fn clone(&self, url: &str, arguments: &[&str]) -> Outcome<f64> {
        let into = self.directory.join("clone");
        let target = into.to_string_lossy();
        let seconds = self.timed(
            self.directory,
            &[&["clone", "--quiet"], arguments, &[url, &target]].concat(),
        )?;
        std::fs::remove_dir_all(&into)?;
        Ok(seconds)
    }

    fn timed(&self, place: &Path, arguments: &[&str]) -> Outcome<f64> {
        let mut command = git(place);
        command.args(["-c", self.token]).args(arguments);
        let started = Instant::now();
        let output = command.output()?;
        let seconds = started.elapsed().as_secs_f64();
        match output.status.success() {
            true => Ok(seconds),
            false => Err(format!("git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr)).into()),
        }
    }
}

/// An empty bare repository of the peer; gives its address.
fn new_bare(directory: &Path, peer: &Nginx, name: &str, checks: bool) -> Outcome<String> {
    run(
        directory,
        &["init", "--quiet", "--bare", "--initial-branch=main", name],
    )?;
    let place = directory.join(name);
    run(&place, &["config", "http.receivepack", "true"])?;
    if checks {
        run(&place, &["config", "transfer.fsckObjects", "true"])?;
    }
    Ok(format!("{}/{name}", peer.url))
}
