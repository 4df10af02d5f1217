//! What the doctor looks at of each upstream: what is set, who is linked, how old its facts are, which tokens cannot be
//! honoured there. What it is like from here is examined beside this file.

use super::examine::{Findings, GUIDE, examine};
use super::load::upstream_place;
use super::{Place, Upstream};
use crate::Authority;
use crate::admin::doctor::{Check, failure, good, warning};
use crate::fault::Fault;
use crate::permit::Permit;
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::{AccountId, RepositoryId, Timestamp, UpstreamKind, UpstreamMode, Visibility};
use bailiwick_store::grant::{self, GrantQuery};
use bailiwick_store::{Tx, UpstreamRow, upstream};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Repositories and links of one upstream that are looked at.
const LOOKED_AT_MAX: usize = 50;
/// Grants of one owner that are looked at.
const GRANTS_MAX: usize = 5000;
/// Names in one message.
const NAMES_MAX: usize = 5;

/// A repository there, for examining.
pub(super) struct Bound {
    /// `owner/name` there.
    pub name: String,
    /// Whether everybody may read it here.
    pub public: bool,
}

/// A link, for examining.
pub(super) struct Known {
    /// The login there.
    pub login: String,
    /// The id there.
    pub key: Option<String>,
    /// Who it is here.
    pub account: AccountId,
}

/// One upstream with what is known of it here.
pub(super) struct Case {
    pub row: UpstreamRow,
    pub upstream: Option<Arc<Upstream>>,
    pub bound: Vec<Bound>,
    pub known: Vec<Known>,
    owners: BTreeSet<AccountId>,
}

impl Authority {
    /// The checks of an upstream, or of all of them. Asks each over the network.
    pub fn upstream_checks(&self, permit: &Permit, name: Option<&str>) -> Result<Vec<Check>, Fault> {
        let now = permit.now();
        let loaded = self.upstreams()?;
        let mut checks = Vec::new();
        let mut cases = Vec::new();
        self.read(permit, |tx| {
            for row in upstream::all(tx)? {
                if name.is_some_and(|name| name != row.name) {
                    continue;
                }
                let case = case(tx, row, &loaded)?;
                let name = case.row.name.clone();
                let mut found = state(&case, now);
                if case.row.credential.is_some() && case.upstream.is_none() {
                    found.extend(self.sealed(&case.row));
                }
                found.extend(tokens(tx, &case)?);
                found.extend(unknown(tx, &case)?);
                checks.extend(found.into_iter().map(|check| check.of(&name)));
                cases.push(case);
            }
            Ok::<_, Fault>(())
        })?;
        for case in &cases {
            if let (Some(Place::Directory(_)), Some(upstream)) =
                (case.upstream.as_ref().map(|one| &one.place), &case.upstream)
            {
                checks.push(self.directory_check(upstream, &case.bound).of(&case.row.name));
            }
        }
        checks.extend(asked(cases, &self.settings.base_url, now));
        Ok(checks)
    }

    fn sealed(&self, row: &UpstreamRow) -> Option<Check> {
        let opened = self.open_secrets(row.credential.as_ref(), &upstream_place(row.id));
        opened.err().map(|_| {
            failure(
                "upstream_credential",
                "the credential cannot be opened: the sealing key is not the one that it was sealed with",
                "bring the key back, or set the credential again",
            )
        })
    }

    fn directory_check(&self, upstream: &Upstream, bound: &[Bound]) -> Check {
        let lost: Vec<&str> = bound
            .iter()
            .filter(|one| self.open_there(upstream, &one.name).is_err())
            .map(|one| one.name.as_str())
            .collect();
        if lost.is_empty() {
            let message = format!("{} repositories in the directory can be opened", bound.len());
            return good("upstream_reachable", message);
        }
        let message = format!("repositories that cannot be opened: {}", some(&lost));
        let help = "they must lie in the directory, without symbolic links, and belong to the user that the server runs as";
        failure("upstream_reachable", message, help)
    }
}

fn case(tx: &mut Tx<'_>, row: UpstreamRow, loaded: &super::Upstreams) -> Result<Case, Fault> {
    let rows = upstream::repositories(tx, row.id, RepositoryId(0), usize::MAX)?;
    let mut owners: BTreeSet<AccountId> = rows.iter().map(|row| row.owner_id).collect();
    owners.extend(upstream::accounts(tx, row.id)?.into_iter().map(|row| row.id));
    let bound = rows
        .into_iter()
        .take(LOOKED_AT_MAX)
        .filter_map(|row| {
            Some(Bound {
                name: row.upstream_name?,
                public: row.visibility == Visibility::Public,
            })
        })
        .collect();
    let links = upstream::links(tx, row.id)?;
    let known = links.into_iter().filter(|link| link.active).map(|link| Known {
        login: link.login,
        key: link.upstream_key,
        account: link.account_id,
    });
    Ok(Case {
        upstream: loaded.get(row.id).cloned(),
        bound,
        known: known.collect(),
        owners,
        row,
    })
}

/// What the row alone tells.
fn state(case: &Case, now: Timestamp) -> Vec<Check> {
    let mut checks = Vec::new();
    let Some(upstream) = &case.upstream else {
        checks.push(failure(
            "upstream_usable",
            "it cannot be used: everything that lives there is refused",
            "the server's log tells what is wrong with its settings or its credential",
        ));
        return checks;
    };
    match (case.row.mode, case.row.observe_until) {
        (UpstreamMode::Observe, Some(end)) if now < end => checks.push(warning(
            "upstream_mode",
            format!("only observed until {}: nothing is refused", end.rfc3339()),
            "set the mode enforce once the report shows what everybody needs",
        )),
        (UpstreamMode::Observe, Some(end)) => checks.push(warning(
            "upstream_mode",
            format!("observing has ended at {}: it is enforced", end.rfc3339()),
            "set the mode enforce, so that it says what is so",
        )),
        (UpstreamMode::Observe, None) | (UpstreamMode::Enforce, _) => {
            checks.push(good("upstream_mode", "enforced"));
        }
    }
    checks.extend(facts_age(upstream, now));
    if let Place::Server { web, api } = &upstream.place {
        let open = [web, api].into_iter().find(|client| !client.address().is_tls());
        if let Some(client) = open.filter(|client| !is_this_machine(client.address().host())) {
            checks.push(warning(
                "upstream_tls",
                format!(
                    "{} is not encrypted: its credential crosses the network readable",
                    client.address()
                ),
                "give it a certificate and an https address; a certificate of your own can be pinned",
            ));
        }
    }
    checks
}

pub(super) fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host == "::1" || host.starts_with("127.")
}

fn facts_age(upstream: &Upstream, now: Timestamp) -> Option<Check> {
    let bound = upstream.settings.facts_seconds_max?;
    Some(match upstream.synchronised_at {
        _ if upstream.is_stale(now) => {
            let message = match upstream.synchronised_at {
                None => String::from("its directory was never synchronised: everything there is refused"),
                Some(at) => format!(
                    "its directory was last synchronised at {}, longer ago than {bound} seconds: everything there is refused",
                    at.rfc3339()
                ),
            };
            failure(
                "upstream_facts",
                message,
                "look why its synchronisation has stopped",
            )
        }
        Some(at) => good("upstream_facts", format!("synchronised at {}", at.rfc3339())),
        None => good("upstream_facts", "kept here"),
    })
}

/// Tokens that are promised something which this upstream cannot keep.
fn tokens(tx: &mut Tx<'_>, case: &Case) -> Result<Vec<Check>, Fault> {
    let Some(upstream) = &case.upstream else {
        return Ok(Vec::new());
    };
    let linked: BTreeSet<AccountId> = case.known.iter().map(|known| known.account).collect();
    let persons = matches!(upstream.kind, UpstreamKind::Gitea | UpstreamKind::GitHub);
    let unread = matches!(upstream.place, Place::Server { .. })
        && upstream.kind != UpstreamKind::Generic
        && upstream.kind.registry().is_none()
        && !upstream.settings.inspect;
    let (mut unlinked, mut barred) = (BTreeSet::new(), 0_usize);
    for owner in &case.owners {
        let query = GrantQuery {
            active: true,
            limit: GRANTS_MAX,
            ..GrantQuery::default()
        };
        for held in grant::list(tx, ResourceOwner::Account(*owner), &query)? {
            if persons && !linked.contains(&held.holder.id) {
                unlinked.insert(held.holder.login.clone());
            }
            let level = |slug: &str| held.grant.permissions.get(slug).map(String::as_str);
            if unread && level("contents") == Some("write") && level("workflows").is_none() {
                barred += 1;
            }
        }
    }
    let mut checks = Vec::new();
    if !unlinked.is_empty() {
        let names: Vec<&str> = unlinked.iter().map(String::as_str).collect();
        checks.push(warning(
            "upstream_links",
            format!(
                "hold tokens for what lives there, and are nobody there: {}",
                some(&names)
            ),
            "link each to their account there: bailiwick admin upstream link",
        ));
    }
    if barred > 0 {
        checks.push(warning(
            "upstream_tokens",
            format!("{barred} grants may write contents but not workflows, and cannot push there"),
            "set inspect = true, so that pushes are looked into before they are passed on, or grant workflows",
        ));
    }
    Ok(checks)
}

/// What tokens may have planted there, and nobody here knows.
fn unknown(tx: &mut Tx<'_>, case: &Case) -> Result<Option<Check>, Fault> {
    let count = bailiwick_store::planted::unknown_at(tx, case.row.id.0)?;
    Ok((count > 0).then(|| {
        warning(
            "upstream_planted",
            format!("{count} keys, hooks or the like that tokens planted, or may have, and that cannot be ended from here"),
            "look for them there: the lists of planted credentials tell who made them, when and where",
        )
    }))
}

/// Asks every server at the same time.
fn asked(cases: Vec<Case>, base_url: &str, now: Timestamp) -> Vec<Check> {
    let Ok(runtime) = tokio::runtime::Handle::try_current() else {
        return Vec::new();
    };
    let running: Vec<_> = cases
        .into_iter()
        .filter(|case| case.upstream.is_some())
        .map(|case| {
            let (name, base_url) = (case.row.name.clone(), base_url.to_owned());
            (
                name,
                runtime.spawn(async move { examine(&case, &base_url, now).await }),
            )
        })
        .collect();
    let mut checks = Vec::new();
    for (name, task) in running {
        let found: Findings = runtime
            .block_on(task)
            .unwrap_or_else(|_| vec![failure("upstream_reachable", "the examination broke off", GUIDE)]);
        checks.extend(found.into_iter().map(|check| check.of(&name)));
    }
    checks
}

/// The first few names.
pub(super) fn some(names: &[&str]) -> String {
    let mut text = names
        .iter()
        .take(NAMES_MAX)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > NAMES_MAX {
        text.push_str(" …");
    }
    text
}
