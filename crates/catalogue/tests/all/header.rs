//! What the header tells of an operation.

use bailiwick_catalogue::{accepted_header, by_id, describe_requirement};

fn header(id: &str) -> String {
    accepted_header(by_id(id).unwrap())
}

#[test]
fn one_permission() {
    assert_eq!(header("repos/list-commits"), "contents=read");
}

#[test]
fn the_object_decides() {
    assert_eq!(header("issues/get"), "issues=read; pull_requests=read");
}

#[test]
fn alternatives() {
    assert_eq!(header("issues/create-label"), "issues=write; pull_requests=write");
}

#[test]
fn joined() {
    assert_eq!(
        header("teams/add-or-update-repo-permissions-in-org"),
        "members=read,administration=write"
    );
}

#[test]
fn workflow_files() {
    assert_eq!(
        header("repos/create-or-update-file-contents"),
        "contents=write; contents=write,workflows=write"
    );
}

#[test]
fn nothing_needed() {
    assert_eq!(header("meta/get"), "allows_permissionless_access=true");
    assert_eq!(
        header("users/get-authenticated"),
        "allows_permissionless_access=true"
    );
}

#[test]
fn nothing_accepted() {
    assert_eq!(header("apps/get-authenticated"), "");
}

#[test]
fn for_people() {
    let text = |id: &str| describe_requirement(by_id(id).unwrap());
    assert_eq!(
        text("repos/create-fork"),
        "contents:read unless it is public and administration:write at the destination"
    );
    assert_eq!(text("meta/get"), "nothing");
    assert_eq!(text("apps/get-authenticated"), "closed");
}
