//! Whose a package is: its row, then an administrator's link, then the rule of its kind; never a guess.

use super::PackageRecord;
use crate::fault::Fault;
use crate::names::PackageKey;
use bailiwick_model::{RegistryKind, RepositoryId, UpstreamId, UpstreamKind, Visibility};
use bailiwick_store::facts::{self, ByName};
use bailiwick_store::{PackageHow, PackageLinkRow, PackageRow, Tx, package, upstream};
use bailiwick_wire::registry::{PackageName, above};

/// Whose a package is; `None` is nobody's. What its owner or repository is by now is looked up by whoever asks.
pub(crate) fn resolve(tx: &mut Tx<'_>, key: &PackageKey) -> Result<Option<PackageRecord>, Fault> {
    let Some(artifact) = as_artifact(key) else {
        return read_once(tx, key);
    };
    // SECURITY: one file holds both an artifact's versions and a group's plugins. Where both are somebody's, and not the
    // same one's, whose the file is, is not guessed.
    let both = [read_once(tx, &artifact)?, read_once(tx, key)?];
    Ok(match both {
        [Some(one), Some(other)] => same(&one, &other).then_some(other),
        [Some(artifact), None] => Some(PackageRecord {
            id: None,
            name: key.name.normal.clone(),
            ..artifact
        }),
        [None, group] => group,
    })
}

/// A directory of Maven's metadata, named by dots alone, read as an artifact's.
fn as_artifact(key: &PackageKey) -> Option<PackageKey> {
    let dots =
        (key.registry == RegistryKind::Maven && !key.name.normal.contains(':')).then_some(&key.name.normal);
    let (group, artifact) = dots?.rsplit_once('.')?;
    let normal = format!("{group}:{artifact}");
    Some(PackageKey {
        name: PackageName {
            sent: normal.clone(),
            normal,
        },
        ..key.clone()
    })
}

fn same(one: &PackageRecord, other: &PackageRecord) -> bool {
    let whose = |record: &PackageRecord| (record.upstream, record.owner, record.repository, record.public);
    whose(one) == whose(other)
}

fn read_once(tx: &mut Tx<'_>, key: &PackageKey) -> Result<Option<PackageRecord>, Fault> {
    match by_row(tx, key)? {
        Row::One(row) => return Ok(Some(of_row(*row))),
        // SECURITY: two of one name, at two registries: which is meant is not guessed.
        Row::Several => return Ok(None),
        Row::None => {}
    }
    match by_link(tx, key)? {
        Link::One(link) => return Ok(Some(of_link(key, &link))),
        Link::Several => return Ok(None),
        Link::None => {}
    }
    by_rule(tx, key)
}

enum Row {
    None,
    One(Box<PackageRow>),
    Several,
}

fn by_row(tx: &mut Tx<'_>, key: &PackageKey) -> Result<Row, Fault> {
    let name = &key.name.normal;
    if let Some(id) = key.upstream {
        let found = package::by_name(tx, id, name)?;
        return Ok(found.map_or(Row::None, |row| Row::One(Box::new(row))));
    }
    let mut rows = package::of_kind(tx, key.registry, name)?.into_iter();
    Ok(match (rows.next(), rows.next()) {
        (None, _) => Row::None,
        (Some(row), None) => Row::One(Box::new(row)),
        (Some(_), Some(_)) => Row::Several,
    })
}

fn of_row(row: PackageRow) -> PackageRecord {
    PackageRecord {
        id: Some(row.id),
        kind: row.kind,
        upstream: Some(row.upstream_id),
        name: row.name,
        owner: row.account_id,
        repository: row.repository_id,
        public: row.visibility == Visibility::Public,
        how: row.how,
    }
}

enum Link {
    None,
    One(Box<PackageLinkRow>),
    Several,
}

/// The link that fits most exactly: of the name itself, then of the longest name above it.
fn by_link(tx: &mut Tx<'_>, key: &PackageKey) -> Result<Link, Fault> {
    let names = above(key.registry, &key.name.normal);
    let mut links = package::links_named(tx, key.registry, &names)?;
    links.retain(|link| key.upstream.is_none_or(|id| id == link.upstream_id));
    for name in names {
        for exact in [true, false] {
            if exact && name != key.name.normal {
                continue;
            }
            let mut fit = links
                .iter()
                .filter(|link| link.exact == exact && link.name == name);
            match (fit.next(), fit.next()) {
                (None, _) => {}
                (Some(link), None) => return Ok(Link::One(Box::new(link.clone()))),
                (Some(_), Some(_)) => return Ok(Link::Several),
            }
        }
    }
    Ok(Link::None)
}

fn of_link(key: &PackageKey, link: &PackageLinkRow) -> PackageRecord {
    let group = key.registry == RegistryKind::Maven && !link.exact;
    PackageRecord {
        id: None,
        kind: key.registry,
        upstream: Some(link.upstream_id),
        name: key.name.normal.clone(),
        owner: link.account_id,
        repository: link.repository_id,
        public: link.visibility == Visibility::Public,
        how: if group {
            PackageHow::Group
        } else {
            PackageHow::Link
        },
    }
}

/// The rule of the kind. A name that an account or a repository had before counts for nothing.
fn by_rule(tx: &mut Tx<'_>, key: &PackageKey) -> Result<Option<PackageRecord>, Fault> {
    let name = key.name.normal.as_str();
    let (login, second, how) = match key.registry {
        RegistryKind::Oci => {
            let mut pieces = name.split('/');
            let (Some(login), second) = (pieces.next(), pieces.next()) else {
                return Ok(None);
            };
            // SECURITY: an image of one piece alone is in no owner's namespace.
            let Some(second) = second else { return Ok(None) };
            (login, Some(second), PackageHow::Path)
        }
        RegistryKind::Npm => {
            let scope = name.strip_prefix('@').and_then(|rest| rest.split_once('/'));
            let Some((login, _)) = scope else { return Ok(None) };
            (login, None, PackageHow::Scope)
        }
        RegistryKind::Maven | RegistryKind::NuGet | RegistryKind::PyPi => return Ok(None),
    };
    let Some(rows) = facts::owner_by_login(tx, login)? else {
        return Ok(None);
    };
    let repository = match second {
        Some(second) => live_repository(tx, login, second)?,
        None => None,
    };
    Ok(Some(PackageRecord {
        id: None,
        kind: key.registry,
        upstream: match key.upstream {
            Some(id) => Some(id),
            None => registry_of(tx, rows.account.upstream_id, key.registry)?,
        },
        name: name.to_owned(),
        owner: rows.account.id,
        repository,
        public: false,
        how,
    }))
}

fn live_repository(tx: &mut Tx<'_>, owner: &str, name: &str) -> Result<Option<RepositoryId>, Fault> {
    Ok(match facts::repository_by_name(tx, owner, name)? {
        Some(ByName::Live(both)) => Some(both.0.id),
        Some(ByName::Moved(_)) | None => None,
    })
}

/// The registry that an owner is bound to; else the only one of the kind.
fn registry_of(
    tx: &mut Tx<'_>,
    bound: Option<UpstreamId>,
    kind: RegistryKind,
) -> Result<Option<UpstreamId>, Fault> {
    let mut of_kind = upstream::all(tx)?;
    of_kind.retain(|row| row.kind == UpstreamKind::from(kind));
    if let Some(id) = bound
        && of_kind.iter().any(|row| row.id == id)
    {
        return Ok(Some(id));
    }
    Ok(match of_kind.as_slice() {
        [one] => Some(one.id),
        _ => None,
    })
}
