//! A pack of 64 MiB goes through without staying: the server's memory does not grow with it. A binary of its own, since
//! it measures its own process.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests: a failure is a failed test"
)]

#[path = "../host/client.rs"]
mod client;
#[path = "../host/still.rs"]
mod still;
#[path = "../host/world.rs"]
mod world;

use crate::client::good;
use crate::world::World;
use std::path::Path;

const PACK_MIB: usize = 64;
/// What all buffers and the runtime may take.
const GROWTH_MIB_MAX: usize = 32;

fn resident_mib() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = statm.split(' ').nth(1).unwrap().parse().unwrap();
    (pages * 4096) >> 20
}

/// Runs git while watching our own memory; tells by how much it grew at the most.
fn growth_during(directory: &Path, arguments: &[&str]) -> usize {
    let before = resident_mib();
    std::thread::scope(|scope| {
        let running = scope.spawn(|| drop(good(directory, arguments)));
        let mut most = before;
        while !running.is_finished() {
            most = most.max(resident_mib());
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        running.join().unwrap();
        most.saturating_sub(before)
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_pack_leaves_memory_flat_both_ways() {
    let world = World::new().await;
    let seed = world.seeded("site");
    let random = std::fs::File::open("/dev/urandom").unwrap();
    let mut from = std::io::Read::take(random, (PACK_MIB << 20) as u64);
    std::io::copy(&mut from, &mut std::fs::File::create(seed.join("noise")).unwrap()).unwrap();
    world.commit(&seed, "README", "with noise\n");
    let (_, token) = world.token("bob", &["site"], &[("contents", "write")]);
    let url = world.url(&token, "acme/site.git");
    let pushed = growth_during(&seed, &["push", "--quiet", &url, "main:big"]);
    assert!(pushed < GROWTH_MIB_MAX, "a push took {pushed} MiB");
    let into = world.path("copy");
    let arguments = [
        "clone",
        "--quiet",
        "--no-checkout",
        "--branch=big",
        &url,
        into.to_str().unwrap(),
    ];
    let cloned = growth_during(world.directory.path(), &arguments);
    assert!(cloned < GROWTH_MIB_MAX, "a clone took {cloned} MiB");
    let size = good(&into, &["cat-file", "-s", "HEAD:noise"]);
    assert_eq!(size.trim(), (PACK_MIB << 20).to_string());
}
