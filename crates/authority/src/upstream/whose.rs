//! Whose a secret is that is filed as a person's at an upstream: the upstream is asked with it, before it is sealed.

use super::{Secrets, Upstream, check};
use crate::Authority;
use crate::fault::{Fault, FaultKind};
use bailiwick_model::{UpstreamId, UpstreamKind};
use bailiwick_upstream::Probed;
use serde_json::Value;
use std::time::Duration;
use zeroize::Zeroizing;

/// How long the upstream may take to tell.
const FOR_MAX: Duration = Duration::from_secs(8);

/// Who a secret must belong to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Person {
    /// The login there.
    pub(super) login: String,
    /// The immutable id there, where it is known.
    pub(super) key: Option<String>,
}

impl Authority {
    /// Refuses secrets that are not the person's. Blocking, on a thread of the runtime, and outside any transaction.
    // SECURITY: Gitea takes a token for whoever made it, whatever login stands beside it. Somebody else's, filed as
    // one's own, would let Git act there as that other person, with their rights and under their name.
    pub(super) fn check_whose(
        &self,
        id: UpstreamId,
        person: &Person,
        secrets: &Secrets,
    ) -> Result<(), Fault> {
        let upstream = self.upstream(id)?;
        check::secrets(secrets, check::link_secret_names(upstream.kind))?;
        let (UpstreamKind::Gitea, Some(token)) = (upstream.kind, secrets.get("token")) else {
            return Ok(());
        };
        let api = upstream.api()?.clone();
        let credential = Zeroizing::new(format!("token {}", token.as_str()));
        let runtime = tokio::runtime::Handle::try_current()
            .map_err(|error| Fault::internal("upstream.whose", error))?;
        let answer = runtime.block_on(api.probe("/user", &[("authorization", &credential)], FOR_MAX));
        let answer = answer.map_err(|error| {
            tracing::warn!(upstream = upstream.name, code = error.code(), %error, "an upstream cannot be asked");
            unasked(&upstream)
        })?;
        is_theirs(&upstream, &answer, person)
    }
}

fn is_theirs(upstream: &Upstream, answer: &Probed, person: &Person) -> Result<(), Fault> {
    let name = &upstream.name;
    match answer.status {
        200 => {}
        401 => {
            return Err(check::invalid(
                "secrets",
                format!("token: the upstream {name} does not accept it"),
            ));
        }
        403 => {
            let message = format!(
                "token: with it the upstream {name} does not tell whose it is: make one that may also read the user"
            );
            return Err(check::invalid("secrets", message));
        }
        _ => return Err(unasked(upstream)),
    }
    let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let login = said.get("login").and_then(Value::as_str);
    let id = said.get("id").and_then(Value::as_u64).map(|id| id.to_string());
    let (Some(login), Some(id)) = (login, id) else {
        return Err(unasked(upstream));
    };
    let same = match &person.key {
        Some(key) => *key == id,
        None => login.eq_ignore_ascii_case(&person.login),
    };
    if same {
        return Ok(());
    }
    let message = format!(
        "token: it belongs to another account of the upstream {name} than {}",
        person.login
    );
    Err(check::invalid("secrets", message))
}

fn unasked(upstream: &Upstream) -> Fault {
    Fault::new(
        FaultKind::BadGateway,
        "upstream.whose",
        format!(
            "the upstream {} does not tell at the moment whose the secret is, so that nothing was set: try again later",
            upstream.name
        ),
    )
}
