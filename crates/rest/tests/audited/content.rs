//! Files, branches, merges and Git's objects and refs.

use super::recipe::{Recipe, recipe};
use bailiwick_catalogue::op;
use serde_json::json;

const FILE: &str = "/repos/acme/site/contents/notes.md";

pub fn recipes() -> Vec<Recipe> {
    let file = || json!({"message": "m", "content": "eA=="});
    vec![
        recipe(op::REPOS_CREATE_OR_UPDATE_FILE_CONTENTS, FILE).body(file()),
        recipe(op::REPOS_DELETE_FILE, FILE)
            .after("PUT", FILE, file())
            .keep("blob", "/content/sha")
            .body(json!({"message": "m", "sha": "{blob}"})),
        recipe(op::REPOS_RENAME_BRANCH, "/repos/acme/site/branches/next/rename")
            .body(json!({"new_name": "later"})),
        recipe(op::REPOS_MERGE, "/repos/acme/site/merges").body(json!({"base": "main", "head": "next"})),
        recipe(op::GIT_CREATE_BLOB, "/repos/acme/site/git/blobs").body(json!({"content": "x"})),
        recipe(op::GIT_CREATE_TREE, "/repos/acme/site/git/trees")
            .body(json!({"tree": [{"path": "a", "mode": "100644", "content": "x"}]})),
        recipe(op::GIT_CREATE_COMMIT, "/repos/acme/site/git/commits")
            .after(
                "POST",
                "/repos/acme/site/git/trees",
                json!({"tree": [{"path": "a", "mode": "100644", "content": "x"}]}),
            )
            .keep("tree", "/sha")
            .body(json!({"message": "m", "tree": "{tree}", "parents": ["{second}"]})),
        recipe(op::GIT_CREATE_TAG, "/repos/acme/site/git/tags")
            .body(json!({"tag": "v3", "message": "m", "object": "{second}", "type": "commit"})),
        recipe(op::GIT_CREATE_REF, "/repos/acme/site/git/refs")
            .body(json!({"ref": "refs/heads/new", "sha": "{second}"})),
        recipe(op::GIT_UPDATE_REF, "/repos/acme/site/git/refs/heads/main").body(json!({"sha": "{next}"})),
        recipe(op::GIT_DELETE_REF, "/repos/acme/site/git/refs/heads/next")
            .wrong_path("/repos/acme/site/git/refs/heads/absent"),
    ]
}
