//! `token delete`.

use super::path;
use super::planted::table;
use crate::client::query;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::field;
use clap::Args;
use http::Method;

/// Delete a token.
#[derive(Args)]
pub struct Delete {
    /// Its id or name
    token: String,
    /// End what it planted as well: keys, webhooks, runners
    #[arg(long)]
    with_planted: bool,
}

impl Delete {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let client = context.client()?;
        let path = path(&client, &self.token)?;
        let wanted = self.with_planted.then_some("true");
        let path = format!("{path}{}", query(&[("with_planted", wanted)]));
        let answer = client.send(Method::DELETE, &path, None)?;
        context.done(&format!("token {} is deleted", self.token));
        // An answer without a body: it planted nothing.
        if let Ok(value) = answer.value()
            && value.get("planted").is_some()
        {
            return context.show(&answer, |left| {
                let message = field::text(left, "/message");
                format!("{message}\n{}", table(field::list(left, "/planted")))
            });
        }
        Ok(())
    }
}
