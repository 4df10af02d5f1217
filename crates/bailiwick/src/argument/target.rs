//! What a token may do, as arguments: one owner in parts, or several as `OWNER/REPOSITORIES:PERMISSIONS`.

use crate::failure::Failure;
use clap::Args;
use serde_json::{Map, Value, json};

/// A permission with its level.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Permission {
    /// Its slug.
    pub slug: String,
    /// `none`, `read`, `write` or `admin`.
    pub level: String,
}

impl std::str::FromStr for Permission {
    type Err = String;

    fn from_str(text: &str) -> Result<Permission, String> {
        let (slug, level) = text.split_once('=').ok_or("write it like issues=read")?;
        let slug = slug.trim().replace('-', "_");
        let level = level.trim();
        if slug.is_empty() || !matches!(level, "none" | "read" | "write" | "admin") {
            return Err("write it like issues=read; levels are none, read, write and admin".into());
        }
        Ok(Permission {
            slug,
            level: level.to_owned(),
        })
    }
}

/// Permissions as the object of a request's body. Naming one twice is refused: which of the two is meant?
pub fn permissions(list: &[Permission]) -> Result<Value, Failure> {
    let mut object = Map::new();
    for Permission { slug, level } in list {
        if object.insert(slug.clone(), json!(level)).is_some() {
            return Err(Failure::Usage(format!("the permission {slug} is named twice")));
        }
    }
    Ok(Value::Object(object))
}

/// What the token may do, owner by owner.
#[derive(Args, Clone, Debug, Default)]
pub struct Targets {
    /// The user or organization whose resources the token is for [default: the owner of --repository]
    #[arg(long, value_name = "LOGIN")]
    pub owner: Option<String>,
    /// The enterprise whose own resources the token is for
    #[arg(long, value_name = "SLUG", conflicts_with_all = ["owner", "repository", "all_repositories"])]
    pub enterprise: Option<String>,
    /// A repository: site, or acme/site; may be repeated
    #[arg(long, short = 'r', value_name = "NAME")]
    pub repository: Vec<String>,
    /// All repositories of the owner, also future ones
    #[arg(long, conflicts_with = "repository")]
    pub all_repositories: bool,
    /// A permission with its level, such as issues=read; may be repeated. In an edit, these replace all that it had there
    #[arg(long, short = 'p', value_name = "NAME=LEVEL")]
    pub permission: Vec<Permission>,
    /// Why, for whoever approves it
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// One owner in one piece; may be repeated for several owners: 'acme/site,www:issues=read,contents=write',
    /// 'acme/*:contents=read' (all), 'acme:members=read' (no private ones), 'enterprises/acme-enterprise:…'
    #[arg(long, value_name = "OWNER[/REPOSITORIES]:PERMISSIONS")]
    pub grant: Vec<String>,
}

impl Targets {
    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        !self.in_parts() && self.grant.is_empty()
    }

    fn in_parts(&self) -> bool {
        self.owner.is_some()
            || self.enterprise.is_some()
            || !self.repository.is_empty()
            || self.all_repositories
            || !self.permission.is_empty()
    }

    /// Whether it is said in parts, without whose resources it is for.
    pub fn is_of_nobody(&self) -> bool {
        let named = |name: &String| name.contains('/');
        self.in_parts()
            && self.owner.is_none()
            && self.enterprise.is_none()
            && !self.repository.iter().any(named)
    }

    /// Whether anything is said of repositories.
    pub fn selects(&self) -> bool {
        self.all_repositories || !self.repository.is_empty()
    }

    /// The grants of a request's body.
    pub fn grants(&self) -> Result<Vec<Value>, Failure> {
        let mut grants = Vec::new();
        if self.in_parts() {
            grants.push(self.parts()?);
        }
        for text in &self.grant {
            grants.push(piece(text)?);
        }
        if let Some(reason) = &self.reason {
            for grant in grants.iter_mut().filter_map(Value::as_object_mut) {
                grant.insert("reason".into(), json!(reason));
            }
        }
        Ok(grants)
    }

    fn parts(&self) -> Result<Value, Failure> {
        let mut owner = self.owner.clone();
        let mut names = Vec::new();
        for repository in &self.repository {
            let name = match repository.split_once('/') {
                Some((login, name)) => {
                    let known = owner.get_or_insert_with(|| login.to_owned());
                    if !known.eq_ignore_ascii_case(login) {
                        return Err(Failure::Usage(format!(
                            "{repository} belongs to another owner than {known}; use --grant for several owners"
                        )));
                    }
                    name
                }
                None => repository,
            };
            names.push(name.to_owned());
        }
        let selection = match (self.all_repositories, names.is_empty()) {
            (true, _) => Selection::All,
            (false, true) => Selection::None,
            (false, false) => Selection::Subset(names),
        };
        let permissions = permissions(&self.permission)?;
        match (owner, &self.enterprise) {
            (Some(owner), _) => Ok(grant("owner", &owner, selection, permissions)),
            (None, Some(slug)) => Ok(grant("enterprise", slug, Selection::None, permissions)),
            (None, None) => Err(Failure::Usage(
                "say whose resources the token is for: --owner LOGIN".into(),
            )),
        }
    }
}

enum Selection {
    All,
    Subset(Vec<String>),
    None,
}

fn grant(kind: &str, owner: &str, selection: Selection, permissions: Value) -> Value {
    let mut grant = Map::new();
    grant.insert(kind.into(), json!(owner));
    let word = match selection {
        Selection::All => "all",
        Selection::None => "none",
        Selection::Subset(names) => {
            grant.insert("repositories".into(), json!(names));
            "subset"
        }
    };
    if kind == "owner" {
        grant.insert("repository_selection".into(), json!(word));
    }
    grant.insert("permissions".into(), permissions);
    Value::Object(grant)
}

/// Reads `OWNER[/REPOSITORIES]:PERMISSIONS`.
pub fn piece(text: &str) -> Result<Value, Failure> {
    let wrong = |why: &str| Failure::Usage(format!("{text:?} is no grant: {why}"));
    let (place, list) = text
        .split_once(':')
        .ok_or_else(|| wrong("write it like acme/site:issues=read"))?;
    let list: Vec<Permission> = list
        .split(',')
        .filter(|item| !item.trim().is_empty())
        .map(str::parse)
        .collect::<Result<_, String>>()
        .map_err(|why| wrong(&why))?;
    let permissions = permissions(&list)?;
    if let Some(slug) = place.strip_prefix("enterprises/") {
        return Ok(grant("enterprise", slug, Selection::None, permissions));
    }
    let (owner, selection) = match place.split_once('/') {
        None => (place, Selection::None),
        Some((owner, "*")) => (owner, Selection::All),
        Some((owner, names)) => {
            let names: Vec<String> = names.split(',').map(|name| name.trim().to_owned()).collect();
            if names.iter().any(|name| name.is_empty() || name.contains('/')) {
                return Err(wrong("repositories are names of that owner, separated by commas"));
            }
            (owner, Selection::Subset(names))
        }
    };
    if owner.is_empty() {
        return Err(wrong("there is no owner"));
    }
    Ok(grant("owner", owner, selection, permissions))
}
