//! A clock that stands still, and bytes that come in the same order in every run.

use bailiwick_authority::{Clock, Random};
use bailiwick_model::Timestamp;
use std::sync::atomic::{AtomicU64, Ordering};

pub struct TestClock;

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::parse("2026-03-10T12:00:00Z").unwrap()
    }
}

pub struct TestRandom(AtomicU64);

impl TestRandom {
    pub fn new(seed: u64) -> TestRandom {
        TestRandom(AtomicU64::new(seed))
    }
}

impl Random for TestRandom {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            let mut word = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::SeqCst);
            word = (word ^ word >> 29).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            *byte = (word >> 32) as u8;
        }
    }
}
