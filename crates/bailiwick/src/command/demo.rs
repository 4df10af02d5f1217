//! `demo`: everything in one process, with people and repositories to try things on.

use crate::argument::settings::{DataArguments, ListenArguments, load};
use crate::failure::Failure;
use clap::Args;

/// Run a server with people, repositories and issues to try things on; on this machine only.
#[derive(Args)]
pub struct Demo {
    #[command(flatten)]
    data: DataArguments,
    #[command(flatten)]
    listen: ListenArguments,
}

impl Demo {
    /// Runs it.
    pub fn run(self) -> Result<(), Failure> {
        crate::demo::run(&load(&self.data, &self.listen)?)
    }
}
