//! What registries hold, asked for by the gateway itself for GitHub's Packages API: lists of versions, and deleting them.

mod maven;
mod npm;
mod nuget;
mod oci;
mod pypi;

use crate::credential::{self, Credential};
use crate::fault;
use bailiwick_authority::package::list::{Held, Registries, not_kept};
use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::{Authority, Fault, FaultKind, Permit};
use bailiwick_model::{RegistryKind, UpstreamId};
use bailiwick_upstream::{Fields, HeaderValue, Outgoing, OutgoingBody};
use bytes::Bytes;
use http::{HeaderName, Method, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use std::sync::{Arc, Weak};
use tokio::runtime::Handle;

/// The largest answer that is read here, in bytes.
const ANSWER_BYTES_MAX: usize = 64 << 20;
/// Versions that are listed of one package at the most.
const VERSIONS_MAX: usize = 2_000;

/// Asks registries on the runtime that it was made on.
pub struct GatewayRegistries {
    // Not an owner: the authority owns this.
    authority: Weak<Authority>,
    runtime: Handle,
}

impl GatewayRegistries {
    /// For this authority; to be made on the runtime of the server.
    pub fn new(authority: &Arc<Authority>) -> GatewayRegistries {
        GatewayRegistries {
            authority: Arc::downgrade(authority),
            runtime: Handle::current(),
        }
    }

    fn source(&self, permit: &Permit) -> Result<Source, Fault> {
        let stopping = || {
            Fault::new(
                FaultKind::Unavailable,
                "server.stopping",
                "the server is stopping",
            )
        };
        let authority = self.authority.upgrade().ok_or_else(stopping)?;
        let package = permit.gathered().package.clone().ok_or_else(Fault::not_found)?;
        let id: UpstreamId = package.upstream.ok_or_else(|| fault::not_one(true))?;
        let upstream = authority.upstream(id)?;
        authority.check_fresh(&upstream, permit)?;
        let credential = self
            .runtime
            .block_on(credential::of(&authority, permit, &upstream))?;
        // Maven's directories are called as the publisher wrote them; elsewhere the normal form is the address.
        let written = permit.gathered().names.package.as_ref().map(|key| &key.name);
        let written =
            written.filter(|name| package.kind == RegistryKind::Maven && name.normal == package.name);
        Ok(Source {
            kind: package.kind,
            name: written.map_or_else(|| package.name.clone(), |name| name.sent.clone()),
            upstream,
            credential,
        })
    }
}

impl Registries for GatewayRegistries {
    fn versions(&self, permit: &Permit, known: &[String]) -> Result<Vec<Held>, Fault> {
        let source = self.source(permit)?;
        self.runtime.block_on(async {
            let mut held = match source.kind {
                RegistryKind::Oci => oci::versions(&source, known).await?,
                RegistryKind::Npm => npm::versions(&source).await?,
                RegistryKind::Maven => maven::versions(&source, known).await?,
                RegistryKind::NuGet => nuget::versions(&source).await?,
                RegistryKind::PyPi => pypi::versions(&source).await?,
            };
            held.truncate(VERSIONS_MAX);
            Ok(held)
        })
    }

    fn delete(&self, permit: &Permit, version: Option<&str>) -> Result<(), Fault> {
        let source = self.source(permit)?;
        self.runtime.block_on(async {
            match (source.kind, version) {
                (RegistryKind::Oci, Some(version)) => oci::delete(&source, version).await,
                (RegistryKind::Npm, version) => npm::delete(&source, version).await,
                (RegistryKind::Maven, Some(version)) => maven::delete(&source, version).await,
                (RegistryKind::NuGet, Some(version)) => nuget::delete(&source, version).await,
                (RegistryKind::PyPi, Some(version)) => pypi::delete(&source, version).await,
                (_, None) => Err(cannot(&source, "deletes no package as a whole")),
            }
        })
    }

    fn restore(&self, permit: &Permit, version: &str) -> Result<(), Fault> {
        let source = self.source(permit)?;
        match source.kind {
            RegistryKind::NuGet => self.runtime.block_on(nuget::restore(&source, version)),
            RegistryKind::Oci | RegistryKind::Npm | RegistryKind::Maven | RegistryKind::PyPi => {
                Err(not_kept())
            }
        }
    }
}

/// A package at its registry, with what stands for the gateway there.
struct Source {
    kind: RegistryKind,
    name: String,
    upstream: Arc<Upstream>,
    credential: Credential,
}

/// What a registry answered, read whole.
struct Told {
    status: StatusCode,
    headers: Fields,
    body: Bytes,
}

impl Source {
    async fn get(&self, target: &str, accept: &'static str) -> Result<Told, Fault> {
        self.ask(Method::GET, target, &[("accept", accept)], OutgoingBody::Nothing)
            .await
    }

    /// Asks with the gateway's credential, which must be good for that.
    async fn ask(
        &self,
        method: Method,
        target: &str,
        headers: &[(&'static str, &'static str)],
        body: OutgoingBody,
    ) -> Result<Told, Fault> {
        let told = self.answer(method, target, headers, body).await?;
        if matches!(told.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            return Err(fault::credential_refused(&self.upstream));
        }
        Ok(told)
    }

    /// Whatever is answered.
    async fn answer(
        &self,
        method: Method,
        target: &str,
        headers: &[(&'static str, &'static str)],
        body: OutgoingBody,
    ) -> Result<Told, Fault> {
        let mut sent = Fields::default();
        sent.insert(header::USER_AGENT, HeaderValue::from_static("bailiwick"));
        for (name, value) in headers {
            sent.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let request = Outgoing::new(method, target, sent).by(self.credential.headers());
        let broken = |error: &bailiwick_upstream::UpstreamError| fault::of_error(&self.upstream, error);
        let client = self.upstream.web()?;
        let answer = client
            .send(&request, body)
            .await
            .map_err(|error| broken(&error))?;
        let read = Limited::new(answer.body, ANSWER_BYTES_MAX).collect().await;
        let body = read
            .map_err(|_| broken(&bailiwick_upstream::UpstreamError::TooLarge))?
            .to_bytes();
        Ok(Told {
            status: answer.status,
            headers: answer.headers,
            body,
        })
    }

    /// A change that the registry must have made.
    fn done(&self, told: &Told) -> Result<(), Fault> {
        match told.status {
            status if status.is_success() => Ok(()),
            StatusCode::NOT_FOUND | StatusCode::GONE => Err(Fault::not_found()),
            StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED => {
                Err(cannot(self, "is not set to delete anything"))
            }
            status => Err(self.refused(status)),
        }
    }

    /// An answer that cannot be made sense of.
    fn refused(&self, status: StatusCode) -> Fault {
        Fault::new(
            FaultKind::BadGateway,
            "upstream.refused",
            format!(
                "the registry {} answered with status {}",
                self.upstream.name,
                status.as_u16()
            ),
        )
    }

    fn unread(&self) -> Fault {
        Fault::new(
            FaultKind::BadGateway,
            "registry.unread",
            format!(
                "the registry {} answered in a form that is not understood",
                self.upstream.name
            ),
        )
    }
}

fn cannot(source: &Source, what: &str) -> Fault {
    Fault::conflict(
        "registry.cannot",
        format!("the registry {} {what}", source.upstream.name),
    )
}

fn held(name: impl Into<String>) -> Held {
    Held {
        name: name.into(),
        tags: Vec::new(),
        published_at: None,
    }
}
