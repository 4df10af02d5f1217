//! LFS before an upstream. Batches and locks are read here and written anew; addresses that are handed out lead to
//! this server and carry nothing, so none outlives its permit. Each object that goes up or down is asked for again.

mod batch;
mod lock;
mod object;
mod verified;

use crate::credential::Credential;
use crate::exchange::{Question, ask, still};
use crate::git::path;
use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::{Authority, Fault, FaultKind, Permit};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Body, Reply, Request, StreamCall};
use bailiwick_host::body::{BodyFault, BodyReader};
use bailiwick_model::limit::JSON_BODY_BYTES_MAX;
use bailiwick_upstream::{Fields, HeaderValue, OutgoingBody};
use bailiwick_wire::lfs::MEDIA_TYPE;
use http::{Method, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use serde_json::Value;
use std::sync::Arc;
use tokio::io::AsyncReadExt;

/// The most bytes of a document that an upstream answers.
const DOCUMENT_BYTES_MAX: usize = 16 << 20;

/// Passes an LFS request on.
pub async fn serve(call: StreamCall, upstream: &Arc<Upstream>) -> Answer {
    match call.permit.operation().index {
        op::LFS_BATCH_DOWNLOAD => batch::serve(call, upstream, "download").await,
        op::LFS_BATCH_UPLOAD => batch::serve(call, upstream, "upload").await,
        op::LFS_DOWNLOAD => object::download(call, upstream).await,
        op::LFS_UPLOAD => object::upload(call, upstream).await,
        op::LFS_VERIFY => object::verify(call, upstream).await,
        op::LFS_LOCKS_LIST => lock::list(call, upstream).await,
        op::LFS_LOCK => lock::create(call, upstream).await,
        op::LFS_VERIFY_LOCKS => lock::verify(call, upstream).await,
        op::LFS_UNLOCK => lock::delete(call, upstream).await,
        _ => Err(Fault::new(
            FaultKind::NotImplemented,
            "upstream.not_spoken",
            "this is not passed on to an upstream",
        )),
    }
}

/// The body as an LFS document of a shape, if the request is still permitted when it has come.
async fn read<T: serde::de::DeserializeOwned>(
    (authority, permit): (&Arc<Authority>, &Permit),
    request: &mut Request,
    body: Body,
) -> Result<T, Fault> {
    let given = request.headers.get(header::CONTENT_TYPE);
    let given = given.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = given.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case(MEDIA_TYPE) && !media_type.eq_ignore_ascii_case("application/json") {
        let message = format!("the content type must be {MEDIA_TYPE}");
        return Err(Fault::new(FaultKind::BadRequest, "lfs.content_type", message));
    }
    let mut body = BodyReader::new(body, &request.headers, JSON_BODY_BYTES_MAX as u64)?;
    let mut bytes = Vec::new();
    let read = body.read_to_end(&mut bytes).await;
    read.map_err(|error| BodyFault::of(&error).fault())?;
    still(authority, permit).await?;
    request.body = bytes.into();
    request.json()
}

/// An LFS document with a status.
fn document(status: StatusCode, value: &Value) -> Reply {
    let mut reply = Reply::json_with(status, value);
    reply.headers.remove(header::CONTENT_TYPE);
    reply
        .with(header::CONTENT_TYPE, MEDIA_TYPE)
        .with(header::CACHE_CONTROL, "no-cache, max-age=0, must-revalidate")
}

/// The headers of a document: nothing of the caller's but the name of its program.
fn document_headers(from: &Fields, sends: bool) -> Fields {
    let mut to = Fields::default();
    to.insert(header::ACCEPT, HeaderValue::from_static(MEDIA_TYPE));
    to.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    if sends {
        to.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    }
    if let Some(agent) = from.get(header::USER_AGENT) {
        to.insert(header::USER_AGENT, agent.clone());
    }
    to
}

/// What is asked of an upstream's LFS server, below the address of the repository's.
struct Asked<'a> {
    permit: &'a Permit,
    upstream: &'a Upstream,
    credential: &'a Credential,
    headers: &'a Fields,
}

impl Asked<'_> {
    /// Asks with a document or none, and reads the document that is answered.
    async fn document(
        &self,
        method: Method,
        below: &str,
        body: Option<&Value>,
    ) -> Result<(StatusCode, Value), Fault> {
        let headers = document_headers(self.headers, body.is_some());
        let question = Question {
            upstream: self.upstream,
            client: self.upstream.web()?,
            method,
            target: format!("{}/info/lfs/{below}", path(self.permit, self.upstream)?),
            headers: &headers,
            credential: self.credential,
        };
        let body = body.map_or(OutgoingBody::Nothing, |body| {
            OutgoingBody::Whole(body.to_string().into())
        });
        let answer = ask(&question, body).await?;
        read_document(self.upstream, answer).await
    }
}

/// Reads what an upstream answered, if it is a document that can be passed on.
async fn read_document(
    upstream: &Upstream,
    answer: bailiwick_upstream::Answer,
) -> Result<(StatusCode, Value), Fault> {
    let name = &upstream.name;
    let status = answer.status;
    match status {
        status if status.is_success() || status == StatusCode::CONFLICT => {}
        StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED => {
            let message = format!("the upstream {name} refuses this to the account that stands for you");
            return Err(Fault::forbidden("upstream.refused", message));
        }
        StatusCode::NOT_FOUND | StatusCode::GONE => {
            let message = format!("the upstream {name} has no such thing, or does not serve LFS");
            return Err(Fault::new(FaultKind::NotFound, "upstream.not_found", message));
        }
        StatusCode::UNPROCESSABLE_ENTITY | StatusCode::BAD_REQUEST => {
            let message = format!("the upstream {name} does not accept it");
            return Err(Fault::new(FaultKind::Invalid, "upstream.refused", message));
        }
        status => {
            let message = format!("the upstream {name} answered with status {}", status.as_u16());
            return Err(Fault::new(FaultKind::BadGateway, "upstream.refused", message));
        }
    }
    let not_lfs = || {
        let message = format!("the upstream {name} did not answer as an LFS server does");
        Fault::new(FaultKind::BadGateway, "upstream.not_lfs", message)
    };
    let bytes = Limited::new(answer.body, DOCUMENT_BYTES_MAX)
        .collect()
        .await
        .map_err(|_| not_lfs())?
        .to_bytes();
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok((status, Value::Null));
    }
    let value: Value = serde_json::from_slice(&bytes).map_err(|_| not_lfs())?;
    if value.is_object() {
        Ok((status, value))
    } else {
        Err(not_lfs())
    }
}
