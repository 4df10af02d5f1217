//! Policies and token roles of organizations and enterprises.

use bailiwick_authority::Fault;
use bailiwick_authority::access::policy::PolicyView;
use bailiwick_authority::rows::TokenRole;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use bailiwick_model::{Policy, ResolvedKindPolicy};
use serde::Deserialize;
use serde_json::{Value, json};

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::BAILIWICK_GET_TOKEN_POLICY_FOR_ORG, get)
        .on(op::BAILIWICK_SET_TOKEN_POLICY_FOR_ORG, set)
        .on(op::BAILIWICK_GET_TOKEN_POLICY_FOR_ENTERPRISE, get)
        .on(op::BAILIWICK_SET_TOKEN_POLICY_FOR_ENTERPRISE, set)
        .on(op::BAILIWICK_GET_OWN_TOKEN_POLICY, own)
        .on(op::BAILIWICK_SET_OWN_TOKEN_POLICY, set_own)
        .on(op::BAILIWICK_LIST_TOKEN_ROLES, roles)
        .on(op::BAILIWICK_GET_TOKEN_ROLE, role)
        .on(op::BAILIWICK_SET_TOKEN_ROLE, set_role)
        .on(op::BAILIWICK_DELETE_TOKEN_ROLE, delete_role);
}

fn kind(policy: &ResolvedKindPolicy) -> Value {
    json!({
        "allowed": policy.allowed,
        "allowed_by": policy.allowed_by,
        "approval_required": policy.approval_required,
        "approval_by": policy.approval_by,
        "lifetime_days_max": policy.lifetime_days_max,
        "lifetime_by": policy.lifetime_by,
        "exempt_administrators": policy.exempt_administrators,
    })
}

fn view(policy: &PolicyView) -> Value {
    json!({
        "set": policy.set,
        "resolved": {
            "fine_grained": kind(&policy.resolved.fine_grained),
            "classic": kind(&policy.resolved.classic),
            "several_owners_allowed": policy.resolved.several_owners_allowed,
            "owners_need_approval": policy.resolved.owners_need_approval,
            "planting": policy.resolved.planting,
            "planting_by": policy.resolved.planting_by,
        },
    })
}

fn get(call: Call) -> Answer {
    Ok(Reply::json(&view(&call.authority.policy(&call.permit)?)))
}

fn set(call: Call) -> Answer {
    let policy: Policy = call.request.json()?;
    Ok(Reply::json(&view(
        &call.authority.policy_set(call.permit, policy)?,
    )))
}

fn own(call: Call) -> Answer {
    Ok(Reply::json(&view(&call.authority.own_policy(&call.permit)?)))
}

fn set_own(call: Call) -> Answer {
    let policy: Policy = call.request.json()?;
    Ok(Reply::json(&view(
        &call.authority.own_policy_set(call.permit, policy)?,
    )))
}

fn roles(call: Call) -> Answer {
    let roles = call.authority.token_roles(&call.permit)?;
    let items = roles
        .iter()
        .map(|(role, user)| json!({"login": user.login, "id": user.id, "role": role.word()}))
        .collect();
    Ok(Reply::json(&Value::Array(items)))
}

fn role(call: Call) -> Answer {
    let login = call.request.parameter("username").to_owned();
    let roles = call.authority.token_roles(&call.permit)?;
    let found = roles
        .iter()
        .find(|(_, user)| user.login.eq_ignore_ascii_case(&login))
        .ok_or_else(Fault::not_found)?;
    Ok(Reply::json(
        &json!({"login": found.1.login, "id": found.1.id, "role": found.0.word()}),
    ))
}

#[derive(Deserialize)]
struct RoleBody {
    role: String,
}

fn set_role(call: Call) -> Answer {
    let body: RoleBody = call.request.json()?;
    let role = match body.role.as_str() {
        "approver" => TokenRole::Approver,
        "auditor" => TokenRole::Auditor,
        _ => {
            return Err(Fault::invalid(
                "TokenRole",
                "role",
                "invalid",
                "use approver or auditor",
            ));
        }
    };
    let login = call.request.parameter("username").to_owned();
    call.authority.token_role_set(call.permit, &login, role)?;
    Ok(Reply::no_content())
}

fn delete_role(call: Call) -> Answer {
    let login = call.request.parameter("username").to_owned();
    call.authority.token_role_remove(call.permit, &login)?;
    Ok(Reply::no_content())
}
