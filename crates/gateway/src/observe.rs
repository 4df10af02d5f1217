//! Passes requests to an upstream that is only observed: with the caller's own credential of that upstream, byte for
//! byte, and nothing of ours. What it was used for is noted; nothing is refused here.

mod person;

use crate::exchange::body_of;
use crate::headers::{Links, Names, incoming, outgoing};
use crate::target::{Theirs, as_it_came, of_operation};
use crate::trailers::trimmed;
use crate::{blocking, checks, fault};
use bailiwick_authority::observe::{AsIf, Known, Observed};
use bailiwick_authority::{Authority, Fault, FaultKind, Receipt, RepositoryKey};
use bailiwick_catalogue::{Door, Operation, op};
use bailiwick_gate::{Answer, AnswerFuture, ObservedCall, Reply, ReplyBody, Request, encode};
use bailiwick_upstream::{Answer as Answered, Client, Fields, HeaderValue, Outgoing};
use http::{HeaderName, StatusCode, header};
use std::sync::Arc;

/// Passes an observed request on.
pub fn forward(call: ObservedCall) -> AnswerFuture {
    Box::pin(serve(call))
}

/// A request with what would have been decided.
struct Watched {
    authority: Arc<Authority>,
    observed: Arc<Observed>,
    person: Known,
    as_if: AsIf,
    writes: bool,
    asked: String,
}

async fn serve(call: ObservedCall) -> Answer {
    let ObservedCall {
        authority,
        observed,
        request,
        body,
    } = call;
    let observed = Arc::new(observed);
    let (client, target) = place(&observed, &request)?;
    let client = client.clone();
    let body = body_of(&request.method, &request.headers, body).await?;
    let watched = watch(authority, observed, &request).await?;
    let observed = watched.observed.clone();
    let mut headers = outgoing(&request.headers);
    bring(&observed, &mut headers)?;
    // INVARIANT: a change by somebody whom the upstream knows is on record before the upstream hears of it.
    if watched.writes && watched.is_vouched() {
        watched.begin().durable().await?;
    }
    let outgoing = Outgoing::new(request.method.clone(), &target, headers);
    let answer = match client.send(&outgoing, body).await {
        Ok(answer) => answer,
        Err(error) => {
            if watched.writes && watched.is_vouched() {
                watched.failed(None).durable().await?;
            }
            return Err(fault::of_error(observed.upstream(), &error));
        }
    };
    watched.answered(answer.status).await?;
    Ok(reply(&observed, &client, &request, answer))
}

/// Who asks, and what would be decided.
async fn watch(
    authority: Arc<Authority>,
    observed: Arc<Observed>,
    request: &Request,
) -> Result<Watched, Fault> {
    let person = person::of(&authority, &observed).await;
    let workflow = match observed.operation() {
        Some(operation) if operation.index == op::GIT_RECEIVE_PACK => true,
        Some(operation) => checks::may_touch_workflow(operation, request),
        None => true,
    };
    let mut as_if = {
        let (authority, observed, person) = (authority.clone(), observed.clone(), person.clone());
        blocking(move || authority.as_if(&observed, &person, workflow)).await?
    };
    match checks::of_request(
        observed.gathered(),
        observed.operation(),
        request,
        observed.upstream(),
    ) {
        // What can be read in two ways passes nowhere.
        Err(fault) if fault.kind == FaultKind::BadRequest => return Err(fault),
        Err(fault) if as_if.verdict == "allowed" => as_if.verdict = fault.code,
        Ok(()) | Err(_) => {}
    }
    let endless = |operation: &Operation| operation.spans && checks::follows_a_person(operation);
    if as_if.verdict == "allowed" && !as_if.needs.is_empty() && observed.operation().is_some_and(endless) {
        as_if.verdict = "upstream.spans";
    }
    Ok(Watched {
        writes: observed.writes(request.method.as_str()),
        // Without the query, which may carry anything.
        asked: format!("{} {}", request.method, request.uri.path()),
        authority,
        observed,
        person,
        as_if,
    })
}

impl Watched {
    fn is_vouched(&self) -> bool {
        matches!(self.person, Known::Person { .. })
    }

    fn begin(&self) -> Receipt {
        self.authority
            .observed_change(&self.observed, &self.person, &self.as_if)
    }

    fn failed(&self, status: Option<u16>) -> Receipt {
        self.authority
            .observed_failed(&self.observed, &self.person, &self.as_if, status)
    }

    /// Notes and records what the upstream made of it, before the caller hears of it.
    async fn answered(&self, status: StatusCode) -> Result<(), Fault> {
        let refused = status.is_client_error() || status.is_server_error();
        if self.writes && self.is_vouched() && refused {
            self.failed(Some(status.as_u16())).durable().await?;
        }
        // Of others it is worth a record once it was done: what anybody sends would fill the log.
        if self.writes && !self.is_vouched() && !refused {
            self.begin().durable().await?;
        }
        if status == StatusCode::UNAUTHORIZED {
            return Ok(());
        }
        self.authority.observed_use(
            &self.observed,
            &self.person,
            &self.as_if,
            self.writes,
            refused,
            &self.asked,
        );
        if !self.writes {
            self.authority
                .observed_read(&self.observed, &self.person, &self.as_if, refused);
        }
        Ok(())
    }
}

/// Puts the caller's own credential into the headers, exactly as it came.
// SECURITY: the one place where it leaves. An `Observed` is bound to its upstream, and nothing else comes along.
fn bring(observed: &Observed, headers: &mut Fields) -> Result<(), Fault> {
    let Some(foreign) = observed.foreign() else {
        return Ok(());
    };
    let value = HeaderValue::from_bytes(foreign.reveal())
        .map_err(|_| Fault::internal("upstream.credential", "a credential cannot be put into a header"))?;
    headers.insert(header::AUTHORIZATION, value);
    Ok(())
}

/// The client, and the path under the upstream's names as far as they are known; otherwise as it came.
fn place<'a>(observed: &'a Observed, request: &Request) -> Result<(&'a Arc<Client>, String), Fault> {
    let upstream = observed.upstream();
    let theirs = theirs(observed);
    if observed.door() == Door::Git {
        return Ok((upstream.web()?, git_path(&theirs, request)?));
    }
    let door = checks::prefix(observed.door());
    let named = observed
        .operation()
        .and_then(|operation| of_operation(operation, &request.uri, door, &theirs).ok());
    let target = match named {
        Some(target) => target,
        None => as_it_came(&request.uri, door)?,
    };
    Ok((upstream.api()?, target))
}

fn theirs(observed: &Observed) -> Theirs {
    let mut theirs = Theirs::of_gathered(observed.gathered(), observed.upstream()).unwrap_or_default();
    if theirs.repository.is_none()
        && let Some(RepositoryKey::Name(owner, name)) = &observed.gathered().names.repository
    {
        let owner = observed.owner_there().unwrap_or(owner);
        theirs.repository = Some((owner.to_owned(), name.to_string()));
    }
    theirs
}

fn git_path(theirs: &Theirs, request: &Request) -> Result<String, Fault> {
    let (owner, name) = theirs.repository.as_ref().ok_or_else(Fault::not_found)?;
    // `/{owner}/{repo}/…`: the gate has read it so.
    let rest = request.uri.path().splitn(4, '/').nth(3).unwrap_or_default();
    let query = request
        .uri
        .query()
        .map(|query| format!("?{query}"))
        .unwrap_or_default();
    Ok(format!("/{}/{}.git/{rest}{query}", encode(owner), encode(name)))
}

/// What an answer says of the caller's own credential: as it asked the upstream itself, it is told.
const OWN: [&str; 9] = [
    "x-oauth-scopes",
    "x-accepted-oauth-scopes",
    "github-authentication-token-expiration",
    "x-accepted-github-permissions",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-used",
    "x-ratelimit-reset",
    "x-ratelimit-resource",
];

/// The answer as the caller gets it. A redirect that leads elsewhere is the caller's own to follow: nothing of ours goes
/// along with it.
fn reply(observed: &Observed, client: &Client, request: &Request, answer: Answered) -> Reply {
    let theirs = theirs(observed);
    let make = || Names {
        home: format!("{}{}", request.base_url, checks::prefix(observed.door())),
        repository: theirs.repository.as_ref().and_then(|(owner, name)| {
            let ours = observed.gathered().full_name()?;
            Some((format!("/{owner}/{name}"), format!("/{ours}")))
        }),
        moved: crate::api::moved(observed.door(), &theirs, observed.gathered()),
        asked: format!("{}{}", request.base_url, request.uri.path()),
    };
    let links = Links::new(client.address(), &make);
    let mut more: Vec<(HeaderName, HeaderValue)> = OWN
        .iter()
        .filter_map(|name| Some((HeaderName::from_static(name), answer.headers.get(*name)?.clone())))
        .collect();
    let location = answer.headers.get(header::LOCATION);
    if let Some(location) = location.filter(|_| answer.status.is_redirection())
        && location.to_str().is_ok_and(|text| links.home(text).is_none())
    {
        more.push((header::LOCATION, location.clone()));
    }
    let head = request.method == http::Method::HEAD;
    let mut body = answer.body;
    let body = match body.at_hand() {
        Some(bytes) => bailiwick_gate::whole(bytes),
        None => trimmed(body),
    };
    let mut headers = incoming(answer.headers, &links, head);
    for (name, value) in more {
        headers.append(name, value);
    }
    Reply {
        status: answer.status,
        headers,
        body: ReplyBody::Stream(body),
        action: None,
    }
}
