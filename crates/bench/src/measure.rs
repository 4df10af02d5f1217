//! Measuring: enough runs for a median and its spread, no statistics beyond that.

use std::time::{Duration, Instant};

/// How many timed batches make one figure.
const BATCHES: usize = 41;
/// How long one batch runs, so that reading the clock weighs nothing.
const BATCH: Duration = Duration::from_millis(8);

/// What one contender needs for one question, in nanoseconds.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Half of the batches were faster.
    pub median: f64,
    /// A tenth of the batches were faster.
    pub low: f64,
    /// A tenth of the batches were slower.
    pub high: f64,
}

/// Measures one question at a time; `ask` asks the next one.
pub fn measure(mut ask: impl FnMut()) -> Sample {
    let mut count = 1_u32;
    let size = loop {
        let took = run(count, &mut ask);
        if took >= BATCH / 4 {
            let each = took.as_secs_f64() / f64::from(count);
            break (BATCH.as_secs_f64() / each).clamp(1.0, f64::from(u32::MAX)) as u32;
        }
        count = count.saturating_mul(4);
    };
    let mut nanoseconds: Vec<f64> = (0..BATCHES)
        .map(|_| run(size, &mut ask).as_secs_f64() * 1e9 / f64::from(size))
        .collect();
    nanoseconds.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let place = (share * (nanoseconds.len() - 1) as f64).round() as usize;
        nanoseconds.get(place).copied().unwrap_or(f64::NAN)
    };
    Sample {
        median: at(0.5),
        low: at(0.1),
        high: at(0.9),
    }
}

fn run(count: u32, ask: &mut impl FnMut()) -> Duration {
    let start = Instant::now();
    for _ in 0..count {
        ask();
    }
    start.elapsed()
}
