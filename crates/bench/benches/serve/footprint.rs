//! What our server needs when nobody asks it anything: the time to start and memory.

use crate::Outcome;
use crate::ours::Data;
use bailiwick_bench::{Grid, Spread};
use bailiwick_testkit::Request;

const RUNS: usize = 5;
const REQUESTS: usize = 1000;

/// Measures, and gives the table.
pub fn table(data: &Data) -> Outcome<Grid> {
    let (mut ready, mut idle, mut later) = (Spread::default(), Spread::default(), Spread::default());
    for _ in 0..RUNS {
        let server = data.serve()?;
        ready.add(server.ready.as_secs_f64() * 1e3);
        idle.add(server.program.memory("VmRSS:")?);
        for _ in 0..REQUESTS {
            let request = Request::new("GET", "/api/v3/repos/acme/site/issues/1").bearer(&data.token);
            if server.address.send(&request).status != 200 {
                return Err("a request was refused".into());
            }
        }
        later.add(server.program.memory("VmRSS:")?);
    }
    let mut grid = Grid::new(
        "start and memory, on a data directory that exists",
        &format!("median (least–most) of {RUNS} starts"),
        &["", "bailiwick", "goal"],
    );
    grid.row([
        "from start to /readyz".into(),
        format!("{ready:.0} ms"),
        "≤ 1000 ms".into(),
    ]);
    grid.row([
        "memory, idle after the start".into(),
        format!("{idle:.1} MB"),
        "≤ 60 MB".into(),
    ]);
    grid.row([
        format!("memory after {REQUESTS} requests"),
        format!("{later:.1} MB"),
        "≤ 60 MB".into(),
    ]);
    Ok(grid)
}
