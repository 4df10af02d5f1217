//! Between bytes and the decision: everything that must be read of a request before its names can be gathered. What
//! cannot be understood is a fault here; the pipeline still looks at the credential, counts and records.

use crate::body::{Incoming, body_limit, read};
use crate::classify::{Intent, lfs_batch};
use crate::listen::{HeadError, check_head};
use crate::page::{self, Browser};
use crate::passage::Passage;
use crate::request::Query;
use crate::version::ApiVersion;
use crate::{authorize, gather, gitea};
use bailiwick_authority::{Fault, FaultKind, Names};
use bailiwick_catalogue::Door;
use bailiwick_model::limit;
use bailiwick_upstream::Fields;
use http::{HeaderName, Method};
use std::sync::Arc;

const X_GITHUB_API_VERSION: HeaderName = HeaderName::from_static("x-github-api-version");

/// Reads what the decision needs into the passage, and gives the names to gather.
pub(crate) async fn take(
    passage: &mut Passage,
    intent: Intent,
    browser: Option<&Browser>,
    base_url: &str,
) -> Result<Arc<Names>, Fault> {
    let uri = &passage.request.uri;
    let target_bytes = uri.path().len() + uri.query().map_or(0, str::len);
    check_head(&passage.request.headers, target_bytes).map_err(head_fault)?;
    let gitea = intent.door() == Door::Gitea;
    let batch = match intent {
        Intent::Operation(operation, parameters) => {
            passage.operation = Some(operation);
            passage.request.parameters = parameters;
            false
        }
        Intent::LfsBatch(parameters) => {
            passage.request.parameters = parameters;
            true
        }
        Intent::Unknown(_) | Intent::UnknownOf(_) => false,
        Intent::Ambiguous(_) => {
            return Err(Fault::new(
                FaultKind::BadRequest,
                "path.ambiguous",
                "the path can be read in two ways; write it plainly",
            ));
        }
    };
    passage.request.query = Query::parse(passage.request.uri.query()).ok_or_else(|| {
        Fault::new(
            FaultKind::BadRequest,
            "query.encoding",
            "the query is not valid UTF-8",
        )
    })?;
    passage.request.version = version(&passage.request.headers)?;
    if passage.asked_by.is_some() {
        authorize::by_its_head(passage, batch)?;
    }
    if gitea {
        for_gitea(passage).await?;
    }
    if batch {
        let bytes = whole(passage, limit::JSON_BODY_BYTES_MAX).await?;
        passage.operation = lfs_batch(&bytes);
    }
    if let (Some(browser), Some(operation)) = (browser, passage.operation)
        && passage.request.method != Method::GET
        && passage.request.method != Method::HEAD
    {
        let bytes = whole(passage, body_limit(operation)).await?;
        let form = page::form(&passage.request.method, &passage.request.headers, &bytes)?;
        page::check(&passage.request.headers, &form, browser, base_url)?;
        passage.request.form = form;
    }
    let Some(operation) = passage.operation else {
        return Ok(Arc::default());
    };
    if gather::needs_body(operation) && !gitea {
        whole(passage, body_limit(operation)).await?;
    }
    let body: &[u8] = match &passage.body {
        Incoming::Read(bytes) => bytes,
        Incoming::Streaming(_) => &[],
    };
    Ok(Arc::new(gather::names_in(
        operation,
        &passage.request.parameters,
        body,
        &passage.request.form,
    )))
}

/// What Gitea's door looks at besides.
async fn for_gitea(passage: &mut Passage) -> Result<(), Fault> {
    let kind = gitea::check(&passage.request, passage.operation)?;
    if let Some(operation) = passage.operation
        && (gitea::reads_body(operation) || matches!(kind, gitea::Kind::Upload(_)))
    {
        let bytes = whole(passage, gitea::limit(operation)).await?;
        gitea::check_body(&kind, operation, &bytes)?;
    }
    Ok(())
}

/// Reads the body to its end, once.
async fn whole(passage: &mut Passage, limit: usize) -> Result<bytes::Bytes, Fault> {
    let body = std::mem::replace(&mut passage.body, Incoming::Read(bytes::Bytes::new()));
    let bytes = read(body, limit).await?;
    passage.body = Incoming::Read(bytes.clone());
    Ok(bytes)
}

fn head_fault(error: HeadError) -> Fault {
    match error {
        HeadError::Framing => Fault::new(FaultKind::BadRequest, "head.framing", "ambiguous message length"),
        HeadError::TooLong => Fault::new(
            FaultKind::TooLarge,
            "head.target_too_long",
            "the request target is too long",
        ),
        HeadError::Override => Fault::new(
            FaultKind::BadRequest,
            "head.override",
            "headers that override the method or the path are not accepted",
        ),
    }
}

fn version(headers: &Fields) -> Result<ApiVersion, Fault> {
    let mut values = headers.get_all(X_GITHUB_API_VERSION);
    let Some(value) = values.next() else {
        return Ok(ApiVersion::default());
    };
    let known = value
        .to_str()
        .ok()
        .and_then(ApiVersion::parse)
        .filter(|_| values.next().is_none());
    known.ok_or_else(|| {
        Fault::new(
            FaultKind::BadRequest,
            "version.unknown",
            "X-GitHub-Api-Version is not a supported version: use 2022-11-28 or 2026-03-10",
        )
    })
}
