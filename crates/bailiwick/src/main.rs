//! The binary: the hook of pushes when git calls it by that name, otherwise the command line.

mod argument;
mod client;
mod clock;
mod command;
mod config;
mod context;
mod data;
mod demo;
mod failure;
mod log;
mod output;
mod server;
mod tls;

use clap::Parser;
use std::process::ExitCode;

// Gives back what password hashing and large answers took. The system's allocator keeps it for good, a share per
// thread: some 300 MB after a dozen sign-ins at once instead of 50.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    if std::env::args_os()
        .next()
        .is_some_and(|program| bailiwick_git::hook::is_hook(&program))
    {
        return bailiwick_git::hook::main();
    }
    let line = argument::Line::parse();
    let context = context::Context::new(line.server, line.ca, line.json);
    match line.command.run(&context) {
        Ok(code) => code,
        Err(failure) => failure.report(context.json),
    }
}
