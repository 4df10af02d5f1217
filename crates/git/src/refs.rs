//! Refs: listing, strict resolving of what a user typed, and atomic updates with expected old values.

use bailiwick_wire::push::PushCommand;
use bailiwick_wire::refname;

use crate::Oid;
use crate::error::{Error, Result};
use crate::reader::Kind;
use crate::repository::Repository;

const FORMAT: &str =
    "--format=%(refname)%00%(objectname)%00%(objecttype)%00%(*objectname)%00%(*objecttype)%00";

/// The shortest abbreviation of an object id that is looked up.
const ABBREVIATION_MIN: usize = 4;

/// A ref and what it points to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ref {
    /// The full name.
    pub name: String,
    /// The object it names.
    pub oid: Oid,
    /// The kind of that object.
    pub kind: Kind,
    /// For an annotated tag, what it finally stands for.
    pub peeled: Option<(Oid, Kind)>,
}

impl Ref {
    /// The name without `refs/heads/` or `refs/tags/`.
    #[must_use]
    pub fn short_name(&self) -> &str {
        let name = self.name.as_str();
        name.strip_prefix("refs/heads/")
            .or_else(|| name.strip_prefix("refs/tags/"))
            .unwrap_or(name)
    }

    /// The commit this ref leads to, if it leads to one.
    #[must_use]
    pub fn commit(&self) -> Option<Oid> {
        let (oid, kind) = self.peeled.unwrap_or((self.oid, self.kind));
        (kind == Kind::Commit).then_some(oid)
    }
}

/// A change of one ref, valid only while the ref is at `old`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefUpdate {
    /// The full name.
    pub name: String,
    /// Where it must be now; nothing when it must not exist.
    pub old: Option<Oid>,
    /// Where it goes; nothing to delete it.
    pub new: Option<Oid>,
}

impl From<PushCommand> for RefUpdate {
    fn from(command: PushCommand) -> Self {
        Self {
            name: command.name,
            old: command.old,
            new: command.new,
        }
    }
}

impl Repository {
    /// All refs whose full name begins with `prefix` (such as `refs/heads/`, `refs/heads/fea`), by name; internal ones left out.
    pub fn refs(&self, prefix: &str) -> Result<Vec<Ref>> {
        // The prefix is compared here, since git's patterns match whole segments only and know wildcards.
        let pattern = match prefix.rsplit_once('/') {
            Some((directory, _)) if refname::check(&format!("{directory}/x")).is_ok() => {
                format!("{directory}/")
            }
            _ => String::from("refs/"),
        };
        let mut refs = self.for_each_ref(&[&pattern])?;
        refs.retain(|found| found.name.starts_with(prefix) && !found.name.starts_with("refs/bailiwick/"));
        Ok(refs)
    }

    /// The ref of this full name.
    pub fn find_ref(&self, name: &str) -> Result<Option<Ref>> {
        if refname::check(name).is_err() {
            return Ok(None);
        }
        Ok(self
            .for_each_ref(&[name])?
            .into_iter()
            .find(|found| found.name == name))
    }

    /// The branches, by name.
    pub fn branches(&self) -> Result<Vec<Ref>> {
        self.refs("refs/heads/")
    }

    /// The tags, by name.
    pub fn tags(&self) -> Result<Vec<Ref>> {
        self.refs("refs/tags/")
    }

    /// The short name of the default branch, which need not exist yet.
    pub fn default_branch(&self) -> Result<String> {
        let head = self.run("symbolic-ref", ["HEAD"], &[]).stdout()?;
        let head = String::from_utf8(head).map_err(|_| Error::Corrupt("HEAD"))?;
        head.trim_end()
            .strip_prefix("refs/heads/")
            .map(str::to_owned)
            .ok_or(Error::Corrupt("HEAD"))
    }

    /// Makes this branch the default one.
    pub fn set_default_branch(&self, branch: &str) -> Result<()> {
        refname::check_branch(branch).map_err(|fault| Error::Invalid(fault.to_string()))?;
        self.run("symbolic-ref", ["HEAD", &format!("refs/heads/{branch}")], &[])
            .stdout()
            .map(drop)
    }

    /// What a user's revision stands for: `HEAD`, a full ref, a branch, a tag, or a full or abbreviated id of an object.
    ///
    /// Nothing else of git's revision syntax is understood. An annotated tag answers the object it stands for.
    pub fn resolve(&self, revision: &str) -> Result<Option<Oid>> {
        if revision == "HEAD" {
            let name = format!("refs/heads/{}", self.default_branch()?);
            return Ok(self.find_ref(&name)?.map(|found| found.oid));
        }
        let candidates: Vec<String> = [
            revision.to_owned(),
            format!("refs/heads/{revision}"),
            format!("refs/tags/{revision}"),
        ]
        .into_iter()
        .filter(|name| refname::check(name).is_ok() && !name.starts_with("refs/bailiwick/"))
        .collect();
        if candidates.is_empty() {
            return Ok(None);
        }
        // A full id means that object, whatever branch somebody named after it.
        if let Ok(oid) = revision.parse::<Oid>() {
            return Ok(self.object_info(oid)?.map(|_| oid));
        }
        let patterns: Vec<&str> = candidates.iter().map(String::as_str).collect();
        let refs = self.for_each_ref(&patterns)?;
        let exact = patterns
            .iter()
            .find_map(|name| refs.iter().find(|found| found.name == **name));
        if let Some(found) = exact {
            return Ok(Some(found.peeled.map_or(found.oid, |(oid, _)| oid)));
        }
        self.resolve_abbreviation(revision)
    }

    fn resolve_abbreviation(&self, digits: &str) -> Result<Option<Oid>> {
        let hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        if !hexadecimal || digits.len() < ABBREVIATION_MIN || digits.len() >= 40 {
            return Ok(None);
        }
        let listed = self
            .run("rev-parse", [format!("--disambiguate={digits}")], &[])
            .stdout()?;
        let mut commits = Vec::new();
        let mut reader = self.reader()?;
        for line in listed
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .take(64)
        {
            let oid = Oid::parse(line).map_err(|_| Error::Corrupt("rev-parse"))?;
            if matches!(reader.info(oid)?, Some((Kind::Commit, _))) {
                commits.push(oid);
            }
        }
        // Two commits: which one is meant would be a guess.
        Ok(if let [only] = commits.as_slice() {
            Some(*only)
        } else {
            None
        })
    }

    /// Changes all these refs or none; [`Error::StaleRef`] when one is not where its update says.
    pub fn update_refs(&self, updates: &[RefUpdate]) -> Result<()> {
        let mut input = Vec::from(*b"start\0");
        for update in updates {
            refname::check(&update.name).map_err(|fault| Error::Invalid(fault.to_string()))?;
            let (name, old) = (&update.name, update.old.unwrap_or(Oid::ZERO));
            let line = match (update.old, update.new) {
                (_, Some(new)) => format!("update {name}\0{new}\0{old}\0"),
                (Some(_), None) => format!("delete {name}\0{old}\0"),
                (None, None) => return Err(Error::Invalid(format!("{name} is neither created nor deleted"))),
            };
            input.extend_from_slice(line.as_bytes());
        }
        input.extend_from_slice(b"prepare\0commit\0");
        let output = self
            .run("update-ref", ["--no-deref", "--stdin", "-z"], &input)
            .output()?;
        if output.code() == Some(0) {
            return Ok(());
        }
        let stale = self.unapplied(updates)?;
        let says = |text: &str| String::from_utf8_lossy(&output.stderr).contains(text);
        match stale.or_else(|| says(".lock': File exists").then(|| String::from("a ref"))) {
            Some(name) => Err(Error::StaleRef(name)),
            None if says("exists; cannot create") || says("at the same time") => Err(Error::Invalid(
                String::from("a ref of that name would lie inside another one"),
            )),
            None => Err(output.failure()),
        }
    }

    /// The first of these refs that is not at its old value.
    fn unapplied(&self, updates: &[RefUpdate]) -> Result<Option<String>> {
        for update in updates {
            if self.find_ref(&update.name)?.map(|found| found.oid) != update.old {
                return Ok(Some(update.name.clone()));
            }
        }
        Ok(None)
    }

    /// Which of these updates have happened: the refs that are now where their update puts them. Compare after a push ended.
    pub fn applied(&self, updates: &[RefUpdate]) -> Result<Vec<RefUpdate>> {
        let names: Vec<&str> = updates.iter().map(|update| update.name.as_str()).collect();
        let mut present = std::collections::HashMap::new();
        for chunk in names.chunks(500) {
            let valid: Vec<&str> = chunk
                .iter()
                .copied()
                .filter(|name| refname::check(name).is_ok())
                .collect();
            if !valid.is_empty() {
                present.extend(
                    self.for_each_ref(&valid)?
                        .into_iter()
                        .map(|found| (found.name, found.oid)),
                );
            }
        }
        let done = |update: &&RefUpdate| present.get(&update.name).copied() == update.new;
        Ok(updates.iter().filter(done).cloned().collect())
    }

    fn for_each_ref(&self, patterns: &[&str]) -> Result<Vec<Ref>> {
        let arguments = [FORMAT, "--"].into_iter().chain(patterns.iter().copied());
        let output = self.run("for-each-ref", arguments, &[]).stdout()?;
        output
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .filter_map(parse_ref)
            .collect()
    }
}

/// One line of the listing; names that are not UTF-8 are no refs to us.
fn parse_ref(line: &[u8]) -> Option<Result<Ref>> {
    let mut fields = line.split(|byte| *byte == 0);
    let name = std::str::from_utf8(fields.next()?).ok()?.to_owned();
    let mut object = || -> Option<(Oid, Kind)> {
        let oid = Oid::parse(fields.next()?).ok()?;
        Some((oid, Kind::parse(fields.next()?)?))
    };
    let Some((oid, kind)) = object() else {
        return Some(Err(Error::Corrupt("for-each-ref")));
    };
    let peeled = object();
    Some(Ok(Ref {
        name,
        oid,
        kind,
        peeled,
    }))
}
