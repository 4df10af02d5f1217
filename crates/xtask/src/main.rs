//! Development tasks: `cargo xtask test`, `tidy`, `generate`, `install`. Depends on nothing but std, since it is built
//! first on a fresh clone; each task is one file.
#![expect(clippy::print_stdout, reason = "a development tool talks to the terminal")]

mod generate;
mod install;
mod profiled;
mod run;
mod test;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask test [--no-install] [FILTER]   install what the tests need, run everything, print `N passed, N failed`
cargo xtask tidy                           only the checks of the tree itself: layers, files, words, licences
cargo xtask generate                       write the generated documents and snapshots again
cargo xtask install                        only install what the tests need
cargo xtask bench-gateway [TABLE]          the gateway beside nginx: requests, CPU, latency, memory, clone
cargo xtask bench-authorize                nginx's auth_request: asking us beside asking a server that says 204
cargo xtask bench-packages                 an image pulled through the gateway beside pulled directly
cargo xtask profiled                       the program laid out by a profile of itself: half an hour, a fifth less CPU";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["test", rest @ ..] => test::run(rest),
        ["tidy"] => test::tidy(),
        ["generate"] => generate::run(),
        ["install"] => install::run(),
        ["bench-gateway", rest @ ..] => bench("gateway", rest),
        ["bench-authorize"] => bench("gateway", &["authorize"]),
        ["bench-packages"] => bench("packages", &[]),
        ["profiled"] => profiled::run(),
        _ => Err(USAGE.to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn bench(name: &str, rest: &[&str]) -> Result<(), String> {
    run::finish(
        run::cargo()
            .args(["bench", "--package", "bailiwick-bench", "--bench", name, "--"])
            .args(rest),
    )
}
