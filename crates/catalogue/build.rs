//! Turns the data files into static tables, and refuses to build when anything in them is not understood.

#[path = "build/emit.rs"]
mod emit;
#[path = "src/read/mod.rs"]
#[allow(dead_code, reason = "the library uses some of it, the build script some")]
mod read;
#[path = "build/same.rs"]
mod same;

use read::faults::Fault;
use read::{names, parse, requirement, template, trie, words};

use parse::Operation;
use std::collections::HashMap;
use std::error::Error;
use std::path::{Path, PathBuf};

/// What the router's arrays and the index types hold.
const OPERATIONS_MAX: usize = u16::MAX as usize;
const PERMISSIONS_MAX: usize = 128;
const PARAMS_MAX: usize = 6;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=src/read");
    println!("cargo::rerun-if-changed=data");
    if let Err(error) = run() {
        // The messages alone, each on a line: a debug print would hide file and line in escapes.
        for line in error.to_string().lines() {
            println!("cargo::error={line}");
        }
    }
    Ok(())
}

fn run() -> Result<(), Box<dyn Error>> {
    let file = "data/permissions.txt";
    let permissions = parse::permissions(file, &std::fs::read_to_string(file)?)?;
    if permissions.len() > PERMISSIONS_MAX {
        return Err(format!("{file}: more than {PERMISSIONS_MAX} permissions").into());
    }
    let mut operations = Vec::new();
    for path in files(Path::new("data/operations"))? {
        let text = std::fs::read_to_string(&path)?;
        operations.extend(parse::operations(
            &path.display().to_string(),
            &text,
            &permissions,
        )?);
    }
    check(&operations)?;
    same::take_over(&mut operations)?;

    let mut out = String::new();
    emit::permissions(&mut out, &permissions)?;
    emit::operations(&mut out, &operations)?;
    for (name, door) in [
        ("API", "api"),
        ("GIT", "git"),
        ("ROOT", "root"),
        ("PAGE", "page"),
        ("GITEA", "gitea"),
    ] {
        emit::tree(&mut out, name, &trie::build(&operations, door)?)?;
    }
    let target = PathBuf::from(std::env::var("OUT_DIR")?).join("tables.rs");
    std::fs::write(target, out)?;
    Ok(())
}

/// The files in a folder by name, so that indices do not depend on the file system.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        files.push(entry?.path());
    }
    files.sort();
    Ok(files)
}

fn check(operations: &[Operation]) -> Result<(), Box<dyn Error>> {
    if operations.len() > OPERATIONS_MAX {
        return Err(format!("more than {OPERATIONS_MAX} operations").into());
    }
    let mut seen: HashMap<String, &str> = HashMap::new();
    for row in operations {
        let fault = |message: String| Fault {
            file: row.file.clone(),
            line: row.line,
            message,
        };
        // Constants are made of ids, so ids that differ only in punctuation clash too.
        if let Some(other) = seen.insert(emit::constant(&row.id), &row.id) {
            return Err(fault(format!("`{}` is there twice (`{other}`)", row.id)).into());
        }
        if template::params(&row.segments).len() > PARAMS_MAX {
            return Err(fault(format!("more than {PARAMS_MAX} parameters")).into());
        }
    }
    Ok(())
}
