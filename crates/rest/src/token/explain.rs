//! Explain: the decision on a request that is only described. Classified by the same stage as real ones.

use super::own::GrantBody;
use bailiwick_authority::Fault;
use bailiwick_authority::explain::{ExplainInput, Explained};
use bailiwick_catalogue::{Operation, op};
use bailiwick_gate::described::{self, Question};
use bailiwick_gate::{Answer, Call, Reply, Routes};
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
        let message = "write `METHOD /path`, `git clone|push owner/repo` or `docker pull|push image`";
        Fault::invalid("Explain", "request", "invalid", message)
    })?;
    let body_bytes = body.body.as_ref().map(Value::to_string).unwrap_or_default();
    let Question {
        operation,
        names,
        listed,
    } = asked.question(body_bytes.as_bytes(), &call.doorway.mounts);
    let input = ExplainInput {
        operation,
        names: Arc::new(names),
        token: body.token_id.map(TokenId),
        grant: body.grant.map(|grant| grant.read(0)).transpose()?,
        listed,
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
                        "role_holds": term.role_holds,
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
