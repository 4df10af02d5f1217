//! Reads the data files into rows. Everything that is not understood is a fault with its file and line, all of
//! them at once; nothing is guessed. The format is described in `data/README.md`.

use super::block::{Block, blocks};
use super::faults::{Fault, Faults};
use super::names::{self, Names};
use super::requirement::{Needs, needs};
use super::template::{self, Segment};
use super::words::{self, find};

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
    /// Flags.
    pub spans: bool,
    /// The audit action.
    pub action: String,
    /// Why.
    pub why: String,
}

/// Reads `permissions.txt`.
pub fn permissions(file: &str, text: &str) -> Result<Vec<Permission>, Faults> {
    let mut faults = Faults::default();
    let mut rows: Vec<Permission> = Vec::new();
    for block in blocks(file, text, &mut faults) {
        if let Some(row) = faults.keep(permission(&block, &rows)) {
            rows.push(row);
        }
    }
    faults.or(rows)
}

fn permission(block: &Block<'_>, rows: &[Permission]) -> Result<Permission, Fault> {
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
    Ok(Permission {
        slug: (*slug).into(),
        kind,
        levels: offered,
        title: text("title")?,
        description: text("says")?,
    })
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
    "spans",
    "action",
    "why",
    "unrouted",
    "as",
];

/// The word for the address spaces of upstreams, which no built-in file can say.
pub const MOUNTED: &str = "mounted";

/// What a page may still say beside `as`.
const KEYS_BESIDE_AS: &[&str] = &["as", "why", "action"];

/// What differs between files: which keys there are, and how a path names things.
pub struct Dialect<'a> {
    /// The door's word.
    pub door: &'a str,
    /// The keys that it knows.
    pub keys: &'a [&'a str],
    /// What is not known there but elsewhere, and why: for a precise message.
    pub elsewhere: &'a [(&'a str, &'a str)],
    /// What a path names.
    pub names: &'a dyn Fn(&[Segment]) -> Names,
    /// What to do about a target that a path does not name.
    pub hints: &'a [(&'a str, &'a str)],
}

/// Reads one file of built-in operations.
pub fn operations(file: &str, text: &str, permissions: &[Permission]) -> Result<Vec<Operation>, Faults> {
    let mut faults = Faults::default();
    let mut door = "api".to_owned();
    let mut rows = Vec::new();
    for block in blocks(file, text, &mut faults) {
        if let Some(word) = block.head.strip_prefix("door ") {
            if !["api", "git", "root", "page", "gitea", "registry"].contains(&word) || !block.lines.is_empty()
            {
                faults
                    .0
                    .push(block.fault(block.line, format!("no door `{word}`")));
            }
            door = word.to_owned();
            continue;
        }
        let dialect = Dialect {
            door: &door,
            keys: KEYS,
            elsewhere: &[],
            names: if door == "registry" {
                &names::packaged
            } else {
                &names::names
            },
            hints: &[],
        };
        rows.extend(operation(&block, &dialect, permissions, &mut faults));
    }
    faults.or(rows)
}

/// Reads one operation; nothing if anything is wrong in it, with every fault kept.
pub fn operation(
    block: &Block<'_>,
    dialect: &Dialect<'_>,
    permissions: &[Permission],
    faults: &mut Faults,
) -> Option<Operation> {
    let before = faults.0.len();
    unknown_keys(block, dialect, faults);
    let door = dialect.door;
    let head = faults.keep(head(block));
    let same_as = match dialect.keys.contains(&"as") {
        true => faults.keep(same_as(block, door)).flatten(),
        false => None,
    };
    let names = head.as_ref().map(|(_, _, segments)| (dialect.names)(segments));
    let (needs_line, needs) = match (same_as, &names) {
        (Some((line, _)), _) => (line, Needs::Closed),
        (None, Some(names)) => faults
            .keep(needs(block, permissions, names, dialect.hints))
            .unwrap_or((block.line, Needs::Closed)),
        // Without its path nothing can be said of what it needs.
        (None, None) => (block.line, Needs::Closed),
    };
    let understood = faults.0.len() == before;
    let anonymous = faults.keep(anonymous(block)).unwrap_or("never");
    let scopes = faults.keep(scopes(block)).unwrap_or_default();
    let why = faults
        .keep(block.one("why"))
        .flatten()
        .map_or("", |(_, value)| value);
    let plain = matches!(&needs, Needs::AnyOf(all) if matches!(all.as_slice(), [one] if one.len() == 1));
    if understood && same_as.is_none() && why.is_empty() && (!plain || anonymous == "always") {
        faults
            .0
            .push(block.fault(needs_line, "a decision by hand says `why`"));
    }
    let kinds = faults
        .keep(kinds(block, &needs, !scopes.is_empty()))
        .unwrap_or_default();
    if door == "page" && same_as.is_none() && kinds != (false, false, true) {
        faults
            .0
            .push(block.fault(block.line, "a page is for sessions alone: `kinds session`"));
    }
    let mut flag = |key: &str| faults.keep(block.flag(key)).unwrap_or_default();
    let (reads, writes) = (flag("reads"), flag("writes"));
    let (bulk, sudo, plants, spans) = (flag("bulk"), flag("sudo"), flag("plants"), flag("spans"));
    let routed = faults.keep(block.one("unrouted")).flatten().is_none();
    if routed && door == "registry" {
        faults.0.push(block.fault(
            block.line,
            "what is asked of a registry is never routed: `unrouted`",
        ));
    }
    if reads && writes {
        faults.0.push(block.fault(block.line, "`reads` and `writes`"));
    }
    let (id, method, segments) = head?;
    let action = faults.keep(action(block, id, same_as.is_some()))?;
    (faults.0.len() == before).then(|| Operation {
        file: block.file.into(),
        line: block.line,
        id: id.into(),
        door: door.into(),
        same_as: same_as.map(|(line, id)| (line, id.to_owned())),
        method,
        routed,
        segments,
        anonymous,
        kinds,
        needs,
        scopes,
        writes: if reads || writes { writes } else { method != "GET" },
        bulk,
        sudo,
        plants,
        spans,
        action,
        why: why.into(),
    })
}

fn unknown_keys(block: &Block<'_>, dialect: &Dialect<'_>, faults: &mut Faults) {
    for (line, key, _) in block
        .lines
        .iter()
        .filter(|(_, key, _)| !dialect.keys.contains(key))
    {
        let message = match dialect.elsewhere.iter().find(|(known, _)| known == key) {
            Some((_, reason)) => format!("`{key}` is not for this file: {reason}"),
            None => format!("no key `{key}`"),
        };
        faults.0.push(block.fault(*line, message));
    }
}

/// Id, method and path.
fn head<'a>(block: &Block<'a>) -> Result<(&'a str, &'static str, Vec<Segment>), Fault> {
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
    Ok((id, method, segments))
}

fn anonymous(block: &Block<'_>) -> Result<&'static str, Fault> {
    match block.one("anonymous")? {
        None => Ok("never"),
        Some((_, "public")) => Ok("public"),
        Some((_, "always")) => Ok("always"),
        Some((line, word)) => Err(block.fault(line, format!("no anonymous rule `{word}`"))),
    }
}

fn action(block: &Block<'_>, id: &str, taken_over: bool) -> Result<String, Fault> {
    match block.one("action")? {
        Some((_, value)) if !value.is_empty() => Ok(value.to_owned()),
        Some((line, _)) => Err(block.fault(line, "an empty action")),
        None if taken_over => Ok(String::new()),
        None => Ok(id.replacen('/', ".", 1).replace('-', "_")),
    }
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
