//! References to commits that may lie in another repository of the same network: at GitHub, `OWNER:BRANCH` and
//! `OWNER:REPOSITORY:BRANCH`. What was decided on is one repository, so that only its own are passed on.
// SECURITY: the person's credential reaches the others too, and a comparison or a pull request hands out their contents.

use bailiwick_authority::{Fault, FaultKind};
use bailiwick_gate::{Body, read_body};
use bailiwick_upstream::OutgoingBody;

/// The largest body of a new pull request, in bytes.
const BODY_BYTES_MAX: usize = 1 << 20;

/// Whether a reference stays in the repository of this owner.
fn stays(reference: &str, owner: &str) -> bool {
    match reference.split_once(':') {
        None => true,
        Some((first, rest)) => first.eq_ignore_ascii_case(owner) && !rest.contains(':'),
    }
}

/// Refuses a comparison, `BASE...HEAD`, with a side that lies elsewhere.
pub fn check_comparison(comparison: &str, owner: &str) -> Result<(), Fault> {
    let mut sides = comparison.split("...").flat_map(|side| side.split(".."));
    if sides.all(|side| stays(side, owner)) {
        return Ok(());
    }
    Err(elsewhere())
}

/// The body of a new pull request, whose head is in the repository itself.
pub async fn checked(body: Body, owner: &str) -> Result<OutgoingBody, Fault> {
    let bytes = read_body(body, BODY_BYTES_MAX).await?;
    check_pull(&bytes, owner)?;
    Ok(OutgoingBody::Whole(bytes))
}

fn check_pull(bytes: &[u8], owner: &str) -> Result<(), Fault> {
    // A field that is there twice is an error of the reader: the upstream might take the other one.
    #[derive(serde::Deserialize)]
    struct Pull {
        head: Option<String>,
        base: Option<String>,
        head_repo: Option<serde_json::Value>,
    }
    let pull: Pull = serde_json::from_slice(bytes).map_err(|_| {
        let message = "the body cannot be read: send one JSON object with every field once";
        Fault::new(FaultKind::BadRequest, "body.unreadable", message)
    })?;
    let own = |reference: &Option<String>| reference.as_deref().is_none_or(|text| stays(text, owner));
    if own(&pull.head) && own(&pull.base) && pull.head_repo.is_none() {
        return Ok(());
    }
    Err(elsewhere())
}

fn elsewhere() -> Fault {
    Fault::new(
        FaultKind::Invalid,
        "upstream.elsewhere",
        "a reference into another repository is not passed on; push the branch to this one first",
    )
}

#[cfg(test)]
mod tests {
    use super::{check_comparison, check_pull};

    #[test]
    fn only_references_into_the_same_repository_are_passed_on() {
        for (comparison, passes) in [
            ("main...topic", true),
            ("v1..v2", true),
            ("acme:main...ACME:topic", true),
            ("main...alice:topic", false),
            ("alice:main...topic", false),
            ("main...alice:private-notes:main", false),
            ("main...acme:other:main", false),
            ("main..alice:main", false),
        ] {
            assert_eq!(
                check_comparison(comparison, "acme").is_ok(),
                passes,
                "{comparison}"
            );
        }
        for (body, passes) in [
            (r#"{"title":"t","head":"topic","base":"main"}"#, true),
            (r#"{"title":"t","head":"acme:topic","base":"main"}"#, true),
            (r#"{"issue":7,"head":"topic","base":"main"}"#, true),
            (r#"{"head":"alice:topic","base":"main"}"#, false),
            (r#"{"head":"acme:secret:main","base":"main"}"#, false),
            (r#"{"head":"topic","head_repo":"secret","base":"main"}"#, false),
            (r#"{"head":"topic","head":"alice:x","base":"main"}"#, false),
            (r#"{"head":["alice:x"],"base":"main"}"#, false),
            (r#"[]"#, false),
            ("head=alice:x", false),
            ("", false),
        ] {
            assert_eq!(check_pull(body.as_bytes(), "acme").is_ok(), passes, "{body}");
        }
    }
}
