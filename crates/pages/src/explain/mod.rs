//! Explaining one request: what was pasted, the token that would be sent with it, and the decision's own answer.
//! Nothing here decides; `words` says the decision's reasons in plain words, `mend` where each can be mended.

mod answer;
pub mod mend;
mod page;
pub mod words;

use bailiwick_catalogue::op;
use bailiwick_gate::Routes;

/// The operations of this area.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_EXPLAIN, page::show)
        .on(op::WEB_EXPLAIN_READ, page::read);
}
