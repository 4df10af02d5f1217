//! The whole server as it ships, beside nginx and `git http-backend`: requests, clones and pushes, start and memory.
//! Name tables (`issue`, `git`, `start`) after `--` to measure only those.

mod footprint;
mod issue;
mod load;
mod nginx;
mod ours;
mod program;
mod repository;
mod transfer;

use std::error::Error;
use std::fmt::Display;
use std::io::Write;

/// What a measurement gives, or why it could not be made.
type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let asked: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    let wanted = |name: &str| asked.is_empty() || asked.iter().any(|word| word == name);
    let directory = tempfile::Builder::new().prefix("bailiwick-bench-").tempdir()?;
    let folder = |name: &str| -> Outcome<std::path::PathBuf> {
        let place = directory.path().join(name);
        std::fs::create_dir(&place)?;
        Ok(place)
    };
    let mut data = ours::Data::fill(program::build()?, directory.path())?;
    if wanted("start") {
        say(&footprint::table(&data)?)?;
    }
    if wanted("issue") {
        tell("one issue over REST", issue::table(&data, &folder("issue")?)?)?;
    }
    if wanted("git") {
        tell("git over HTTP", transfer::table(&mut data, &folder("git")?)?)?;
    }
    Ok(())
}

/// Prints a table, or that there is none.
fn tell(title: &str, measured: Result<impl Display, String>) -> Outcome<()> {
    match measured {
        Ok(table) => say(&table),
        Err(words) => say(&format!("\nSKIPPED: {title}. {words}\n")),
    }
}

fn say(text: &impl Display) -> Outcome<()> {
    Ok(write!(std::io::stdout().lock(), "{text}")?)
}
