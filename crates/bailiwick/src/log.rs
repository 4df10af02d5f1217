//! The log: lines on standard error. Nothing that is logged holds a credential: libraries, which might log headers,
//! are heard from `warn` on only.

use crate::config::{Config, LogFormat};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

/// Starts the log of this process. A second start changes nothing.
pub fn start(config: &Config) {
    let filter = Targets::new()
        .with_default(config.log_level.min(LevelFilter::WARN))
        .with_target("bailiwick", config.log_level);
    let lines = fmt::layer().with_writer(std::io::stderr).with_target(false);
    let layer = match config.log_format {
        LogFormat::Text => lines.with_ansi(false).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let _ = tracing_subscriber::registry()
        .with(layer.with_filter(filter))
        .try_init();
}
