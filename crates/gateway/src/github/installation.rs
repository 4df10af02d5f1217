//! Tokens of the App's installations, for service accounts: each reaches the repositories and permissions of one
//! shape of requests, and is used for requests of that shape until shortly before it ends.

use super::ask::{Call, ask, misunderstood};
use super::permissions::{Permissions, of_terms, within};
use crate::fault;
use crate::target::Theirs;
use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::upstream::app::{self, NoClaim};
use bailiwick_authority::upstream::minted::{Lent, Slot};
use bailiwick_authority::{Authority, Fault, FaultKind, Named, Permit, rows::AccountKind};
use bailiwick_catalogue::{Target, Term};
use bailiwick_model::Timestamp;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use zeroize::Zeroizing;

/// A token is not used in its last minutes, in seconds: what it began must end.
const BEFORE_END_SECONDS: i64 = 300;
/// How long it is taken for known where the App is installed, in seconds.
const INSTALLATION_SECONDS: i64 = 3600;
/// The longest that a request waits for another that asks for the same token.
const WAIT_FOR_MAX: Duration = Duration::from_secs(60);

/// What a token must reach.
struct Shape {
    owner: String,
    organization: bool,
    repositories: Vec<i64>,
    permissions: Permissions,
}

/// The token for a permitted request, and where it is kept.
pub async fn token(
    authority: &Arc<Authority>,
    permit: &Permit,
    upstream: &Upstream,
    terms: &[Term],
) -> Result<(Zeroizing<String>, Slot), Fault> {
    let shape = Shape::of(permit, upstream, terms)?;
    let slot = upstream.minted().slot(&shape.key());
    let mut kept = held(upstream, &slot).await?;
    let now = authority.now();
    if let Some(lent) = kept.as_ref().filter(|lent| is_good(lent, now)) {
        return Ok((lent.text.clone(), slot.clone()));
    }
    *kept = None;
    let lent = mint(upstream, &shape, now).await?;
    let text = lent.text.clone();
    *kept = Some(lent);
    drop(kept);
    Ok((text, slot))
}

async fn held<'a>(
    upstream: &Upstream,
    slot: &'a Slot,
) -> Result<tokio::sync::MutexGuard<'a, Option<Lent>>, Fault> {
    tokio::time::timeout(WAIT_FOR_MAX, slot.lock())
        .await
        .map_err(|_| {
            let message = format!("the upstream {} did not give a credential in time", upstream.name);
            Fault::new(FaultKind::GatewayTimeout, "upstream.timeout", message)
        })
}

fn is_good(lent: &Lent, now: Timestamp) -> bool {
    now.plus_seconds(BEFORE_END_SECONDS) < lent.until
}

impl Shape {
    fn of(permit: &Permit, upstream: &Upstream, terms: &[Term]) -> Result<Shape, Fault> {
        let permissions = of_terms(terms).ok_or_else(|| {
            Fault::forbidden(
                "upstream.person_required",
                "this takes a person's own rights at the upstream; a service account has none of them there",
            )
        })?;
        let theirs = Theirs::of(permit, upstream)?;
        let owner = match (&theirs.repository, &theirs.account) {
            (Some((owner, _)), _) => owner.clone(),
            (None, Some(account)) => account.clone(),
            (None, None) => return Err(unnumbered()),
        };
        let gathered = permit.gathered();
        let mut repositories = Vec::new();
        for target in [Target::Repository, Target::SecondRepository] {
            if let Named::Repository(repository, _) = gathered.named(target) {
                // The installation of one owner has no tokens for another's repositories.
                let name = repository
                    .row
                    .upstream_name
                    .as_deref()
                    .and_then(|name| name.split_once('/'));
                if !name.is_some_and(|(login, _)| login.eq_ignore_ascii_case(&owner)) {
                    return Err(Fault::new(
                        FaultKind::NotImplemented,
                        "upstream.several_owners",
                        "a service account cannot touch repositories of two owners at the upstream at once",
                    ));
                }
                let key = repository
                    .row
                    .upstream_key
                    .as_deref()
                    .and_then(|key| key.parse().ok());
                repositories.push(key.ok_or_else(unnumbered)?);
            }
        }
        repositories.sort_unstable();
        repositories.dedup();
        Ok(Shape {
            organization: gathered
                .owner()
                .is_some_and(|row| row.kind == AccountKind::Organization),
            owner,
            repositories,
            permissions,
        })
    }

    fn key(&self) -> String {
        format!(
            "installation/{}/{:?}/{:?}",
            self.owner.to_ascii_lowercase(),
            self.repositories,
            self.permissions
        )
    }

    fn body(&self) -> String {
        // SECURITY: an empty list is not sent: left out, it means every repository; there is none in the path then,
        // and what spans repositories is asked only under grants that select them all.
        let body = if self.repositories.is_empty() {
            json!({"permissions": self.permissions})
        } else {
            json!({"permissions": self.permissions, "repository_ids": self.repositories})
        };
        body.to_string()
    }
}

/// The number at the upstream is what a token is narrowed to; names move.
fn unnumbered() -> Fault {
    Fault::conflict(
        "upstream.unnamed",
        "the number of this at its upstream is not known; an administrator can bind it again",
    )
}

async fn mint(upstream: &Upstream, shape: &Shape, now: Timestamp) -> Result<Lent, Fault> {
    let claim = claim(upstream, now)?;
    let (installation, known) = installation(upstream, shape, &claim, now, false).await?;
    let (mut status, mut answer) = create(upstream, shape, &claim, &installation).await?;
    if status == StatusCode::NOT_FOUND && known {
        // It was removed and installed again since it was looked up.
        let (installation, _) = self::installation(upstream, shape, &claim, now, true).await?;
        (status, answer) = create(upstream, shape, &claim, &installation).await?;
    }
    match status {
        StatusCode::CREATED => read(upstream, shape, &answer),
        StatusCode::UNAUTHORIZED => Err(fault::credential_refused(upstream)),
        StatusCode::UNPROCESSABLE_ENTITY | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => {
            Err(lacks(upstream, shape))
        }
        _ => Err(misunderstood(upstream, "an unexpected status")),
    }
}

/// How the App says who it is, as the value of `Authorization`.
pub fn claim(upstream: &Upstream, now: Timestamp) -> Result<Zeroizing<String>, Fault> {
    app::claim(upstream, now).map_err(|why| match why {
        NoClaim::Issuer => fault::no_credential(upstream, "App: neither app_id nor client_id"),
        NoClaim::Key => fault::no_credential(upstream, "private key of its App"),
        NoClaim::Unusable(error) => {
            let name = &upstream.name;
            tracing::error!(upstream = name, ?error, "an App's private key cannot be used");
            fault::no_credential(upstream, "private key of its App that can be used")
        }
    })
}

/// The id of the owner's installation, and whether it was known before.
async fn installation(
    upstream: &Upstream,
    shape: &Shape,
    claim: &Zeroizing<String>,
    now: Timestamp,
    anew: bool,
) -> Result<(String, bool), Fault> {
    let slot = upstream
        .minted()
        .slot(&format!("owner/{}", shape.owner.to_ascii_lowercase()));
    let mut kept = held(upstream, &slot).await?;
    if let Some(lent) = kept.as_ref().filter(|lent| now < lent.until && !anew) {
        return Ok((lent.text.to_string(), true));
    }
    *kept = None;
    let kind = if shape.organization { "orgs" } else { "users" };
    let call = Call {
        client: upstream.api()?,
        method: Method::GET,
        target: format!("/{kind}/{}/installation", bailiwick_gate::encode(&shape.owner)),
        authorization: Some(claim.clone()),
        body: None,
    };
    let (status, answer) = ask(upstream, call).await?;
    match status {
        StatusCode::OK => {}
        StatusCode::UNAUTHORIZED => return Err(fault::credential_refused(upstream)),
        StatusCode::NOT_FOUND | StatusCode::MOVED_PERMANENTLY => return Err(not_installed(upstream, shape)),
        _ => return Err(misunderstood(upstream, "an unexpected status")),
    }
    let login = answer.pointer("/account/login").and_then(Value::as_str);
    let suspended = answer.get("suspended_at").is_some_and(|at| !at.is_null());
    if suspended || !login.is_some_and(|login| login.eq_ignore_ascii_case(&shape.owner)) {
        return Err(not_installed(upstream, shape));
    }
    let id = answer
        .get("id")
        .and_then(Value::as_u64)
        .ok_or_else(|| misunderstood(upstream, "an installation without an id"))?
        .to_string();
    *kept = Some(Lent {
        text: Zeroizing::new(id.clone()),
        until: now.plus_seconds(INSTALLATION_SECONDS),
    });
    Ok((id, false))
}

async fn create(
    upstream: &Upstream,
    shape: &Shape,
    claim: &Zeroizing<String>,
    installation: &str,
) -> Result<(StatusCode, Value), Fault> {
    let call = Call {
        client: upstream.api()?,
        method: Method::POST,
        target: format!("/app/installations/{installation}/access_tokens"),
        authorization: Some(claim.clone()),
        body: Some(("application/json", Zeroizing::new(shape.body()))),
    };
    ask(upstream, call).await
}

fn read(upstream: &Upstream, shape: &Shape, answer: &Value) -> Result<Lent, Fault> {
    let text = |name: &str| answer.get(name).and_then(Value::as_str);
    let token = text("token")
        .filter(|token| !token.is_empty())
        .ok_or_else(|| misunderstood(upstream, "no token"))?;
    let until = text("expires_at")
        .and_then(Timestamp::parse)
        .ok_or_else(|| misunderstood(upstream, "a token without an end"))?;
    let repositories = answer.get("repositories").and_then(Value::as_array);
    let reached: Option<Vec<i64>> = repositories.map(|all| {
        all.iter()
            .filter_map(|one| one.get("id").and_then(Value::as_i64))
            .collect()
    });
    // SECURITY: a token for all would do as well, and lend the request the reach of the whole installation.
    let narrowed = shape.repositories.is_empty()
        || (text("repository_selection") == Some("selected")
            && reached.is_some_and(|ids| ids.iter().all(|id| shape.repositories.contains(id))));
    if !narrowed
        || !within(
            answer.get("permissions").unwrap_or(&Value::Null),
            &shape.permissions,
        )
    {
        return Err(Fault::new(
            FaultKind::BadGateway,
            "upstream.not_narrowed",
            format!(
                "the upstream {} gave a token that reaches further than this request; it is not used",
                upstream.name
            ),
        ));
    }
    Ok(Lent {
        text: Zeroizing::new(token.to_owned()),
        until,
    })
}

fn not_installed(upstream: &Upstream, shape: &Shape) -> Fault {
    Fault::forbidden(
        "upstream.not_installed",
        format!(
            "the App is not installed at {} of the upstream {}, or is suspended there; an owner there can install it",
            shape.owner, upstream.name
        ),
    )
}

fn lacks(upstream: &Upstream, shape: &Shape) -> Fault {
    let asked: Vec<String> = shape
        .permissions
        .iter()
        .map(|(name, level)| format!("{name}: {level}"))
        .collect();
    Fault::forbidden(
        "upstream.app_lacks",
        format!(
            "the App's installation at {} of the upstream {} lacks this repository or one of {}; an owner there can \
             change it",
            shape.owner,
            upstream.name,
            asked.join(", ")
        ),
    )
}
