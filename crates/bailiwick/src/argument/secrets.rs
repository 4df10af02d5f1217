//! Named secrets: from files, the environment or the terminal, never from an argument, which other users of the
//! machine can see.

use crate::failure::Failure;
use clap::Args;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

/// Longest secret, in bytes.
const BYTES_MAX: u64 = 16 << 10;

/// Where secrets come from.
#[derive(Args, Clone, Debug, Default)]
pub struct Secrets {
    /// Read a secret from a file
    #[arg(long = "secret-file", value_name = "NAME=PATH")]
    files: Vec<String>,
    /// Take a secret from a variable of the environment
    #[arg(long = "secret-env", value_name = "NAME=VARIABLE")]
    variables: Vec<String>,
    /// Ask for a secret on the terminal
    #[arg(long = "secret-ask", value_name = "NAME")]
    asked: Vec<String>,
}

impl Secrets {
    /// Whether none is named.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.variables.is_empty() && self.asked.is_empty()
    }

    /// All of them, for the body of a request.
    pub fn read(&self) -> Result<Value, Failure> {
        let mut all = Map::new();
        let mut add = |name: &str, secret: Zeroizing<String>| {
            let text = secret.trim_end_matches(['\r', '\n']);
            match all.insert(name.to_owned(), text.into()) {
                Some(_) => Err(Failure::Usage(format!("the secret {name} is given twice"))),
                None => Ok(()),
            }
        };
        for pair in &self.files {
            let (name, path) = split(pair, "--secret-file NAME=PATH")?;
            let failed = |error| Failure::local(path, error);
            if std::fs::metadata(path).map_err(failed)?.len() > BYTES_MAX {
                return Err(Failure::Usage(format!("{path} is too long for a secret")));
            }
            add(
                name,
                Zeroizing::new(std::fs::read_to_string(path).map_err(failed)?),
            )?;
        }
        for pair in &self.variables {
            let (name, variable) = split(pair, "--secret-env NAME=VARIABLE")?;
            let secret = std::env::var(variable)
                .map_err(|_| Failure::Usage(format!("there is no variable {variable} in the environment")))?;
            add(name, Zeroizing::new(secret))?;
        }
        for name in &self.asked {
            let secret = rpassword::prompt_password(format!("{name}: ")).map_err(|error| {
                Failure::Usage(format!(
                    "no terminal to ask for {name} ({error}); use --secret-file or --secret-env"
                ))
            })?;
            add(name, Zeroizing::new(secret))?;
        }
        Ok(Value::Object(all))
    }
}

fn split<'a>(pair: &'a str, usage: &str) -> Result<(&'a str, &'a str), Failure> {
    pair.split_once('=')
        .filter(|(name, source)| !name.is_empty() && !source.is_empty())
        // SECURITY: what was given may be a secret, so it is not shown.
        .ok_or_else(|| Failure::Usage(format!("expected {usage}")))
}
