//! Pulling an image of 500 MB from docker-registry, directly and through the gateway: by skopeo, and layer by layer by a
//! client that throws the bytes away, which shows what the gateway costs where the client costs nothing.

mod client;

#[path = "../gateway/clock.rs"]
mod clock;
#[allow(
    dead_code,
    reason = "shared with the benchmark of the whole program, which uses all of it"
)]
#[path = "../serve/program.rs"]
mod program;
mod registry;
mod store;
mod wire;

use bailiwick_bench::{Grid, Spread};
use bailiwick_model::UpstreamKind;
use program::{Program, build, find_all, free_port};
use registry::Registry;
use std::error::Error;
use std::fmt::Display;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// What a measurement gives, or why it could not be made.
type Outcome<T> = Result<T, Box<dyn Error>>;

/// Runs of each way, in turn, after one that does not count.
const RUNS: usize = 9;
/// Layers of the image, and the bytes of each.
const LAYERS: u8 = 5;
const LAYER_BYTES: usize = 100_000_000;

fn main() -> Outcome<()> {
    let [program, skopeo] = match find_all(["docker-registry", "skopeo"]) {
        Ok(found) => found,
        Err(_) => {
            return say(
                &"SKIPPED: docker-registry or skopeo not found. On Debian: apt-get install -y docker-registry skopeo\n",
            );
        }
    };
    let directory = tempfile::Builder::new().prefix("bailiwick-bench-").tempdir()?;
    let registry = Registry::start(&program, directory.path())?;
    let layers = (0..LAYERS)
        .map(|seed| registry.layer(seed, LAYER_BYTES))
        .collect::<Outcome<Vec<String>>>()?;
    registry.image(&layers, LAYER_BYTES)?;
    let data = directory.path().join("data");
    let token = store::fill(&data, UpstreamKind::Oci, &registry.address())?;
    let (ours, port) = start_ours(&data, directory.path())?;
    let bearer = format!("Authorization: Bearer {token}\r\n");
    let ways = [
        (registry.port, None, ""),
        (port, Some(token.as_str()), bearer.as_str()),
    ];
    let idle = ours.memory("VmRSS")?;
    ours.forget_peak()?;
    // In memory where there is such a place: a disk would be measured otherwise.
    let shared = Path::new("/dev/shm");
    let place = if shared.is_dir() { shared } else { directory.path() };
    let place = tempfile::Builder::new()
        .prefix("bailiwick-bench-")
        .tempdir_in(place)?;
    let by_skopeo = in_turn(&ways, &mut |(port, token, _)| {
        client::pull(&skopeo, *port, *token, place.path())
    })?;
    let plainly = in_turn(&ways, &mut |(port, _, headers)| pull(*port, headers, &layers))?;
    let peak = ours.memory("VmHWM:")?;
    let mut grid = Grid::new(
        &format!(
            "pull of an image of {:.0} MB in {LAYERS} layers",
            f64::from(LAYERS) * LAYER_BYTES as f64 / 1e6
        ),
        &format!("wall seconds, median (least–most) of {RUNS} runs in turn, after one that does not count"),
        &[
            "",
            "",
            "seconds",
            "to direct",
            "goal",
            "memory before",
            "at its peak",
        ],
    );
    for (client, [direct, through], goal) in [
        ("skopeo", &by_skopeo, "≤ 1.05"),
        ("a client that keeps nothing", &plainly, ""),
    ] {
        let rows = [
            ("direct", direct, [String::new(), String::new(), String::new()]),
            (
                "through bailiwick",
                through,
                [goal.into(), format!("{idle:.1} MB"), format!("{peak:.1} MB")],
            ),
        ];
        for (way, spread, [goal, before, most]) in rows {
            grid.row([
                client.into(),
                way.into(),
                format!("{spread:.3}"),
                spread.ratio_to(direct),
                goal,
                before,
                most,
            ]);
        }
    }
    grid.notes.push(String::from(
        "the registry, the gateway and the client share the cores of one machine: what the gateway copies, the others wait for.",
    ));
    say(&grid)
}

/// Both ways in turn, each first as often as the other: the seconds of all runs but the first.
fn in_turn<W>(ways: &[W; 2], run: &mut dyn FnMut(&W) -> Outcome<f64>) -> Outcome<[Spread; 2]> {
    let mut spreads = [Spread::default(), Spread::default()];
    for number in 0..=RUNS {
        let mut turns: Vec<_> = ways.iter().zip(&mut spreads).collect();
        turns.rotate_left(number % 2);
        for (way, spread) in turns {
            let seconds = run(way)?;
            if number > 0 {
                spread.add(seconds);
            }
        }
    }
    Ok(spreads)
}

/// Reads every layer; the seconds that it took.
fn pull(port: u16, headers: &str, layers: &[String]) -> Outcome<f64> {
    let began = Instant::now();
    for layer in layers {
        let came = wire::read(port, &format!("/v2/acme/site/blobs/{layer}"), headers)?;
        if came != LAYER_BYTES {
            return Err(format!("{came} bytes came of {LAYER_BYTES}").into());
        }
    }
    Ok(began.elapsed().as_secs_f64())
}

fn start_ours(data: &Path, directory: &Path) -> Outcome<(Program, u16)> {
    let port = free_port()?;
    let mut ours = Program::start(
        Command::new(build()?)
            .arg("serve")
            .arg("--data")
            .arg(data)
            .args(["--listen", &format!("127.0.0.1:{port}")])
            .env("BAILIWICK_RATE_TOKEN_PER_HOUR", "0"),
        &directory.join("ours.log"),
    )?;
    ours.wait_until(|| std::net::TcpStream::connect(("127.0.0.1", port)).is_ok())?;
    Ok((ours, port))
}

fn say(text: &impl Display) -> Outcome<()> {
    Ok(write!(std::io::stdout().lock(), "{text}")?)
}
