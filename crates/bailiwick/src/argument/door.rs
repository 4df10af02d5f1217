//! `--org` and `--enterprise`: on whose behalf something is listed or decided.

use crate::client::segment;
use crate::failure::Failure;
use clap::Args;

/// Where an owner's endpoints are.
#[derive(Args, Clone, Debug, Default)]
#[group(multiple = false)]
pub struct Door {
    /// Act for this organization
    #[arg(long, value_name = "LOGIN")]
    pub org: Option<String>,
    /// Act for this enterprise
    #[arg(long, value_name = "SLUG")]
    pub enterprise: Option<String>,
}

impl Door {
    /// `/orgs/…` or `/enterprises/…`; nothing for one's own.
    pub fn path(&self) -> Option<String> {
        match (&self.org, &self.enterprise) {
            (Some(login), _) => Some(format!("/orgs/{}", segment(login))),
            (None, Some(slug)) => Some(format!("/enterprises/{}", segment(slug))),
            (None, None) => None,
        }
    }

    /// The same where it must be said.
    pub fn required(&self) -> Result<String, Failure> {
        self.path()
            .ok_or_else(|| Failure::Usage("say for whom: --org LOGIN or --enterprise SLUG".into()))
    }
}
