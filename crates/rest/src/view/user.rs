//! Users in full: GitHub's Public User, and the Private User for whoever may see the private half.

use crate::view::account::simple_user;
use bailiwick_authority::directory::account::Profile;
use serde_json::{Value, json};

/// A profile. The private half is there only where the profile has it.
pub fn user(base_url: &str, profile: &Profile) -> Value {
    let row = &profile.row;
    let mut value = simple_user(base_url, row);
    let Some(fields) = value.as_object_mut() else {
        return value;
    };
    let mut put = |name: &str, value: Value| {
        fields.insert(name.to_owned(), value);
    };
    put("name", json!(row.name));
    put("company", json!(row.company));
    put("blog", json!(row.blog.as_deref().unwrap_or("")));
    put("location", json!(row.location));
    put("email", json!(row.email));
    put("hireable", Value::Null);
    put("bio", json!(row.bio));
    put("twitter_username", Value::Null);
    put("public_repos", json!(profile.public_repositories));
    put("public_gists", json!(0));
    put("followers", json!(0));
    put("following", json!(0));
    put("created_at", json!(row.created_at.rfc3339()));
    put("updated_at", json!(row.updated_at.rfc3339()));
    if row.suspended_at.is_some() {
        put("suspended_at", json!(row.suspended_at.map(|at| at.rfc3339())));
    }
    if let Some(private) = profile.private_repositories {
        put("user_view_type", json!("private"));
        put("private_gists", json!(0));
        put("total_private_repos", json!(private));
        put("owned_private_repos", json!(private));
        put("disk_usage", json!(0));
        put("collaborators", json!(0));
        put("two_factor_authentication", json!(false));
        put(
            "plan",
            json!({"name": "bailiwick", "space": 0, "collaborators": 0, "private_repos": 0}),
        );
    }
    value
}
