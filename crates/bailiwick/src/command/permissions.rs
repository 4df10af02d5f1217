//! `permissions`: the printed reference, from the program itself.

use crate::context::Context;
use crate::failure::Failure;
use crate::output;
use clap::Args;

/// Print every permission and the operations it opens; needs no server.
#[derive(Args)]
pub struct Permissions {}

impl Permissions {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        if context.json {
            output::line(&bailiwick_catalogue::reference_json().to_string())
        } else {
            output::bytes(bailiwick_catalogue::reference_markdown().as_bytes())
        }
    }
}
