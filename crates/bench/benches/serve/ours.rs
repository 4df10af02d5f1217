//! Our server: built for release, filled as the demo fills it, and spoken to as any client would.

use crate::Outcome;
use crate::program::{Program, free_port};
use bailiwick_testkit::{Address, Request};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// A data directory that holds the demo, and a token for it.
pub struct Data {
    program: PathBuf,
    place: PathBuf,
    /// The text of alice's token: it reads issues and writes contents of every repository of acme.
    pub token: String,
    session: String,
    repositories: usize,
}

/// Our server on a data directory.
pub struct Server {
    /// The process.
    pub program: Program,
    /// Where it listens.
    pub address: Address,
    /// How long it took from its start until it said that it was ready.
    pub ready: Duration,
}

impl Data {
    /// Fills a directory through the demo, then makes the token.
    pub fn fill(program: PathBuf, directory: &Path) -> Outcome<Data> {
        let place = directory.join("data");
        let mut data = Data {
            program,
            place,
            token: String::new(),
            session: String::new(),
            repositories: 0,
        };
        let demo = data.run("demo", |log| log.contains("Ctrl-C stops it"))?;
        let text = std::fs::read(data.place.join("demo.json"))?;
        let state: Value = serde_json::from_slice(&text)?;
        let password = state.pointer("/passwords/alice").ok_or("the demo has no alice")?;
        let asked = json!({"login": "alice", "password": password});
        data.session = text_of(&data.send(&demo, "POST", "/sessions", &asked, 201)?, "token")?;
        let asked = json!({"name": "bench", "expires_in": 7, "grants": [{
            "owner": "acme", "repository_selection": "all",
            "permissions": {"contents": "write", "issues": "read", "metadata": "read"},
        }]});
        data.token = text_of(
            &data.send(&demo, "POST", "/user/personal-access-tokens", &asked, 201)?,
            "token",
        )?;
        Ok(data)
    }

    /// Serves it without limits of rate.
    pub fn serve(&self) -> Outcome<Server> {
        self.run("serve", |_| true)
    }

    fn run(&self, command: &str, told: impl Fn(&str) -> bool) -> Outcome<Server> {
        let port = free_port()?;
        let address = Address::parse(&format!("127.0.0.1:{port}"));
        let log = self.place.with_extension("log");
        let started = Instant::now();
        let mut program = Program::start(
            Command::new(&self.program)
                .arg(command)
                .arg("--data")
                .arg(&self.place)
                .args(["--listen", &format!("127.0.0.1:{port}")])
                .env("BAILIWICK_RATE_TOKEN_PER_HOUR", "0")
                .env("BAILIWICK_RATE_ANONYMOUS_PER_HOUR", "0"),
            &log,
        )?;
        let answers = || {
            let listens = std::net::TcpStream::connect(address.0).is_ok();
            listens && address.send(&Request::new("GET", "/readyz")).status == 200
        };
        program.wait_until(answers)?;
        let ready = started.elapsed();
        program.wait_until(|| told(&std::fs::read_to_string(&log).unwrap_or_default()))?;
        Ok(Server {
            program,
            address,
            ready,
        })
    }

    /// A new, empty repository; gives its address.
    pub fn new_repository(&mut self, server: &Server) -> Outcome<String> {
        self.repositories += 1;
        let name = format!("bench-{}", self.repositories);
        self.send(
            server,
            "POST",
            "/orgs/acme/repos",
            &json!({"name": name, "private": true}),
            201,
        )?;
        Ok(format!("{}/acme/{name}.git", server.address.url()))
    }

    fn send(&self, server: &Server, method: &str, path: &str, body: &Value, status: u16) -> Outcome<Value> {
        let request = Request::new(method, &format!("/api/v3{path}"))
            .bearer(&self.session)
            .json(body);
        let answer = server.address.send(&request);
        if answer.status != status {
            return Err(format!("{method} {path}: {} {}", answer.status, answer.text()).into());
        }
        Ok(answer.json())
    }
}

fn text_of(value: &Value, name: &str) -> Outcome<String> {
    Ok(value
        .get(name)
        .and_then(Value::as_str)
        .ok_or("an answer without its text")?
        .to_owned())
}
