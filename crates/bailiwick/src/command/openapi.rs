//! `openapi`: the description of the API, as the server gives it.

use crate::context::Context;
use crate::failure::Failure;
use crate::output;
use clap::Args;

/// Print the server's OpenAPI document.
#[derive(Args)]
pub struct OpenApi {}

impl OpenApi {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        output::bytes(&context.visitor()?.get("/openapi.json")?.body)
    }
}
