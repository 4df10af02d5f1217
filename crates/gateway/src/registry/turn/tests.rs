//! The line before a package, by a clock that stands until everybody waits.

use super::{LINE_MAX, LINES, PATIENCE, alone, alone_at_once};
use bailiwick_model::UpstreamId;
use tokio::time::Instant;

const HERE: UpstreamId = UpstreamId(-1);

#[tokio::test(start_paused = true)]
async fn a_package_that_hangs_holds_up_nobody_at_another() {
    let held = alone(HERE, "hangs").await.unwrap();
    let begun = Instant::now();
    // More than any number of locks that could be shared.
    for number in 0..1000 {
        let _one = alone(HERE, &format!("other-{number}")).await.unwrap();
    }
    let _elsewhere = alone(UpstreamId(-2), "hangs").await.unwrap();
    assert_eq!(begun.elapsed().as_secs(), 0);
    let at_once = alone_at_once(HERE, "hangs").err().unwrap();
    assert_eq!((at_once.code, begun.elapsed().as_secs()), ("registry.busy", 0));
    // Nobody waits for ever.
    let fault = alone(HERE, "hangs").await.err().unwrap();
    assert_eq!((fault.code, fault.retry_after), ("registry.busy", Some(10)));
    assert_eq!(begun.elapsed().as_secs(), PATIENCE.as_secs());
    drop(held);
    drop(alone(HERE, "hangs").await.unwrap());
    let kept = LINES.lock().unwrap();
    assert!(!kept.contains_key(&(HERE, String::from("hangs"))));
}

#[tokio::test(start_paused = true)]
async fn only_some_wait() {
    let held = alone(HERE, "long").await.unwrap();
    let waiting: Vec<_> = (1..LINE_MAX).map(|_| tokio::spawn(alone(HERE, "long"))).collect();
    tokio::task::yield_now().await;
    let begun = Instant::now();
    let fault = alone(HERE, "long").await.err().unwrap();
    assert_eq!((fault.code, begun.elapsed().as_secs()), ("registry.busy", 0));
    drop(held);
    for one in waiting {
        drop(one.await.unwrap().unwrap());
    }
}
