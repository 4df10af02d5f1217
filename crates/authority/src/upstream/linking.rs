//! Linking one's own account at an upstream by that upstream's own sign-in: begun in a session, answered once, within
//! ten minutes, in the same session.

use super::Upstream;
use super::renew::Given;
use crate::Authority;
use crate::fault::{Fault, FaultKind};
use crate::permit::Permit;
use bailiwick_model::{AccountId, Digest, SessionId, UpstreamId, UpstreamKind};
use bailiwick_store::linking::{self, LinkingRow};
use bailiwick_store::{LinkBar, StoreError, UpstreamLinkRow, account, upstream};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use std::sync::Arc;
use zeroize::Zeroizing;

/// How long the upstream may take to answer, in seconds.
const LINKING_SECONDS: i64 = 600;
/// Random bytes of the texts.
const TEXT_BYTES: usize = 32;
/// Where the upstream sends the browser back to.
pub const CALLBACK: &str = "/settings/linked-accounts/callback";

/// A link that was begun and has come back.
pub struct Returned {
    /// The upstream.
    pub upstream: Arc<Upstream>,
    /// What proves that this server began it.
    pub verifier: Zeroizing<String>,
}

/// An account as an upstream tells of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Theirs {
    /// The login.
    pub login: String,
    /// The immutable id.
    pub key: String,
}

impl Authority {
    /// Begins to link one's own account at the upstream of a name. What comes back is where the browser goes.
    pub fn linking_begin(&self, permit: Permit, name: &str) -> Result<String, Fault> {
        let (account, session) = in_session(&permit)?;
        let there = self
            .upstreams()?
            .named(name)
            .cloned()
            .ok_or_else(Fault::not_found)?;
        let client_id = client_id(&there)?.to_owned();
        let state = self.random_text::<TEXT_BYTES>();
        let verifier = self.random_text::<TEXT_BYTES>();
        let sealed = self
            .seal
            .close(verifier.as_bytes(), &place(there.id, session), &*self.random)?;
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()).as_ref());
        let now = permit.now();
        let row = LinkingRow {
            digest: Digest::of(state.as_bytes()),
            session_id: session,
            account_id: account,
            upstream_id: there.id,
            verifier: bailiwick_store::Secret(sealed),
            created_at: now,
            expires_at: now.plus_seconds(LINKING_SECONDS),
        };
        let url = format!(
            "{}/login/oauth/authorize?client_id={}&redirect_uri={}&state={}&code_challenge={challenge}\
             &code_challenge_method=S256&allow_signup=false",
            there.web()?.address(),
            query(&client_id),
            query(&self.linking_callback()),
            state.as_str(),
        );
        self.act(permit, |act, _| {
            if let Some(before) = upstream::link(act.tx, there.id, account)? {
                open(&before, &there.name)?;
            }
            linking::begin(act.tx, &row)?;
            act.note("upstream", there.name.clone());
            Ok(url)
        })
    }

    /// Where upstreams send browsers back to.
    pub fn linking_callback(&self) -> String {
        format!("{}{CALLBACK}", self.base_url())
    }

    /// Takes up a link that has come back. Whatever happens then, the text is used up.
    pub fn linking_take(&self, permit: &Permit, state: &str) -> Result<Returned, Fault> {
        let (account, session) = in_session(permit)?;
        let digest = Digest::of(state.as_bytes());
        let row = self
            .store
            .write(|tx| linking::take(tx, &digest, permit.now()).map_err(Fault::from))?;
        // SECURITY: begun in another session, it would link somebody else's account: an attacker's to the victim who
        // follows a link, and with it what the victim's tokens do.
        let row = row
            .filter(|row| row.session_id == session && row.account_id == account)
            .ok_or_else(over)?;
        let verifier = self
            .seal
            .open(&row.verifier.0, &place(row.upstream_id, session))
            .and_then(|bytes| String::from_utf8(bytes.to_vec()).ok())
            .ok_or_else(over)?;
        Ok(Returned {
            upstream: self.upstream(row.upstream_id)?,
            verifier: Zeroizing::new(verifier),
        })
    }

    /// Links whoever acts to the account that the upstream has confirmed, with its credential.
    pub fn linking_finish(
        &self,
        permit: Permit,
        upstream_id: UpstreamId,
        theirs: &Theirs,
        given: &Given,
    ) -> Result<(), Fault> {
        let (own, _) = in_session(&permit)?;
        self.act(permit, |act, permit| {
            let there = upstream::by_id(act.tx, upstream_id)?
                .filter(|there| there.deleted_at.is_none() && there.kind == UpstreamKind::GitHub)
                .ok_or_else(over)?;
            let before = upstream::link(act.tx, upstream_id, own)?;
            if let Some(before) = &before {
                open(before, &there.name)?;
                same(before, theirs)?;
            }
            let mut row = UpstreamLinkRow {
                id: 0,
                upstream_id,
                account_id: own,
                login: theirs.login.clone(),
                upstream_key: Some(theirs.key.clone()),
                credential: None,
                expires_at: None,
                active: true,
                barred: None,
                created_at: permit.now(),
                updated_at: permit.now(),
            };
            self.put_given(&mut row, given)?;
            upstream::put_link(act.tx, row).map_err(taken)?;
            act.event.user = account::by_id(act.tx, own)?.map(|row| row.login);
            act.note("upstream", there.name);
            act.note("upstream_login", theirs.login.clone());
            act.note("upstream_id", theirs.key.clone());
            Ok(())
        })
    }
}

fn in_session(permit: &Permit) -> Result<(AccountId, SessionId), Fault> {
    let session = permit.session().ok_or_else(|| {
        Fault::forbidden(
            "credential.session_required",
            "accounts are linked by their person, in a session",
        )
    })?;
    Ok((permit.person()?, session))
}

fn client_id(there: &Upstream) -> Result<&str, Fault> {
    match (
        there.kind,
        there.settings.client_id.as_deref(),
        there.reveal("client_secret"),
    ) {
        (UpstreamKind::GitHub, Some(id), Some(_)) => Ok(id),
        (UpstreamKind::GitHub, ..) => Err(Fault::new(
            FaultKind::Unavailable,
            "upstream.not_linkable",
            format!(
                "accounts at the upstream {} cannot be linked yet: an administrator sets its client_id and client_secret",
                there.name
            ),
        )),
        (..) => Err(Fault::conflict(
            "upstream.not_linkable",
            format!(
                "accounts at the upstream {} are linked by administrators",
                there.name
            ),
        )),
    }
}

/// Whoever was switched off is not switched on again by linking anew.
// SECURITY: the upstream still knows the person and signs them in; that says nothing of what was decided here.
fn open(before: &UpstreamLinkRow, there: &str) -> Result<(), Fault> {
    let message = match before.barred {
        None => return Ok(()),
        Some(LinkBar::Administrator) => {
            format!(
                "an administrator has switched off your account at the upstream {there}: ask them to switch it on"
            )
        }
        Some(LinkBar::Upstream) => format!(
            "the upstream {there} no longer lets your account be used: it is switched on again when the upstream does, \
             or by an administrator"
        ),
    };
    Err(Fault::forbidden("upstream.barred", message))
}

/// Whoever is linked stays the same until the link is ended.
// SECURITY: a browser that is signed in there as somebody else must not change whom one's tokens act as.
fn same(before: &UpstreamLinkRow, theirs: &Theirs) -> Result<(), Fault> {
    let same = match &before.upstream_key {
        Some(key) => *key == theirs.key,
        None => before.login.eq_ignore_ascii_case(&theirs.login),
    };
    if same {
        return Ok(());
    }
    Err(Fault::conflict(
        "upstream.other_account",
        format!(
            "you are linked to {} there and signed in to {}: sign in there as {0}, or end the link first",
            before.login, theirs.login
        ),
    ))
}

fn taken(error: StoreError) -> Fault {
    match error {
        StoreError::Conflict { .. } => Fault::conflict(
            "upstream.account_taken",
            "that account is linked to somebody else here: they or an administrator end that link first",
        ),
        other => other.into(),
    }
}

fn over() -> Fault {
    Fault::new(
        FaultKind::Gone,
        "upstream.linking_over",
        "this link was not begun here, or too long ago: begin again in the settings",
    )
}

fn place(upstream: UpstreamId, session: SessionId) -> String {
    format!("upstream/{upstream}/session/{session}")
}

/// Text as a value in a query.
fn query(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
