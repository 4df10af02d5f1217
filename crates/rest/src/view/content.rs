//! Files and directories in GitHub's shapes.

use crate::view::commit::{Place, encode_path, git_commit};
use bailiwick_authority::content::file::{Content, FileChanged, Found, join};
use bailiwick_authority::content::git::{Mode, Oid, TreeEntry};
use bailiwick_gate::encode;
use base64::Engine as _;
use serde_json::{Map, Value, json};

/// Characters of one line of encoded content.
const LINE_CHARS: usize = 60;

/// Bytes as GitHub writes them into JSON: base64 in lines.
pub fn encode_bytes(bytes: &[u8]) -> String {
    let encoded = base64::engine::general_purpose::STANDARD.encode(bytes);
    let mut lines = String::with_capacity(encoded.len() + encoded.len() / LINE_CHARS + 1);
    let mut rest = encoded.as_str();
    while let Some((line, after)) = rest
        .split_at_checked(LINE_CHARS.min(rest.len()))
        .filter(|(line, _)| !line.is_empty())
    {
        lines.push_str(line);
        lines.push('\n');
        rest = after;
    }
    lines
}

/// The fields that everything at a path has.
fn common(place: &Place, path: &str, revision: &str, mode: Mode, oid: Oid, size: u64) -> Map<String, Value> {
    let encoded = encode_path(path);
    let url = format!("{}/contents/{encoded}?ref={}", place.api, encode(revision));
    let (git, html) = match mode {
        Mode::Tree => (format!("{}/git/trees/{oid}", place.api), "tree"),
        Mode::File | Mode::Executable | Mode::Symlink | Mode::Submodule => {
            (format!("{}/git/blobs/{oid}", place.api), "blob")
        }
    };
    // A submodule's commit lies in another repository.
    let own = mode != Mode::Submodule;
    let git = own.then_some(git);
    let html = own.then(|| format!("{}/{html}/{}/{encoded}", place.html, encode_path(revision)));
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| {
        fields.insert(name.to_owned(), value);
    };
    put("name", json!(path.rsplit('/').next().unwrap_or_default()));
    put("path", json!(path));
    put("sha", json!(oid.to_string()));
    put("size", json!(size));
    put("url", json!(url));
    put("html_url", json!(html));
    put("git_url", json!(git));
    // The bytes are had from `url` itself, as the raw media type; there is no address that works without a token.
    put("download_url", Value::Null);
    put("type", json!(type_word(mode)));
    put("_links", json!({"self": url, "git": git, "html": html}));
    fields
}

const fn type_word(mode: Mode) -> &'static str {
    match mode {
        Mode::File | Mode::Executable => "file",
        Mode::Tree => "dir",
        Mode::Symlink => "symlink",
        Mode::Submodule => "submodule",
    }
}

/// What lies at a path.
pub fn found(place: &Place, found: &Found) -> Value {
    let make = |mode| common(place, &found.path, &found.revision, mode, found.oid, found.size);
    match &found.content {
        Content::File(bytes) => {
            let mut fields = make(Mode::File);
            let (content, encoding) = match bytes {
                Some(bytes) => (encode_bytes(bytes), "base64"),
                None => (String::new(), "none"),
            };
            fields.insert("content".into(), json!(content));
            fields.insert("encoding".into(), json!(encoding));
            Value::Object(fields)
        }
        Content::Directory(entries) => Value::Array(listing(place, found, entries)),
        Content::Symlink(target) => {
            let mut fields = make(Mode::Symlink);
            fields.insert("target".into(), json!(target));
            Value::Object(fields)
        }
        Content::Submodule(url) => {
            let mut fields = make(Mode::Submodule);
            fields.insert("submodule_git_url".into(), json!(url));
            Value::Object(fields)
        }
    }
}

fn listing(place: &Place, found: &Found, entries: &[TreeEntry]) -> Vec<Value> {
    let entry = |entry: &TreeEntry| {
        let path = join(&found.path, &entry.path);
        let size = entry.size_bytes.unwrap_or(0);
        let mut fields = common(place, &path, &found.revision, entry.mode, entry.oid, size);
        if entry.mode == Mode::Submodule {
            // GitHub's lists call it a file, for clients that know no other word.
            fields.insert("type".into(), json!("file"));
        }
        Value::Object(fields)
    };
    entries.iter().map(entry).collect()
}

/// The same as one object also for a directory, as the object media type wants it.
pub fn object(place: &Place, at: &Found) -> Value {
    let Content::Directory(entries) = &at.content else {
        return found(place, at);
    };
    let mut fields = common(place, &at.path, &at.revision, Mode::Tree, at.oid, 0);
    fields.insert("entries".into(), json!(listing(place, at, entries)));
    Value::Object(fields)
}

/// A file that was changed, with the commit that did it.
pub fn changed(place: &Place, changed: &FileChanged) -> Value {
    let content = changed
        .file
        .as_ref()
        .map(|file| common(place, &file.path, &file.revision, Mode::File, file.oid, file.size));
    json!({"content": content, "commit": git_commit(place, &changed.commit)})
}
