//! Everything that is printed: tables and lines for people, raw JSON for programs. Standard output holds the
//! answer alone; notes and errors go to standard error.

pub mod field;
mod table;

pub use table::Table;

use crate::failure::Failure;
use std::io::Write;

/// Writes bytes to standard output. A reader that went away (`| head`) is no failure.
pub fn bytes(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::local("standard output", error))
        }
        _ => Ok(()),
    }
}

/// Writes text and a line end to standard output.
pub fn line(text: &str) -> Result<(), Failure> {
    bytes(format!("{text}\n").as_bytes())
}

/// A note for people beside the answer, on standard error.
pub fn note(text: &str) {
    error(text);
}

/// Writes to standard error. When even that is closed there is nobody left to tell.
pub fn error(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", clean(text));
}

/// Text without control characters other than line ends.
// SECURITY: names and reasons come from other people; a terminal must not obey escape sequences in them.
pub fn clean(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() && c != '\n' {
                '\u{fffd}'
            } else {
                c
            }
        })
        .collect()
}

#[cfg(test)]
mod tests;
