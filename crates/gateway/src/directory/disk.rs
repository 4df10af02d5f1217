//! A directory of bare repositories, `owner/name.git`: the repositories of bound owners. It knows no persons and nothing
//! of who may see what; that is kept here.

use bailiwick_authority::upstream::synchronise::Scope;
use bailiwick_authority::upstream::synchronise::snapshot::{
    Conflict, OwnerThere, RepositoryThere, Seen, Snapshot,
};
use bailiwick_authority::{Fault, FaultKind};
use std::fs;
use std::io::{self, Read};
use std::path::Path;

/// Entries of one directory at the most.
const ENTRIES_MAX: usize = 200_000;
/// The largest `HEAD`, in bytes.
const HEAD_BYTES_MAX: u64 = 1024;

/// Reads what is bound. Blocking.
pub fn read(root: &Path, scope: &Scope) -> Result<Snapshot, Fault> {
    let mut snapshot = Snapshot::default();
    for (key, name, _) in &scope.owners {
        // Its name is all that a directory is known by.
        let login = key.as_ref().unwrap_or(name);
        if !is_name(login) {
            continue;
        }
        match entries(&root.join(login)) {
            Ok(names) => {
                snapshot.owners.push(OwnerThere {
                    key: login.clone(),
                    login: login.clone(),
                    kind: None,
                    base_role: None,
                });
                below(root, login, names, &mut snapshot)?;
            }
            // SECURITY: gone only if what it was in is there: a disk that is not mounted is not empty.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                entries(root).map_err(|error| unreadable(root, &error))?;
            }
            Err(error) => return Err(unreadable(&root.join(login), &error)),
        }
    }
    for (key, name) in &scope.repositories {
        let path = key.as_ref().unwrap_or(name);
        if let Some((owner, name)) = path.split_once('/')
            && is_name(owner)
            && is_name(name)
        {
            one(root, owner, &format!("{name}.git"), &mut snapshot)?;
        }
    }
    Ok(snapshot)
}

fn below(root: &Path, login: &str, names: Vec<String>, snapshot: &mut Snapshot) -> Result<(), Fault> {
    for name in names {
        if name.ends_with(".git") && is_name(&name) {
            one(root, login, &name, snapshot)?;
        }
    }
    Ok(())
}

fn one(root: &Path, login: &str, directory: &str, snapshot: &mut Snapshot) -> Result<(), Fault> {
    let path = root.join(login).join(directory);
    // SECURITY: a link would lead out of the directory that was named.
    match fs::symlink_metadata(&path) {
        Ok(found) if found.is_dir() => {}
        Ok(_) => {
            let message = "is no directory of its own: links are not followed";
            let thing = format!("{login}/{directory}");
            snapshot
                .skipped
                .push(Conflict::new("repository.not_a_directory", thing, message));
            return Ok(());
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(unreadable(&path, &error)),
    }
    let Some(head) = head(&path).map_err(|error| unreadable(&path, &error))? else {
        return Ok(());
    };
    let name = directory.strip_suffix(".git").unwrap_or(directory);
    snapshot.repositories.push(RepositoryThere {
        key: format!("{login}/{name}"),
        owner: login.to_owned(),
        owner_login: login.to_owned(),
        name: name.to_owned(),
        visibility: Seen::KeptHere,
        archived: None,
        default_branch: head.strip_prefix("ref: refs/heads/").map(str::to_owned),
    });
    Ok(())
}

/// The `HEAD` of a bare repository; `None` if this is none.
fn head(path: &Path) -> io::Result<Option<String>> {
    let file = match fs::File::open(path.join("HEAD")) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut text = String::new();
    match file.take(HEAD_BYTES_MAX).read_to_string(&mut text) {
        Ok(_) => Ok(Some(text.trim_end().to_owned())),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(None),
        Err(error) => Err(error),
    }
}

/// A name of one thing, not of a way.
fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.starts_with('.') && !text.contains(['/', '\\', '\0'])
}

/// The names in a directory, as far as they are text.
fn entries(path: &Path) -> io::Result<Vec<String>> {
    let found = fs::symlink_metadata(path)?;
    if !found.is_dir() {
        return Err(io::Error::new(io::ErrorKind::NotADirectory, "no directory"));
    }
    let mut names = Vec::new();
    for entry in fs::read_dir(path)? {
        if let Ok(name) = entry?.file_name().into_string() {
            names.push(name);
        }
        if names.len() > ENTRIES_MAX {
            return Err(io::Error::other("more than 200,000 entries"));
        }
    }
    names.sort();
    Ok(names)
}

fn unreadable(path: &Path, error: &io::Error) -> Fault {
    tracing::warn!(path = %path.display(), %error, "a directory of repositories cannot be read");
    Fault::new(
        FaultKind::BadGateway,
        "upstream.unreadable",
        "the directory of repositories cannot be read: is it mounted, and may this server read it?",
    )
}
