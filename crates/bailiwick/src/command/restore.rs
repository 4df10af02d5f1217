//! `restore`: a backup into an empty data directory, checked before it counts.

use super::audit::verify;
use crate::argument::settings::{DataArguments, ListenArguments, load};
use crate::context::Context;
use crate::data::DataDirectory;
use crate::failure::Failure;
use crate::output::{self, Table};
use bailiwick_store::{Store, Target};
use clap::Args;
use serde_json::json;
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// Put a backup into an empty data directory; the server must not run.
#[derive(Args)]
#[command(after_help = "What was revoked after the backup was made is valid again in the restored data.")]
pub struct Restore {
    /// The directory that `bailiwick backup` wrote
    path: PathBuf,
    #[command(flatten)]
    data: DataArguments,
}

impl Restore {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let config = load(&self.data, &ListenArguments::default())?;
        if config.database.is_some() {
            return Err(Failure::Usage(
                "restore a PostgreSQL database with its own tools".into(),
            ));
        }
        let database = self.path.join("bailiwick.sqlite");
        if !database.is_file() {
            return Err(Failure::NotFound(format!(
                "{} is no backup: it has no bailiwick.sqlite",
                self.path.display()
            )));
        }
        let directory = DataDirectory::take(&config.data)?;
        empty(&directory)?;
        let (events, repositories) = copy(&self.path, &database, &directory)?;
        output::note("what was revoked after the backup was made is valid again; end tokens that you doubt");
        if !directory.sealing_file().exists() {
            output::note(
                "backups hold no sealing.key: put that of the former data directory here before you start the server; \
                 without it authenticator apps must be enabled again, after signing in with a recovery code or passkey",
            );
        }
        let shown = directory.path().display().to_string();
        if context.json {
            let fields = json!({"data": shown, "audit_events": events, "repositories_files": repositories});
            return output::line(&fields.to_string());
        }
        let facts = [
            ("restored", shown),
            ("audit events", format!("{events}, chains sound")),
            ("files of repositories", repositories.to_string()),
        ];
        output::bytes(Table::facts(&facts).as_bytes())
    }
}

/// Refuses a directory that holds data: restoring never destroys any.
fn empty(directory: &DataDirectory) -> Result<(), Failure> {
    let holds = |path: &Path| fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some());
    if directory.database().exists() || holds(&directory.repositories()) {
        return Err(Failure::Conflict(format!(
            "{} holds data already; move it away or name another directory",
            directory.path().display()
        )));
    }
    Ok(())
}

/// Copies to the side, checks, then moves into place; gives the events checked and the files copied.
fn copy(from: &Path, database: &Path, directory: &DataDirectory) -> Result<(i64, u64), Failure> {
    let stage = directory.path().join("restore.new");
    let failed = |error: io::Error| Failure::local("restore", error);
    if stage.exists() {
        // What an earlier try left.
        fs::remove_dir_all(&stage).map_err(failed)?;
    }
    DirBuilder::new().mode(0o700).create(&stage).map_err(failed)?;
    let staged = stage.join("bailiwick.sqlite");
    fs::copy(database, &staged).map_err(failed)?;
    let events = check(&staged)?;
    let repositories = from.join("repositories");
    let mut files = 0;
    if repositories.is_dir() {
        files = copy_tree(&repositories, &stage.join("repositories")).map_err(failed)?;
        // The empty directory, if there is one, makes room.
        let _absent = fs::remove_dir(directory.repositories());
        fs::rename(stage.join("repositories"), directory.repositories()).map_err(failed)?;
    }
    // The database last: a directory without one counts as empty.
    File::open(&staged)
        .and_then(|file| file.sync_all())
        .map_err(failed)?;
    fs::rename(&staged, directory.database()).map_err(failed)?;
    fs::remove_dir_all(&stage).map_err(failed)?;
    File::open(directory.path())
        .and_then(|file| file.sync_all())
        .map_err(failed)?;
    Ok((events, files))
}

/// Opens the copy, which brings its schema up to date, and checks its log.
fn check(database: &Path) -> Result<i64, Failure> {
    let store = Store::open(Target::Sqlite(database.to_owned()))
        .map_err(|error| Failure::local("the backup's database", error))?;
    let chains = verify::chains(&store).map_err(|error| Failure::local("the backup's audit log", error))?;
    for (head, verified) in &chains {
        if let Some(at) = verified.broken {
            return Err(Failure::Local(format!(
                "the backup's audit log is broken at position {} of node {}; nothing was restored",
                at.position, head.node
            )));
        }
    }
    Ok(chains.iter().map(|(_, verified)| verified.events).sum())
}

/// Copies files and directories. Anything else does not belong into a repository and is refused.
fn copy_tree(from: &Path, to: &Path) -> io::Result<u64> {
    DirBuilder::new().mode(0o700).create(to)?;
    let mut files = 0;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        let target = to.join(entry.file_name());
        if kind.is_dir() {
            files += copy_tree(&entry.path(), &target)?;
        } else if kind.is_file() {
            fs::copy(entry.path(), target)?;
            files += 1;
        } else {
            // SECURITY: a link in a backup could lead out of it.
            return Err(io::Error::other(format!(
                "{} is neither a file nor a directory",
                entry.path().display()
            )));
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests;
