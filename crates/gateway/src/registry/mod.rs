//! Registries of packages behind the gateway: one module for each protocol, and the passing on that they share.

pub mod inventory;
mod maven;
mod npm;
mod nuget;
mod oci;
pub mod passing;
mod pypi;
mod receiving;
mod spool;
mod told;
mod turn;

use crate::{fault, upstream};
use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::upstream::place::upstream_of;
use bailiwick_authority::{Fault, FaultKind};
use bailiwick_gate::{Answer, StreamCall};
use bailiwick_model::RegistryKind;
use bailiwick_wire::registry::Asks;

/// Serves what was asked of a registry.
pub async fn serve(call: StreamCall) -> Answer {
    let operation = call.permit.operation();
    let asks = Asks::of(operation.id).ok_or_else(|| not_served(operation.id))?;
    // What no registry is asked for is answered here, whichever and however many there are.
    if oci::is_own(asks) {
        return oci::own(call, asks).await;
    }
    let location = upstream_of(&call.permit).ok_or_else(Fault::not_found)?;
    let upstream = upstream(&call.authority, location).await?;
    call.authority.check_fresh(&upstream, &call.permit)?;
    let kind = bailiwick_gate::kind_of(operation);
    match upstream.kind.registry() {
        // SECURITY: a package's registry speaks what the address does, or nobody decided on what it would be asked.
        Some(found) if Some(found) == kind => match found {
            RegistryKind::Oci => oci::serve(call, &upstream).await,
            RegistryKind::Npm => npm::serve(call, &upstream, asks).await,
            RegistryKind::Maven => maven::serve(call, &upstream, asks).await,
            RegistryKind::NuGet => nuget::serve(call, &upstream, asks).await,
            RegistryKind::PyPi => pypi::serve(call, &upstream, asks).await,
        },
        Some(_) | None => Err(fault::not_one(false)),
    }
}

/// Something that a registry could be asked for and that is not passed on.
pub fn not_served(id: &str) -> Fault {
    Fault::new(
        FaultKind::NotImplemented,
        "registry.not_served",
        format!("{id} is allowed, but this server does not pass it on"),
    )
}

/// The mount of a registry, as paths begin with it: nothing for images, which have the root's `/v2`.
pub fn mount(upstream: &Upstream) -> String {
    match upstream.kind.registry() {
        Some(RegistryKind::Oci) | None => String::new(),
        Some(_) => format!("/-/{}", upstream.name),
    }
}
