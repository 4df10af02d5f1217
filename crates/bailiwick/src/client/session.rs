//! The file of sessions: one per server, readable by its owner alone from the moment it exists.

use super::address::Address;
use crate::failure::Failure;
use serde_json::{Map, Value, json};
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The file.
pub struct SessionFile {
    path: PathBuf,
}

/// A session at one server.
pub struct Session {
    /// Who is signed in.
    pub login: String,
    /// The credential.
    pub text: Zeroizing<String>,
}

impl SessionFile {
    /// `$XDG_CONFIG_HOME/bailiwick/session.json`, or below `~/.config`.
    pub fn locate() -> Result<SessionFile, Failure> {
        let set = |name: &str| {
            std::env::var_os(name)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
        };
        let directory = set("XDG_CONFIG_HOME")
            .or_else(|| set("HOME").map(|home| home.join(".config")))
            .ok_or_else(|| {
                Failure::Local("neither XDG_CONFIG_HOME nor HOME says where the session is kept".into())
            })?;
        Ok(SessionFile::at(directory.join("bailiwick").join("session.json")))
    }

    /// The file at a path.
    pub fn at(path: PathBuf) -> SessionFile {
        SessionFile { path }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The server that was signed in to last.
    pub fn current(&self) -> Result<Option<String>, Failure> {
        Ok(self
            .read()?
            .get("current")
            .and_then(Value::as_str)
            .map(str::to_owned))
    }

    /// The session at a server.
    pub fn get(&self, address: &Address) -> Result<Option<Session>, Failure> {
        let file = self.read()?;
        let entry = file
            .get("servers")
            .and_then(|servers| servers.get(address.to_string()));
        let text = |name: &str| entry.and_then(|entry| entry.get(name)).and_then(Value::as_str);
        Ok(match (text("login"), text("session")) {
            (Some(login), Some(session)) => Some(Session {
                login: login.to_owned(),
                text: Zeroizing::new(session.to_owned()),
            }),
            _ => None,
        })
    }

    /// Keeps a session and makes its server the current one.
    pub fn put(&self, address: &Address, session: &Session, expires_at: &Value) -> Result<(), Failure> {
        let mut file = self.read()?;
        let entry =
            json!({"login": session.login, "session": session.text.as_str(), "expires_at": expires_at});
        let servers = file.entry("servers").or_insert_with(|| json!({}));
        if let Some(servers) = servers.as_object_mut() {
            servers.insert(address.to_string(), entry);
        }
        file.insert("current".into(), json!(address.to_string()));
        self.write(&file)
    }

    /// Forgets the session at a server.
    pub fn remove(&self, address: &Address) -> Result<(), Failure> {
        let mut file = self.read()?;
        if let Some(servers) = file.get_mut("servers").and_then(Value::as_object_mut) {
            servers.remove(&address.to_string());
        }
        if file.get("current").and_then(Value::as_str) == Some(address.to_string().as_str()) {
            file.remove("current");
        }
        self.write(&file)
    }

    fn read(&self) -> Result<Map<String, Value>, Failure> {
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => Zeroizing::new(bytes),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Map::new()),
            Err(error) => return Err(Failure::local(self.path.display(), error)),
        };
        serde_json::from_slice(&bytes).map_err(|_| {
            Failure::Local(format!(
                "{} cannot be read; remove it and sign in again",
                self.path.display()
            ))
        })
    }

    fn write(&self, file: &Map<String, Value>) -> Result<(), Failure> {
        let failed = |error: std::io::Error| Failure::local(self.path.display(), error);
        if let Some(directory) = self.path.parent() {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(directory)
                .map_err(failed)?;
        }
        let staged = self.path.with_extension(format!("{}.new", std::process::id()));
        // SECURITY: created closed to others; changing the mode afterwards would leave a moment to open it.
        let mut out = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&staged)
            .map_err(failed)?;
        let text = Zeroizing::new(
            serde_json::to_vec_pretty(file).map_err(|error| Failure::local("session", error))?,
        );
        let written = out.write_all(&text).and_then(|()| out.sync_all());
        let moved = written.and_then(|()| fs::rename(&staged, &self.path));
        if moved.is_err() {
            let _leftover = fs::remove_file(&staged);
        }
        moved.map_err(failed)
    }
}
