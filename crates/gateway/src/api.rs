//! Calls of an upstream's API: the path under its names, the caller's body, the answer as it comes.

use crate::credential;
use crate::exchange::{Question, ask, body_of, cut_off, held, reply};
use crate::headers::{Links, Names, incoming};
use crate::identity::{self, There};
use crate::planting::{Planting, may_have_arrived};
use crate::target::{Theirs, as_it_came, named_as_here, of_call};
use crate::{blocking, checks, destination, heads, sudo};
use bailiwick_authority::transfer::Lease;
use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::upstream::confirmed::Thing;
use bailiwick_authority::upstream::forward::Cleared;
use bailiwick_authority::{Authority, Fault, FaultKind, Named, Permit, Witness};
use bailiwick_catalogue::{Door, Target};
use bailiwick_gate::{Answer, Reply, ReplyBody, StreamCall};
use bailiwick_model::UpstreamKind;
use bailiwick_upstream::{Answer as Answered, OutgoingBody};
use http_body_util::{BodyExt, Limited};
use std::sync::Arc;

/// Passes a call on.
pub async fn serve(call: StreamCall, upstream: &Arc<Upstream>) -> Answer {
    let StreamCall {
        authority,
        permit,
        request,
        body,
    } = call;
    let operation = permit.operation();
    checks::of_call(&permit, &request, upstream)?;
    let door = door_of(operation.door, upstream);
    let theirs = match operation.door {
        // Its paths are its own: they name what the file says.
        Door::Mounted => Theirs::default(),
        _ => {
            let theirs = Theirs::of(&permit, upstream)?;
            Box::pin(linked(&authority, &permit, upstream, theirs)).await?
        }
    };
    let target = match operation.door {
        Door::Mounted => {
            named_as_here(&permit, &request)?;
            as_it_came(&request.uri, door)?
        }
        _ => of_call(&permit, &request.uri, door, &theirs)?,
    };
    let cleared = if permit.is_provisional() {
        let workflow = checks::may_touch_workflow(operation, &request);
        let (authority, upstream) = (authority.clone(), upstream.clone());
        blocking(move || authority.clear(permit, &upstream, workflow)).await?
    } else {
        // Nothing is open, so nothing is asked.
        authority.clear(permit, upstream, true)?
    };
    let credential = credential::of(&authority, cleared.permit(), upstream).await?;
    if let (Some(name), Some(id)) = (&theirs.account, &theirs.account_key)
        && bailiwick_catalogue::names(operation.index).organization.is_some()
    {
        let thing = Thing::Account;
        Box::pin(identity::check(
            &authority,
            upstream,
            &credential,
            There { thing, name, id },
        ))
        .await?;
    }
    let body = if operation.id == "pulls/create" {
        Box::pin(heads::checked(body, theirs.owner())).await?
    } else if destination::decides(operation) {
        Box::pin(destination::checked(body, &request.query)).await?
    } else {
        body_of(&request.method, &request.headers, body).await?
    };
    let (body, lease) = held(&authority, cleared.permit(), body).await?;
    let client = upstream.api()?;
    let question = Question {
        upstream,
        client,
        method: request.method.clone(),
        target,
        headers: &request.headers,
        credential: &credential,
    };
    let make = || Names {
        home: format!("{}{door}", request.base_url),
        repository: names(&theirs, &cleared),
        moved: moved(operation.door, &theirs, cleared.permit().gathered()),
        asked: format!("{}{}", request.base_url, request.uri.path()),
    };
    let links = Links::new(client.address(), &make);
    if !operation.writes {
        let answer = ask(&question, body).await?;
        lease.as_deref().map_or(Ok(()), cut_off)?;
        return understood(&question, reply(&question, answer, &links).await?).await;
    }
    // In a box, so that reads are no larger for it.
    Box::pin(change(&authority, &cleared, &question, body, lease, &links)).await
}

/// Passes a change on.
async fn change(
    authority: &Arc<Authority>,
    cleared: &Cleared,
    question: &Question<'_>,
    body: OutgoingBody,
    lease: Option<Arc<Lease>>,
    links: &Links<'_>,
) -> Answer {
    let upstream = question.upstream;
    // INVARIANT: on record before the upstream hears of it: no change is made that the log does not know.
    let witness = authority.witness(cleared.permit());
    authority.forward_begin(cleared, upstream).durable().await?;
    let planting = Planting::begin(authority, &witness, upstream).await?;
    let asked = ask(question, body).await;
    match lease.as_deref().map_or(Ok(()), cut_off).and(asked) {
        Ok(answer) if cleared.permit().operation().plants && answer.status.is_success() => {
            planted(planting, witness, answer, links).await
        }
        Ok(answer) => {
            planting.failed(&witness, answer.status.is_server_error()).await?;
            let answer = understood(question, reply(question, answer, links).await?).await?;
            let status = answer.status;
            if status.is_client_error() || status.is_server_error() {
                let failed =
                    authority.forward_failed(&witness, upstream, "upstream.refused", Some(status.as_u16()));
                failed.durable().await?;
            }
            Ok(answer)
        }
        // Here and not by the gate, which is not there any more when the client has left.
        Err(fault) => {
            planting.failed(&witness, may_have_arrived(&fault)).await?;
            let receipt = match fault.kind {
                FaultKind::Forbidden => authority.forward_refused(&witness, upstream, fault.code),
                _ => authority.forward_failed(&witness, upstream, fault.code, None),
            };
            receipt.durable().await?;
            Err(fault.recorded())
        }
    }
}

/// What the upstream made can itself authenticate: recorded under the token before the caller hears of it.
async fn planted(planting: Planting, witness: Witness, answer: Answered, links: &Links<'_>) -> Answer {
    let Answered {
        status,
        headers,
        body,
    } = answer;
    let read = Limited::new(body, PLANTED_BYTES_MAX).collect().await;
    // Unreadable or not, something was made.
    let bytes = read.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let said = serde_json::from_slice(&bytes).unwrap_or(serde_json::Value::Null);
    planting.answered(witness, said).await?;
    Ok(Reply {
        status,
        headers: incoming(headers, links, false),
        body: ReplyBody::Stream(bailiwick_gate::whole(bytes)),
        action: None,
    })
}

/// The largest answer about something planted, in bytes.
const PLANTED_BYTES_MAX: usize = 1 << 20;

/// With the name of a person who is not bound to a server, but linked.
async fn linked(
    authority: &Arc<Authority>,
    permit: &Permit,
    upstream: &Upstream,
    mut theirs: Theirs,
) -> Result<Theirs, Fault> {
    if let (Named::Account(named), None) = (permit.gathered().named(Target::Organization), &theirs.account)
        && named.row.upstream_id.is_none()
    {
        let link = credential::link_of(authority, upstream, named.row.id).await?;
        theirs.account = link.as_ref().map(|link| link.login.clone());
        theirs.account_key = link.and_then(|link| link.key.clone());
    }
    Ok(theirs)
}

/// What an upstream says about the one who stands for the caller is told in our words.
async fn understood(question: &Question<'_>, answer: Reply) -> Answer {
    match question.upstream.kind {
        UpstreamKind::Gitea => Box::pin(sudo::understood(question, answer)).await,
        _ => Ok(answer),
    }
}

/// The start of a door's paths here.
fn door_of(door: Door, upstream: &Upstream) -> &str {
    match (door, &upstream.extension) {
        (Door::Mounted, Some(extension)) => extension.mount(),
        (door, _) => checks::prefix(door),
    }
}

/// What is called by one name or number there, and by another name here.
pub fn moved(door: Door, theirs: &Theirs, gathered: &bailiwick_authority::Gathered) -> Vec<(String, String)> {
    let mut moved = Vec::new();
    if door != Door::Api {
        return moved;
    }
    if let (Some((owner, name)), Some(ours)) = (&theirs.repository, gathered.full_name()) {
        moved.push((format!("/repos/{owner}/{name}"), format!("/repos/{ours}")));
        if let Some(key) = &theirs.repository_key {
            moved.push((format!("/repositories/{key}"), format!("/repos/{ours}")));
        }
    }
    if let (Some(name), Some(ours)) = (&theirs.account, gathered.owner()) {
        for kind in ["orgs", "users"] {
            moved.push((format!("/{kind}/{name}"), format!("/{kind}/{}", ours.login)));
        }
        if let Some(key) = &theirs.account_key {
            moved.push((format!("/organizations/{key}"), format!("/orgs/{}", ours.login)));
            moved.push((format!("/user/{key}"), format!("/users/{}", ours.login)));
        }
    }
    moved
}

fn names(theirs: &Theirs, cleared: &Cleared) -> Option<(String, String)> {
    let (owner, name) = theirs.repository.as_ref()?;
    let ours = cleared.permit().gathered().full_name()?;
    Some((format!("/{owner}/{name}"), format!("/{ours}")))
}
