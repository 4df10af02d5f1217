//! The server behind, and the fronts before it: each with one worker.

use crate::clock::now;
use crate::program::{Program, build, free_port};
use crate::{Outcome, tokens};
use std::path::Path;
use std::process::Command;

/// Tokens in the store, where nothing else is asked for.
const STORED: usize = 1_000_000;

/// One front: where it is asked, and which processes are its own.
pub struct Front<'a> {
    /// What it is.
    pub name: &'static str,
    /// What is asked.
    pub url: String,
    programs: Vec<&'a Program>,
}

impl<'a> Front<'a> {
    /// The server behind, asked directly.
    pub fn straight(fronts: &'a Fronts) -> Front<'a> {
        Front {
            name: "direct",
            url: format!("http://127.0.0.1:{}/repos/acme/site/items/7", fronts.behind_port),
            programs: vec![&fronts.behind],
        }
    }

    /// Seconds of CPU of its processes so far.
    pub fn cpu_seconds(&self) -> Outcome<f64> {
        self.programs.iter().map(|program| program.cpu_seconds()).sum()
    }

    /// What its processes hold, in MB.
    pub fn memory(&self) -> Outcome<f64> {
        self.programs.iter().map(|program| program.memory("VmRSS")).sum()
    }

    /// Host with port, and path.
    pub fn target(&self) -> (String, String) {
        let rest = self.url.trim_start_matches("http://");
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        (host.to_owned(), format!("/{path}"))
    }
}

/// Everything that runs.
pub struct Fronts {
    /// The tokens that requests come with.
    pub tokens: Vec<String>,
    /// How many are in the store.
    pub stored: usize,
    behind: Program,
    behind_port: u16,
    authorizes: Program,
    bare: (Program, u16),
    asking: (Program, u16),
    // nginx that asks as the example does: a server that says yes to everybody, and us.
    asking_nobody: (Program, u16),
    asking_us: (Program, u16),
    floor: (Program, u16),
    least: (Program, u16),
    ours: (Program, u16),
}

impl Fronts {
    /// Starts all of it.
    pub fn start(nginx: &Path, directory: &Path) -> Outcome<Fronts> {
        let stored = std::env::var("BAILIWICK_BENCH_TOKENS")
            .ok()
            .and_then(|text| text.parse().ok())
            .unwrap_or(STORED)
            .max(tokens::USED);
        let program = build()?;
        let (behind_port, authorizes_port) = (free_port()?, free_port()?);
        let kilobyte = "x".repeat(1_000);
        let behind = format!("default_type application/json; return 200 '{{\"text\":\"{kilobyte}\"}}';");
        let behind = start_nginx(
            nginx,
            directory,
            "behind",
            behind_port,
            "",
            &format!("location / {{ {behind} }}"),
        )?;
        let authorizes = start_nginx(
            nginx,
            directory,
            "authorizes",
            authorizes_port,
            "",
            "location / { return 204; }",
        )?;
        let upstreams = format!(
            "upstream behind {{ server 127.0.0.1:{behind_port}; keepalive 256; keepalive_requests 1000000000; }}\n\
             upstream authorizes {{ server 127.0.0.1:{authorizes_port}; keepalive 256; keepalive_requests 1000000000; }}"
        );
        let pass = "proxy_http_version 1.1; proxy_set_header Connection \"\";";
        let bare_port = free_port()?;
        let bare = format!("location / {{ proxy_pass http://behind; {pass} }}");
        let bare = start_nginx(nginx, directory, "bare", bare_port, &upstreams, &bare)?;
        let asking_port = free_port()?;
        let asking = format!(
            "location = /authorize {{ internal; proxy_pass http://authorizes; proxy_pass_request_body off; \
             proxy_set_header Content-Length \"\"; {pass} }}\n\
             location / {{ auth_request /authorize; proxy_pass http://behind; {pass} }}"
        );
        let asking = start_nginx(nginx, directory, "asking", asking_port, &upstreams, &asking)?;
        let data = directory.join("data");
        let texts = tokens::fill(&data, &format!("http://127.0.0.1:{behind_port}"), stored, now()?)?;
        let ours = start_ours(&program, &data, directory)?;
        let asking_nobody = start_asking(nginx, directory, "nobody", (behind_port, authorizes_port))?;
        let asking_us = start_asking(nginx, directory, "us", (behind_port, ours.1))?;
        Ok(Fronts {
            tokens: texts,
            stored,
            behind,
            behind_port,
            authorizes,
            bare: (bare, bare_port),
            asking: (asking, asking_port),
            asking_nobody,
            asking_us,
            floor: start_floor("floor", behind_port, None, directory)?,
            least: start_floor("least", behind_port, Some(stored), directory)?,
            ours,
        })
    }

    /// nginx that asks before it passes on: the one that is always allowed first, then us.
    pub fn authorizers(&self) -> [Front<'_>; 2] {
        let path = "repos/acme/site/items/7";
        [
            Front {
                name: "a server that answers 204",
                url: format!("http://127.0.0.1:{}/{path}", self.asking_nobody.1),
                programs: vec![&self.asking_nobody.0, &self.authorizes],
            },
            Front {
                name: "bailiwick",
                url: format!("http://127.0.0.1:{}/{path}", self.asking_us.1),
                programs: vec![&self.asking_us.0, &self.ours.0],
            },
        ]
    }

    /// The fronts, bare nginx first.
    pub fn each(&self) -> [Front<'_>; 5] {
        let path = "repos/acme/site/items/7";
        [
            Front {
                name: "nginx, bare",
                url: format!("http://127.0.0.1:{}/{path}", self.bare.1),
                programs: vec![&self.bare.0],
            },
            Front {
                name: "nginx, auth_request",
                url: format!("http://127.0.0.1:{}/{path}", self.asking.1),
                programs: vec![&self.asking.0, &self.authorizes],
            },
            Front {
                name: "no gate, our HTTP",
                url: format!("http://127.0.0.1:{}/{path}", self.floor.1),
                programs: vec![&self.floor.0],
            },
            Front {
                name: "least gate, our HTTP",
                url: format!("http://127.0.0.1:{}/{path}", self.least.1),
                programs: vec![&self.least.0],
            },
            Front {
                name: "bailiwick",
                url: format!("http://127.0.0.1:{}/-/bench/{path}", self.ours.1),
                programs: vec![&self.ours.0],
            },
        ]
    }
}

fn start_ours(program: &Path, data: &Path, directory: &Path) -> Outcome<(Program, u16)> {
    let port = free_port()?;
    let mut ours = Program::start(
        Command::new(program)
            .arg("serve")
            .arg("--data")
            .arg(data)
            .args(["--listen", &format!("127.0.0.1:{port}")])
            .env("BAILIWICK_RATE_TOKEN_PER_HOUR", "0")
            .env("BAILIWICK_AUTHORIZE_TRUSTED_PEERS", "127.0.0.1")
            .env("BAILIWICK_CONNECTIONS_PER_ADDRESS_MAX", "0")
            // One worker, as the others have.
            .env("TOKIO_WORKER_THREADS", "1"),
        &directory.join("ours.log"),
    )?;
    ours.wait_until(|| std::net::TcpStream::connect(("127.0.0.1", port)).is_ok())?;
    Ok((ours, port))
}

/// nginx with `auth_request`, as `examples/authorize/nginx.conf` has it.
fn start_asking(
    nginx: &Path,
    directory: &Path,
    name: &str,
    (behind, authorizes): (u16, u16),
) -> Outcome<(Program, u16)> {
    let port = free_port()?;
    let kept = "keepalive 256; keepalive_requests 1000000000;";
    let upstreams = format!(
        "upstream behind {{ server 127.0.0.1:{behind}; {kept} }}\n\
         upstream authorizes {{ server 127.0.0.1:{authorizes}; {kept} }}"
    );
    let pass = "proxy_http_version 1.1; proxy_set_header Connection \"\";";
    let locations = format!(
        "location = /.bailiwick {{ internal; proxy_pass http://authorizes/-/authorize/nginx/bench; {pass}\n\
         proxy_pass_request_body off; proxy_set_header Content-Length \"\";\n\
         proxy_set_header X-Original-Method $request_method; proxy_set_header X-Original-URI $request_uri;\n\
         proxy_set_header X-Forwarded-For $remote_addr; }}\n\
         location / {{ auth_request /.bailiwick;\n\
         auth_request_set $bailiwick_login $upstream_http_x_bailiwick_login;\n\
         auth_request_set $bailiwick_request $upstream_http_x_bailiwick_request_id;\n\
         proxy_pass http://behind; {pass} proxy_set_header Authorization \"\";\n\
         proxy_set_header X-Bailiwick-Login $bailiwick_login;\n\
         proxy_set_header X-Bailiwick-Request-Id $bailiwick_request; }}"
    );
    let program = start_nginx(
        nginx,
        directory,
        &format!("asks-{name}"),
        port,
        &upstreams,
        &locations,
    )?;
    Ok((program, port))
}

/// This program again, as the floor, or with the least of a gate before so many tokens.
fn start_floor(
    name: &str,
    behind_port: u16,
    tokens: Option<usize>,
    directory: &Path,
) -> Outcome<(Program, u16)> {
    let port = free_port()?;
    let mut setting = format!("127.0.0.1:{port} http://127.0.0.1:{behind_port}");
    if let Some(tokens) = tokens {
        setting = format!("{setting} {tokens}");
    }
    let mut floor = Program::start(
        Command::new(std::env::current_exe()?).env(crate::floor::VARIABLE, setting),
        &directory.join(format!("{name}.log")),
    )?;
    floor.wait_until(|| std::net::TcpStream::connect(("127.0.0.1", port)).is_ok())?;
    Ok((floor, port))
}

fn start_nginx(
    nginx: &Path,
    directory: &Path,
    name: &str,
    port: u16,
    upstreams: &str,
    locations: &str,
) -> Outcome<Program> {
    let place = directory.join(name);
    std::fs::create_dir(&place)?;
    let here = place.display();
    // Whoever measures as root would otherwise have a worker that may not read the files.
    let user = if rustix::process::geteuid().is_root() {
        "user root;"
    } else {
        ""
    };
    let text = format!(
        "{user} worker_processes 1; master_process off; daemon off; pid {here}/nginx.pid; error_log {here}/error.log;\n\
         events {{ worker_connections 4096; }}\n\
         http {{\n\
         keepalive_requests 1000000000; access_log off;\n\
         client_body_temp_path {here}/body; proxy_temp_path {here}/proxy; fastcgi_temp_path {here}/fastcgi;\n\
         uwsgi_temp_path {here}/uwsgi; scgi_temp_path {here}/scgi;\n\
         {upstreams}\n\
         server {{ listen 127.0.0.1:{port};\n{locations}\n}}\n}}\n"
    );
    let file = place.join("nginx.conf");
    std::fs::write(&file, text)?;
    let mut command = Command::new(nginx);
    command
        .arg("-p")
        .arg(&place)
        .arg("-e")
        .arg(place.join("error.log"))
        .arg("-c")
        .arg(&file);
    let mut program = Program::start(&mut command, &place.join("log"))?;
    program.wait_until(|| std::net::TcpStream::connect(("127.0.0.1", port)).is_ok())?;
    Ok(program)
}
