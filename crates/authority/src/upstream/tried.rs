//! Trying what the gateway has for a server: the claim of GitHub's App, and the credential of an API that a catalogue
//! describes, by a question that changes nothing.

use super::Upstream;
use super::app::{NoClaim, claim};
use super::examine::{FOR_MAX, Findings, field, json, unreachable};
use crate::admin::doctor::{Check, failure, good, warning};
use bailiwick_catalogue::{Extension, Requirement};
use bailiwick_model::Timestamp;
use bailiwick_upstream::Client;
use bailiwick_wire::credential::Secret;
use bailiwick_wire::header::HeaderValues;
use serde_json::Value;
use std::sync::Arc;

const CREDENTIAL: &str = "upstream_credential";

/// Who GitHub's App is there, and whether it may read what is synchronised.
pub(super) async fn app(upstream: &Upstream, api: &Arc<Client>, now: Timestamp) -> Findings {
    let claim = match claim(upstream, now) {
        Ok(claim) => claim,
        Err(why) => return vec![no_claim(upstream, why)],
    };
    let headers = [
        ("authorization", claim.as_str()),
        ("accept", "application/vnd.github+json"),
        ("x-github-api-version", "2022-11-28"),
    ];
    let answer = match api.probe("/app", &headers, FOR_MAX).await {
        Ok(answer) => answer,
        Err(error) => return vec![unreachable(&error)],
    };
    if answer.status != 200 {
        return vec![failure(
            CREDENTIAL,
            format!("the App's key is refused with status {}", answer.status),
            "look whether app_id and private_key are of the same App, whether api_address is right, and the clock as well",
        )];
    }
    let said = json(&answer);
    let name = field(&answer, "slug").unwrap_or_else(|| String::from("without a name"));
    let other = upstream
        .settings
        .app_id
        .is_some_and(|id| said.get("id").and_then(Value::as_i64) != Some(id));
    if other {
        return vec![failure(
            CREDENTIAL,
            "the server says that this is another App than app_id names",
            "look whether api_address leads to the right server",
        )];
    }
    let mut found = vec![good(CREDENTIAL, format!("it is the App {name}"))];
    let lacks = |permission: &str| said.pointer(&format!("/permissions/{permission}")).is_none();
    let lacking: Vec<&str> = ["metadata", "members"]
        .into_iter()
        .filter(|permission| upstream.settings.facts_seconds_max.is_some() && lacks(permission))
        .collect();
    if !lacking.is_empty() {
        found.push(warning(
            "upstream_app",
            format!("the App lacks what its directory is read with: {}", lacking.join(", ")),
            "give it the permissions that docs/synchronisation.md names; owners of installations accept them there",
        ));
    }
    found
}

fn no_claim(upstream: &Upstream, why: NoClaim) -> Check {
    let needed = upstream.settings.facts_seconds_max.is_some();
    match why {
        NoClaim::Issuer => failure(
            CREDENTIAL,
            "neither app_id nor client_id is set",
            "set them from the App's page: docs/github-upstreams.md tells which",
        ),
        NoClaim::Key if needed => failure(
            CREDENTIAL,
            "there is no private key of the App: its directory cannot be read",
            "set private_key: bailiwick admin upstream credential",
        ),
        NoClaim::Key => warning(
            CREDENTIAL,
            "there is no private key of the App: service accounts cannot act there, and nothing can be tried",
            "set private_key: bailiwick admin upstream credential",
        ),
        NoClaim::Unusable(_) => failure(
            CREDENTIAL,
            "the private key of the App cannot be used: it is no PEM of an RSA key",
            "set private_key to the whole file that GitHub has given",
        ),
    }
}

/// Whether a described API takes the credential, where its catalogue has a question that anybody may ask.
pub(super) async fn described(upstream: &Upstream, web: &Arc<Client>) -> Check {
    let untried = |why: &str| {
        warning(
            CREDENTIAL,
            format!("it cannot be tried: {why}"),
            "ask something with a token that may, and look whether the answer is right",
        )
    };
    if upstream.headers.is_empty() {
        return good(
            CREDENTIAL,
            "no header brings one: the API takes the gateway as it is",
        );
    }
    let Some(path) = upstream.extension.as_deref().and_then(harmless) else {
        return untried("its catalogue has no GET that needs nothing and names nothing");
    };
    let values = HeaderValues {
        secret: upstream.reveal("secret"),
        login: None,
        upstream_login: None,
        request_id: Some("doctor"),
    };
    let mut headers: Vec<(&str, Secret<'_>)> = Vec::new();
    for template in &upstream.headers {
        let Ok(value) = template.expand(&values) else {
            return untried("a header takes the name of whoever asks, or a secret that is not set");
        };
        headers.push((template.name(), value));
    }
    let given: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, &**value)).collect();
    let with = match web.probe(path, &given, FOR_MAX).await {
        Ok(answer) => answer.status,
        Err(error) => return unreachable(&error),
    };
    let without = web.probe(path, &[], FOR_MAX).await.map(|answer| answer.status);
    let served = |status: u16| (200..300).contains(&status);
    match (with, without) {
        (401 | 403, _) => failure(
            CREDENTIAL,
            format!("it is refused with status {with} at {path}"),
            "set the secret again: bailiwick admin upstream credential; look at the headers of the settings",
        ),
        (with, Ok(without)) if served(with) && served(without) => {
            untried(&format!("{path} answers without it as well"))
        }
        (with, _) if served(with) => good(CREDENTIAL, format!("{path} can be read with it")),
        _ => untried(&format!("{path} answers with status {with}")),
    }
}

/// A question that changes nothing, that anybody may ask, and that names nothing.
fn harmless(extension: &Extension) -> Option<&'static str> {
    extension
        .operations()
        .iter()
        .find(|one| {
            one.method == "GET"
                && !one.writes
                && !one.path.contains('{')
                && matches!(one.requirement, Requirement::Live)
        })
        .map(|one| one.path)
}
