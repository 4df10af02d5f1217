//! The arguments of commands that open a data directory themselves.

use crate::config::{self, Config, Flags};
use crate::failure::Failure;
use clap::Args;
use std::path::PathBuf;

/// Where the data is.
#[derive(Args, Clone, Debug, Default)]
pub struct DataArguments {
    /// The data directory [default: bailiwick-data]
    #[arg(long, value_name = "DIR")]
    pub data: Option<String>,
    /// The configuration file
    #[arg(long, value_name = "FILE", env = "BAILIWICK_CONFIG", hide_env_values = true)]
    pub config: Option<PathBuf>,
    /// A PostgreSQL database instead of the embedded one
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
}

/// Where it listens.
#[derive(Args, Clone, Debug, Default)]
pub struct ListenArguments {
    /// Where to listen [default: 127.0.0.1:8417]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
    /// The server's address as clients write it [default: http:// and where it listens]
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// Speak TLS, with a certificate by an authority of its own that is kept in the data directory
    #[arg(long)]
    pub tls_self_signed: bool,
}

/// Loads the configuration under these flags, and starts the log.
pub fn load(data: &DataArguments, listen: &ListenArguments) -> Result<Config, Failure> {
    let mut flags = Flags::new();
    for (name, value) in [
        ("data", &data.data),
        ("database", &data.database),
        ("listen", &listen.listen),
        ("public_url", &listen.public_url),
    ] {
        if let Some(value) = value {
            flags.push((name, value.clone()));
        }
    }
    if listen.tls_self_signed {
        flags.push(("tls_self_signed", "true".to_owned()));
    }
    // A variable that is no text cannot be one of ours.
    let environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let (config, warnings) =
        config::load(&flags, environment, data.config.as_deref()).map_err(Failure::Usage)?;
    crate::log::start(&config);
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    Ok(config)
}
