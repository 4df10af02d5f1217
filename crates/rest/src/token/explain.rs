//! Explain: the decision on a request that is only described. Classified by the same stage as real ones.

use super::own::GrantBody;
use bailiwick_authority::Fault;
use bailiwick_authority::explain::{ExplainInput, Explained};
use bailiwick_catalogue::{Operation, op, operation};
use bailiwick_gate::classify::{Intent, classify};
use bailiwick_gate::{Answer, Call, Reply, Routes, described};
use bailiwick_model::TokenId;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes.on(op::BAILIWICK_EXPLAIN, explain);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExplainBody {
    request: String,
    body: Option<Value>,
    token_id: Option<i64>,
    grant: Option<GrantBody>,
}

fn explain(call: Call) -> Answer {
    let body: ExplainBody = call.request.json()?;
    let asked = described::read(&body.request).ok_or_else(|| {
        let message = "write `METHOD /path`, `git clone owner/repo` or `git push owner/repo`";
        Fault::invalid("Explain", "request", "invalid", message)
    })?;
    let (operation, parameters) = match classify(
        &asked.method,
        &asked.path,
        asked.query.as_deref(),
        &call.doorway.mounts,
    ) {
        Intent::Operation(operation, parameters) => (Some(operation), parameters),
        Intent::LfsBatch(parameters) => (operation(op::LFS_BATCH_DOWNLOAD), parameters),
        Intent::Unknown(_) | Intent::UnknownOf(_) | Intent::Ambiguous(_) => (None, Vec::new()),
    };
    let body_bytes = body.body.as_ref().map(Value::to_string).unwrap_or_default();
    let names = operation
        .map(|operation| bailiwick_gate::names(operation, &parameters, body_bytes.as_bytes()))
        .unwrap_or_default();
    let input = ExplainInput {
        operation,
        names: Arc::new(names),
        token: body.token_id.map(TokenId),
        grant: body.grant.map(|grant| grant.read(0)).transpose()?,
    };
    let explained = call.authority.explain(&call.permit, &input)?;
    Ok(Reply::json(&view(operation, &explained)))
}

fn view(operation: Option<&'static Operation>, explained: &Explained) -> Value {
    let description = &explained.description;
    let alternatives: Vec<Value> = explained
        .alternatives
        .iter()
        .map(|terms| {
            terms
                .iter()
                .map(|term| {
                    json!({
                        "target": term.target,
                        "permission": term.permission,
                        "level": term.level,
                        "role": term.role,
                        "holds": term.holds,
                        "reason": term.reason,
                    })
                })
                .collect()
        })
        .collect();
    json!({
        "decision": if explained.allowed { "allow" } else { "deny" },
        "provisional": explained.provisional,
        "stage": description.stage,
        "reason": description.reason,
        "message": description.message,
        "missing": description.missing,
        "help": description.help,
        "operation": operation.map(|operation| operation.id),
        "accepted_permissions": operation.map(bailiwick_catalogue::accepted_header),
        "alternatives": alternatives,
    })
}
