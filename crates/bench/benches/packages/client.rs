//! The client that people pull with, which checks every digest and writes every layer.

use crate::Outcome;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// Copies the image into a directory that is made for it and removed again; the seconds that it took.
pub fn pull(skopeo: &Path, port: u16, token: Option<&str>, directory: &Path) -> Outcome<f64> {
    let into = directory.join("pulled");
    let mut command = Command::new(skopeo);
    command.args(["copy", "--quiet", "--src-tls-verify=false"]);
    if let Some(token) = token {
        command.args(["--src-creds", &format!("bench:{token}")]);
    }
    command
        .arg(format!("docker://127.0.0.1:{port}/acme/site:bench"))
        .arg(format!("dir:{}", into.display()));
    let began = Instant::now();
    let output = command.output()?;
    let seconds = began.elapsed().as_secs_f64();
    if !output.status.success() {
        return Err(format!("skopeo: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    std::fs::remove_dir_all(&into)?;
    Ok(seconds)
}
