//! Whether a name at an upstream still is what was decided on. Things are known here by their ids; what is asked for is
//! asked by name, and a name that became free can be somebody else's before the next synchronisation.

use crate::credential::Credential;
use crate::fault;
use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::upstream::confirmed::Thing;
use bailiwick_authority::{Authority, Fault, FaultKind, Named, Permit};
use bailiwick_catalogue::{self as catalogue, Door, Target};
use bailiwick_gate::encode;
use bailiwick_model::UpstreamKind;
use bailiwick_upstream::Probed;
use serde_json::Value;
use std::time::Duration;

/// How long the upstream's word counts, in seconds: one question for each thing in that time, and nobody who takes a
/// name is reached for longer.
pub const COUNTS_SECONDS: i64 = 60;
/// How long the upstream may take to tell.
const FOR_MAX: Duration = Duration::from_secs(8);

/// A thing at an upstream.
#[derive(Clone, Copy, Debug)]
pub struct There<'a> {
    /// What it is.
    pub thing: Thing,
    /// Its name there.
    pub name: &'a str,
    /// Its id there.
    pub id: &'a str,
}

/// Everything that a permitted request names, as far as ids are known.
pub async fn of_permit(
    authority: &Authority,
    permit: &Permit,
    upstream: &Upstream,
    credential: &Credential,
) -> Result<(), Fault> {
    if !has_ids(upstream) {
        return Ok(());
    }
    let organization = catalogue::names(permit.operation().index).organization.is_some();
    for target in [
        Target::Repository,
        Target::Organization,
        Target::Destination,
        Target::SecondRepository,
    ] {
        // Of a repository's owner nothing but the repository is asked for.
        if target == Target::Organization && !organization {
            continue;
        }
        let (thing, bound, name, id) = match permit.gathered().named(target) {
            Named::Repository(it, _) => {
                let row = &it.row;
                (
                    Thing::Repository,
                    row.upstream_id,
                    &row.upstream_name,
                    &row.upstream_key,
                )
            }
            Named::Account(it) => {
                let row = &it.row;
                (
                    Thing::Account,
                    row.upstream_id,
                    &row.upstream_name,
                    &row.upstream_key,
                )
            }
            Named::Absent | Named::Missing | Named::Enterprise(_) => continue,
        };
        if let (Some(name), Some(id)) = (name, id)
            && bound == Some(upstream.id)
        {
            let checked = check(authority, upstream, credential, There { thing, name, id }).await;
            checked.map_err(|fault| for_door(fault, permit.operation().door))?;
        }
    }
    Ok(())
}

/// Git shows our 404 as one that tells of tokens and grants, and neither is at fault.
fn for_door(fault: Fault, door: Door) -> Fault {
    match (door, fault.kind) {
        (Door::Git, FaultKind::NotFound) => Fault::forbidden(fault.code, fault.message),
        _ => fault,
    }
}

/// Whether there is something to ask: plain Git, described APIs and registries know no ids.
fn has_ids(upstream: &Upstream) -> bool {
    match upstream.kind {
        UpstreamKind::GitHub | UpstreamKind::Gitea => true,
        UpstreamKind::Git
        | UpstreamKind::Generic
        | UpstreamKind::Oci
        | UpstreamKind::Npm
        | UpstreamKind::Maven
        | UpstreamKind::NuGet
        | UpstreamKind::PyPi => false,
    }
}

/// Refuses a name that is not the thing's any more. Asks the upstream, where it has not said so within the last minute.
// SECURITY: otherwise a request that was decided on for one repository, or as one person, would reach whoever has the
// name by now.
pub async fn check(
    authority: &Authority,
    upstream: &Upstream,
    credential: &Credential,
    there: There<'_>,
) -> Result<(), Fault> {
    if !has_ids(upstream)
        || upstream
            .confirmed()
            .is(there.thing, there.id, there.name, authority.now())
    {
        return Ok(());
    }
    // In a box, so that requests about what is confirmed are no larger for it.
    Box::pin(ask(authority, upstream, credential, there)).await
}

async fn ask(
    authority: &Authority,
    upstream: &Upstream,
    credential: &Credential,
    there: There<'_>,
) -> Result<(), Fault> {
    let path = match there.thing {
        Thing::Repository => {
            let (owner, name) = there
                .name
                .split_once('/')
                .ok_or_else(|| fault::renamed(upstream))?;
            format!("/repos/{}/{}", encode(owner), encode(name))
        }
        // Organizations are found so as well.
        Thing::Account => format!("/users/{}", encode(there.name)),
    };
    // From before it is asked: the answer may be long on its way.
    let now = authority.now();
    let headers: Vec<(&'static str, &str)> = credential
        .asks()
        .map(|text| ("authorization", text))
        .into_iter()
        .collect();
    let answer = upstream.api()?.probe(&path, &headers, FOR_MAX).await;
    let answer = answer.map_err(|error| fault::of_error(upstream, &error))?;
    if answer.status == 401 && !headers.is_empty() {
        return Err(credential.refused(upstream).await);
    }
    let id = id_of(upstream, &answer, there.thing)?;
    if id != there.id {
        tracing::warn!(
            upstream = upstream.name,
            name = there.name,
            "a name at an upstream is another thing's by now"
        );
        return Err(match there.thing {
            Thing::Repository => fault::renamed(upstream),
            Thing::Account => fault::somebody_else(upstream),
        });
    }
    let until = now.plus_seconds(COUNTS_SECONDS);
    upstream
        .confirmed()
        .note(there.thing, there.id, there.name, now, until);
    Ok(())
}

/// The id that the upstream tells. What it does not tell is no id.
fn id_of(upstream: &Upstream, answer: &Probed, thing: Thing) -> Result<String, Fault> {
    let name = &upstream.name;
    match answer.status {
        200 => {}
        301 | 302 | 307 | 308 => {
            return Err(match thing {
                Thing::Repository => fault::renamed(upstream),
                Thing::Account => fault::somebody_else(upstream),
            });
        }
        404 | 410 => {
            return Err(match thing {
                Thing::Repository => fault::hidden(upstream),
                Thing::Account => fault::unknown(upstream),
            });
        }
        403 | 429 => {
            let message = format!("the upstream {name} refuses this to the account that stands for you");
            return Err(Fault::forbidden("upstream.refused", message));
        }
        _ => return Err(untold(upstream)),
    }
    let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let id = said.get("id").and_then(Value::as_u64);
    id.map(|id| id.to_string()).ok_or_else(|| untold(upstream))
}

fn untold(upstream: &Upstream) -> Fault {
    Fault::new(
        FaultKind::BadGateway,
        "upstream.not_confirmed",
        format!(
            "the upstream {} does not tell whether what is asked for is still the same there: try again later",
            upstream.name
        ),
    )
}
