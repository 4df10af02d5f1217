//! How many packages are unpacked at a time.

use super::{Sent, UNPACKING, UNPACKING_MAX};
use bailiwick_wire::nuget::nuspec::Described;
use std::time::Duration;

fn empty() -> Sent {
    Sent {
        file: tempfile::tempfile().unwrap(),
        begin: 0,
        length: 0,
        described: Described {
            id: String::from("Core"),
            normal: String::from("core"),
            version: String::from("1.0.0"),
        },
        entries: Vec::new(),
    }
}

#[tokio::test]
async fn few_are_unpacked_at_a_time() {
    let all = UNPACKING.acquire_many(UNPACKING_MAX as u32).await.unwrap();
    let mut next = tokio::spawn(empty().verified());
    let waits = tokio::time::timeout(Duration::from_millis(50), &mut next).await;
    assert!(waits.is_err(), "it was unpacked beside {UNPACKING_MAX} others");
    drop(all);
    next.await.unwrap().unwrap();
}
