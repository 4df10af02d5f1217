//! What stands for the caller at an upstream: never what the caller sent. Whom the upstream knows is linked
//! explicitly; who is not linked is nobody there.

use crate::identity::{self, There};
use crate::{blocking, fault, github};
use bailiwick_authority::upstream::confirmed::Thing;
use bailiwick_authority::upstream::minted::Slot;
use bailiwick_authority::upstream::{Linked, Upstream};
use bailiwick_authority::{Authority, Basis, Fault, Permit};
use bailiwick_catalogue::Door;
use bailiwick_gate::upstream_header;
use bailiwick_model::{AccountId, UpstreamKind};
use bailiwick_upstream::{Fields, HeaderValue};
use bailiwick_wire::header::{HeaderValues, Placeholder};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderName, header};
use std::sync::Arc;
use zeroize::Zeroizing;

/// The header by which an administrator of Gitea acts as somebody.
const SUDO: HeaderName = HeaderName::from_static("sudo");

/// Headers that stand for the caller.
#[derive(Default)]
pub struct Credential {
    headers: Vec<(HeaderName, HeaderValue)>,
    // Where it is kept for the next request.
    slot: Option<Slot>,
    // Whether the person has it from the upstream, rather than the gateway.
    person: bool,
    // The value of `Authorization` with which the gateway itself asks the API about what is named.
    asks: Option<Zeroizing<String>>,
}

impl Credential {
    /// Whether there is none: the upstream is asked as a visitor.
    pub fn is_nothing(&self) -> bool {
        self.headers.is_empty()
    }

    /// The login as which it acts, where it names one beside the credential of somebody else.
    pub fn acting_as(&self) -> Option<&str> {
        let sudo = self.headers.iter().find(|(name, _)| *name == SUDO)?;
        sudo.1.to_str().ok()
    }

    /// The value of `Authorization` with which the API is asked about what a request names.
    pub fn asks(&self) -> Option<&str> {
        self.asks.as_ref().map(|text| text.as_str())
    }

    /// The same, with what the API is asked with.
    pub fn asking(mut self, scheme: &str, token: &str) -> Credential {
        self.asks = Some(Zeroizing::new(format!("{scheme} {token}")));
        self
    }

    /// The headers.
    pub fn headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.headers
    }

    /// Puts it into the headers of a request, in place of whatever is there.
    pub fn put(&self, headers: &mut Fields) {
        for (name, value) in &self.headers {
            headers.insert(name.clone(), value.clone());
        }
    }

    /// One more header.
    fn with(mut self, name: HeaderName, text: &str) -> Result<Credential, Fault> {
        let value = HeaderValue::from_str(text).map_err(|_| {
            Fault::internal("upstream.credential", "a credential cannot be put into a header")
        })?;
        self.headers.push((name, value));
        Ok(self)
    }

    /// The same, kept for the next request in a slot.
    pub fn lent_in(mut self, slot: Slot) -> Credential {
        self.slot = Some(slot);
        self
    }

    /// The same, which is the person's own.
    pub fn of_person(mut self) -> Credential {
        self.person = true;
        self
    }

    /// The upstream refuses it: it is not used again.
    pub async fn refused(&self, upstream: &Upstream) -> Fault {
        if let Some(slot) = &self.slot {
            *slot.lock().await = None;
        }
        if self.person {
            fault::link_again(upstream)
        } else {
            fault::credential_refused(upstream)
        }
    }

    /// A user name and a password.
    pub fn basic(user: &str, password: &str) -> Result<Credential, Fault> {
        let pair = Zeroizing::new(format!("{user}:{password}"));
        let text = Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())));
        Credential::default().with(header::AUTHORIZATION, &text)
    }

    /// A token by its scheme.
    pub fn scheme(scheme: &str, token: &str) -> Result<Credential, Fault> {
        let text = Zeroizing::new(format!("{scheme} {token}"));
        Credential::default().with(header::AUTHORIZATION, &text)
    }
}

/// What stands for the caller of a permitted request, once it is known that the names in it are what was decided on.
// SECURITY: here, since nothing permitted is sent without it.
pub async fn of(
    authority: &Arc<Authority>,
    permit: &Permit,
    upstream: &Arc<Upstream>,
) -> Result<Credential, Fault> {
    let credential = match upstream.kind {
        UpstreamKind::Git => shared(upstream),
        UpstreamKind::Generic => generic(authority, permit, upstream).await,
        UpstreamKind::Gitea => Box::pin(gitea(authority, permit, upstream)).await,
        UpstreamKind::GitHub => Box::pin(github::credential(authority, permit, upstream)).await,
        UpstreamKind::Oci
        | UpstreamKind::Npm
        | UpstreamKind::Maven
        | UpstreamKind::NuGet
        | UpstreamKind::PyPi
            if upstream.headers.is_empty() =>
        {
            shared(upstream)
        }
        UpstreamKind::Oci
        | UpstreamKind::Npm
        | UpstreamKind::Maven
        | UpstreamKind::NuGet
        | UpstreamKind::PyPi => generic(authority, permit, upstream).await,
    }?;
    identity::of_permit(authority, permit, upstream, &credential).await?;
    Ok(credential)
}

/// What may end a thing that a token planted: the administrator where the thing has a place of its own, the person
/// whose token it was where it hangs on the person's account.
pub async fn for_ending(
    authority: &Arc<Authority>,
    upstream: &Upstream,
    actor: AccountId,
    target: &str,
) -> Result<Credential, Fault> {
    match upstream.kind {
        UpstreamKind::Gitea => {
            let token = upstream
                .reveal("token")
                .ok_or_else(|| fault::no_credential(upstream, "administrator's token"))?;
            let credential = Credential::scheme("token", token)?.asking("token", token);
            if !target.starts_with("/user/") {
                return Ok(credential);
            }
            let link = link_of(authority, upstream, actor).await?;
            let link = link.ok_or_else(|| fault::not_linked(upstream))?;
            as_person(authority, upstream, &credential, &link).await?;
            credential.with(SUDO, &link.login)
        }
        _ => Err(fault::no_credential(upstream, "credential to end this with")),
    }
}

/// One credential for everybody: the upstream knows no persons, or none that matter.
fn shared(upstream: &Upstream) -> Result<Credential, Fault> {
    match (
        upstream.reveal("username"),
        upstream.reveal("password"),
        upstream.reveal("token"),
    ) {
        (Some(user), Some(password), _) => Credential::basic(user, password),
        (None, None, Some(token)) => Credential::scheme("Bearer", token),
        (None, None, None) => Ok(Credential::default()),
        _ => Err(fault::no_credential(
            upstream,
            "whole pair of username and password",
        )),
    }
}

/// Who the caller is at an upstream; `None` for visitors of what is public.
// SECURITY: also for a person whose allowance is a visitor's. The token holds nothing there; the person's own view of it
// would show what the token was never granted.
async fn linked(
    authority: &Arc<Authority>,
    permit: &Permit,
    upstream: &Upstream,
) -> Result<Option<Arc<Linked>>, Fault> {
    let Some(actor) = permit.actor().filter(|_| permit.basis() != Basis::Anonymous) else {
        return Ok(None);
    };
    match link_of(authority, upstream, actor).await? {
        Some(link) if link.active => Ok(Some(link)),
        Some(_) => Err(fault::inactive(upstream)),
        None => Err(fault::not_linked(upstream)),
    }
}

/// The link of an account, active or not.
pub async fn link_of(
    authority: &Arc<Authority>,
    upstream: &Upstream,
    account: AccountId,
) -> Result<Option<Arc<Linked>>, Fault> {
    let id = upstream.id;
    match authority.link_warm(id, account) {
        Some(link) => Ok(link),
        None => {
            let authority = authority.clone();
            blocking(move || authority.link(id, account)).await
        }
    }
}

/// The headers that the settings name, filled in for this caller.
async fn generic(
    authority: &Arc<Authority>,
    permit: &Permit,
    upstream: &Upstream,
) -> Result<Credential, Fault> {
    if let Some(fixed) = upstream.fixed_headers() {
        return Ok(Credential {
            headers: fixed.headers().to_vec(),
            ..Credential::default()
        });
    }
    let asks = |what| upstream.headers.iter().any(|template| template.asks(what));
    // Nobody is represented to an upstream that is not told who asks.
    let link = if asks(Placeholder::UpstreamLogin) {
        linked(authority, permit, upstream).await?
    } else {
        None
    };
    let principal = permit.gathered().principal();
    let principal = principal.filter(|_| permit.basis() != Basis::Anonymous);
    let values = HeaderValues {
        secret: upstream.reveal("secret"),
        login: principal.map(|principal| principal.login.as_str()),
        upstream_login: link.as_ref().map(|link| link.login.as_str()),
        request_id: Some(&permit.caller().request_id),
    };
    // SECURITY: for a visitor, who has no name to send, the rest would speak for the gateway itself.
    if (asks(Placeholder::Login) && values.login.is_none())
        || (asks(Placeholder::UpstreamLogin) && values.upstream_login.is_none())
    {
        return Ok(Credential::default());
    }
    let unsaid = || fault::no_credential(upstream, "value for one of its headers");
    let names = upstream.header_names().ok_or_else(unsaid)?;
    let mut credential = Credential {
        headers: Vec::with_capacity(upstream.headers.len()),
        ..Credential::default()
    };
    // INVARIANT: as many names as templates.
    for (template, name) in upstream.headers.iter().zip(names.all()) {
        let value = upstream_header(template, &values).map_err(|_| unsaid())?;
        credential.headers.push((name.clone(), value));
    }
    Ok(credential)
}

/// Refuses a login that is somebody else's by now.
async fn as_person(
    authority: &Authority,
    upstream: &Upstream,
    credential: &Credential,
    link: &Linked,
) -> Result<(), Fault> {
    let Some(id) = &link.key else {
        return Ok(());
    };
    let there = There {
        thing: Thing::Account,
        name: &link.login,
        id,
    };
    identity::check(authority, upstream, credential, there).await
}

async fn gitea(
    authority: &Arc<Authority>,
    permit: &Permit,
    upstream: &Upstream,
) -> Result<Credential, Fault> {
    let administrator = upstream.reveal("token");
    let asking = |credential: Credential| match administrator {
        Some(token) => credential.asking("token", token),
        None => credential,
    };
    let Some(link) = linked(authority, permit, upstream).await? else {
        return Ok(asking(Credential::default()));
    };
    if permit.operation().door != Door::Git {
        let token = administrator.ok_or_else(|| fault::no_credential(upstream, "administrator's token"))?;
        let credential = asking(Credential::scheme("token", token)?);
        as_person(authority, upstream, &credential, &link).await?;
        return credential.with(SUDO, &link.login);
    }
    // Git knows no `Sudo`: a credential of the person, which tells by itself whose it is, or the name by the header that
    // the upstream trusts.
    if let Some(token) = link.reveal("token") {
        let credential = Credential::basic(&link.login, token)?;
        return Ok(match administrator {
            Some(_) => asking(credential),
            None => credential.asking("token", token),
        });
    }
    match upstream.settings.user_header.as_deref().map(|name| name.parse()) {
        Some(Ok(name)) => {
            let credential = asking(Credential::default());
            as_person(authority, upstream, &credential, &link).await?;
            credential.with(name, &link.login)
        }
        Some(Err(_)) | None => Err(fault::no_credential(
            upstream,
            "credential for Git: neither one of yours nor a header for names",
        )),
    }
}
