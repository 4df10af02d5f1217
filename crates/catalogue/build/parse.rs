//! Reads the data files into rows. Everything that is not understood is a fault with its file and line;
//! nothing is guessed. The format is described in `data/README.md`.

use crate::requirement::{Needs, needs};
use crate::template::{self, Segment};
use crate::words::{self, find};
use std::fmt;

/// What is wrong in a data file, and where.
#[derive(Debug)]
pub struct Fault {
    /// The file's name.
    pub file: String,
    /// The line, counted from one.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

impl std::error::Error for Fault {}

/// One permission.
#[derive(Debug)]
pub struct Permission {
    /// Its slug.
    pub slug: String,
    /// Its kind's word.
    pub kind: &'static str,
    /// The levels that it offers.
    pub levels: Vec<&'static str>,
    /// Its title.
    pub title: String,
    /// One sentence about it.
    pub description: String,
}

/// One alternative of scopes: its members and whether it is for public repositories only.
pub type Scopes = (Vec<&'static str>, bool);

/// One operation.
#[derive(Debug)]
pub struct Operation {
    /// Where it is written.
    pub file: String,
    /// On which line.
    pub line: usize,
    /// Its id.
    pub id: String,
    /// Its door's word.
    pub door: String,
    /// The operation whose rule it takes over, and the line that says so.
    pub same_as: Option<(usize, String)>,
    /// Its method.
    pub method: &'static str,
    /// Its template.
    pub segments: Vec<Segment>,
    /// Whether the router knows it; otherwise it is chosen by its id alone.
    pub routed: bool,
    /// What it needs.
    pub needs: Needs,
    /// `never`, `public` or `always`.
    pub anonymous: &'static str,
    /// Accepted scopes.
    pub scopes: Vec<Scopes>,
    /// Open to fine-grained tokens, classic tokens, sessions.
    pub kinds: (bool, bool, bool),
    /// Whether it changes anything.
    pub writes: bool,
    /// Flags.
    pub bulk: bool,
    /// Flags.
    pub sudo: bool,
    /// Flags.
    pub plants: bool,
    /// The audit action.
    pub action: String,
    /// Why.
    pub why: String,
}

/// Lines of one block: a head at column zero and indented `key value` lines.
pub struct Block<'a> {
    file: &'a str,
    /// The line of its head.
    pub line: usize,
    head: &'a str,
    lines: Vec<(usize, &'a str, &'a str)>,
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

    fn flag(&self, key: &str) -> Result<bool, Fault> {
        match self.one(key)? {
            Some((line, value)) if !value.is_empty() => {
                Err(self.fault(line, format!("`{key}` takes nothing")))
            }
            found => Ok(found.is_some()),
        }
    }
}

fn blocks<'a>(file: &'a str, text: &'a str) -> Result<Vec<Block<'a>>, Fault> {
    let mut blocks: Vec<Block<'a>> = Vec::new();
    for (at, raw) in text.lines().enumerate() {
        let line = at + 1;
        let fault = |message: &str| Fault {
            file: file.into(),
            line,
            message: message.into(),
        };
        let body = raw.trim_end();
        if body.is_empty() || body.starts_with('#') {
            continue;
        }
        if body.contains('\t') {
            return Err(fault("tabs are not used here"));
        }
        match body.strip_prefix("  ") {
            None if body.starts_with(' ') => return Err(fault("indent by two blanks")),
            None => blocks.push(Block {
                file,
                line,
                head: body,
                lines: Vec::new(),
            }),
            Some(rest) if rest.starts_with(' ') => return Err(fault("indent by two blanks")),
            Some(rest) => {
                let (key, value) = rest.split_once(' ').unwrap_or((rest, ""));
                let block = blocks.last_mut().ok_or_else(|| fault("a line before any head"))?;
                block.lines.push((line, key, value.trim()));
            }
        }
    }
    Ok(blocks)
}

/// Reads `permissions.txt`.
pub fn permissions(file: &str, text: &str) -> Result<Vec<Permission>, Fault> {
    let mut rows: Vec<Permission> = Vec::new();
    for block in blocks(file, text)? {
        let fault = |message: String| block.fault(block.line, message);
        let words: Vec<&str> = block.head.split_whitespace().collect();
        let [slug, kind, levels] = words.as_slice() else {
            return Err(fault("a head is `slug kind level,level`".into()));
        };
        if rows.iter().any(|row| row.slug == *slug) {
            return Err(fault(format!("`{slug}` is there twice")));
        }
        let (kind, _) = find(words::KINDS, kind).ok_or_else(|| fault(format!("no kind `{kind}`")))?;
        let mut offered = Vec::new();
        for word in levels.split(',') {
            let (level, _) = find(words::LEVELS, word).ok_or_else(|| fault(format!("no level `{word}`")))?;
            offered.push(level);
        }
        let text = |key: &str| -> Result<String, Fault> {
            match block.one(key)? {
                Some((_, value)) if !value.is_empty() => Ok(value.to_owned()),
                Some(_) | None => Err(fault(format!("`{key}` is missing"))),
            }
        };
        if let Some((line, key, _)) = block
            .lines
            .iter()
            .find(|(_, key, _)| !["title", "says"].contains(key))
        {
            return Err(block.fault(*line, format!("no key `{key}`")));
        }
        rows.push(Permission {
            slug: (*slug).into(),
            kind,
            levels: offered,
            title: text("title")?,
            description: text("says")?,
        });
    }
    Ok(rows)
}

const KEYS: &[&str] = &[
    "needs",
    "role",
    "author",
    "anonymous",
    "scopes",
    "kinds",
    "reads",
    "writes",
    "bulk",
    "sudo",
    "plants",
    "action",
    "why",
    "unrouted",
    "as",
];

/// What a page may still say beside `as`.
const KEYS_BESIDE_AS: &[&str] = &["as", "why", "action"];

/// Reads one file of operations.
pub fn operations(file: &str, text: &str, permissions: &[Permission]) -> Result<Vec<Operation>, Fault> {
    let mut door = "api".to_owned();
    let mut rows = Vec::new();
    for block in blocks(file, text)? {
        if let Some(word) = block.head.strip_prefix("door ") {
            if !["api", "git", "root", "page"].contains(&word) || !block.lines.is_empty() {
                return Err(block.fault(block.line, format!("no door `{word}`")));
            }
            door = word.to_owned();
            continue;
        }
        rows.push(operation(&block, &door, permissions)?);
    }
    Ok(rows)
}

fn operation(block: &Block<'_>, door: &str, permissions: &[Permission]) -> Result<Operation, Fault> {
    if let Some((line, key, _)) = block.lines.iter().find(|(_, key, _)| !KEYS.contains(key)) {
        return Err(block.fault(*line, format!("no key `{key}`")));
    }
    let words: Vec<&str> = block.head.split_whitespace().collect();
    let [id, method, path] = words.as_slice() else {
        return Err(block.fault(block.line, "a head is `id METHOD /path`"));
    };
    let method = words::METHODS
        .iter()
        .find(|known| *known == method)
        .ok_or_else(|| block.fault(block.line, format!("no method `{method}`")))?;
    if !id.contains('/') {
        return Err(block.fault(block.line, "an id is `category/name`"));
    }
    let segments = template::parse(path).map_err(|message| block.fault(block.line, message))?;
    let same_as = same_as(block, door)?;
    let (needs_line, needs) = match same_as {
        Some((line, _)) => (line, Needs::Closed),
        None => needs(block, permissions, &segments)?,
    };
    let anonymous = match block.one("anonymous")? {
        None => "never",
        Some((_, "public")) => "public",
        Some((_, "always")) => "always",
        Some((line, word)) => return Err(block.fault(line, format!("no anonymous rule `{word}`"))),
    };
    let scopes = scopes(block)?;
    let why = block.one("why")?.map_or("", |(_, value)| value);
    let plain = matches!(&needs, Needs::AnyOf(all) if matches!(all.as_slice(), [one] if one.len() == 1));
    if same_as.is_none() && why.is_empty() && (!plain || anonymous == "always") {
        return Err(block.fault(needs_line, "a decision by hand says `why`"));
    }
    let writes = match (block.flag("reads")?, block.flag("writes")?) {
        (true, true) => return Err(block.fault(block.line, "`reads` and `writes`")),
        (false, false) => *method != "GET",
        (_, writes) => writes,
    };
    let action = match block.one("action")? {
        Some((_, value)) if !value.is_empty() => value.to_owned(),
        Some((line, _)) => return Err(block.fault(line, "an empty action")),
        None if same_as.is_some() => String::new(),
        None => id.replacen('/', ".", 1).replace('-', "_"),
    };
    let kinds = kinds(block, &needs, !scopes.is_empty())?;
    if door == "page" && same_as.is_none() && kinds != (false, false, true) {
        return Err(block.fault(block.line, "a page is for sessions alone: `kinds session`"));
    }
    Ok(Operation {
        file: block.file.into(),
        line: block.line,
        id: (*id).into(),
        door: door.into(),
        same_as: same_as.map(|(line, id)| (line, id.to_owned())),
        method,
        routed: block.one("unrouted")?.is_none(),
        segments,
        anonymous,
        kinds,
        needs,
        scopes,
        writes,
        bulk: block.flag("bulk")?,
        sudo: block.flag("sudo")?,
        plants: block.flag("plants")?,
        action,
        why: why.into(),
    })
}

/// The operation whose rule a page takes over.
fn same_as<'a>(block: &'a Block<'_>, door: &str) -> Result<Option<(usize, &'a str)>, Fault> {
    let Some((line, id)) = block.one("as")? else {
        return Ok(None);
    };
    if door != "page" {
        return Err(block.fault(line, "only a page takes over another operation's rule"));
    }
    if let Some((line, key, _)) = block
        .lines
        .iter()
        .find(|(_, key, _)| !KEYS_BESIDE_AS.contains(key))
    {
        return Err(block.fault(*line, format!("`{key}` beside `as`")));
    }
    Ok(Some((line, id)))
}

fn kinds(block: &Block<'_>, needs: &Needs, scopes: bool) -> Result<(bool, bool, bool), Fault> {
    let Some((line, text)) = block.one("kinds")? else {
        let open = !matches!(needs, Needs::Closed);
        return Ok((open, open && scopes, open));
    };
    let mut kinds = (false, false, false);
    for word in text.split_whitespace() {
        match word {
            "fine_grained" => kinds.0 = true,
            "classic" if scopes => kinds.1 = true,
            "classic" => return Err(block.fault(line, "open to classic tokens, but by which `scopes`?")),
            "session" => kinds.2 = true,
            _ => return Err(block.fault(line, format!("no kind of credential `{word}`"))),
        }
    }
    if scopes && !kinds.1 {
        return Err(block.fault(line, "`scopes` on something closed to classic tokens"));
    }
    Ok(kinds)
}

fn scopes(block: &Block<'_>) -> Result<Vec<Scopes>, Fault> {
    let Some((line, text)) = block.one("scopes")? else {
        return Ok(Vec::new());
    };
    if text == "any" {
        return Ok(vec![(Vec::new(), false)]);
    }
    let mut alternatives = Vec::new();
    for part in text.split(" | ") {
        let (part, public) = match part.strip_suffix("?public") {
            Some(part) => (part, true),
            None => (part, false),
        };
        let mut set = Vec::new();
        for word in part.split(" + ") {
            let scope = words::SCOPES.iter().find(|scope| *scope == &word);
            set.push(*scope.ok_or_else(|| block.fault(line, format!("no scope `{word}`")))?);
        }
        alternatives.push((set, public));
    }
    Ok(alternatives)
}
