//! Calls of GitHub's API with one credential of the App, at the pace that GitHub allows: what says that it is enough
//! for now is not asked again before its time. Lists go from page to page by their links.

use super::super::pages::{ITEMS_MAX, Id, PAGE_BYTES_MAX, PAGES_MAX, headers};
use super::Missed;
use super::limit::{Limit, limit_of};
use crate::directory::Unreadable;
use crate::fault;
use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::upstream::minted::{Lent, Slot};
use bailiwick_authority::upstream::synchronise::state::Progress;
use bailiwick_authority::{Authority, Fault, FaultKind};
use bailiwick_model::Timestamp;
use bailiwick_upstream::{Fields, HeaderValue, Outgoing, OutgoingBody};
use bytes::Bytes;
use http::{HeaderName, Method, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use zeroize::Zeroizing;

/// The version of GitHub's API that is spoken.
const VERSION: &str = "2022-11-28";
/// Items that are asked for in one page: the most that GitHub gives.
const PER_PAGE: usize = 100;
/// The longest query of a link to the next page, in bytes.
const QUERY_BYTES_MAX: usize = 2048;

/// What all sessions of one reading have in common.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    /// Tells the time.
    pub authority: &'a Authority,
    /// The upstream.
    pub upstream: &'a Upstream,
    /// How far the reading is.
    pub progress: &'a Mutex<Progress>,
}

/// Calls with one credential.
pub struct Session<'a> {
    reading: Reading<'a>,
    headers: Fields,
    // Whose it is; the App itself where it is nobody's. What says that it is enough for now is kept beyond the reading.
    installation: Option<(String, Slot)>,
    spent: AtomicU64,
    closed_until: Mutex<Option<Timestamp>>,
}

/// One page of a list.
pub trait Page: DeserializeOwned {
    /// What it lists.
    type Item;
    /// Its items, and how many there are on all pages where that is told.
    fn items(self) -> (Vec<Self::Item>, Option<usize>);
}

impl<T: DeserializeOwned> Page for Vec<T> {
    type Item = T;
    fn items(self) -> (Vec<T>, Option<usize>) {
        (self, None)
    }
}

impl<'a> Reading<'a> {
    /// Counts what was read.
    pub fn count(&self, with: impl FnOnce(&mut Progress)) {
        with(&mut self.progress.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// A session of the App itself.
    pub fn of_app(self, authorization: &Zeroizing<String>) -> Result<Session<'a>, Fault> {
        self.session(authorization, None)
    }

    fn of_installation(self, token: &Zeroizing<String>, name: &str) -> Result<Session<'a>, Fault> {
        let slot = self.upstream.minted().slot(&closed(name));
        let authorization = Zeroizing::new(format!("Bearer {}", token.as_str()));
        self.session(&authorization, Some((name.to_owned(), slot)))
    }

    /// Until when an installation is not asked, because it has said that it is enough.
    pub async fn closed_until(&self, name: &str) -> Option<Timestamp> {
        let slot = self.upstream.minted().slot(&closed(name));
        let kept = slot.lock().await;
        let until = kept.as_ref().map(|lent| lent.until)?;
        Some(until).filter(|until| self.authority.now() < *until)
    }

    fn session(
        self,
        authorization: &Zeroizing<String>,
        installation: Option<(String, Slot)>,
    ) -> Result<Session<'a>, Fault> {
        let mut headers = headers(authorization, "application/vnd.github+json")?;
        headers.insert(
            HeaderName::from_static("x-github-api-version"),
            HeaderValue::from_static(VERSION),
        );
        Ok(Session {
            reading: self,
            headers,
            installation,
            spent: AtomicU64::new(0),
            closed_until: Mutex::new(None),
        })
    }
}

fn closed(name: &str) -> String {
    format!("directory/closed/{}", name.to_ascii_lowercase())
}

impl<'a> Session<'a> {
    /// What is read.
    pub fn reading(&self) -> Reading<'a> {
        self.reading
    }

    /// A session of the App's installation at an account, within the same reading.
    pub fn sibling(&self, token: &Zeroizing<String>, name: &str) -> Result<Session<'a>, Fault> {
        self.reading.of_installation(token, name)
    }

    /// One thing; `None` if it is not there.
    pub async fn find<T: DeserializeOwned>(&self, target: &str) -> Result<Option<T>, Missed> {
        let (status, _, bytes) = self.exchange(Method::GET, target, None).await?;
        match status {
            StatusCode::OK => self.read(target, &bytes).map(Some),
            StatusCode::NOT_FOUND => Ok(None),
            status => Err(self.refused(target, status)),
        }
    }

    /// What comes of a body that is sent; with another status than 201, that status.
    pub async fn create<T: DeserializeOwned>(
        &self,
        target: &str,
        body: String,
    ) -> Result<Result<T, StatusCode>, Missed> {
        let (status, _, bytes) = self.exchange(Method::POST, target, Some(body)).await?;
        match status {
            StatusCode::CREATED => self.read(target, &bytes).map(Ok),
            status => Ok(Err(status)),
        }
    }

    /// A whole list. `key` tells what makes two items the same one.
    pub async fn list<P: Page>(
        &self,
        target: &str,
        key: impl Fn(&P::Item) -> Id,
    ) -> Result<Vec<P::Item>, Missed> {
        let mut all = Vec::new();
        let mut seen = BTreeSet::new();
        let joint = if target.contains('?') { '&' } else { '?' };
        let mut next = format!("{target}{joint}per_page={PER_PAGE}");
        for _ in 0..PAGES_MAX {
            let (status, headers, bytes) = self.exchange(Method::GET, &next, None).await?;
            if status != StatusCode::OK {
                return Err(self.refused(target, status));
            }
            let (items, total) = self.read::<P>(target, &bytes)?.items();
            let (before, none) = (seen.len(), items.is_empty());
            for item in items {
                // An item that slipped onto the next page is the same one; what it became is seen with the next round.
                if seen.insert(key(&item)) {
                    all.push(item);
                }
            }
            if seen.len() > ITEMS_MAX {
                return Err(self.liar(target, "is longer than 200,000 items"));
            }
            let Some(query) = next_query(&headers).map_err(|what| self.liar(target, what))? else {
                // A list that says it is longer than it is moved while it was read.
                return match total {
                    Some(total) if total > seen.len() => Err(self.moved(target)),
                    Some(_) | None => Ok(all),
                };
            };
            if none {
                return Err(self.moved(target));
            }
            if seen.len() == before {
                return Err(self.liar(target, "gives the same page again and again"));
            }
            // SECURITY: of the link only its query is taken: it leads to no other server and to no other list.
            let path = target.split('?').next().unwrap_or_default();
            next = format!("{path}?{query}");
        }
        Err(self.liar(target, "does not end"))
    }

    async fn exchange(
        &self,
        method: Method,
        target: &str,
        body: Option<String>,
    ) -> Result<(StatusCode, Fields, Vec<u8>), Missed> {
        let now = self.reading.authority.now();
        let closed = *self.closed_until.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(until) = closed.filter(|until| now < *until) {
            return Err(self.enough(until).await);
        }
        let upstream = self.reading.upstream;
        let mut headers = self.headers.clone();
        let body = match body {
            Some(text) => {
                headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
                OutgoingBody::Whole(Bytes::from(text))
            }
            None => OutgoingBody::Nothing,
        };
        let request = Outgoing::new(method, target, headers);
        self.reading.count(|progress| progress.requests += 1);
        self.spent.fetch_add(1, Ordering::Relaxed);
        let client = upstream.api()?;
        let answer = client
            .send(&request, body)
            .await
            .map_err(|error| fault::of_error(upstream, &error))?;
        let (status, headers) = (answer.status, answer.headers);
        let body = Limited::new(answer.body, PAGE_BYTES_MAX);
        let body = body
            .collect()
            .await
            .map_err(|_| self.liar(target, "breaks off or is larger than 16 MiB"))?;
        let bytes = body.to_bytes().to_vec();
        let now = self.reading.authority.now();
        match limit_of(status, &headers, &bytes, now) {
            Some(Limit::Everything(until)) => Err(Missed::All(self.held(until))),
            Some(Limit::Credential(until)) => Err(self.enough(until).await),
            None => {
                self.note(&headers, now);
                Ok((status, headers, bytes))
            }
        }
    }

    /// Takes down how much may still be asked, so that nothing is asked in vain, and so that half of it is left to
    /// others.
    fn note(&self, headers: &Fields, now: Timestamp) {
        let Some(limits) = super::limit::told(headers, now) else {
            return;
        };
        if limits.remaining == 0 {
            *self.closed_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(limits.reset);
        }
        let spent = self.spent.load(Ordering::Relaxed);
        let apart = spent
            .saturating_mul(2 * 3600)
            .checked_div(limits.limit)
            .unwrap_or(0);
        self.reading
            .count(|progress| progress.seconds_apart = progress.seconds_apart.max(apart));
    }

    /// It is enough for now: for an installation by itself, or for the App.
    async fn enough(&self, until: Timestamp) -> Missed {
        let Some((name, slot)) = &self.installation else {
            return Missed::All(self.held(until));
        };
        *slot.lock().await = Some(Lent {
            text: Zeroizing::new(String::new()),
            until,
        });
        enough_at(self.reading.upstream, name, until)
    }

    fn held(&self, until: Timestamp) -> Unreadable {
        let name = &self.reading.upstream.name;
        Unreadable {
            fault: Fault::new(
                FaultKind::BadGateway,
                "upstream.rate_limited",
                format!(
                    "the upstream {name} wants to be asked again after {}: its rate limit is used up",
                    until.rfc3339()
                ),
            ),
            not_before: Some(until),
        }
    }

    fn read<T: DeserializeOwned>(&self, target: &str, bytes: &[u8]) -> Result<T, Missed> {
        serde_json::from_slice(bytes).map_err(|error| {
            let name = &self.reading.upstream.name;
            tracing::warn!(upstream = name, %target, %error, "an answer of an upstream cannot be read");
            self.liar(target, "is not what the API promises")
        })
    }

    fn refused(&self, target: &str, status: StatusCode) -> Missed {
        let upstream = self.reading.upstream;
        if status == StatusCode::UNAUTHORIZED {
            return fault::credential_refused(upstream).into();
        }
        let message = format!(
            "the upstream {} answers {} at {target}: does the App have the permissions that its directory takes?",
            upstream.name,
            status.as_u16()
        );
        // What one installation cannot have must not keep the others from being read; a server that fails does.
        if self.installation.is_some() && status.is_client_error() {
            return Missed::Here {
                code: "upstream.unexpected",
                message,
            };
        }
        Fault::new(FaultKind::BadGateway, "upstream.unexpected", message).into()
    }

    /// What was said cannot be.
    pub fn liar(&self, target: &str, what: &str) -> Missed {
        let name = &self.reading.upstream.name;
        Fault::new(
            FaultKind::BadGateway,
            "upstream.malformed",
            format!("what the upstream {name} says at {target} {what}"),
        )
        .into()
    }

    /// What was said does not fit what was said before.
    pub fn moved(&self, target: &str) -> Missed {
        let name = &self.reading.upstream.name;
        Fault::new(
            FaultKind::BadGateway,
            "upstream.changed_while_read",
            format!("what the upstream {name} says at {target} changed while it was read; it is read again"),
        )
        .into()
    }
}

/// An installation has said that it is enough for now.
pub fn enough_at(upstream: &Upstream, name: &str, until: Timestamp) -> Missed {
    Missed::Here {
        code: "upstream.rate_limited",
        message: format!(
            "the rate limit of the App's installation at {name} of the upstream {} is used up: it is read again after {}",
            upstream.name,
            until.rfc3339()
        ),
    }
}

/// The query of the link to the next page.
fn next_query(headers: &Fields) -> Result<Option<String>, &'static str> {
    const ODD: &str = "has links that cannot be read";
    for value in headers.get_all(header::LINK) {
        let text = value.to_str().map_err(|_| ODD)?;
        for part in text.split(',') {
            let mut pieces = part.split(';').map(str::trim);
            let reference = pieces.next().unwrap_or_default();
            if !pieces.any(|piece| piece == "rel=\"next\"" || piece == "rel=next") {
                continue;
            }
            let inside = reference
                .strip_prefix('<')
                .and_then(|text| text.strip_suffix('>'))
                .ok_or(ODD)?;
            let (_, query) = inside.split_once('?').ok_or(ODD)?;
            let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'#' && byte != b'?';
            if query.is_empty() || query.len() > QUERY_BYTES_MAX || !query.bytes().all(plain) {
                return Err(ODD);
            }
            return Ok(Some(query.to_owned()));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::next_query;
    use bailiwick_upstream::{Fields, HeaderValue};
    use http::header;

    #[test]
    fn only_the_query_of_the_next_page_is_taken() {
        for (link, expected) in [
            ("", Ok(None)),
            (
                "<https://h/x?page=1>; rel=\"prev\", <https://h/x?page=9>; rel=\"last\"",
                Ok(None),
            ),
            (
                "<https://h/x?page=1>; rel=\"prev\", <https://other/y?role=admin&page=3>; rel=\"next\"",
                Ok(Some("role=admin&page=3")),
            ),
            (
                "<https://h/x?after=Y3Vyc29y%3D>; rel=\"next\"",
                Ok(Some("after=Y3Vyc29y%3D")),
            ),
            ("<https://h/x>; rel=\"next\"", Err(())),
            ("<https://h/x?>; rel=\"next\"", Err(())),
            ("https://h/x?page=2; rel=\"next\"", Err(())),
            ("<https://h/x?page=2 HTTP/1.1>; rel=\"next\"", Err(())),
            ("<https://h/x?page=2#x>; rel=\"next\"", Err(())),
        ] {
            let headers = Fields::from_iter([(header::LINK, HeaderValue::from_static(link))]);
            let found = next_query(&headers).map_err(|_| ());
            assert_eq!(found, expected.map(|query| query.map(str::to_owned)), "{link}");
        }
        assert_eq!(next_query(&Fields::default()), Ok(None));
    }
}
