//! Reads what an operation needs: alternatives of terms, each with its target, level, role and condition.

use super::block::Block;
use super::faults::Fault;
use super::names::Names;
use super::parse::Permission;
use super::words::{self, find};
use std::collections::HashMap;

/// One term of a requirement, in words.
#[derive(Clone, Debug)]
pub struct Term {
    /// The target's word.
    pub target: &'static str,
    /// The permission's place.
    pub permission: usize,
    /// The level's word.
    pub level: &'static str,
    /// The role as Rust.
    pub role: &'static str,
    /// The author's role as Rust.
    pub author: Option<&'static str>,
    /// The condition's word.
    pub when: Option<&'static str>,
}

/// A requirement, in words.
#[derive(Clone, Debug)]
pub enum Needs {
    /// A live credential.
    Live,
    /// Closed.
    Closed,
    /// Alternatives of terms.
    AnyOf(Vec<Vec<Term>>),
}

type Roles = HashMap<&'static str, (&'static str, bool)>;

/// `target:role, target:role`.
fn roles(block: &Block<'_>, key: &str) -> Result<Roles, Fault> {
    let mut roles = Roles::new();
    let Some((line, text)) = block.one(key)? else {
        return Ok(roles);
    };
    for part in text.split(", ") {
        let (target, role) = part
            .split_once(':')
            .ok_or_else(|| block.fault(line, "a role is `target:role`"))?;
        let (target, _) =
            find(words::TARGETS, target).ok_or_else(|| block.fault(line, format!("no target `{target}`")))?;
        let (_, role) = find(words::roles_at(target), role)
            .ok_or_else(|| block.fault(line, format!("no role `{role}` at `{target}`")))?;
        if roles.insert(target, (role, false)).is_some() {
            return Err(block.fault(line, format!("two roles at `{target}`")));
        }
    }
    Ok(roles)
}

/// Reads what a block needs; with the line, for faults found later.
pub fn needs(
    block: &Block<'_>,
    permissions: &[Permission],
    names: &Names,
    hints: &[(&str, &str)],
) -> Result<(usize, Needs), Fault> {
    let (line, text) = block
        .one("needs")?
        .ok_or_else(|| block.fault(block.line, "`needs` is missing"))?;
    let mut least = roles(block, "role")?;
    let mut author = roles(block, "author")?;
    let needs = match text {
        "live" => Needs::Live,
        "closed" => Needs::Closed,
        _ => {
            let mut alternatives = Vec::new();
            for part in text.split(" | ") {
                let mut terms = Vec::new();
                for word in part.split(" + ") {
                    let context = Context {
                        block,
                        line,
                        permissions,
                        names,
                        hints,
                    };
                    terms.push(context.term(word, &mut least, &mut author)?);
                }
                alternatives.push(terms);
            }
            Needs::AnyOf(alternatives)
        }
    };
    if let Some((target, _)) = least.iter().chain(&author).find(|(_, (_, used))| !used) {
        return Err(block.fault(line, format!("a role at `{target}`, where nothing is needed")));
    }
    Ok((line, needs))
}

struct Context<'a> {
    block: &'a Block<'a>,
    line: usize,
    permissions: &'a [Permission],
    names: &'a Names,
    hints: &'a [(&'a str, &'a str)],
}

impl Context<'_> {
    fn fault(&self, message: impl Into<String>) -> Fault {
        self.block.fault(self.line, message)
    }

    /// `[target.]permission:level[?condition][@role]`.
    fn term(&self, word: &str, least: &mut Roles, author: &mut Roles) -> Result<Term, Fault> {
        let (word, own_role) = match word.split_once('@') {
            Some((word, role)) => (word, Some(role)),
            None => (word, None),
        };
        let (word, when) = match word.split_once('?') {
            Some((word, when)) => (word, Some(when)),
            None => (word, None),
        };
        let (name, level) = word
            .split_once(':')
            .ok_or_else(|| self.fault(format!("`{word}` is not `permission:level`")))?;
        let (target, slug) = match name.split_once('.') {
            Some((target, slug)) => (Some(target), slug),
            None => (None, name),
        };
        let (place, permission) = self
            .permissions
            .iter()
            .enumerate()
            .find(|(_, permission)| permission.slug == slug)
            .ok_or_else(|| self.fault(format!("no permission `{slug}`")))?;
        let level = permission
            .levels
            .iter()
            .find(|offered| **offered == level)
            .ok_or_else(|| self.fault(format!("`{slug}` does not offer `{level}`")))?;
        let target = self.target(target, permission)?;
        let when = match when {
            None => None,
            Some(when) => Some(
                find(words::CONDITIONS, when)
                    .ok_or_else(|| self.fault(format!("no condition `{when}`")))?
                    .0,
            ),
        };
        let role = match (own_role, least.get_mut(target)) {
            (Some(role), _) => {
                find(words::roles_at(target), role)
                    .ok_or_else(|| self.fault(format!("no role `{role}` at `{target}`")))?
                    .1
            }
            (None, Some((role, used))) => {
                *used = true;
                role
            }
            (None, None) if target == "own" => "Role::Anyone",
            (None, None) => return Err(self.fault(format!("which role at `{target}`?"))),
        };
        let author = author.get_mut(target).map(|(role, used)| {
            *used = true;
            *role
        });
        Ok(Term {
            target,
            permission: place,
            level,
            role,
            author,
            when,
        })
    }

    /// The target that a term names, or its permission's kind. The path must name it too.
    fn target(&self, explicit: Option<&str>, permission: &Permission) -> Result<&'static str, Fault> {
        let word = explicit.unwrap_or(match permission.kind {
            "account" => "own",
            kind => kind,
        });
        let (target, _) =
            find(words::TARGETS, word).ok_or_else(|| self.fault(format!("no target `{word}`")))?;
        let names = self.names;
        let named = match target {
            "repository" => names.repository.is_some(),
            "organization" => names.organization.is_some() || names.repository.is_some(),
            "enterprise" => names.enterprise.is_some(),
            _ => true,
        };
        if named {
            Ok(target)
        } else {
            let hint = self.hints.iter().find(|(known, _)| *known == target);
            let hint = hint.map_or(String::new(), |(_, text)| format!(": {text}"));
            Err(self.fault(format!("the path names no {target}{hint}")))
        }
    }
}
