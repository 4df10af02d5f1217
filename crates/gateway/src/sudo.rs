//! What Gitea says about acting as somebody: that the gateway may not, or that the person is none of its own. All else
//! that it refuses is its word to the person, and is passed on.

use crate::exchange::Question;
use crate::fault;
use bailiwick_authority::{Fault, FaultKind};
use bailiwick_gate::{Reply, ReplyBody, whole};
use http::StatusCode;
use http_body::Body as _;
use http_body_util::BodyExt;

/// A refusal that is looked into is at most this long, in bytes; Gitea's own are a few hundred.
const REFUSAL_BYTES_MAX: u64 = 4 << 10;

/// The answer, or a fault where Gitea refuses who acts and not what is asked.
pub async fn understood(question: &Question<'_>, mut answer: Reply) -> Result<Reply, Fault> {
    let upstream = question.upstream;
    let Some(login) = question.credential.acting_as() else {
        return Ok(answer);
    };
    let refused = matches!(answer.status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND);
    let ReplyBody::Stream(body) = answer.body else {
        return Ok(answer);
    };
    if !refused || !matches!(body.size_hint().upper(), Some(1..=REFUSAL_BYTES_MAX)) {
        answer.body = ReplyBody::Stream(body);
        return Ok(answer);
    }
    let broken = |_| {
        Fault::new(
            FaultKind::BadGateway,
            "upstream.reset",
            format!(
                "the upstream {} ended the connection within its answer",
                upstream.name
            ),
        )
    };
    let bytes = body.collect().await.map_err(broken)?.to_bytes();
    match meaning(answer.status, &bytes, login) {
        Meaning::NotAllowed => Err(fault::credential_refused(upstream)),
        Meaning::Unknown => Err(fault::unknown(upstream)),
        Meaning::Inactive => Err(fault::inactive(upstream)),
        Meaning::Other => {
            answer.body = ReplyBody::Stream(whole(bytes));
            Ok(answer)
        }
    }
}

#[derive(PartialEq, Eq, Debug)]
enum Meaning {
    /// The gateway's credential is no administrator's.
    NotAllowed,
    /// There is nobody of this name.
    Unknown,
    /// The person may not sign in.
    Inactive,
    /// Something about what was asked.
    Other,
}

fn meaning(status: StatusCode, body: &[u8], login: &str) -> Meaning {
    let read: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    let text = read.as_ref().and_then(|value| value.get("message")?.as_str());
    let Some(text) = text.map(str::to_ascii_lowercase) else {
        return Meaning::Other;
    };
    if status == StatusCode::NOT_FOUND {
        // `user does not exist [uid: 0, name: bob]`: of anybody else it is an answer to what was asked.
        let named = format!("name: {}]", login.to_ascii_lowercase());
        let gone = text.contains("getuserbyname") || text.contains("does not exist");
        return if gone && text.contains(&named) {
            Meaning::Unknown
        } else {
            Meaning::Other
        };
    }
    if text.contains("administrators allowed to sudo") {
        Meaning::NotAllowed
    } else if text.contains("prohibited from signing in") || text.contains("account is not activated") {
        Meaning::Inactive
    } else {
        Meaning::Other
    }
}

#[cfg(test)]
mod tests {
    use super::{Meaning, meaning};
    use http::StatusCode;

    #[test]
    fn who_acts_is_told_from_what_is_asked() {
        for (status, message, expected) in [
            (403, "Only administrators allowed to sudo.", Meaning::NotAllowed),
            (
                403,
                "This account is prohibited from signing in, please contact your site administrator.",
                Meaning::Inactive,
            ),
            (403, "This account is not activated.", Meaning::Inactive),
            (
                403,
                "user should be an owner or a collaborator with admin write of a repository",
                Meaning::Other,
            ),
            (404, "user does not exist [uid: 0, name: Bob]", Meaning::Unknown),
            (
                404,
                "GetUserByName: user does not exist [uid: 0, name: bob]",
                Meaning::Unknown,
            ),
            (404, "user does not exist [uid: 0, name: bobby]", Meaning::Other),
            (404, "The target couldn't be found.", Meaning::Other),
        ] {
            let body = serde_json::json!({"message": message, "url": "x"}).to_string();
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(meaning(status, body.as_bytes(), "bob"), expected, "{message}");
        }
        for body in [
            "",
            "[]",
            "{}",
            "{\"message\":1}",
            "Only administrators allowed to sudo.",
        ] {
            assert_eq!(
                meaning(StatusCode::FORBIDDEN, body.as_bytes(), "bob"),
                Meaning::Other
            );
        }
    }
}
