//! The names that requests at Gitea's door hold outside their paths: destinations, second repositories, files. Gitea
//! takes a key in any case and the last of several; what it could read differently from us is refused.

use super::UPLOADS;
use bailiwick_authority::{Account, Fault, FaultKind, Names, RepositoryKey};
use bailiwick_catalogue::{Operation, op};
use bailiwick_model::limit::{CONTENT_BODY_BYTES_MAX, JSON_BODY_BYTES_MAX};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use smol_str::SmolStr;
use std::fmt;

/// The keys that decide; Gitea would take each in any case.
const KEYS: [&str; 8] = [
    "organization",
    "owner",
    "new_owner",
    "repo_owner",
    "uid",
    "head",
    "delete_branch_after_merge",
    "from_path",
];

/// Whether the body of an operation at this door is read before the decision.
pub(crate) fn reads_body(operation: &Operation) -> bool {
    matches!(
        operation.index,
        op::GITEA_CREATE_FORK
            | op::GITEA_GENERATE_REPO
            | op::GITEA_REPO_TRANSFER
            | op::GITEA_REPO_MIGRATE
            | op::GITEA_REPO_CREATE_PULL_REQUEST
            | op::GITEA_REPO_MERGE_PULL_REQUEST
            | op::GITEA_REPO_UPDATE_FILE
    )
}

/// The largest body that is read before the decision.
pub(crate) fn limit(operation: &Operation) -> usize {
    if operation.index == op::GITEA_REPO_UPDATE_FILE || UPLOADS.contains(&operation.index) {
        CONTENT_BODY_BYTES_MAX
    } else {
        JSON_BODY_BYTES_MAX
    }
}

/// Checks a body that decides, and whose names follow from `names`.
pub(super) fn check(json: bool, operation: &Operation, body: &[u8]) -> Result<(), Fault> {
    if !reads_body(operation) {
        return Ok(());
    }
    if !json && !body.is_empty() {
        return Err(refused(
            "body.media_type",
            "say what the body is: application/json",
        ));
    }
    let fields = Fields::read(body)?;
    named(operation, &fields).map(|_| ())
}

/// What a body names.
#[derive(Default)]
struct Named {
    destination: Option<Account>,
    /// `owner/name` of another repository.
    second: Option<(String, String)>,
    from_path: Option<String>,
}

/// Adds what the request names beside its path. What cannot be read names something that is missing.
pub(crate) fn names(
    operation: &Operation,
    parameters: &[(&'static str, SmolStr)],
    body: &[u8],
    names: &mut Names,
) {
    let parameter = |name: &str| {
        let found = parameters.iter().find(|(key, _)| *key == name);
        found.map_or("", |(_, value)| value.as_str())
    };
    // SECURITY: numbers, logins and comments of the server behind are not ours. Nothing here is looked up as such.
    names.issue = None;
    names.comment = None;
    names.person = None;
    let missing = || RepositoryKey::Id(0);
    let read = if reads_body(operation) {
        Fields::read(body).and_then(|fields| named(operation, &fields))
    } else {
        Ok(Named::default())
    };
    let clear = read.is_ok();
    let read = read.unwrap_or_default();
    let path = names.repository.clone();
    match operation.index {
        op::GITEA_CREATE_FORK
        | op::GITEA_GENERATE_REPO
        | op::GITEA_REPO_TRANSFER
        | op::GITEA_REPO_MIGRATE => {
            names.destination = Some(read.destination.unwrap_or(Account::Id(0)));
        }
        op::GITEA_REPO_CREATE_PULL_REQUEST => {
            names.second_unsaid = clear && read.second.is_none();
            names.second = match read.second {
                Some((owner, name)) => Some(RepositoryKey::Name(owner.into(), name.into())),
                None if clear => path,
                None => Some(missing()),
            };
        }
        op::GITEA_REPO_COMPARE_DIFF => {
            let other = compared(parameter("basehead"));
            names.second_unsaid = matches!(other, Ok(None));
            names.second = match other {
                Ok(Some((owner, name))) => Some(RepositoryKey::Name(owner.into(), name.into())),
                Ok(None) => path,
                Err(_) => Some(missing()),
            };
        }
        op::GITEA_REPO_CREATE_FILE | op::GITEA_REPO_DELETE_FILE | op::GITEA_REPO_UPDATE_FILE => {
            let from = read.from_path.unwrap_or_default();
            names.no_workflow = clear && !may_be_workflow(parameter("filepath")) && !may_be_workflow(&from);
        }
        _ => {}
    }
}

/// Whether a file can be one of a workflow. Where these lie is a setting of the server behind: its two defaults,
/// Forgejo's, and whatever is called so.
fn may_be_workflow(path: &str) -> bool {
    let path = path.to_lowercase();
    let mut segments = path.split('/');
    let first = segments.clone().next().unwrap_or_default();
    // Gitea tidies paths; one that needs it is not what it seems.
    matches!(first, ".github" | ".gitea" | ".forgejo")
        || path.contains('\\')
        || segments.any(|part| matches!(part, "workflows" | "." | "..") || part.trim() != part)
}

fn named(operation: &Operation, fields: &Fields) -> Result<Named, Fault> {
    let mut found = Named::default();
    let login = |key: &str| {
        fields
            .text(key)
            .map(|text| text.map(|text| Account::Any(text.into())))
    };
    let required = |account: Option<Account>| account.ok_or_else(|| missing_field(operation));
    match operation.index {
        op::GITEA_CREATE_FORK => found.destination = login("organization")?.or(Some(Account::Own)),
        op::GITEA_GENERATE_REPO => found.destination = Some(required(login("owner")?)?),
        op::GITEA_REPO_TRANSFER => found.destination = Some(required(login("new_owner")?)?),
        op::GITEA_REPO_MIGRATE => {
            if !matches!(fields.get("uid"), None | Some(Value::Null)) {
                return Err(refused(
                    "body.owner",
                    "name the owner by login: `repo_owner`, not `uid`",
                ));
            }
            found.destination = login("repo_owner")?.or(Some(Account::Own));
        }
        op::GITEA_REPO_CREATE_PULL_REQUEST => {
            let head = fields.text("head")?.ok_or_else(|| missing_field(operation))?;
            found.second = side(&head)?;
        }
        op::GITEA_REPO_MERGE_PULL_REQUEST => {
            let plain = |value: &Value| matches!(value, Value::Null | Value::Bool(false));
            if !fields.get("delete_branch_after_merge").is_none_or(plain) {
                return Err(refused(
                    "body.delete_branch",
                    "the branch can be in another repository: delete it on its own",
                ));
            }
        }
        op::GITEA_REPO_UPDATE_FILE => found.from_path = fields.text("from_path")?,
        _ => {}
    }
    Ok(found)
}

/// The other repository that a comparison names.
fn compared(basehead: &str) -> Result<Option<(String, String)>, Fault> {
    if !basehead.contains(':') {
        return Ok(None);
    }
    let (base, head) = basehead
        .split_once("...")
        .or_else(|| basehead.split_once(".."))
        .ok_or_else(elsewhere)?;
    if base.contains(':') {
        return Err(elsewhere());
    }
    side(head)
}

/// `branch`, or `owner/name:branch`. A login alone would mean whichever fork of that owner the server behind finds.
fn side(text: &str) -> Result<Option<(String, String)>, Fault> {
    let Some((place, branch)) = text.split_once(':') else {
        return Ok(None);
    };
    match place.split_once('/') {
        Some((owner, name))
            if !owner.is_empty() && !name.is_empty() && !name.contains('/') && !branch.contains(':') =>
        {
            Ok(Some((owner.to_owned(), name.to_owned())))
        }
        _ => Err(elsewhere()),
    }
}

fn elsewhere() -> Fault {
    refused(
        "body.head",
        "name a branch of another repository as owner/name:branch, and one of this repository by itself",
    )
}

fn missing_field(operation: &Operation) -> Fault {
    let field = match operation.index {
        op::GITEA_GENERATE_REPO => "owner",
        op::GITEA_REPO_TRANSFER => "new_owner",
        _ => "head",
    };
    refused(
        "body.missing",
        format!("`{field}` is missing: who or what it is about"),
    )
}

fn refused(code: &'static str, message: impl Into<String>) -> Fault {
    Fault::new(FaultKind::BadRequest, code, message.into())
}

/// The pairs of an object, none of those that decide twice or in another spelling.
struct Fields(Vec<(String, Value)>);

impl Fields {
    fn read(body: &[u8]) -> Result<Fields, Fault> {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Fields(Vec::new()));
        }
        let Fields(pairs) = serde_json::from_slice(body)
            .map_err(|_| refused("body.not_json", "the body is not one JSON object"))?;
        for key in KEYS {
            let mut spelled = pairs.iter().filter(|(name, _)| folded(name) == folded(key));
            let first = spelled.next();
            if first.is_some_and(|(name, _)| name != key) || spelled.next().is_some() {
                return Err(refused(
                    "body.ambiguous",
                    format!("write `{key}` once, and in this spelling"),
                ));
            }
        }
        Ok(Fields(pairs))
    }

    fn get(&self, key: &str) -> Option<&Value> {
        let found = self.0.iter().find(|(name, _)| name == key);
        found.map(|(_, value)| value)
    }

    /// A text; absent, null and empty are none. Anything else is refused.
    fn text(&self, key: &str) -> Result<Option<String>, Fault> {
        match self.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) if !text.contains('\0') => Ok(Some(text.clone())),
            Some(_) => Err(refused("body.shape", format!("`{key}` must be a text"))),
        }
    }
}

/// A key as every reader of JSON could understand it: without case in any script, without underscores.
fn folded(key: &str) -> String {
    key.chars()
        .filter(|letter| *letter != '_')
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect()
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Pairs;

        impl<'de> Visitor<'de> for Pairs {
            type Value = Fields;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Fields(pairs))
            }
        }

        from.deserialize_map(Pairs)
    }
}
