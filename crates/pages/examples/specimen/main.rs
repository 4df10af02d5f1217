//! Writes every part of the design system, and mock pages made of them, as static files to look at:
//! `cargo run -p bailiwick-pages --example specimen -- DIRECTORY`.

#![allow(
    clippy::indexing_slicing,
    reason = "a tool for looking: its data is written above its use"
)]

mod frame;
mod mint;
mod parts;
mod review;
mod token;

use bailiwick_pages::asset;
use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let directory = PathBuf::from(std::env::args().nth(1).ok_or("name a directory to write to")?);
    std::fs::create_dir_all(&directory)?;
    for file in asset::all() {
        std::fs::write(directory.join(file.name), file.bytes)?;
    }
    let pages = [
        ("parts", parts::page()),
        ("tokens", token::list()),
        ("new", mint::new(false)),
        ("new-refused", mint::new(true)),
        ("shown-once", token::shown_once()),
        ("requests", review::requests()),
        ("audit", review::audit()),
        ("refused", review::refused()),
        ("login", review::login()),
    ];
    for (name, page) in pages {
        let mut text = page.into_string();
        for file in asset::all() {
            text = text.replace(&file.url, file.name);
        }
        std::fs::write(directory.join(format!("{name}.html")), text)?;
    }
    Ok(())
}
