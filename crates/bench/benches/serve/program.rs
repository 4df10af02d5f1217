//! Programs that are started for a measurement: found, run, looked at through `/proc`, and stopped by their id when
//! they are dropped.

use crate::Outcome;
use rustix::process::{Pid, Signal, kill_process};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What the peers and the load come from, on Debian.
const INSTALL: &str = "apt-get update && apt-get install -y nginx-light fcgiwrap wrk git";
/// How long a program may take to listen.
const START: Duration = Duration::from_secs(60);
/// How long it may take to end in order.
const END: Duration = Duration::from_secs(15);
/// Ticks of the CPU clock in a second: `USER_HZ`, the same on every Linux.
const TICKS: f64 = 100.0;

/// Where a program lies; servers are often outside of an ordinary user's `PATH`.
pub fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places: Vec<PathBuf> = std::env::split_paths(&path).collect();
    places.extend(["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from));
    places
        .into_iter()
        .map(|place| place.join(name))
        .find(|file| file.is_file())
}

/// Where several programs lie, or words on how to get those that are missing.
pub fn find_all<const N: usize>(names: [&str; N]) -> Result<[PathBuf; N], String> {
    let found = names.map(find);
    let missing: Vec<&str> = names
        .iter()
        .zip(&found)
        .filter(|(_, found)| found.is_none())
        .map(|(name, _)| *name)
        .collect();
    if missing.is_empty() {
        return Ok(found.map(Option::unwrap_or_default));
    }
    Err(format!("{} not found. On Debian: {INSTALL}", missing.join(", ")))
}

/// Builds the program as it ships; gives its place. `BAILIWICK_BENCH_PROGRAM` names one that is there already.
pub fn build() -> Outcome<PathBuf> {
    if let Some(program) = std::env::var_os("BAILIWICK_BENCH_PROGRAM") {
        return Ok(program.into());
    }
    let cargo = std::env::var_os("CARGO")
        .map_or_else(|| find("cargo").unwrap_or_else(|| "cargo".into()), PathBuf::from);
    let output = Command::new(cargo)
        .args([
            "build",
            "--release",
            "--package",
            "bailiwick",
            "--message-format",
            "json-render-diagnostics",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit())
        .output()?;
    let text = String::from_utf8(output.stdout)?;
    let messages = text
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let built = messages
        .filter_map(|message| message.get("executable")?.as_str().map(PathBuf::from))
        .next_back();
    match built {
        Some(program) if output.status.success() => Ok(program),
        _ => Err("`cargo build --release --package bailiwick` failed".into()),
    }
}

/// A port of this machine that nobody listens on at the moment.
pub fn free_port() -> Outcome<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// A running program.
pub struct Program {
    child: Child,
    name: String,
}

impl Program {
    /// Starts it; what it prints goes to a file.
    pub fn start(command: &mut Command, log: &Path) -> Outcome<Program> {
        let name = command.get_program().to_string_lossy().into_owned();
        let file = std::fs::File::create(log)?;
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn();
        let child = child.map_err(|error| format!("{name}: {error}"))?;
        Ok(Program { child, name })
    }

    /// Waits until something is so; fails when the program ends before.
    pub fn wait_until(&mut self, ready: impl Fn() -> bool) -> Outcome<()> {
        let started = Instant::now();
        while !ready() {
            if let Some(status) = self.child.try_wait()? {
                return Err(format!("{} has ended: {status}", self.name).into());
            }
            if started.elapsed() > START {
                return Err(format!("{} is not ready after {START:?}", self.name).into());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }

    /// The seconds of CPU that it has used so far, in user mode and in the kernel; children do not count.
    pub fn cpu_seconds(&self) -> Outcome<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name may hold blanks and parentheses: fields count from behind the last one. `utime` is the 14th of all.
        let fields = stat.rsplit_once(')').map(|(_, rest)| rest).unwrap_or_default();
        let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<f64>);
        Ok(ticks.sum::<Result<f64, _>>()? / TICKS)
    }

    /// A figure of `/proc/…/status` in MB (10⁶ bytes): `VmRSS` is what it holds, `VmHWM` the most it held.
    pub fn memory(&self, figure: &str) -> Outcome<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix(figure))
            .ok_or("no such figure")?;
        let kib: f64 = line.trim_matches(|c: char| !c.is_ascii_digit()).parse()?;
        Ok(kib * 1024.0 / 1e6)
    }

    /// Starts measuring the most memory again.
    pub fn forget_peak(&self) -> Outcome<()> {
        Ok(std::fs::write(
            format!("/proc/{}/clear_refs", self.child.id()),
            "5",
        )?)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Not reaped before this line, so that the id is still this program's.
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw)
            && matches!(self.child.try_wait(), Ok(None))
        {
            let _gone = kill_process(pid, Signal::TERM);
        }
        let asked = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) {
            if asked.elapsed() > END {
                let _gone = self.child.kill();
                let _reaped = self.child.wait();
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}
