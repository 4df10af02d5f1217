//! Repositories that lie outside the root: bare ones in a directory of somebody's, found by owner and name. They are
//! opened, never made or removed.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::repositories::Repositories;
use crate::repository::Repository;

/// The longest piece of a path to such a repository, in bytes.
const PIECE_BYTES_MAX: usize = 104;

impl Repositories {
    /// The bare repository `owner/name.git` or `owner/name` below `base`.
    pub fn open_below(&self, base: &Path, owner: &str, name: &str) -> Result<Repository> {
        if !is_piece(owner) || !is_piece(name) {
            return Err(Error::Invalid(String::from(
                "owner and name must be single plain pieces of a path",
            )));
        }
        let base = fs::canonicalize(base).map_err(|_| Error::NotFound("directory of repositories"))?;
        let found = [format!("{name}.git"), name.to_owned()]
            .into_iter()
            .map(|last| base.join(owner).join(last))
            .find(|path| path.join("HEAD").is_file())
            .ok_or(Error::NotFound("repository"))?;
        // SECURITY: a link would give a repository a second name, or lead out of the directory.
        if fs::canonicalize(&found)? != found {
            return Err(Error::Invalid(String::from(
                "the path to the repository has a symbolic link in it",
            )));
        }
        check(&found)?;
        Ok(Repository::new(Arc::clone(self.shared()), found))
    }
}

// SECURITY: git obeys the configuration that lies in a repository, which can name programs to run. Whoever can write
// it could act as this server, so it must be the server's own user, or root.
fn check(found: &Path) -> Result<()> {
    let own = rustix::process::geteuid().as_raw();
    for path in [found.to_owned(), found.join("config")] {
        let user = fs::symlink_metadata(&path)?.uid();
        if user != own && user != 0 {
            return Err(Error::Invalid(String::from(
                "the repository belongs to another user of the machine: run the server as its owner",
            )));
        }
    }
    if found.join("commondir").exists() {
        return Err(Error::Invalid(String::from(
            "the directory is a linked working tree, not a repository",
        )));
    }
    Ok(())
}

fn is_piece(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    (1..=PIECE_BYTES_MAX).contains(&text.len())
        && !text.starts_with(['.', '-'])
        && text.bytes().all(plain)
        && !text.contains("..")
}
