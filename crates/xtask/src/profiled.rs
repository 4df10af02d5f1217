//! The program laid out by a profile of itself: built so that it counts, run through the benchmarks, and built again by
//! what was counted. What every request runs comes to lie together then, and the rest out of its way.

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
    let merger = merger(host, llvm)?;
    let room = target().join("profiled");
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
    ];
    let program = build(&room, host, &flags)?;
    println!("\n{}", program.display());
    Ok(())
}

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

/// What merges counts: of the compiler's own version of LLVM, since others cannot read them.
fn merger(host: &str, llvm: &str) -> Result<PathBuf, String> {
    let own = run::output("rustc", &["--print", "sysroot"]).map(|root| {
        Path::new(root.trim())
            .join("lib/rustlib")
            .join(host)
            .join("bin/llvm-profdata")
    });
    let places = [
        own,
        Some(PathBuf::from(format!("/usr/lib/llvm-{llvm}/bin/llvm-profdata"))),
        Some(PathBuf::from(format!("/usr/bin/llvm-profdata-{llvm}"))),
    ];
    let mut found = places.into_iter().flatten().filter(|place| place.is_file());
    found.next().ok_or_else(|| {
        format!(
            "llvm-profdata of LLVM {llvm} is not here: `rustup component add llvm-tools`, or on Debian \
             `apt-get install llvm-{llvm}`"
        )
    })
}
