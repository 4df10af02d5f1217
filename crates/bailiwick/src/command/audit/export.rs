//! `audit export`.

use super::Which;
use crate::context::Context;
use crate::failure::Failure;
use clap::Args;
use std::fs::OpenOptions;
use std::io::BufWriter;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

/// Write all events that match, as CSV or JSON lines.
#[derive(Args)]
pub struct Export {
    #[command(flatten)]
    which: Which,
    /// The form
    #[arg(long, value_parser = ["csv", "jsonl"], default_value = "jsonl")]
    format: String,
    /// Write to this new file instead of standard output
    #[arg(long, short = 'o', value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Export {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let client = context.client()?;
        let path = self.which.path(Some(&self.format));
        let Some(file) = &self.output else {
            return client.stream(&path, &mut BufWriter::new(std::io::stdout()));
        };
        // Events are not for other users of the machine, and an earlier export is not overwritten.
        let out = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(file);
        let out = out.map_err(|error| Failure::local(file.display(), error))?;
        let written = client.stream(&path, &mut BufWriter::new(out));
        if written.is_err() {
            let _partial = std::fs::remove_file(file);
        }
        written
    }
}
