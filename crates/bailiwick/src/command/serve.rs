//! `serve`: the server.

use crate::argument::settings::{DataArguments, ListenArguments, load};
use crate::data::DataDirectory;
use crate::failure::Failure;
use crate::output;
use crate::server::{Server, asked_to_stop, runtime};
use clap::Args;
use std::path::Path;
use std::time::Duration;

/// Run the server until it is asked to stop.
#[derive(Args)]
pub struct Serve {
    #[command(flatten)]
    data: DataArguments,
    #[command(flatten)]
    listen: ListenArguments,
}

impl Serve {
    /// Runs it.
    pub fn run(self) -> Result<(), Failure> {
        let config = load(&self.data, &self.listen)?;
        let directory = DataDirectory::take(&config.data)?;
        if !config.listen.ip().is_loopback() && !config.has_tls() {
            tracing::warn!(
                listen = %config.listen,
                "INSECURE: plain HTTP beyond this machine; every token and password crosses the network readable"
            );
        }
        let runtime = runtime()?;
        let outcome = runtime.block_on(async {
            let data = directory.path().display().to_string();
            let server = Server::open(&config, directory).await?;
            output::line(&format!("Bailiwick listens on {}", server.base_url()))?;
            if server.setup_url().is_none() {
                output::line(&format!("Open {}/ in a browser and sign in.", server.base_url()))?;
            }
            if let Some(url) = server.setup_url() {
                // SECURITY: on the console alone, never in the log: whoever reads it becomes the administrator.
                output::line(&format!(
                    "Nobody administers it yet. Make the first administrator within 15 minutes:\n  {}\n\
                     Or stop it and run: bailiwick admin init --data {data} --user NAME",
                    url.as_str()
                ))?;
            }
            if let Some(file) = server.authority_file() {
                output::line(&trust(&file))?;
            }
            tracing::info!(address = %server.address(), data, "serving");
            server.run(asked_to_stop()).await;
            tracing::info!("stopped");
            Ok(())
        });
        // Work that still blocks after the requests had their time is not waited for.
        runtime.shutdown_timeout(Duration::from_secs(2));
        outcome
    }
}

/// What clients have to be told of a certificate that nobody else vouches for.
fn trust(file: &Path) -> String {
    let file = file.display();
    format!(
        "Its certificate is by an authority of its own, which clients have to trust:\n  \
         export SSL_CERT_FILE={file}   # bailiwick, gh, curl\n  \
         git -c http.sslCAInfo={file} clone …"
    )
}
