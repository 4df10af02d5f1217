//! `doctor`: what is wrong here and at the server. The exit code is 1 when something is.

use crate::context::Context;
use crate::failure::Failure;
use crate::output::{self, Table, field};
use clap::Args;
use serde_json::{Value, json};
use std::process::{Command, ExitCode};

/// Check this machine and the server. The exit code is 1 when something is wrong.
#[derive(Args)]
pub struct Doctor {}

/// How a check went. Only what is wrong makes the command fail.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Good,
    Warning,
    Wrong,
}

impl State {
    fn of(good: bool) -> State {
        if good { State::Good } else { State::Wrong }
    }

    const fn word(self) -> &'static str {
        match self {
            State::Good => "ok",
            State::Warning => "warning",
            State::Wrong => "WRONG",
        }
    }
}

struct Check {
    name: String,
    state: State,
    detail: String,
}

impl Doctor {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let mut checks = vec![git(), reachable(context)];
        if checks.iter().all(|check| check.state != State::Wrong) {
            checks.extend(signed_in(context));
        }
        let good = checks.iter().all(|check| check.state != State::Wrong);
        if context.json {
            let list: Vec<Value> = checks
                .iter()
                .map(|check| json!({"check": check.name, "state": check.state.word().to_lowercase(), "detail": check.detail}))
                .collect();
            output::line(&json!({"ok": good, "checks": list}).to_string())?;
        } else {
            let mut table = Table::new(["check", "result", "detail"]);
            for check in checks {
                table.row([check.name, check.state.word().into(), check.detail]);
            }
            output::bytes(table.render().as_bytes())?;
        }
        Ok(if good {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}

/// Git on this machine, which people need as clients and the server needs as a program.
fn git() -> Check {
    let version = Command::new("git").arg("--version").output();
    let (good, detail) = match version {
        Ok(output) if output.status.success() => {
            (true, String::from_utf8_lossy(&output.stdout).trim().to_owned())
        }
        Ok(_) => (false, "git --version fails".into()),
        Err(error) => (false, format!("git cannot be run: {error}")),
    };
    Check {
        name: "git here".into(),
        state: State::of(good),
        detail,
    }
}

fn reachable(context: &Context) -> Check {
    let answer = context.visitor().and_then(|client| {
        client.root("/readyz")?;
        Ok(client.address().to_string())
    });
    let (good, detail) = match answer {
        Ok(address) => (true, address),
        Err(failure) => (false, failure.words()),
    };
    Check {
        name: "server ready".into(),
        state: State::of(good),
        detail,
    }
}

/// Who is signed in, and the server's own checks where that person may see them.
fn signed_in(context: &Context) -> Vec<Check> {
    let client = match context.client() {
        Ok(client) => client,
        // Not being signed in is no fault of the installation.
        Err(failure) => {
            return vec![Check {
                name: "signed in".into(),
                state: State::Good,
                detail: failure.words(),
            }];
        }
    };
    let user = client.get("/user").and_then(|answer| answer.value());
    let mut checks = vec![match user {
        Ok(user) => Check {
            name: "signed in".into(),
            state: State::Good,
            detail: field::text(&user, "/login"),
        },
        Err(failure) => Check {
            name: "signed in".into(),
            state: State::Wrong,
            detail: failure.words(),
        },
    }];
    match client.get("/admin/doctor").and_then(|answer| answer.value()) {
        Ok(report) => checks.extend(server_checks(&report)),
        Err(failure) if matches!(failure.code(), 1 | 3 | 5) => checks.push(Check {
            name: "server's own checks".into(),
            state: State::Good,
            detail: "only for administrators in sudo mode".into(),
        }),
        Err(failure) => {
            checks.push(Check {
                name: "server's own checks".into(),
                state: State::Wrong,
                detail: failure.words(),
            });
        }
    }
    checks
}

/// The server's own list, with what to do where there is something to do.
fn server_checks(report: &Value) -> Vec<Check> {
    field::list(report, "/checks")
        .iter()
        .map(|check| {
            let detail = field::text(check, "/message");
            let help = field::text(check, "/help");
            let detail = if help == field::NOTHING {
                detail
            } else {
                format!("{detail}: {help}")
            };
            let state = match field::text(check, "/state").as_str() {
                "ok" => State::Good,
                "warn" => State::Warning,
                _ => State::Wrong,
            };
            Check {
                name: match field::text(check, "/upstream") {
                    none if none == field::NOTHING => field::text(check, "/check"),
                    upstream => format!("{} {upstream}", field::text(check, "/check")),
                },
                state,
                detail,
            }
        })
        .collect()
}
