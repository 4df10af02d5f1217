//! Service accounts and people as administrators see them.

use crate::view::account::{node_id, simple_user};
use bailiwick_authority::rows::{AccountRow, EnterpriseRow};
use serde_json::{Value, json};

/// A service account.
pub fn service_account(base_url: &str, organization: &str, row: &AccountRow) -> Value {
    let mut value = simple_user(base_url, row);
    if let Some(fields) = value.as_object_mut() {
        let url = format!(
            "{base_url}/api/v3/orgs/{organization}/service-accounts/{}",
            row.login
        );
        fields.insert("url".into(), json!(url));
        fields.insert("organization".into(), json!(organization));
        fields.insert("name".into(), json!(row.name));
        fields.insert("description".into(), json!(row.description));
        times(fields, row);
    }
    value
}

/// A person as administrators see them.
pub fn administered_user(base_url: &str, row: &AccountRow) -> Value {
    let mut value = simple_user(base_url, row);
    if let Some(fields) = value.as_object_mut() {
        fields.insert("name".into(), json!(row.name));
        fields.insert("email".into(), json!(row.email));
        fields.insert("has_password".into(), json!(row.password_hash.is_some()));
        times(fields, row);
    }
    value
}

fn times(fields: &mut serde_json::Map<String, Value>, row: &AccountRow) {
    fields.insert("suspended".into(), json!(row.suspended_at.is_some()));
    fields.insert(
        "suspended_at".into(),
        json!(row.suspended_at.map(|at| at.rfc3339())),
    );
    fields.insert("created_at".into(), json!(row.created_at.rfc3339()));
    fields.insert("updated_at".into(), json!(row.updated_at.rfc3339()));
}

/// GitHub's Enterprise.
pub fn enterprise(base_url: &str, row: &EnterpriseRow) -> Value {
    json!({
        "id": row.id,
        "slug": row.slug,
        "name": row.name,
        "node_id": node_id("Business", row.id.0),
        "description": Value::Null,
        "website_url": Value::Null,
        "html_url": format!("{base_url}/enterprises/{}", row.slug),
        "avatar_url": format!("{base_url}/avatars/enterprises/{}", row.id),
        "created_at": row.created_at.rfc3339(),
        "updated_at": row.created_at.rfc3339(),
    })
}
