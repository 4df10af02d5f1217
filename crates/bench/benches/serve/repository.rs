//! Repositories to measure with, the same at every run.

use crate::Outcome;
use bailiwick_testkit::program::git;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// Bytes of the file that each commit adds: they do not compress.
pub const FILE_BYTES: usize = 256 << 10;

/// Runs git, which must succeed.
pub fn run(place: &Path, arguments: &[&str]) -> Outcome<()> {
    match git(place).args(arguments).status()?.success() {
        true => Ok(()),
        false => Err(format!("git {arguments:?} failed").into()),
    }
}

/// A bare repository `source` with so many commits on `main`.
pub fn source(directory: &Path, commits: usize) -> Outcome<PathBuf> {
    let place = directory.join("source");
    run(
        directory,
        &["init", "--quiet", "--bare", "--initial-branch=main", "source"],
    )?;
    let mut child = git(&place)
        .args(["fast-import", "--quiet"])
        .stdin(Stdio::piped())
        .spawn()?;
    let mut input = std::io::BufWriter::new(child.stdin.take().ok_or("no pipe")?);
    let mut word = 0x9E37_79B9_7F4A_7C15_u64;
    for number in 0..commits {
        let at = 1_770_000_000 + number;
        write!(
            input,
            "commit refs/heads/main\ncommitter Bob Brown <bob@example.com> {at} +0000\ndata 6\ncommit\n"
        )?;
        write!(
            input,
            "M 100644 inline part-{}/file-{number}\ndata {FILE_BYTES}\n",
            number % 10
        )?;
        for _ in 0..FILE_BYTES / 8 {
            // xorshift64: as good as random for a compressor.
            word ^= word << 13;
            word ^= word >> 7;
            word ^= word << 17;
            input.write_all(&word.to_le_bytes())?;
        }
        input.write_all(b"\n")?;
    }
    input.into_inner()?.flush()?;
    match child.wait()?.success() {
        true => Ok(place),
        false => Err("git fast-import failed".into()),
    }
}
