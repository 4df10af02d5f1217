//! The program laid out by a profile of itself: built so that it counts, run through the benchmarks, and built again by
//! what was counted; then the same with the finished code, whose pieces are put in the order in which they run. What every
//! request runs comes to lie together, and the rest out of its way.

use crate::run;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the runs need. Where it is missing they leave out what needs it, and a profile of the rest would be worse than none.
const NEEDS: &[&str] = &["nginx", "fcgiwrap", "wrk", "git", "docker-registry", "skopeo"];
const INSTALL: &str =
    "apt-get update && apt-get install -y nginx-light fcgiwrap wrk git docker-registry skopeo";

/// The runs that are counted: a gateway under load, decisions for another proxy, REST and Git, images.
const RUNS: &[&[&str]] = &[&["gateway", "--", "load", "authorize"], &["serve"], &["packages"]];

/// Builds it; says where it is.
pub fn run() -> Result<(), String> {
    let missing: Vec<&str> = NEEDS.iter().copied().filter(|name| !is_here(name)).collect();
    if !missing.is_empty() {
        return Err(format!("{} not found. On Debian: {INSTALL}", missing.join(", ")));
    }
    let version = run::output("rustc", &["--version", "--verbose"]).ok_or("rustc cannot be run")?;
    let said = |name: &str| {
        let mut lines = version.lines();
        lines.find_map(|line| line.strip_prefix(name).map(str::trim))
    };
    let host = said("host:").ok_or("rustc does not say for what it builds")?;
    let llvm = said("LLVM version:").and_then(|text| text.split('.').next());
    let llvm = llvm.ok_or("rustc does not say its version of LLVM")?;
    let merger = tool("llvm-profdata", host, llvm)?;
    let (mover, joiner) = (tool("llvm-bolt", host, llvm)?, tool("merge-fdata", host, llvm)?);
    let room = target().join("profiled");
    // First what every function is worth, for the compiler.
    let counts = emptied(room.join("counts"))?;
    let flags = [format!("-Cprofile-generate={}", counts.display())];
    let counting = build(&room.join("counting"), host, &flags)?;
    for words in RUNS {
        count(&counting, words)?;
    }
    let profile = room.join("bailiwick.profdata");
    run::finish(
        Command::new(merger)
            .arg("merge")
            .arg("-o")
            .arg(&profile)
            .arg(&counts),
    )?;
    // What was not counted is not made small for it: pages, for one, are in none of the runs.
    let flags = [
        format!("-Cprofile-use={}", profile.display()),
        String::from("-Cllvm-args=-pgso=false"),
        // What refers to what, for whoever moves it.
        String::from("-Clink-arg=-Wl,--emit-relocs"),
    ];
    let compiled = build(&room, host, &flags)?;
    // Then which way the finished code takes, for what puts its pieces in that order.
    let mut ways = Vec::new();
    let looking = room.join("looking");
    for (at, words) in RUNS.iter().enumerate() {
        let place = emptied(room.join("ways").join(at.to_string()))?;
        run::finish(
            Command::new(&mover)
                .arg(&compiled)
                .arg("-instrument")
                .arg("-instrumentation-file-append-pid")
                .arg(format!("-instrumentation-file={}", place.join("way").display()))
                .arg("-o")
                .arg(&looking),
        )?;
        count(&looking, words)?;
        ways.extend(files(&place)?);
    }
    let way = room.join("bailiwick.fdata");
    run::finish(Command::new(joiner).args(ways).arg("-o").arg(&way))?;
    let program = room.join("bailiwick");
    run::finish(
        Command::new(mover)
            .arg(&compiled)
            .arg(format!("-data={}", way.display()))
            .args(ORDER)
            .arg("-o")
            .arg(&program),
    )?;
    // What was moved must still run.
    run::finish(Command::new(&program).arg("--version"))?;
    println!("\n{}", program.display());
    Ok(())
}

/// How the pieces are put in order: what follows what beside it, and what hardly ever runs elsewhere.
const ORDER: &[&str] = &[
    "-reorder-blocks=ext-tsp",
    "-reorder-functions=cdsort",
    "-split-functions",
    "-split-all-cold",
    "-icf=safe",
];

/// Takes a program that counts through one of the runs.
fn count(program: &Path, words: &[&str]) -> Result<(), String> {
    run::finish(
        run::cargo()
            .args(["bench", "--package", "bailiwick-bench", "--bench"])
            .args(words)
            .env("BAILIWICK_BENCH_PROGRAM", program)
            .env("BAILIWICK_BENCH_TOKENS", "20000"),
    )
}

/// A directory with nothing in it: of another program's code, counts would be of nothing.
fn emptied(place: PathBuf) -> Result<PathBuf, String> {
    let said = |error: std::io::Error| format!("{}: {error}", place.display());
    if place.exists() {
        std::fs::remove_dir_all(&place).map_err(said)?;
    }
    std::fs::create_dir_all(&place).map_err(said)?;
    Ok(place)
}

/// What a run has counted. A program that had to be killed leaves nothing, and a profile of the rest would be worse than none.
fn files(place: &Path) -> Result<Vec<PathBuf>, String> {
    let listed = std::fs::read_dir(place).map_err(|error| format!("{}: {error}", place.display()))?;
    let all: Vec<PathBuf> = listed.flatten().map(|entry| entry.path()).collect();
    if all.is_empty() {
        return Err(format!("nothing was counted: {} is empty", place.display()));
    }
    Ok(all)
}

/// Whether a program is there; servers are often outside of an ordinary user's `PATH`.
fn is_here(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let more = ["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from);
    std::env::split_paths(&path)
        .chain(more)
        .any(|place| place.join(name).is_file())
}

/// Builds the program for a machine of the same kind: flags for a target named do not go to what only helps to build.
fn build(place: &Path, host: &str, flags: &[String]) -> Result<PathBuf, String> {
    run::finish(
        run::cargo()
            .args(["build", "--release", "--package", "bailiwick", "--target", host])
            .env("CARGO_TARGET_DIR", place)
            // By a separator that is in no path.
            .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f")),
    )?;
    Ok(place.join(host).join("release").join("bailiwick"))
}

/// Where cargo builds.
fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(place) => run::root().join(place),
        None => run::root().join("target"),
    }
}

/// A tool of the compiler's own version of LLVM: others cannot read the counts that it wrote.
fn tool(name: &str, host: &str, llvm: &str) -> Result<PathBuf, String> {
    let own = run::output("rustc", &["--print", "sysroot"]).map(|root| {
        Path::new(root.trim())
            .join("lib/rustlib")
            .join(host)
            .join("bin")
            .join(name)
    });
    let places = [
        own,
        Some(PathBuf::from(format!("/usr/lib/llvm-{llvm}/bin/{name}"))),
        Some(PathBuf::from(format!("/usr/bin/{name}-{llvm}"))),
    ];
    let mut found = places.into_iter().flatten().filter(|place| place.is_file());
    found.next().ok_or_else(|| {
        format!(
            "{name} of LLVM {llvm} is not here. On Debian: apt-get install llvm-{llvm} bolt-{llvm} (llvm-profdata alone is \
             in `rustup component add llvm-tools` as well)"
        )
    })
}
