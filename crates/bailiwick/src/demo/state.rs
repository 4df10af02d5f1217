//! What the demo remembers in its data directory: the passwords, and whether everything was filled in.

use super::people::Person;
use crate::clock::SystemRandom;
use crate::data::DataDirectory;
use crate::failure::Failure;
use bailiwick_authority::Random;
use serde_json::{Map, Value, json};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

/// The memory of a demo.
pub struct State {
    path: PathBuf,
    fields: Map<String, Value>,
}

impl State {
    /// The state of a directory; a new one if the directory is empty. A directory with data that is not a demo's is
    /// refused, so that no demo people appear in an installation that is in use.
    pub fn load_or_make(directory: &DataDirectory) -> Result<State, Failure> {
        let path = directory.path().join("demo.json");
        match fs::read(&path) {
            Ok(bytes) => match serde_json::from_slice(&bytes) {
                Ok(Value::Object(fields)) => Ok(State { path, fields }),
                _ => Err(Failure::Local(format!("{} cannot be read", path.display()))),
            },
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Failure::local(path.display(), error))
            }
            Err(_) if directory.database().exists() => Err(Failure::Conflict(format!(
                "{} holds data that is not a demo's; name another directory with --data",
                directory.path().display()
            ))),
            Err(_) => {
                let random = SystemRandom::new().map_err(|error| Failure::local("random bytes", error))?;
                let passwords: Map<String, Value> = Person::ALL
                    .iter()
                    .map(|person| (person.login().to_owned(), json!(password(&random))))
                    .collect();
                let mut fields = Map::new();
                fields.insert("passwords".into(), Value::Object(passwords));
                let state = State { path, fields };
                state.write()?;
                Ok(state)
            }
        }
    }

    /// A person's password.
    pub fn password(&self, person: Person) -> Result<&str, Failure> {
        let password = self
            .fields
            .get("passwords")
            .and_then(|all| all.get(person.login()))
            .and_then(Value::as_str);
        password.ok_or_else(|| {
            Failure::Local(format!(
                "{} holds no password of {}",
                self.path.display(),
                person.login()
            ))
        })
    }

    /// Whether everything was filled in.
    pub fn is_filled(&self) -> bool {
        self.fields
            .get("filled")
            .and_then(Value::as_bool)
            .unwrap_or(false)
    }

    /// Remembers that everything was filled in.
    pub fn filled(&mut self) -> Result<(), Failure> {
        self.fields.insert("filled".into(), json!(true));
        self.write()
    }

    fn write(&self) -> Result<(), Failure> {
        let failed = |error: std::io::Error| Failure::local(self.path.display(), error);
        let staged = self.path.with_extension("json.new");
        let _leftover = fs::remove_file(&staged);
        let mut out = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&staged)
            .map_err(failed)?;
        let text =
            serde_json::to_vec_pretty(&self.fields).map_err(|error| Failure::local("the demo", error))?;
        out.write_all(&text)
            .and_then(|()| out.sync_all())
            .map_err(failed)?;
        fs::rename(&staged, &self.path).map_err(failed)
    }
}

/// Three groups of five characters from 32 that are not mistaken for each other: 75 bits.
fn password(random: &dyn Random) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0_u8; 15];
    random.fill(&mut bytes);
    let mut text = String::with_capacity(17);
    for (place, byte) in bytes.iter().enumerate() {
        if place > 0 && place % 5 == 0 {
            text.push('-');
        }
        text.push(
            LETTERS
                .get(usize::from(byte % 32))
                .map_or('a', |letter| char::from(*letter)),
        );
    }
    text
}
