//! The code of a second factor: from the environment or the terminal, never from an argument.

use crate::failure::Failure;
use zeroize::Zeroizing;

/// The variable that holds a code where there is no terminal.
const VARIABLE: &str = "BAILIWICK_OTP";

/// A code of the authenticator app, or a recovery code.
pub fn ask(login: &str) -> Result<Zeroizing<String>, Failure> {
    if let Some(code) = std::env::var(VARIABLE).ok().filter(|text| !text.is_empty()) {
        return Ok(Zeroizing::new(code));
    }
    rpassword::prompt_password(format!(
        "Code of {login}'s authenticator app, or a recovery code: "
    ))
    .map(Zeroizing::new)
    .map_err(|error| {
        Failure::Usage(format!(
            "a second factor is needed and there is no terminal to ask for its code ({error}); set {VARIABLE}"
        ))
    })
}
