//! Packages: what administrators and owners say of them, and deleting versions.

use super::recipe::{Recipe, recipe};
use bailiwick_catalogue::op;
use serde_json::{Value, json};

const LINKS: &str = "/admin/upstreams/images/package-links";

fn link() -> Value {
    json!({"name": "team/web", "owner": "acme"})
}

pub fn recipes() -> Vec<Recipe> {
    let mut all = vec![
        recipe(op::BAILIWICK_ADMIN_CREATE_PACKAGE_LINK, LINKS)
            .body(link())
            .stocked(),
        recipe(
            op::BAILIWICK_ADMIN_DELETE_PACKAGE_LINK,
            "/admin/upstreams/images/package-links/{link}",
        )
        .stocked()
        .after("POST", LINKS, link())
        .keep("link", "/id")
        .wrong_path("/admin/upstreams/images/package-links/99999"),
        recipe(
            op::BAILIWICK_ADMIN_FORGET_PACKAGE,
            "/admin/upstreams/images/packages/1",
        )
        .stocked()
        .wrong_path("/admin/upstreams/images/packages/99999"),
        recipe(
            op::BAILIWICK_UPDATE_ORGANIZATION_PACKAGE,
            "/orgs/acme/packages/container/web",
        )
        .body(json!({"visibility": "public"}))
        .stocked(),
        recipe(op::BAILIWICK_UPDATE_OWN_PACKAGE, "/user/packages/container/web")
            .body(json!({"visibility": "public"}))
            .stocked()
            .by("bob"),
    ];
    for (place, owner, by, indices) in [
        (
            "/orgs/acme",
            "acme",
            "alice",
            [
                op::PACKAGES_DELETE_PACKAGE_FOR_ORG,
                op::PACKAGES_DELETE_PACKAGE_VERSION_FOR_ORG,
                op::PACKAGES_RESTORE_PACKAGE_FOR_ORG,
                op::PACKAGES_RESTORE_PACKAGE_VERSION_FOR_ORG,
            ],
        ),
        (
            "/user",
            "bob",
            "bob",
            [
                op::PACKAGES_DELETE_PACKAGE_FOR_AUTHENTICATED_USER,
                op::PACKAGES_DELETE_PACKAGE_VERSION_FOR_AUTHENTICATED_USER,
                op::PACKAGES_RESTORE_PACKAGE_FOR_AUTHENTICATED_USER,
                op::PACKAGES_RESTORE_PACKAGE_VERSION_FOR_AUTHENTICATED_USER,
            ],
        ),
        (
            "/users/bob",
            "bob",
            "bob",
            [
                op::PACKAGES_DELETE_PACKAGE_FOR_USER,
                op::PACKAGES_DELETE_PACKAGE_VERSION_FOR_USER,
                op::PACKAGES_RESTORE_PACKAGE_FOR_USER,
                op::PACKAGES_RESTORE_PACKAGE_VERSION_FOR_USER,
            ],
        ),
    ] {
        let paths = [
            format!("{place}/packages/container/web"),
            format!("{place}/packages/container/web/versions/{{{owner}_image}}"),
            format!("{place}/packages/nuget/{owner}.gone/restore"),
            format!("{place}/packages/nuget/{owner}.core/versions/{{{owner}_feed}}/restore"),
        ];
        let wrong = [
            format!("{place}/packages/container/none"),
            format!("{place}/packages/container/web/versions/99999"),
            format!("{place}/packages/nuget/none/restore"),
            format!("{place}/packages/nuget/{owner}.core/versions/99999/restore"),
        ];
        for ((index, path), wrong) in indices.into_iter().zip(paths).zip(wrong) {
            all.push(
                recipe(index, path.leak())
                    .stocked()
                    .by(by)
                    .wrong_path(wrong.leak()),
            );
        }
    }
    all
}
