//! Fresh tokens of alice and bob at each start. Bob's goes the ordinary way: asked for, approved by alice.

use super::people::Person;
use super::state::State;
use super::{There, sign_out};
use crate::client::Client;
use crate::failure::Failure;
use http::Method;
use serde_json::{Value, json};

/// The name of the demo's tokens.
const NAME: &str = "demo";
const PATH: &str = "/user/personal-access-tokens";

/// The texts of the fresh tokens.
pub struct Tokens {
    /// Reads and writes everything in acme.
    pub alice: String,
    /// Reads and writes acme/site, reads its issues.
    pub bob: String,
}

/// Makes them. The ones of an earlier start end.
pub fn fresh(there: &There, alice: &Client, state: &State) -> Result<Tokens, Failure> {
    let (alices, _) = mint(
        alice,
        &json!([{
            "owner": "acme", "repository_selection": "all", "permissions": {
                "contents": "write", "issues": "write", "metadata": "read", "administration": "read",
                "members": "read", "organization_administration": "read",
                "organization_personal_access_token_requests": "write", "organization_personal_access_tokens": "write",
            },
        }]),
    )?;
    let bob = there.sign_in(Person::Bob, state)?;
    let (bobs, token) = mint(
        &bob,
        &json!([
            {
                "owner": "acme", "repository_selection": "subset", "repositories": ["site"],
                "permissions": {"contents": "write", "issues": "read", "metadata": "read"}, "reason": "the demo",
            },
            {
                "owner": "bob", "repository_selection": "all",
                "permissions": {"contents": "write", "issues": "write", "metadata": "read"},
            },
        ]),
    )?;
    sign_out(&bob)?;
    for grant in token
        .get("grants")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let pending = grant.pointer("/request/state").and_then(Value::as_str) == Some("pending");
        if let Some(id) = grant
            .pointer("/request/id")
            .and_then(Value::as_u64)
            .filter(|_| pending)
        {
            let path = format!("/orgs/acme/personal-access-token-requests/{id}");
            alice.send(Method::POST, &path, Some(&json!({"action": "approve"})))?;
        }
    }
    Ok(Tokens {
        alice: alices,
        bob: bobs,
    })
}

/// Regenerates the demo's token of a person, or makes it; gives its text and the token.
fn mint(client: &Client, grants: &Value) -> Result<(String, Value), Failure> {
    let present = client.list(PATH, None, usize::MAX)?;
    let named = present
        .iter()
        .find(|token| token.get("name").and_then(Value::as_str) == Some(NAME));
    let token = match named.and_then(|token| token.get("id")).and_then(Value::as_u64) {
        Some(id) => client.send(Method::POST, &format!("{PATH}/{id}/regenerate"), Some(&json!({"expires_in": 7})))?,
        None => {
            let body = json!({"name": NAME, "description": "Made by bailiwick demo", "expires_in": 7, "grants": grants});
            client.send(Method::POST, PATH, Some(&body))?
        }
    }
    .value()?;
    let text = token
        .get("token")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    Ok((text, token))
}
