//! What credentials of an upstream's own were seen to do.

use bailiwick_authority::observe::report::{NarrowToken, ObservedCredential, ObservedReport, ObservedUse};
use bailiwick_model::{Timestamp, UpstreamMode};
use serde_json::{Map, Value, json};

/// Digits of a digest that are shown.
const SHORT: usize = 12;

/// A credential.
pub fn credential(base_url: &str, upstream: &str, view: &ObservedCredential) -> Value {
    let row = &view.row;
    json!({
        "id": row.id,
        "upstream": upstream,
        "credential": row.digest.get(..SHORT).unwrap_or_default(),
        "kind": row.kind,
        "login": row.login,
        "login_id": row.upstream_key,
        "account": view.account,
        "reads": row.reads,
        "writes": row.writes,
        "operations_count": view.operations,
        "unmapped_count": view.unmapped,
        "refused_count": view.refused,
        "left_out": row.left_out,
        "first_used_at": row.first_at.rfc3339(),
        "last_used_at": row.last_at.rfc3339(),
        "url": format!("{base_url}/api/v3/admin/upstreams/{upstream}/observations/{}", row.id),
    })
}

/// What one did.
pub fn report(base_url: &str, view: &ObservedReport, now: Timestamp) -> Value {
    let upstream = &view.upstream;
    let uses = |which: &dyn Fn(&ObservedUse) -> bool| -> Vec<Value> {
        view.uses.iter().filter(|one| which(one)).map(one_use).collect()
    };
    json!({
        "credential": credential(base_url, &upstream.name, &view.credential),
        "observing": view.is_observed(now),
        "observe_until": upstream.observe_until
            .filter(|_| upstream.mode == UpstreamMode::Observe)
            .map(Timestamp::rfc3339),
        "tokens": view.tokens.iter().map(narrowest).collect::<Vec<Value>>(),
        "uses": uses(&|_| true),
        "unmapped": uses(&|one| !one.row.mapped),
        "refused": uses(&|one| one.row.mapped && one.help.is_some()),
    })
}

fn one_use(view: &ObservedUse) -> Value {
    json!({
        "operation": view.row.operation,
        "mapped": view.row.mapped,
        "target": view.row.target,
        "verdict": view.row.verdict,
        "help": view.help,
        "requests": view.row.requests,
        "refused_by_upstream": view.row.refused,
        "first_at": view.row.first_at.rfc3339(),
        "last_at": view.row.last_at.rfc3339(),
    })
}

/// The narrowest token, exactly as `POST /user/personal-access-tokens` takes it.
fn narrowest(token: &NarrowToken) -> Value {
    let grants: Vec<Value> = token
        .grants
        .iter()
        .map(|grant| {
            let mut fields = Map::new();
            let owner = if grant.enterprise { "enterprise" } else { "owner" };
            fields.insert(owner.into(), json!(grant.owner));
            fields.insert("repository_selection".into(), json!(grant.selection));
            if grant.selection == "subset" {
                fields.insert("repositories".into(), json!(grant.repositories));
            }
            fields.insert("permissions".into(), json!(grant.permissions));
            Value::Object(fields)
        })
        .collect();
    let approvals = token.grants.iter().filter(|grant| grant.approval_required);
    json!({
        "token": {
            "name": token.name,
            "kind": "fine_grained",
            "expires_in": token.expires_in,
            "grants": grants,
        },
        "approval_required_by": approvals.map(|grant| &grant.owner).collect::<Vec<&String>>(),
    })
}
