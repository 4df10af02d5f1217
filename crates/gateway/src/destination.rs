//! Bodies that name where something goes: a fork's owner, a repository's next one. What was read in one before the
//! decision must be what the upstream reads.

use bailiwick_authority::{Fault, FaultKind};
use bailiwick_catalogue::{Door, Operation};
use bailiwick_gate::{Body, Query, needs_body, read_body};
use bailiwick_model::limit::JSON_BODY_BYTES_MAX;
use bailiwick_upstream::OutgoingBody;
use bytes::Bytes;
use serde::Deserialize;

/// The fields that decide, at whichever operation.
const FIELDS: [&str; 3] = ["organization", "owner", "new_owner"];

/// Whether the body of an operation decides. Gitea's door has its own reader, before the decision.
pub fn decides(operation: &Operation) -> bool {
    operation.door != Door::Gitea && needs_body(operation)
}

/// The body, if it can be read in one way.
// SECURITY: where nothing is named, the decision is about the caller's own account. A body that cannot be read here names
// nothing either; read differently there (a field twice, a coding, a number for a text), it would name somebody.
pub async fn checked(body: Body, query: &Query) -> Result<OutgoingBody, Fault> {
    let bytes = read_body(body, JSON_BODY_BYTES_MAX).await?;
    check(&bytes, query)?;
    Ok(OutgoingBody::Whole(bytes))
}

fn check(bytes: &Bytes, query: &Query) -> Result<(), Fault> {
    let named = |name: &str| {
        let plain = name.split('[').next().unwrap_or_default().trim();
        FIELDS.iter().any(|field| plain.eq_ignore_ascii_case(field))
    };
    if query.pairs().iter().any(|(name, _)| named(name)) {
        return Err(unreadable("name the owner in the body, not in the query"));
    }
    if bytes.is_empty() {
        return Ok(());
    }
    // A field that is there twice, or is no text, is an error of the reader.
    #[derive(Deserialize)]
    struct Named {
        organization: Option<String>,
        owner: Option<String>,
        new_owner: Option<String>,
    }
    let object = bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    let named: Named = serde_json::from_slice(bytes)
        .ok()
        .filter(|_| object)
        .ok_or_else(|| {
            unreadable("the body cannot be read: send one JSON object with every field once, names as texts")
        })?;
    let plain = |name: &Option<String>| {
        name.as_deref()
            .is_none_or(|name| !name.contains(char::is_control))
    };
    if plain(&named.organization) && plain(&named.owner) && plain(&named.new_owner) {
        return Ok(());
    }
    Err(unreadable(
        "the body names an owner with a control character in it",
    ))
}

fn unreadable(message: &str) -> Fault {
    Fault::new(FaultKind::BadRequest, "body.unreadable", message)
}

#[cfg(test)]
mod tests {
    use super::{check, decides};
    use bailiwick_catalogue::by_id;
    use bailiwick_gate::Query;

    #[test]
    fn what_can_be_read_in_two_ways_is_not_passed_on() {
        for (body, passes) in [
            ("", true),
            ("{}", true),
            (r#"{"organization":"acme","name":"x"}"#, true),
            (r#"{"organization":null}"#, true),
            (" {\"new_owner\":\"acme\"}\n", true),
            (r#"{"organization":"acme","organization":"rival"}"#, false),
            (r#"{"organization":null,"organization":"rival"}"#, false),
            (r#"{"organization":"a","\u006frganization":"rival"}"#, false),
            (r#"{"new_owner":["rival"]}"#, false),
            (r#"{"owner":7}"#, false),
            (r#"{"owner":{"login":"rival"}}"#, false),
            (r#"["rival","rival","rival"]"#, false),
            (r#"{"organization":"rival"}{}"#, false),
            (r#"{"organization":"rival",}"#, false),
            ("{'organization':'rival'}", false),
            ("\u{feff}{\"organization\":\"rival\"}", false),
            (r#"{"organization":"ri\u0000val"}"#, false),
            ("organization=rival", false),
            ("null", false),
            (" ", false),
        ] {
            let passed = check(&body.to_owned().into(), &Query::default()).is_ok();
            assert_eq!(passed, passes, "{body}");
        }
        let packed = bytes::Bytes::from_static(b"\x1f\x8b\x08\x00");
        assert!(check(&packed, &Query::default()).is_err());
        for (query, passes) in [
            ("organization=rival", false),
            ("Owner=x", false),
            ("owner%5B%5D=x", false),
            ("per_page=1", true),
        ] {
            let query = Query::parse(Some(query)).unwrap();
            assert_eq!(check(&bytes::Bytes::new(), &query).is_ok(), passes);
        }
    }

    #[test]
    fn the_operations_whose_body_decides_are_known() {
        for id in [
            "repos/create-fork",
            "repos/transfer",
            "repos/create-using-template",
        ] {
            assert!(decides(by_id(id).unwrap()), "{id}");
        }
        assert!(!decides(by_id("issues/create").unwrap()));
    }
}
