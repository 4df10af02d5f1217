//! Passing one request on to a registry, in steps that the protocols put together: clear, record, ask, tell.

use super::mount;
use crate::credential::Credential;
use crate::exchange::{Question, ask, body_of, cut_off, leased_up, reply, still};
use crate::git::{Leased, Towards};
use crate::headers::{Links, Names};
use crate::target::as_it_came;
use crate::{blocking, credential, fault};
use bailiwick_authority::package::publish::Noted;
use bailiwick_authority::transfer::Lease;
use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::upstream::forward::Cleared;
use bailiwick_authority::{Authority, Fault, FaultKind, Permit, Witness};
use bailiwick_gate::{Answer, Body, Reply, ReplyBody, Request, StreamCall};
use bailiwick_model::PackageId;
use bailiwick_upstream::{Answer as Answered, Fields, OutgoingBody};
use http::{Method, StatusCode, header};
use std::sync::Arc;

/// The largest file that is received whole before it is decided on, where nothing else is set, in bytes.
const UPLOAD_BYTES_MAX: u64 = 256 << 20;

/// A permitted request on its way to a registry.
pub struct Passing {
    /// The use cases.
    pub authority: Arc<Authority>,
    /// The registry.
    pub upstream: Arc<Upstream>,
    /// What is needed to record how it ended.
    pub witness: Witness,
    /// The request.
    pub request: Box<Request>,
    cleared: Cleared,
    credential: Credential,
    home: String,
}

impl Passing {
    /// Clears a permit. Of registries nothing is ever left open.
    pub async fn new(
        authority: Arc<Authority>,
        permit: Permit,
        request: Box<Request>,
        upstream: &Arc<Upstream>,
    ) -> Result<Passing, Fault> {
        let cleared = authority.clear(permit, upstream, true)?;
        let credential = credential::of(&authority, cleared.permit(), upstream).await?;
        let witness = authority.witness(cleared.permit());
        let home = format!("{}{}", request.base_url, mount(upstream));
        Ok(Passing {
            authority,
            upstream: upstream.clone(),
            witness,
            request,
            cleared,
            credential,
            home,
        })
    }

    /// The same of a whole call, with the body that it brings.
    pub async fn of(call: StreamCall, upstream: &Arc<Upstream>) -> Result<(Passing, Body), Fault> {
        let passing = Passing::new(call.authority, call.permit, call.request, upstream).await?;
        Ok((passing, call.body))
    }

    /// Leave to do it.
    pub fn permit(&self) -> &Permit {
        self.cleared.permit()
    }

    /// The address of the registry here.
    pub fn home(&self) -> &str {
        &self.home
    }

    /// Path and query as they came, below the registry's address.
    pub fn target(&self) -> Result<String, Fault> {
        as_it_came(&self.request.uri, &mount(&self.upstream))
    }

    /// Records a change, durably, before the registry hears of it.
    pub async fn begin(&self) -> Result<(), Fault> {
        self.authority
            .forward_begin(&self.cleared, &self.upstream)
            .durable()
            .await?;
        Ok(())
    }

    /// Binds the name of the package that is about to be published to its owner, by ids.
    pub async fn package_begin(&self) -> Result<PackageId, Fault> {
        let (authority, id) = (self.authority.clone(), self.upstream.id);
        let witness = self.authority.witness(self.permit());
        blocking(move || authority.package_begin(&witness, id)).await
    }

    /// Notes a version that the registry is about to be sent.
    pub async fn version_begin(&self, package: PackageId, version: &str) -> Result<Noted, Fault> {
        let authority = self.authority.clone();
        let witness = self.authority.witness(self.permit());
        let version = version.to_owned();
        blocking(move || authority.package_version_begin(&witness, package, &version)).await
    }

    /// Takes back what was noted of a version that the registry did not take.
    pub async fn version_missed(&self, noted: Noted) -> Result<(), Fault> {
        let authority = self.authority.clone();
        blocking(move || authority.package_version_missed(noted)).await
    }

    /// Notes a version that the registry took.
    pub async fn package_published(&self, package: PackageId, version: &str) -> Result<(), Fault> {
        let authority = self.authority.clone();
        let witness = self.authority.witness(self.permit());
        let version = version.to_owned();
        blocking(move || authority.package_published(&witness, package, &version)).await?;
        Ok(())
    }

    /// Moves a package that belongs to its owner as a whole to the repository that it says it comes from, if its
    /// publisher may publish there.
    pub async fn package_labelled(&self, package: PackageId, source: String) -> Result<(), Fault> {
        let authority = self.authority.clone();
        let witness = self.authority.witness(self.permit());
        blocking(move || authority.package_from(&witness, package, &source)).await
    }

    /// Notes that the registry removed a version of the named package, or all of it.
    pub async fn package_deleted(&self, version: Option<&str>) -> Result<(), Fault> {
        let Some(package) = self.permit().gathered().package.clone() else {
            return Ok(());
        };
        let (authority, id) = (self.authority.clone(), self.upstream.id);
        let version = version.map(str::to_owned);
        blocking(move || authority.package_deleted(id, &package.name, version.as_deref())).await
    }

    /// Asks the registry, as the request's method says, at a target below its address.
    pub async fn ask(&self, target: String, body: OutgoingBody) -> Result<Answered, Fault> {
        self.ask_by(self.request.method.clone(), target, body).await
    }

    /// The same by another method.
    // SECURITY: what a registry asks a credential for is never passed on: it would ask the caller for the registry's own,
    // or send it to a realm that the registry chose.
    pub async fn ask_by(
        &self,
        method: Method,
        target: String,
        body: OutgoingBody,
    ) -> Result<Answered, Fault> {
        self.ask_with(method, target, &self.request.headers, body).await
    }

    /// The same with headers of the gateway's own instead of the caller's.
    pub async fn ask_with(
        &self,
        method: Method,
        target: String,
        headers: &Fields,
        body: OutgoingBody,
    ) -> Result<Answered, Fault> {
        let question = Question {
            headers,
            ..self.question(method, target)?
        };
        let answer = ask(&question, body).await?;
        if answer.status == StatusCode::UNAUTHORIZED {
            return Err(fault::credential_refused(&self.upstream));
        }
        Ok(answer)
    }

    /// The registry's answer as the caller gets it, with its links led home.
    pub async fn reply(&self, answer: Answered) -> Result<Reply, Fault> {
        self.reply_to(self.request.method.clone(), answer).await
    }

    /// The same of a question by another method.
    pub async fn reply_to(&self, method: Method, answer: Answered) -> Result<Reply, Fault> {
        let question = self.question(method, String::new())?;
        let make = || Names {
            home: self.home.clone(),
            asked: format!("{}{}", self.request.base_url, self.request.uri.path()),
            ..Names::default()
        };
        let links = Links::new(question.client.address(), &make);
        reply(&question, answer, &links).await
    }

    /// Asks for what is read, with the lease of a download in bulk.
    // SECURITY: a token that was revoked ends what runs as well. Registered before the registry is asked.
    pub async fn download(&self, target: String) -> Result<(Answered, Option<Arc<Lease>>), Fault> {
        let permit = self.permit();
        let bulk = permit.operation().bulk && self.request.method == Method::GET;
        let lease = bulk.then(|| self.authority.transfer_begin(permit)).transpose()?;
        let answer = self.ask(target, OutgoingBody::Nothing).await?;
        Ok((answer, lease.map(Arc::new)))
    }

    /// Refuses to send on what a body has brought, if that would not be permitted by now.
    pub async fn still(&self) -> Result<(), Fault> {
        still(&self.authority, self.permit()).await
    }

    /// The end of a change that was begun: on record where it did not come about, whoever refused it.
    pub async fn settled(&self, answer: Answer) -> Answer {
        match answer {
            Ok(reply) => {
                self.ended(reply.status).await?;
                Ok(reply)
            }
            Err(fault) => Err(self.failed(fault).await),
        }
    }

    /// Records that a change which was passed on did not come about.
    pub async fn failed(&self, fault: Fault) -> Fault {
        let receipt = match fault.kind {
            FaultKind::Forbidden => self
                .authority
                .forward_refused(&self.witness, &self.upstream, fault.code),
            _ => self
                .authority
                .forward_failed(&self.witness, &self.upstream, fault.code, None),
        };
        match receipt.durable().await {
            Ok(()) => fault.recorded(),
            Err(unrecorded) => unrecorded.into(),
        }
    }

    /// Records that the registry refused a change, if it did.
    async fn ended(&self, status: StatusCode) -> Result<(), Fault> {
        if !status.is_client_error() && !status.is_server_error() {
            return Ok(());
        }
        let receipt = self.authority.forward_failed(
            &self.witness,
            &self.upstream,
            "upstream.refused",
            Some(status.as_u16()),
        );
        Ok(receipt.durable().await?)
    }

    fn question(&self, method: Method, target: String) -> Result<Question<'_>, Fault> {
        Ok(Question {
            upstream: &self.upstream,
            client: self.upstream.web()?,
            method,
            target,
            headers: &self.request.headers,
            credential: &self.credential,
        })
    }
}

/// Passes a request on as it came: reads, and changes that touch nothing but the registry.
pub async fn as_asked(call: StreamCall, upstream: &Arc<Upstream>) -> Answer {
    let (passing, body) = Passing::of(call, upstream).await?;
    let target = passing.target()?;
    if !passing.permit().operation().writes {
        let (answer, lease) = passing.download(target).await?;
        return Ok(leased(passing.reply(answer).await?, lease));
    }
    passing.begin().await?;
    let done = changed(&passing, target, body).await;
    passing.settled(done).await
}

async fn changed(passing: &Passing, target: String, body: Body) -> Answer {
    let body = body_of(&passing.request.method, &passing.request.headers, body).await?;
    let lease = Arc::new(passing.authority.transfer_begin(passing.permit())?);
    passing.still().await?;
    let answer = passing.ask(target, leased_up(body, lease.clone())).await;
    cut_off(&lease)?;
    passing.reply(answer?).await
}

/// Makes a request one for the whole of a thing as it is now, whatever the caller has of it.
pub fn unconditional(request: &mut Request) {
    for name in [
        header::RANGE,
        header::IF_MATCH,
        header::IF_NONE_MATCH,
        header::IF_MODIFIED_SINCE,
        header::IF_UNMODIFIED_SINCE,
        header::IF_RANGE,
    ] {
        request.headers.remove(name);
    }
}

/// An answer whose body breaks off once the download is no longer allowed.
pub fn leased(mut reply: Reply, lease: Option<Arc<Lease>>) -> Reply {
    reply.body = match (reply.body, lease) {
        (ReplyBody::Stream(body), Some(lease)) => {
            ReplyBody::Stream(Body::new(Leased::new(body, lease, Towards::Client)))
        }
        (other, _) => other,
    };
    reply
}

/// The largest file that a registry is sent.
pub fn upload_bytes_max(upstream: &Upstream) -> Option<u64> {
    upstream.settings.upload_bytes_max
}

/// The largest file that is received whole before it is decided on.
pub fn received_bytes_max(upstream: &Upstream) -> u64 {
    upstream.settings.upload_bytes_max.unwrap_or(UPLOAD_BYTES_MAX)
}
