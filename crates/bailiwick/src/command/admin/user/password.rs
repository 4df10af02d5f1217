//! `admin user password`.

use crate::argument::password::Password;
use crate::client::segment;
use crate::context::Context;
use crate::failure::Failure;
use clap::Args;
use http::Method;
use serde_json::json;

/// Set a person's password.
#[derive(Args)]
pub struct SetPassword {
    /// The login
    login: String,
    #[command(flatten)]
    password: Password,
}

impl SetPassword {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let client = context.client()?;
        let password = self.password.choose(&self.login)?;
        let path = format!("/admin/users/{}", segment(&self.login));
        client.send(
            Method::PATCH,
            &path,
            Some(&json!({"password": password.as_str()})),
        )?;
        context.done(&format!("the password of {} is set", self.login));
        Ok(())
    }
}
