//! What a file for a mounted upstream may say: less than a built-in one. Whatever this server could not decide from the
//! request alone is refused while the file is read, not when a request comes.

use crate::operation::Operation;
use crate::permission::PermissionKind;
use crate::read::block::{Block, blocks};
use crate::read::faults::Faults;
use crate::read::names::{Whole, mounted};
use crate::read::parse::{self, Dialect, MOUNTED, Operation as Row, Permission};
use crate::read::requirement::Needs;
use crate::read::template::{Segment, Shape, params};
use crate::read::words;
use crate::route::PARAMS_MAX;
use crate::table::{OPERATIONS, PERMISSIONS};
use bailiwick_model::name;
use std::collections::HashMap;

/// The most terms of one operation, over all its alternatives.
const TERMS_MAX: usize = 32;

/// The longest id, without the upstream's name.
const ID_CHARS_MAX: usize = 100;

const KEYS: &[&str] = &[
    "needs",
    "role",
    "anonymous",
    "kinds",
    "reads",
    "writes",
    "bulk",
    "plants",
    "spans",
    "action",
    "why",
];

const ELSEWHERE: &[(&str, &str)] = &[
    ("as", "only pages take over a rule"),
    (
        "author",
        "who made an object behind an upstream is not known here",
    ),
    (
        "scopes",
        "the scopes of classic tokens say nothing about an upstream, which is closed to them",
    ),
    ("sudo", "an upstream's clients cannot ask for a password"),
    (
        "unrouted",
        "an operation of an upstream is found by its path or not at all",
    ),
];

const HINTS: &[(&str, &str)] = &[
    (
        "repository",
        "write `{owner}/{repo}` in it, or `repository OWNER/NAME` at the head of the file",
    ),
    (
        "organization",
        "write `{org}` in it, or `owner LOGIN` at the head of the file",
    ),
    ("enterprise", "write `{enterprise}` in it"),
];

/// Whether an upstream of this name can be mounted at `/-/NAME`; else what to change.
pub fn mount_name(text: &str) -> Result<(), &'static str> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let doubtful = text.is_empty()
        || text.len() > 39
        || !text.bytes().all(plain)
        || text.starts_with('-')
        || text.ends_with('-')
        || text.contains("--");
    if doubtful {
        return Err("write lower-case letters, digits and single inner hyphens, at most 39");
    }
    if text == "authorize" {
        return Err("other proxies ask for decisions at that path: choose another name");
    }
    // Operations are told apart by their ids, in the log too: none may pass for a built-in one.
    let first = |operation: &Operation| operation.id.split('/').next() == Some(text);
    if OPERATIONS.iter().any(first) {
        return Err("operations of this server begin with that word: choose another name");
    }
    Ok(())
}

/// Reads the rows, and whose everything is.
pub(super) fn rows(upstream: &str, file: &str, text: &str, faults: &mut Faults) -> (Vec<Row>, Whole) {
    let blocks = blocks(file, text, faults);
    let whole = whole(&blocks, faults);
    let permissions = permissions();
    let dialect = Dialect {
        door: MOUNTED,
        keys: KEYS,
        elsewhere: ELSEWHERE,
        names: &|path| mounted(path, &whole),
        hints: HINTS,
    };
    let mut rows: Vec<Row> = Vec::new();
    let mut seen: HashMap<String, usize> = HashMap::new();
    for block in blocks.iter().filter(|block| setting(block).is_none()) {
        let Some(mut row) = parse::operation(block, &dialect, &permissions, faults) else {
            continue;
        };
        let mut refuse = |message: String| faults.0.push(block.fault(block.line, message));
        if let Some(line) = seen.insert(row.id.clone(), row.line) {
            refuse(format!("`{}` is there twice, first on line {line}", row.id));
        }
        id(&row, &mut refuse);
        path(&row, &mut refuse);
        terms(&row, &mut refuse);
        visitors(&row, &whole, &mut refuse);
        let said = block.lines.iter().any(|(_, key, _)| *key == "action");
        action(upstream, &mut row, said, &mut refuse);
        rows.push(row);
    }
    (rows, whole)
}

/// The built-in permissions, in the reader's form.
fn permissions() -> Vec<Permission> {
    let kind = |kind: PermissionKind| words::KINDS.iter().find(|(word, _)| *word == kind.word());
    PERMISSIONS
        .iter()
        .map(|permission| Permission {
            slug: permission.slug.into(),
            kind: kind(permission.kind).map_or("", |(word, _)| word),
            levels: permission.levels.iter().map(|level| level.word()).collect(),
            title: String::new(),
            description: String::new(),
        })
        .collect()
}

/// The key and value of a head that is no operation: an id always holds a slash in its first word.
fn setting<'a>(block: &Block<'a>) -> Option<(&'a str, &'a str)> {
    let (key, value) = block.head.split_once(' ').unwrap_or((block.head, ""));
    ["owner", "repository", "door"]
        .contains(&key)
        .then(|| (key, value.trim()))
}

/// `owner LOGIN` or `repository OWNER/NAME`, once, before any operation.
fn whole(blocks: &[Block<'_>], faults: &mut Faults) -> Whole {
    let mut whole = Whole::Unsaid;
    let mut operations = false;
    for block in blocks {
        let Some((key, value)) = setting(block) else {
            operations = true;
            continue;
        };
        let message = match (key, read_whole(key, value)) {
            ("door", _) => "`door` is not for this file: all of it is below the upstream's mount".into(),
            _ if !block.lines.is_empty() => format!("`{key}` takes no further lines"),
            _ if operations => format!("`{key}` stands at the head of the file, before any operation"),
            _ if whole != Whole::Unsaid => {
                "everything belongs to one owner or one repository: say it once".into()
            }
            (_, Some(said)) => {
                whole = said;
                continue;
            }
            ("owner", None) => format!("`{value}` is no login: write `owner LOGIN`"),
            (_, None) => format!("`{value}` is no repository: write `repository OWNER/NAME`"),
        };
        faults.0.push(block.fault(block.line, message));
    }
    whole
}

fn read_whole(key: &str, value: &str) -> Option<Whole> {
    let login = |text: &str| name::login(text).is_ok().then(|| text.to_owned());
    if key == "owner" {
        return login(value).map(Whole::Owner);
    }
    let (owner, repository) = value.split_once('/')?;
    name::repository(repository).ok()?;
    Some(Whole::Repository(login(owner)?, repository.into()))
}

fn id(row: &Row, refuse: &mut dyn FnMut(String)) {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
    let proper = |part: &str| !part.is_empty() && part.chars().all(plain);
    if row.id.len() > ID_CHARS_MAX || !row.id.split('/').all(proper) {
        refuse(format!(
            "`{}` is no id: write lower-case letters, digits, `-` and `_`, at most {ID_CHARS_MAX}, as `category/name`",
            row.id
        ));
    }
}

fn path(row: &Row, refuse: &mut dyn FnMut(String)) {
    if params(&row.segments).len() > PARAMS_MAX {
        refuse(format!("more than {PARAMS_MAX} parameters"));
    }
    for segment in &row.segments {
        if let Segment::Param(name, shape) = segment
            && ["owner", "repo", "org", "enterprise"].contains(&name.as_str())
            && !matches!(shape, Shape::One | Shape::Choice(_))
        {
            refuse(format!(
                "`{{{name}}}` names something here: it is one plain segment"
            ));
        }
    }
}

fn terms(row: &Row, refuse: &mut dyn FnMut(String)) {
    let Needs::AnyOf(alternatives) = &row.needs else {
        return;
    };
    if alternatives.iter().map(Vec::len).sum::<usize>() > TERMS_MAX {
        refuse(format!("more than {TERMS_MAX} terms"));
    }
    for term in alternatives.iter().flatten() {
        if ["destination", "second"].contains(&term.target) {
            refuse(format!(
                "`{}` is named by a body, and bodies of an upstream are not read here",
                term.target
            ));
        }
        if let Some(when) = term.when.filter(|when| *when != "not_public") {
            refuse(format!(
                "`?{when}` depends on an object that only the upstream knows"
            ));
        }
    }
}

fn visitors(row: &Row, whole: &Whole, refuse: &mut dyn FnMut(String)) {
    if row.anonymous != "never" && row.writes {
        refuse("visitors change nothing behind an upstream: it `reads`, or takes a credential".into());
    }
    if row.anonymous == "public" && mounted(&row.segments, whole).repository.is_none() {
        refuse("`anonymous public` is about a repository, and the path names none".into());
    }
}

/// Actions begin with the upstream's name, so that none passes for one of this server's own.
fn action(upstream: &str, row: &mut Row, said: bool, refuse: &mut dyn FnMut(String)) {
    let category = upstream.replace('-', "_");
    if !said {
        row.action = format!("{category}.{}", row.id.replace(['/', '-'], "_"));
        return;
    }
    let verb = row
        .action
        .strip_prefix(&category)
        .and_then(|rest| rest.strip_prefix('.'));
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if !verb.is_some_and(|verb| !verb.is_empty() && verb.chars().all(plain)) {
        refuse(format!(
            "the action `{}` is not `{category}.verb`, with lower-case letters, digits and `_`",
            row.action
        ));
    }
}
