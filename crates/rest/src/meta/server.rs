//! Health, readiness and figures, at the server's root.

use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::BAILIWICK_HEALTHZ, health)
        .on(op::BAILIWICK_READYZ, ready)
        .on(op::BAILIWICK_METRICS, metrics);
}

const PLAIN: &str = "text/plain; charset=utf-8";

/// The process answers: that is all it says.
fn health(_: Call) -> Answer {
    Ok(Reply::bytes(PLAIN, "ok\n"))
}

fn ready(call: Call) -> Answer {
    call.authority.ready()?;
    Ok(Reply::bytes(PLAIN, "ready\n"))
}

fn metrics(call: Call) -> Answer {
    let now = call.authority.now();
    let left = call
        .authority
        .certificate_end()
        .map(|end| end.seconds() - now.seconds());
    let mut text = call.doorway.metrics.text(left);
    let refused = call.authority.upstream_hooks_refused();
    text.push_str(&format!(
        "# HELP bailiwick_upstream_hooks_refused_total Hooks of upstreams that were not signed.\n\
         # TYPE bailiwick_upstream_hooks_refused_total counter\n\
         bailiwick_upstream_hooks_refused_total {refused}\n"
    ));
    Ok(Reply::bytes("text/plain; version=0.0.4; charset=utf-8", text))
}
