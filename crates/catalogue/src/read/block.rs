//! A file cut into blocks: a head at column zero and the lines indented below it.

use super::faults::{Fault, Faults};

/// Lines of one block: a head at column zero and indented `key value` lines.
pub struct Block<'a> {
    /// The name of its file.
    pub file: &'a str,
    /// The line of its head.
    pub line: usize,
    /// Its head.
    pub head: &'a str,
    /// Its other lines: number, key, value.
    pub lines: Vec<(usize, &'a str, &'a str)>,
    /// Whether a line of it could not be cut, so that what is missing says nothing.
    broken: bool,
}

impl Block<'_> {
    /// A fault at one of its lines.
    pub fn fault(&self, line: usize, message: impl Into<String>) -> Fault {
        Fault {
            file: self.file.into(),
            line,
            message: message.into(),
        }
    }

    /// The one line of a key.
    pub fn one(&self, key: &str) -> Result<Option<(usize, &str)>, Fault> {
        let mut found = self.lines.iter().filter(|(_, name, _)| *name == key);
        let first = found.next().map(|(line, _, value)| (*line, *value));
        if let Some((line, _, _)) = found.next() {
            return Err(self.fault(*line, format!("`{key}` is said twice")));
        }
        Ok(first)
    }

    /// Whether a key without a value is there.
    pub fn flag(&self, key: &str) -> Result<bool, Fault> {
        match self.one(key)? {
            Some((line, value)) if !value.is_empty() => {
                Err(self.fault(line, format!("`{key}` takes nothing")))
            }
            found => Ok(found.is_some()),
        }
    }
}

/// Cuts a text into blocks. A line that cannot be cut is a fault, and its block is left out.
pub fn blocks<'a>(file: &'a str, text: &'a str, faults: &mut Faults) -> Vec<Block<'a>> {
    let mut blocks: Vec<Block<'a>> = Vec::new();
    for (at, raw) in text.lines().enumerate() {
        let line = at + 1;
        let body = raw.trim_end();
        if body.is_empty() || body.starts_with('#') {
            continue;
        }
        let told = match body.strip_prefix("  ") {
            _ if body.contains('\t') => "tabs are not used here",
            _ if body.contains(char::is_control) => "control characters are not used here",
            None if body.starts_with(' ') => "indent by two blanks",
            None => {
                blocks.push(Block {
                    file,
                    line,
                    head: body,
                    lines: Vec::new(),
                    broken: false,
                });
                continue;
            }
            Some(rest) if rest.starts_with(' ') => "indent by two blanks",
            Some(rest) => {
                let (key, value) = rest.split_once(' ').unwrap_or((rest, ""));
                match blocks.last_mut() {
                    Some(block) => {
                        block.lines.push((line, key, value.trim()));
                        continue;
                    }
                    None => "a line before any head",
                }
            }
        };
        if let Some(block) = blocks.last_mut() {
            block.broken = true;
        }
        faults.0.push(Fault {
            file: file.into(),
            line,
            message: told.into(),
        });
    }
    blocks.retain(|block| !block.broken);
    blocks
}
