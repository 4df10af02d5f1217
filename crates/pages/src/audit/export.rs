//! Taking the log away: every event that the search finds, streamed by the code that the API uses.

use bailiwick_authority::audit::Include;
use bailiwick_gate::{Answer, Call};
use bailiwick_rest::audit;

pub(super) fn send(call: Call) -> Answer {
    let search = audit::search(&call.request, Include::All)?;
    let format = audit::format(&call.request)?;
    audit::export(call, &search, format)
}
