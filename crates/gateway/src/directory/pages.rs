//! Lists of an upstream's API, page by page: bounded in requests, items and time, read strictly. Whatever is not
//! understood ends the reading: half a list is none.

use crate::fault::of_error;
use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::upstream::synchronise::state::Progress;
use bailiwick_authority::{Fault, FaultKind};
use bailiwick_upstream::{Client, Fields, HeaderValue, Outgoing, OutgoingBody};
use http::{Method, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// The largest page, in bytes.
pub const PAGE_BYTES_MAX: usize = 16 << 20;
/// Pages of one list at the most.
pub const PAGES_MAX: usize = 4_000;
/// Items of one list at the most.
pub const ITEMS_MAX: usize = 200_000;
/// Items that are asked for in one page; the upstream may give fewer.
const PAGE_SIZE: usize = 50;
/// The largest id: larger ones are not the same number everywhere.
const ID_MAX: i64 = (1 << 53) - 1;

/// Reads one upstream.
pub struct Reader<'a> {
    upstream: &'a Upstream,
    client: Arc<Client>,
    headers: Fields,
    progress: &'a Mutex<Progress>,
}

/// An immutable id there. A number that not everybody reads as the same one is none.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Id(i64);

impl<'de> serde::Deserialize<'de> for Id {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Id, D::Error> {
        let id = i64::deserialize(from)?;
        if (1..=ID_MAX).contains(&id) {
            Ok(Id(id))
        } else {
            Err(serde::de::Error::custom("an id out of range"))
        }
    }
}

impl Id {
    /// As it is kept.
    pub fn text(self) -> String {
        self.0.to_string()
    }
}

impl<'a> Reader<'a> {
    /// A reader with a credential in `Authorization`, and `Accept`.
    pub fn new(
        upstream: &'a Upstream,
        authorization: &str,
        accept: &'static str,
        progress: &'a Mutex<Progress>,
    ) -> Result<Reader<'a>, Fault> {
        Ok(Reader {
            upstream,
            client: upstream.api()?.clone(),
            headers: headers(authorization, accept)?,
            progress,
        })
    }

    /// Counts what was read.
    pub fn count(&self, with: impl FnOnce(&mut Progress)) {
        with(&mut self.progress.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// One thing; `None` if it is not there.
    pub async fn find<T: DeserializeOwned>(&self, target: &str) -> Result<Option<T>, Fault> {
        let (status, _, bytes) = self.get(target).await?;
        match status {
            StatusCode::OK => self.read(target, &bytes).map(Some),
            StatusCode::NOT_FOUND => Ok(None),
            status => Err(self.refused(target, status)),
        }
    }

    /// A whole list. `key` tells what makes two items the same one.
    pub async fn list<T: DeserializeOwned>(
        &self,
        target: &str,
        key: impl Fn(&T) -> Id,
    ) -> Result<Vec<T>, Fault> {
        let mut all = Vec::new();
        let mut seen = BTreeSet::new();
        for page in 1..=PAGES_MAX {
            let joint = if target.contains('?') { '&' } else { '?' };
            let paged = format!("{target}{joint}page={page}&limit={PAGE_SIZE}");
            let (status, headers, bytes) = self.get(&paged).await?;
            if status != StatusCode::OK {
                return Err(self.refused(target, status));
            }
            let items: Vec<T> = self.read(target, &bytes)?;
            let total = total(&headers);
            if items.is_empty() {
                // A list that says it is longer than it is moved while it was read.
                return match total {
                    Some(total) if total > seen.len() => Err(self.moved(target)),
                    Some(_) | None => Ok(all),
                };
            }
            let before = seen.len();
            for item in items {
                // An item that slipped onto the next page is the same one; what it became is seen with the next round.
                if seen.insert(key(&item)) {
                    all.push(item);
                }
            }
            if seen.len() == before {
                return Err(self.liar(target, "gives the same page again and again"));
            }
            if seen.len() > ITEMS_MAX {
                return Err(self.liar(target, "is longer than 200,000 items"));
            }
            if total.is_some_and(|total| seen.len() == total) {
                return Ok(all);
            }
        }
        Err(self.liar(target, "does not end"))
    }

    async fn get(&self, target: &str) -> Result<(StatusCode, Fields, Vec<u8>), Fault> {
        let request = Outgoing::new(Method::GET, target, self.headers.clone());
        self.count(|progress| progress.requests += 1);
        let answer = self
            .client
            .send(&request, OutgoingBody::Nothing)
            .await
            .map_err(|error| of_error(self.upstream, &error))?;
        let (status, headers) = (answer.status, answer.headers);
        let body = Limited::new(answer.body, PAGE_BYTES_MAX);
        let body = body
            .collect()
            .await
            .map_err(|_| self.liar(target, "breaks off or is larger than 16 MiB"))?;
        Ok((status, headers, body.to_bytes().to_vec()))
    }

    fn read<T: DeserializeOwned>(&self, target: &str, bytes: &[u8]) -> Result<T, Fault> {
        serde_json::from_slice(bytes).map_err(|error| {
            tracing::warn!(upstream = self.upstream.name, %target, %error, "a list of an upstream cannot be read");
            self.liar(target, "is not what the API promises")
        })
    }

    fn refused(&self, target: &str, status: StatusCode) -> Fault {
        let name = &self.upstream.name;
        if status == StatusCode::UNAUTHORIZED || status == StatusCode::FORBIDDEN {
            return Fault::new(
                FaultKind::BadGateway,
                "upstream.credential_refused",
                format!(
                    "the upstream {name} does not let its directory be read at {target}: set a credential of an administrator there"
                ),
            );
        }
        Fault::new(
            FaultKind::BadGateway,
            "upstream.unexpected",
            format!("the upstream {name} answers {} at {target}", status.as_u16()),
        )
    }

    fn liar(&self, target: &str, what: &str) -> Fault {
        Fault::new(
            FaultKind::BadGateway,
            "upstream.malformed",
            format!("what the upstream {} says at {target} {what}", self.upstream.name),
        )
    }

    fn moved(&self, target: &str) -> Fault {
        Fault::new(
            FaultKind::BadGateway,
            "upstream.changed_while_read",
            format!(
                "the list of the upstream {} at {target} changed while it was read; it is read again",
                self.upstream.name
            ),
        )
    }
}

/// What every request of a directory's brings: a credential in `Authorization`, and `Accept`.
pub fn headers(authorization: &str, accept: &'static str) -> Result<Fields, Fault> {
    let value = HeaderValue::from_str(authorization)
        .map_err(|_| Fault::internal("upstream.credential", "it cannot be put into a header"))?;
    let mut headers = Fields::default();
    headers.insert(header::AUTHORIZATION, value);
    headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
    headers.insert(header::USER_AGENT, HeaderValue::from_static("bailiwick"));
    Ok(headers)
}

/// How long a list is, where that is told.
fn total(headers: &Fields) -> Option<usize> {
    headers.get("x-total-count")?.to_str().ok()?.parse().ok()
}
