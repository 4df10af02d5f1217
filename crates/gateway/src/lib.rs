//! Passes permitted requests on to the servers behind the gate: with the upstream's credential instead of the
//! caller's, under the upstream's names, streaming both ways. Decides nothing; is not reachable without a permit.

mod api;
mod authorize;
mod checks;
mod credential;
mod destination;
pub mod directory;
mod ender;
mod exchange;
mod fault;
mod git;
pub mod github;
mod headers;
mod heads;
mod identity;
mod lfs;
mod observe;
mod planting;
mod registry;
mod sudo;
mod target;
mod trailers;

pub use ender::GatewayEnder;
pub use registry::inventory::GatewayRegistries;

use bailiwick_authority::upstream::place::{Location, upstream_of};
use bailiwick_authority::upstream::{Place, Upstream, Upstreams};
use bailiwick_authority::{Authority, Fault, FaultKind};
use bailiwick_catalogue::Door;
use bailiwick_gate::{Answer, AnswerFuture, Route, Routes, StreamCall};
use bailiwick_model::UpstreamKind;
use std::sync::{Arc, LazyLock};

/// Serves whatever lives at an upstream.
pub fn register(routes: &mut Routes) {
    routes.behind_with(forward);
    routes.observed_with(observe::forward);
    routes.authorize_with(authorize::authorize);
}

fn forward(call: StreamCall) -> AnswerFuture {
    if !call.permit.operation().writes {
        return Box::pin(serve(call));
    }
    // SECURITY: in a task of its own, which a client that leaves does not end: what an upstream has made is recorded,
    // whether or not somebody waits for the answer.
    Box::pin(async move {
        let done = tokio::spawn(serve(call)).await;
        done.unwrap_or_else(|error| Err(Fault::internal("gateway.task", error)))
    })
}

async fn serve(call: StreamCall) -> Answer {
    checks::bounded(&call.permit)?;
    if call.permit.operation().door == Door::Registry {
        // In boxes, so that calls of an API are no larger for the rest.
        return Box::pin(registry::serve(call)).await;
    }
    let location = upstream_of(&call.permit).ok_or_else(Fault::not_found)?;
    let upstream = upstream(&call.authority, location).await?;
    // SECURITY: here, for whatever is asked of it: reads, lists of refs, and directories that the host itself serves.
    call.authority.check_fresh(&upstream, &call.permit)?;
    match (call.permit.operation().door, upstream.kind, &upstream.place) {
        (Door::Git, UpstreamKind::Git, Place::Directory(_)) => Box::pin(on_disk(call)).await,
        (Door::Git, UpstreamKind::Git | UpstreamKind::GitHub | UpstreamKind::Gitea, Place::Server { .. }) => {
            Box::pin(git::serve(call, &upstream)).await
        }
        (Door::Api, UpstreamKind::GitHub, _)
        | (Door::Gitea, UpstreamKind::Gitea, _)
        | (Door::Mounted, UpstreamKind::Generic, _) => api::serve(call, &upstream).await,
        (door, ..) => Err(not_spoken(door, &upstream)),
    }
}

/// A directory of bare repositories is served by the host's own handlers: the objects are on this machine.
async fn on_disk(call: StreamCall) -> Answer {
    static HOST: LazyLock<Routes> = LazyLock::new(|| {
        let mut routes = Routes::new();
        bailiwick_host::register(&mut routes);
        routes
    });
    match HOST.get(call.permit.operation().index) {
        Some(Route::Stream(handler)) => handler(call).await,
        Some(Route::Whole(_)) | None => Err(Fault::new(
            FaultKind::NotImplemented,
            "upstream.not_spoken",
            "a directory of repositories is reached by Git alone",
        )),
    }
}

fn not_spoken(door: Door, upstream: &Upstream) -> Fault {
    let speaks = match upstream.kind {
        UpstreamKind::GitHub => "the API below /api/v3, Git and LFS",
        UpstreamKind::Gitea => "the API below /api/v1, Git and LFS",
        UpstreamKind::Git => "Git and LFS",
        UpstreamKind::Generic => "the paths of its catalogue",
        UpstreamKind::Oci => "the paths of images below /v2",
        UpstreamKind::Npm | UpstreamKind::Maven | UpstreamKind::NuGet | UpstreamKind::PyPi => {
            "the paths of packages below its mount"
        }
    };
    let instead = match (door, upstream.kind) {
        (Door::Api, UpstreamKind::Gitea) => "ask for it below /api/v1",
        (Door::Gitea, UpstreamKind::GitHub) => "ask for it below /api/v3",
        (Door::Gitea, UpstreamKind::Gitea) => "ask for it there",
        (Door::Api | Door::Gitea, _) => {
            "who may do what with it is kept here, below /api/v3 and on its pages: collaborators, teams and settings"
        }
        _ => "nothing else is answered for it",
    };
    Fault::new(
        FaultKind::NotImplemented,
        "upstream.not_spoken",
        format!(
            "this lives at the upstream {}, which is asked by {speaks}; {instead}",
            upstream.name
        ),
    )
}

/// An upstream, from memory or from the store.
async fn upstream(authority: &Arc<Authority>, location: Location) -> Result<Arc<Upstream>, Fault> {
    let find = |upstreams: &Upstreams| {
        let found = match location {
            Location::Of(id) => upstreams.get(id),
            Location::Named(name) => upstreams.named(name),
            Location::Sole(kind) => match upstreams.sole(kind) {
                None => return Err(fault::not_one(upstreams.speaks(kind))),
                sole => sole,
            },
            Location::Nowhere => return Err(fault::kept_here()),
        };
        found.cloned().ok_or_else(bailiwick_authority::upstream::unusable)
    };
    match authority.upstreams_look(find) {
        Some(found) => found,
        None => find(&*bailiwick_gate::upstreams(authority).await?),
    }
}

/// Runs what blocks on a thread for it.
fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> impl Future<Output = Result<T, Fault>> + Send {
    bailiwick_gate::blocking("gateway.blocking", work)
}
