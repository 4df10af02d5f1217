//! The documents that clients of npm put: what a publication adds, and what any other change takes away. Which of them a
//! document is follows from its content, and all its names must be those that were decided on.

use super::strict::{Room, Strict, fresh};
use super::{bare, file_version, is_tag, is_version};
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fmt;
use std::io::Read;

/// Members of a document and of a file in it at the most, and files.
// SECURITY: names are compared with each other, and kept.
const MEMBERS_MAX: usize = 256;
const FILES_MAX: usize = 16;

/// A document as it was sent, without the bytes of its attachments.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Document {
    members: Map<String, Value>,
    attachments: Vec<String>,
}

/// What a publication adds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Publish {
    /// The version.
    pub version: String,
}

/// What any other document changes.
#[derive(Clone, PartialEq, Debug)]
pub struct Change {
    /// The versions that it takes away.
    pub removed: Vec<String>,
    /// What the registry has, with these changes and no others.
    pub document: Value,
}

/// Why a document is not passed on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DocumentFault {
    /// It is no JSON, or has a key twice.
    Unreadable,
    /// It names another package than the address does.
    OtherName,
    /// It adds no version, or more than one, or names the version differently in different places.
    OtherVersion,
    /// It brings a file that is not the tarball of its version.
    OtherFile,
    /// A tag is no tag, or points to a version that is not there.
    Tag,
    /// It adds a version without its tarball.
    NoFile,
    /// It publishes, and changes something besides.
    Mixed,
    /// It changes owners or stars.
    People,
    /// It leaves no version.
    Nothing,
}

impl Document {
    /// Reads one.
    pub fn read(from: impl Read) -> Result<Document, DocumentFault> {
        let mut reader = serde_json::Deserializer::from_reader(from);
        let read = serde::Deserializer::deserialize_map(&mut reader, Members);
        let document = read.map_err(|_| DocumentFault::Unreadable)?;
        reader.end().map_err(|_| DocumentFault::Unreadable)?;
        Ok(document)
    }

    /// Whether it brings files, as a publication does.
    pub fn brings_files(&self) -> bool {
        !self.attachments.is_empty()
    }

    /// Refuses one that names another package.
    pub fn check_name(&self, name: &str) -> Result<(), DocumentFault> {
        self.is_about(name)
    }

    /// What it publishes of a package.
    pub fn publishes(&self, name: &str) -> Result<Publish, DocumentFault> {
        self.is_about(name)?;
        let versions = self.object("versions").ok_or(DocumentFault::OtherVersion)?;
        let mut all = versions.iter();
        let (Some((version, manifest)), None) = (all.next(), all.next()) else {
            return Err(DocumentFault::OtherVersion);
        };
        let id = format!("{name}@{version}");
        let says = |member: &str, expected: &str| is_or_absent(manifest.get(member), expected);
        if !is_version(version)
            || manifest.get("version").and_then(Value::as_str) != Some(version)
            || !says("_id", &id)
        {
            return Err(DocumentFault::OtherVersion);
        }
        if manifest.get("name").and_then(Value::as_str) != Some(name) {
            return Err(DocumentFault::OtherName);
        }
        // SECURITY: some registries take a document with a warning for one that holds all versions that are to stay.
        if manifest.get("deprecated").is_some() {
            return Err(DocumentFault::Mixed);
        }
        let tarball = manifest.get("dist").and_then(|dist| dist.get("tarball"));
        if !tarball.is_none_or(|link| is_tarball(link, name, version)) {
            return Err(DocumentFault::OtherFile);
        }
        self.check_attachments(name, version)?;
        let tags = self.object("dist-tags").ok_or(DocumentFault::Tag)?;
        let fit = |(tag, to): (&String, &Value)| is_tag(tag) && to.as_str() == Some(version);
        if tags.is_empty() || !tags.iter().all(fit) {
            return Err(DocumentFault::Tag);
        }
        Ok(Publish {
            version: version.clone(),
        })
    }

    /// What it changes of what the registry has.
    // SECURITY: what is passed on is made of what is there, so nothing that was not looked at here is ever changed.
    pub fn changes(&self, name: &str, present: &Value) -> Result<Change, DocumentFault> {
        self.is_about(name)?;
        let here = object(present.get("versions")).ok_or(DocumentFault::Unreadable)?;
        let wanted = self.object("versions").ok_or(DocumentFault::People)?;
        for member in ["users", "maintainers"] {
            let sent = self.members.get(member).filter(|sent| !is_empty(sent));
            if sent.is_some_and(|sent| present.get(member) != Some(sent)) {
                return Err(DocumentFault::People);
            }
        }
        if wanted.keys().any(|version| !here.contains_key(version)) {
            return Err(DocumentFault::NoFile);
        }
        if wanted.is_empty() {
            return Err(DocumentFault::Nothing);
        }
        let removed: BTreeSet<&String> = here.keys().filter(|key| !wanted.contains_key(*key)).collect();
        let mut versions = Map::new();
        for (version, manifest) in here.iter().filter(|(version, _)| !removed.contains(version)) {
            let deprecated = wanted.get(version).and_then(|sent| sent.get("deprecated"));
            versions.insert(version.clone(), deprecate(manifest, deprecated)?);
        }
        let tags = self.object("dist-tags").ok_or(DocumentFault::Tag)?;
        let fit = |(tag, to): (&String, &Value)| {
            is_tag(tag) && to.as_str().is_some_and(|to| versions.contains_key(to))
        };
        if !tags.iter().all(fit) {
            return Err(DocumentFault::Tag);
        }
        let mut document = object(Some(present)).cloned().unwrap_or_default();
        document.insert("versions".into(), Value::Object(versions));
        document.insert("dist-tags".into(), Value::Object(tags.clone()));
        document.insert("_attachments".into(), Value::Object(Map::new()));
        if let Some(revision) = self.members.get("_rev").filter(|revision| revision.is_string()) {
            document.insert("_rev".into(), revision.clone());
        }
        Ok(Change {
            removed: removed.into_iter().cloned().collect(),
            document: Value::Object(document),
        })
    }

    fn is_about(&self, name: &str) -> Result<(), DocumentFault> {
        let named = self.members.get("name").or_else(|| self.members.get("_id"));
        let same = named.and_then(Value::as_str) == Some(name) && is_or_absent(self.members.get("_id"), name);
        if same {
            Ok(())
        } else {
            Err(DocumentFault::OtherName)
        }
    }

    fn check_attachments(&self, name: &str, version: &str) -> Result<(), DocumentFault> {
        let file = format!("{}-{version}", bare(name));
        let mut tarballs = 0;
        for attachment in &self.attachments {
            // npm writes the scope before it, others do not.
            let scope = name.strip_suffix(bare(name)).unwrap_or_default();
            let plain = attachment.strip_prefix(scope).unwrap_or(attachment);
            match plain.strip_prefix(file.as_str()) {
                Some(".tgz") => tarballs += 1,
                Some(".sigstore") => {}
                _ => return Err(DocumentFault::OtherFile),
            }
        }
        if tarballs == 1 {
            Ok(())
        } else {
            Err(DocumentFault::OtherFile)
        }
    }

    fn object(&self, member: &str) -> Option<&Map<String, Value>> {
        object(self.members.get(member))
    }
}

fn object(value: Option<&Value>) -> Option<&Map<String, Value>> {
    value.and_then(Value::as_object)
}

fn is_or_absent(value: Option<&Value>, expected: &str) -> bool {
    value.is_none_or(|value| value.as_str() == Some(expected))
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(all) => all.is_empty(),
        Value::Object(all) => all.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// Whether a link leads to the tarball of a version, wherever it leads besides.
fn is_tarball(link: &Value, name: &str, version: &str) -> bool {
    let file = link.as_str().and_then(|link| link.rsplit('/').next());
    file.is_some_and(|file| file_version(name, file) == Some(version))
}

fn deprecate(manifest: &Value, message: Option<&Value>) -> Result<Value, DocumentFault> {
    let mut manifest = manifest.clone();
    let members = manifest.as_object_mut().ok_or(DocumentFault::Unreadable)?;
    match message {
        None => members.remove("deprecated"),
        Some(message @ (Value::String(_) | Value::Bool(_))) => {
            members.insert("deprecated".into(), message.clone())
        }
        Some(_) => return Err(DocumentFault::Unreadable),
    };
    Ok(manifest)
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Document;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a document of a package")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Document, A::Error> {
        let mut document = Document::default();
        let mut seen = BTreeSet::new();
        let room = Room::default();
        while let Some(key) = from.next_key::<String>()? {
            fresh(&key, seen.len() >= MEMBERS_MAX || !seen.insert(key.clone()))?;
            if key == "_attachments" {
                let Files(files) = from.next_value()?;
                document.attachments = files;
            } else {
                let value = from.next_value_seed(Strict(&room))?;
                document.members.insert(key, value);
            }
        }
        Ok(document)
    }
}

/// The names of files, whose bytes are passed over.
struct Files(Vec<String>);

impl<'de> serde::Deserialize<'de> for Files {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Files, D::Error> {
        from.deserialize_map(Names).map(Files)
    }
}

struct Names;

impl<'de> Visitor<'de> for Names {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("files by name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Vec<String>, A::Error> {
        let mut names: Vec<String> = Vec::new();
        while let Some(key) = from.next_key::<String>()? {
            fresh(&key, names.len() >= FILES_MAX || names.contains(&key))?;
            from.next_value::<File>()?;
            names.push(key);
        }
        Ok(names)
    }
}

/// A file: an object, whatever is in it.
struct File;

impl<'de> serde::Deserialize<'de> for File {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<File, D::Error> {
        from.deserialize_map(File)
    }
}

impl<'de> Visitor<'de> for File {
    type Value = File;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a file")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<File, A::Error> {
        let mut seen: Vec<String> = Vec::new();
        while let Some(key) = from.next_key::<String>()? {
            fresh(&key, seen.len() >= MEMBERS_MAX || seen.contains(&key))?;
            from.next_value::<IgnoredAny>()?;
            seen.push(key);
        }
        Ok(File)
    }
}

#[cfg(test)]
mod tests;
