//! The path as the upstream gets it: as it came, with the things that were decided on under the upstream's own names.

use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::{Fault, FaultKind, Gathered, Named, Permit};
use bailiwick_catalogue::{AccountName, Operation, RepositoryName, Target, names};
use bailiwick_gate::{Request, encode};
use http::Uri;

/// What a request names, under the upstream's names.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Theirs {
    /// The owner's login and the repository's name.
    pub repository: Option<(String, String)>,
    /// The repository's id.
    pub repository_key: Option<String>,
    /// The login of the account.
    pub account: Option<String>,
    /// The account's id.
    pub account_key: Option<String>,
}

impl Theirs {
    /// Of a permit. What has no name there cannot be asked for.
    pub fn of(permit: &Permit, upstream: &Upstream) -> Result<Theirs, Fault> {
        Theirs::of_gathered(permit.gathered(), upstream)
    }

    /// Of what was gathered.
    pub fn of_gathered(gathered: &Gathered, upstream: &Upstream) -> Result<Theirs, Fault> {
        let mut theirs = Theirs::default();
        if let Named::Repository(repository, _) = gathered.named(Target::Repository) {
            let both = repository
                .row
                .upstream_name
                .as_deref()
                .filter(|_| repository.row.upstream_id == Some(upstream.id))
                .and_then(|name| name.split_once('/'))
                .ok_or_else(unnamed)?;
            theirs.repository = Some((both.0.to_owned(), both.1.to_owned()));
            theirs.repository_key.clone_from(&repository.row.upstream_key);
        }
        if let Named::Account(owner) = gathered.named(Target::Organization)
            && owner.row.upstream_id == Some(upstream.id)
        {
            theirs.account.clone_from(&owner.row.upstream_name);
            theirs.account_key.clone_from(&owner.row.upstream_key);
        }
        Ok(theirs)
    }

    /// The owner's login.
    pub fn owner(&self) -> &str {
        self.repository.as_ref().map_or("", |(owner, _)| owner)
    }

    /// `owner/name`.
    pub fn full_name(&self) -> Result<String, Fault> {
        let (owner, name) = self.repository.as_ref().ok_or_else(unnamed)?;
        Ok(format!("{}/{}", encode(owner), encode(name)))
    }
}

fn unnamed() -> Fault {
    Fault::new(
        FaultKind::Conflict,
        "upstream.unnamed",
        "it is not known what this is called at its upstream; an administrator can bind it again",
    )
}

/// The path and query of an API call, below the door, as the upstream gets them.
pub fn of_call(permit: &Permit, uri: &Uri, door: &str, theirs: &Theirs) -> Result<String, Fault> {
    of_operation(permit.operation(), uri, door, theirs)
}

/// The same of an operation.
pub fn of_operation(operation: &Operation, uri: &Uri, door: &str, theirs: &Theirs) -> Result<String, Fault> {
    let path = uri.path().strip_prefix(door).ok_or_else(Fault::not_found)?;
    let named = names(operation.index);
    let mut template = operation.path.split('/');
    let mut out = String::with_capacity(path.len() + 16);
    // The first piece of both is what comes before the first slash: nothing.
    for (at, segment) in path.split('/').enumerate() {
        if at > 0 {
            out.push('/');
        }
        let parameter = template
            .next()
            .and_then(|piece| piece.strip_prefix('{'))
            .and_then(|piece| piece.strip_suffix('}'));
        match parameter
            .map(|name| other_name(name, &named, theirs))
            .transpose()?
            .flatten()
        {
            Some(other) => out.push_str(&encode(other)),
            None => out.push_str(segment),
        }
    }
    if let Some(query) = uri.query() {
        out.push('?');
        out.push_str(query);
    }
    Ok(out)
}

/// Refuses a path that names its owner or repository otherwise than they are called here.
// SECURITY: below a mount the path goes out as it came. In another case, or under a name that was given up, it could be
// something at the upstream that nobody decided on.
pub fn named_as_here(permit: &Permit, request: &Request) -> Result<(), Fault> {
    let named = names(permit.operation().index);
    let gathered = permit.gathered();
    let same = |parameter: &str, name: &str| {
        if request.parameter(parameter) == name {
            return Ok(());
        }
        Err(Fault::new(
            FaultKind::BadRequest,
            "path.ambiguous",
            format!("the upstream gets the path as it is: write {name:?}, as it is called here"),
        ))
    };
    if let (Some(RepositoryName::OwnerAndName(owner, name)), Named::Repository(repository, holder)) =
        (named.repository, gathered.named(Target::Repository))
    {
        same(owner, &holder.row.login)?;
        same(name, &repository.row.name)?;
    }
    if let (Some(AccountName::Login(login)), Named::Account(owner)) =
        (named.organization, gathered.named(Target::Organization))
    {
        same(login, &owner.row.login)?;
    }
    Ok(())
}

/// The path and query below a mount, as they came.
pub fn as_it_came(uri: &Uri, mount: &str) -> Result<String, Fault> {
    let path = uri.path().strip_prefix(mount).ok_or_else(Fault::not_found)?;
    let path = if path.is_empty() { "/" } else { path };
    Ok(match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    })
}

/// What a parameter of the path is called at the upstream; `None` if it stays as it came.
fn other_name<'a>(
    parameter: &str,
    named: &bailiwick_catalogue::Names,
    theirs: &'a Theirs,
) -> Result<Option<&'a str>, Fault> {
    match named.repository {
        Some(RepositoryName::OwnerAndName(owner, name)) if parameter == owner || parameter == name => {
            let (login, repository) = theirs.repository.as_ref().ok_or_else(unnamed)?;
            let one = if parameter == owner { login } else { repository };
            return Ok(Some(one));
        }
        Some(RepositoryName::Id(id)) if parameter == id => {
            return theirs.repository_key.as_deref().map(Some).ok_or_else(unnamed);
        }
        Some(_) | None => {}
    }
    match named.organization {
        Some(AccountName::Login(login)) if parameter == login => {
            theirs.account.as_deref().map(Some).ok_or_else(unnamed)
        }
        Some(AccountName::Id(id) | AccountName::Team(id)) if parameter == id => Err(Fault::new(
            FaultKind::NotImplemented,
            "upstream.by_number",
            "numbers of accounts and teams are this server's own; name it by its login or slug",
        )),
        Some(_) | None => Ok(None),
    }
}
