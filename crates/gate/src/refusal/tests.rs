//! What a fault is answered with, in the words of whoever asks.

use super::{Protocol, of_fault};
use bailiwick_authority::{Fault, FaultKind};
use bailiwick_model::RegistryKind;

#[test]
fn a_body_that_comes_too_slowly_may_be_sent_again() {
    let fault = Fault::new(FaultKind::TooSlow, "body.too_slow", "the body comes too slowly");
    let doors = RegistryKind::ALL.iter().copied().map(Protocol::Registry);
    for protocol in doors.chain([Protocol::Api, Protocol::Git, Protocol::Lfs]) {
        let response = of_fault(protocol, &fault);
        assert_eq!(response.status, 408, "{protocol:?}");
    }
}
