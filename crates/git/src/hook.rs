//! The `pre-receive` side of a push: what the hook program does when git runs it, just before refs move.
//!
//! It asks the server over a Unix socket and answers no to git on any doubt. The variables below reach it through git.

use std::env;
use std::io::{self, BufRead, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::time::Duration;

use bailiwick_wire::pktline::{self, Packet};
use bailiwick_wire::push::COMMAND_LIST_BYTES_MAX;

/// The variable that names the server's socket.
pub const SOCKET_VARIABLE: &str = "BAILIWICK_HOOK_SOCKET";
/// The variable that holds the push's secret.
pub const NONCE_VARIABLE: &str = "BAILIWICK_HOOK_NONCE";
/// How long the server may take to decide.
pub(crate) const DECISION_TIME_LIMIT: Duration = Duration::from_secs(120);

/// Runs as git's `pre-receive`: the exit code is the server's decision, and a failure where there is none.
#[must_use]
pub fn main() -> ExitCode {
    let (code, message) = match ask() {
        Ok(None) => return ExitCode::SUCCESS,
        Ok(Some(message)) => (ExitCode::FAILURE, message),
        Err(error) => (
            ExitCode::FAILURE,
            format!("the push could not be decided: {error}"),
        ),
    };
    // Git shows it to the client; if it cannot be written, the refusal stands.
    let _shown = writeln!(io::stderr(), "{message}");
    code
}

/// Whether a program that was started under this name is meant to be the hook.
#[must_use]
pub fn is_hook(program: &std::ffi::OsStr) -> bool {
    std::path::Path::new(program)
        .file_name()
        .is_some_and(|name| name == "pre-receive")
}

/// The server's message when it refuses.
fn ask() -> io::Result<Option<String>> {
    let missing = |what: &str| io::Error::new(io::ErrorKind::NotFound, format!("{what} is not set"));
    let socket = env::var_os(SOCKET_VARIABLE).ok_or_else(|| missing(SOCKET_VARIABLE))?;
    let nonce = env::var_os(NONCE_VARIABLE).ok_or_else(|| missing(NONCE_VARIABLE))?;
    let mut request = Vec::new();
    line(&mut request, &[b"nonce ", nonce.as_bytes()])?;
    if let Some(quarantine) = env::var_os("GIT_QUARANTINE_PATH") {
        line(&mut request, &[b"quarantine ", quarantine.as_bytes()])?;
    }
    let mut input = io::stdin().lock().take(COMMAND_LIST_BYTES_MAX as u64 + 1);
    let mut update = Vec::new();
    while input.read_until(b'\n', &mut update)? > 0 {
        line(
            &mut request,
            &[b"update ", update.strip_suffix(b"\n").unwrap_or(&update)],
        )?;
        update.clear();
    }
    if input.limit() == 0 {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "too many updates"));
    }
    request.extend_from_slice(pktline::FLUSH);
    let mut stream = UnixStream::connect(socket)?;
    stream.set_write_timeout(Some(DECISION_TIME_LIMIT))?;
    stream.set_read_timeout(Some(DECISION_TIME_LIMIT))?;
    stream.write_all(&request)?;
    let mut answer = Vec::new();
    stream
        .take(pktline::PACKET_BYTES_MAX as u64)
        .read_to_end(&mut answer)?;
    match pktline::decode(&answer) {
        Ok(Some((Packet::Data(b"ok"), _))) => Ok(None),
        Ok(Some((Packet::Data(text), _))) if text.starts_with(b"no ") => Ok(Some(
            String::from_utf8_lossy(text.get(3..).unwrap_or_default()).into_owned(),
        )),
        _ => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "the server gave no answer",
        )),
    }
}

fn line(request: &mut Vec<u8>, parts: &[&[u8]]) -> io::Result<()> {
    pktline::encode(&parts.concat(), request).map_err(io::Error::other)
}
