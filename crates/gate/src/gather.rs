//! Stage: the names in the request, in the parts they play, for the authority to look up.

use crate::request::Query;
use bailiwick_authority::{Account, Names, RepositoryKey};
use bailiwick_catalogue::{AccountName, Door, Operation, RepositoryName, Target};
use smol_str::SmolStr;

/// Whether an operation names a target in its body, so that the body is read before the decision.
pub fn needs_body(operation: &Operation) -> bool {
    if operation.door == Door::Gitea {
        return crate::gitea::reads_body(operation);
    }
    if operation.door == Door::Registry {
        return false;
    }
    operation.terms().any(|term| match term.target {
        Target::Destination => !operation.path.contains("{org}") || operation.path.contains("{repo}"),
        Target::SecondRepository => true,
        Target::Repository | Target::Organization | Target::Own | Target::Enterprise => false,
    })
}

/// Collects the names from path parameters and, where the operation has one, the body.
pub fn names(operation: &Operation, parameters: &[(&'static str, SmolStr)], body: &[u8]) -> Names {
    names_in(operation, parameters, body, &Query::default())
}

/// The same with the form that a page sent.
pub(crate) fn names_in(
    operation: &Operation,
    parameters: &[(&'static str, SmolStr)],
    body: &[u8],
    form: &Query,
) -> Names {
    if operation.door == Door::Registry {
        return crate::registry::names(operation, parameters);
    }
    let get = |name: &str| {
        parameters
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.clone())
    };
    let number = |name: &str| get(name).and_then(|text| text.parse::<i64>().ok());
    let mut names = Names::default();
    // A number in a path of an upstream is the upstream's own, and says nothing about what is kept here.
    if operation.door != Door::Mounted {
        names.issue = number("issue_number");
        names.comment = number("comment_id");
        names.person = get("username");
    }
    if operation.door == Door::Git {
        names.repository = get("owner")
            .zip(get("repo"))
            .map(|(owner, name)| RepositoryKey::Name(owner, name));
        return names;
    }
    let in_path = bailiwick_catalogue::names(operation.index);
    names.repository = in_path.repository.map(|repository| match repository {
        RepositoryName::OwnerAndName(owner, name) => {
            let mut name = get(name).unwrap_or_default();
            if operation.door == Door::Page {
                // The address that a clone takes leads to the same repository's page; no name ends so.
                name = name.strip_suffix(".git").unwrap_or(&name).into();
            }
            RepositoryKey::Name(get(owner).unwrap_or_default(), name)
        }
        RepositoryName::Id(id) => RepositoryKey::Id(number(id).unwrap_or(0)),
        RepositoryName::Fixed(owner, name) => RepositoryKey::Name(owner.into(), name.into()),
    });
    names.organization = in_path.organization.map(|account| match account {
        AccountName::Login("org") => Account::Organization(get("org").unwrap_or_default()),
        AccountName::Login(name) => Account::Any(get(name).unwrap_or_default()),
        AccountName::Id(id) => Account::Id(number(id).unwrap_or(0)),
        AccountName::Team(id) => Account::Team(number(id).unwrap_or(0)),
        AccountName::Fixed(login) => Account::Any(login.into()),
    });
    names.enterprise = in_path.enterprise.and_then(get);
    if operation.door == Door::Gitea {
        crate::gitea::names(operation, parameters, body, &mut names);
        return names;
    }
    if needs_body(operation) {
        if operation.door == Door::Page {
            let login = form.get("new_owner").unwrap_or_default();
            names.destination = Some(Account::Any(login.into()));
        } else {
            destination(operation, body, &mut names);
        }
    }
    names
}

/// The account or repository that a body names. A body that cannot be read names something that is missing:
/// the handler's precise error comes only after the decision.
fn destination(operation: &Operation, body: &[u8], names: &mut Names) {
    let value: serde_json::Value = serde_json::from_slice(body).unwrap_or(serde_json::Value::Null);
    let field = |name: &str| {
        // A name with NUL is nobody's; the handler's precise error comes after the decision.
        let text = value.get(name).and_then(serde_json::Value::as_str);
        text.map(|text| text.replace('\0', "-"))
    };
    let named = match operation.id {
        "repos/create-fork" => field("organization"),
        "repos/transfer" => field("new_owner"),
        "repos/create-using-template" => field("owner"),
        _ => field("owner").or_else(|| field("organization")),
    };
    names.destination = Some(match named {
        Some(login) => Account::Any(login.into()),
        None => Account::Own,
    });
}
