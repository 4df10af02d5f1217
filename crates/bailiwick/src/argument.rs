//! The command line as a whole, and arguments that several commands share.

pub mod code;
pub mod door;
pub mod expiry;
pub mod password;
pub mod secrets;
pub mod settings;
pub mod target;

use crate::command::Command;
use crate::failure::EXIT_CODES;
use clap::Parser;
use std::path::PathBuf;

/// Issues fine-grained access tokens and stands at the door of what they open.
#[derive(Parser)]
#[command(name = "bailiwick", version, after_help = EXIT_CODES, max_term_width = 110)]
#[command(disable_help_subcommand = true, arg_required_else_help = true)]
pub struct Line {
    /// The server to speak to [default: the one of the last login, or http://127.0.0.1:8417]
    #[arg(
        long,
        global = true,
        env = "BAILIWICK_SERVER",
        hide_env_values = true,
        value_name = "URL",
        help_heading = "Everywhere"
    )]
    pub server: Option<String>,
    /// The file of the authorities that vouch for the server [default: SSL_CERT_FILE, or the system's]
    #[arg(
        long,
        global = true,
        env = "BAILIWICK_CA",
        hide_env_values = true,
        value_name = "FILE",
        help_heading = "Everywhere"
    )]
    pub ca: Option<PathBuf>,
    /// Print the server's answer as JSON instead of a table
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub json: bool,
    #[command(subcommand)]
    pub command: Command,
}

#[cfg(test)]
mod tests;
